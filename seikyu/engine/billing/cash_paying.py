"""Paying from the cash balance: a payment intent of type ``customer_balance`` takes money of the customer.

Money may come to it in parts; it is held for the payment until all is there, and goes back to the balance
when the payment is canceled. Only a complete payment has a charge, counts as received, and is credited to
the invoice that expects it, by the same functions as a card's. An invoice's own payment is made whole or
not at all. Source: Stripe, "Bank transfer payments" and "Manual reconciliation".
"""

from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import (
    APPLIED,
    CUSTOMER_BALANCE,
    UNAPPLIED,
    available,
    cash_of,
    mode_of,
    moved,
)
from seikyu.engine.billing.cash_instructions import (
    JAPANESE_TRANSFER,
    Instructions,
    instructed,
    served,
)
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import free
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.payment_intent import (
    AWAITS_NO_BALANCE,
    ApplyBalance,
    Charge,
    PaymentIntent,
    allowed,
    charged_for,
)
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.reconciling import AUTOMATIC
from seikyu.engine.billing.refusals import (
    CurrencyDiffers,
    IntentStateForbids,
    NotServed,
    ParameterMissing,
)
from seikyu.engine.billing.settling import credit

INSTRUCTIONS = "display_bank_transfer_instructions"


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide ApplyBalance. Raises IntentStateForbids, CashBalanceInsufficient, CurrencyDiffers."""
    assert isinstance(command, ApplyBalance)
    intent = book.intent
    assert intent is not None
    _payable(book, intent)
    if command.given.get("currency", intent.currency) != intent.currency:
        raise CurrencyDiffers(
            f"The payment is in {intent.currency}, not in {command.given['currency']}.", "currency"
        )
    needs = intent.amount - intent.amount_funded
    amount = command.given.get("amount") or needs
    if intent.invoice_id is not None:
        amount = needs
    if amount > needs:
        raise IntentStateForbids(
            f"The payment needs {needs} {intent.currency} more; {amount} cannot be applied to it.",
            "amount",
        )
    return paid_from_cash(book, intent, amount, context)


def _payable(book: Book, intent: PaymentIntent) -> None:
    """Raise unless the payment waits for money of a cash balance."""
    if intent.customer_id is None or book.customer is None:
        raise IntentStateForbids(
            "This PaymentIntent has no customer, and only a customer has a cash balance."
        )
    alive(book.customer)
    free(book)
    allowed(intent.status, ApplyBalance)
    if intent.invoice_id is None and not waits_for_transfer(intent):
        raise IntentStateForbids(AWAITS_NO_BALANCE.replace("{status}", intent.status))


def waits_for_transfer(intent: PaymentIntent) -> bool:
    """Say whether the payment was confirmed and waits for a bank transfer."""
    return intent.status == "requires_action" and (
        (intent.next_action or {}).get("type") == INSTRUCTIONS
    )


def transfer_method(context: Context) -> PaymentMethod:
    """Return a new payment method of type ``customer_balance``; it is for one payment, on no file."""
    return PaymentMethod(context.mint("pm"), context.now, "", type=CUSTOMER_BALANCE)


# ── confirming ─────────────────────────────────────────────────────────────────────────────────


def confirmed(
    book: Book, intent: PaymentIntent, method: PaymentMethod, context: Context
) -> Decision:
    """Pay at once when the balance covers it and is reconciled automatically; else wait for a transfer."""
    if intent.customer_id is None or book.customer is None:
        raise ParameterMissing("customer")
    alive(book.customer)
    book = replace(book, method=method)
    needs = intent.amount - intent.amount_funded
    automatic = mode_of(book.cash, book.settings.reconciliation) == AUTOMATIC
    if automatic and available(book.cash, intent.currency) >= needs:
        return paid_from_cash(book, intent, needs, context)
    _check_options(intent)
    cash, told = instructed(
        book, cash_of(book, context), intent.currency, livemode=context.livemode
    )
    waiting = replace(
        intent,
        status="requires_action",
        payment_method_id=method.id,
        last_error=None,
        next_action=next_action(intent, told),
    )
    numbered: tuple[Record, ...] = (cash,) if cash != book.cash else ()
    return Decision(
        waiting,
        (*numbered, waiting),
        announcements=(Announcement("payment_intent.requires_action", waiting),),
    )


def _check_options(intent: PaymentIntent) -> None:
    """Raise ParameterMissing, NotServed for transfers of a kind that cannot come."""
    served(intent.currency)
    options = (intent.details.get("payment_method_options") or {}).get(CUSTOMER_BALANCE) or {}
    within = f"payment_method_options[{CUSTOMER_BALANCE}]"
    if options.get("funding_type") is None:
        raise ParameterMissing(f"{within}[funding_type]")
    kind = (options.get("bank_transfer") or {}).get("type")
    if kind is None:
        raise ParameterMissing(f"{within}[bank_transfer][type]")
    if kind != JAPANESE_TRANSFER:
        raise NotServed(
            f"Transfers of type {kind} are not served; {JAPANESE_TRANSFER} is.",
            f"{within}[bank_transfer][type]",
        )


def next_action(intent: PaymentIntent, told: Instructions) -> dict[str, Any]:
    """Return what the customer is to do: transfer what is missing to the account that is named."""
    return {
        "type": INSTRUCTIONS,
        INSTRUCTIONS: {
            "amount_remaining": intent.amount - intent.amount_funded,
            "currency": intent.currency,
            "financial_addresses": [
                {"supported_networks": ["zengin"], "type": "zengin", "zengin": told.address}
            ],
            "hosted_instructions_url": None,
            "reference": None,
            "type": JAPANESE_TRANSFER,
        },
    }


def still_needing(intent: PaymentIntent) -> dict[str, Any] | None:
    """Return the payment's next action with the amount that is missing now."""
    action = intent.next_action
    if action is None or action.get("type") != INSTRUCTIONS:
        return action
    missing = intent.amount - intent.amount_funded
    return {**action, INSTRUCTIONS: {**action[INSTRUCTIONS], "amount_remaining": missing}}


# ── money ──────────────────────────────────────────────────────────────────────────────────────


def paid_from_cash(book: Book, intent: PaymentIntent, amount: int, context: Context) -> Decision:
    """Take ``amount`` minor units of the book's cash balance for the payment.

    ``book`` has the payment's invoice with its payments, when it is expected on one.
    Raises CashBalanceInsufficient.
    """
    cash, movement = moved(
        cash_of(book, context), APPLIED, -amount, intent.currency, context, intent_id=intent.id
    )
    told = Decision(
        intent,
        (cash, movement),
        announcements=(Announcement("customer_cash_balance_transaction.created", movement),),
    )
    funded = replace(intent, amount_funded=intent.amount_funded + amount)
    if funded.amount_funded < intent.amount:
        waiting = replace(funded, next_action=still_needing(funded))
        partly = Announcement("payment_intent.partially_funded", waiting)
        return merged_decisions(told, Decision(waiting, (waiting,), announcements=(partly,)))
    return merged_decisions(told, _complete(book, intent, context))


def _complete(book: Book, intent: PaymentIntent, context: Context) -> Decision:
    """All of the payment is there: charge, payment and invoice say so."""
    method = book.method
    made: tuple[Record, ...] = ()
    if method is None or method.type != CUSTOMER_BALANCE:
        method = transfer_method(context)
        made = (method,)
    charge = _charge(book, intent, method, context)
    types = intent.details.get("payment_method_types") or [CUSTOMER_BALANCE]
    after = replace(
        intent,
        status="succeeded",
        payment_method_id=method.id,
        latest_charge=charge.id,
        amount_received=intent.amount,
        amount_funded=0,
        last_error=None,
        next_action=None,
        details={**intent.details, "payment_method_types": types},
    )
    money = Decision(
        after,
        (*made, charge, after),
        announcements=(
            Announcement("charge.succeeded", charge),
            Announcement("payment_intent.succeeded", after),
        ),
    )
    payment = next((p for p in book.payments if p.intent_id == intent.id), None)
    if book.invoice is None or payment is None or payment.status != "open":
        return money
    credited = credit(book, book.invoice, payment, after, context)
    return replace(merged_decisions(money, credited), answer=after)


def _charge(book: Book, intent: PaymentIntent, method: PaymentMethod, context: Context) -> Charge:
    details = {**charged_for(intent, book.invoice), "type": CUSTOMER_BALANCE}
    return Charge(
        id=context.mint("ch"),
        created=context.now,
        amount=intent.amount,
        currency=intent.currency,
        status="succeeded",
        payment_intent_id=intent.id,
        payment_method_id=method.id,
        processor_charge="",
        customer_id=intent.customer_id,
        details=details,
    )


def given_up(
    book: Book, intent: PaymentIntent, context: Context
) -> tuple[PaymentIntent, tuple[Record, ...], tuple[Announcement, ...]]:
    """Give what was held for a payment that ends back to the balance; say what to save and to announce."""
    if intent.amount_funded == 0:
        return intent, (), ()
    cash, movement = moved(
        cash_of(book, context),
        UNAPPLIED,
        intent.amount_funded,
        intent.currency,
        context,
        intent_id=intent.id,
    )
    told = Announcement("customer_cash_balance_transaction.created", movement)
    return replace(intent, amount_funded=0), (cash, movement), (told,)
