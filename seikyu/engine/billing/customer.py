"""Customers: whom we bill, which card is theirs, and how their invoices are numbered.

``balance`` is Stripe's credit balance: negative is credit in the customer's favour, positive is
carried to the next invoice. It changes only together with a BalanceTransaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.alphabet import readable
from seikyu.engine.billing.balance import BalanceTransaction, adjusted
from seikyu.engine.billing.cash import CashBalance, check_no_cash, with_mode
from seikyu.engine.billing.changing import ADDED, replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.discount import Discount, taken_off
from seikyu.engine.billing.line import Fresh, Shelf
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.owed import expecting
from seikyu.engine.billing.payment_method import Card, PaymentMethod, attached, detached, on_file
from seikyu.engine.billing.redeeming import on_customer
from seikyu.engine.billing.refusals import (
    CustomerIsDeleted,
    NoDiscount,
    ObjectMissing,
    PrefixTaken,
)
from seikyu.engine.billing.subscription import Subscription, canceled

CUSTOMER_LEFT = "cancellation_requested"
"""Why the subscriptions of a deleted customer end, in Stripe's words."""

PLAIN = (
    "address", "business_name", "description", "email", "individual_name", "name", "phone",
    "preferred_locales", "shipping", "tax_exempt",
)  # fmt: skip
"""Parameters that are kept and shown as they were given."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer. ``balance`` in minor units of ``currency``; times in Unix seconds."""

    id: str
    created: int
    invoice_prefix: str
    version: int = 0
    email: str | None = None
    balance: int = 0
    currency: str | None = None
    next_invoice_sequence: int = 1
    default_payment_method: str | None = None
    clock_id: str | None = None
    delinquent: bool = False
    deleted: bool = False
    discounts: tuple[Discount, ...] = field(default=(), metadata=ADDED)
    """The customer's discount, if there is one: later invoices begin with it."""

    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerBook:
    """What a decision on a customer may read.

    ``default_currency`` is the account's. ``prefix_owner`` is the id of the customer that has the
    given ``invoice_prefix``, if any.
    ``drafts`` show the customer as it is now, so they change with it. ``methods`` are its cards.
    """

    default_currency: str
    customer: Customer | None = None
    method: PaymentMethod | None = None
    prefix_owner: str | None = None
    methods: tuple[PaymentMethod, ...] = ()
    drafts: tuple[Any, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    """Those that are not over: they end with the customer."""

    shelf: Shelf = field(default_factory=Shelf)
    cash: CashBalance | None = None
    """The customer's money, for one who is to be deleted or whose reconciliation changes."""


@dataclass(frozen=True, slots=True)
class CreateCustomer:
    """Create a customer, with a payment method to attach when one was given (or a test ``card``)."""

    given: Given
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class UpdateCustomer:
    """Change what was given, leave the rest."""

    given: Given


@dataclass(frozen=True, slots=True)
class DeleteDiscount:
    """Take the customer's discount off; invoices that have it keep it."""


@dataclass(frozen=True, slots=True)
class DeleteCustomer:
    """Delete a customer: it can still be read as deleted, and its cards are detached."""


def decide(book: CustomerBook, command: object, context: Context) -> Decision:
    """Decide a command on a customer. Raises CustomerIsDeleted, PrefixTaken."""
    if isinstance(command, CreateCustomer):
        return _create(book, command, context)
    customer = alive(book.customer)
    if isinstance(command, UpdateCustomer):
        return _update(book, customer, command.given, context)
    if isinstance(command, DeleteDiscount):
        return _without_discount(customer)
    return _delete(book, customer, context)


def alive(customer: Customer | None, param: str = "customer") -> Customer:
    """Return the customer, or raise CustomerIsDeleted."""
    if customer is None or customer.deleted:
        name = customer.id if customer else ""
        raise CustomerIsDeleted(f"No such customer: '{name}'", param)
    return customer


def _create(book: CustomerBook, command: CreateCustomer, context: Context) -> Decision:
    given = command.given
    if command.card is not None:
        book = replace(book, method=on_file(command.card, context))
    customer = Customer(
        id=context.mint("cus"),
        created=context.now,
        invoice_prefix=readable(context),
        clock_id=given.get("test_clock"),
    )
    customer, transactions = _with(book, customer, given, context)
    fresh = Fresh()
    customer = _discounted(book, customer, given, fresh, context)
    cash = with_mode(None, customer.id, given.get("cash_balance"), context.now)
    saves: list[Record] = [*fresh.saves, customer, *transactions, *cash]
    announcements = [Announcement("customer.created", customer), *fresh.announcements]
    if book.method is not None:
        method = attached(book.method, customer.id)
        saves.append(method)
        announcements.append(Announcement("payment_method.attached", method))
    return Decision(customer, tuple(saves), announcements=tuple(announcements))


def _update(book: CustomerBook, before: Customer, given: Given, context: Context) -> Decision:
    customer, transactions = _with(book, before, given, context)
    fresh = Fresh()
    customer = _discounted(book, customer, given, fresh, context)
    cash = with_mode(book.cash, before.id, given.get("cash_balance"), context.now)
    if customer == before:
        return Decision(before, cash)
    shown = snapshot_of(customer)
    shows = ((d, expecting(replace(d, snapshot=shown), customer)) for d in book.drafts)
    drafts = tuple(after for draft, after in shows if after != draft)
    return Decision(
        customer,
        (*fresh.saves, customer, *transactions, *drafts, *cash),
        announcements=(*fresh.announcements, Announcement("customer.updated", customer, before)),
    )


def _discounted(
    book: CustomerBook, before: Customer, given: Given, fresh: Fresh, context: Context
) -> Customer:
    """Return the customer with the discount asked for; ``fresh`` gets what that makes and announces."""
    discounts = on_customer(given, before.id, before.discounts, book.shelf, fresh, context)
    if discounts == before.discounts:
        return before
    old, new = before.discounts, discounts
    if old:
        removed = taken_off(old[0])
        fresh.saves.append(removed)
        if not new:
            fresh.announcements.append(Announcement("customer.discount.deleted", removed))
    if new:
        kind = "customer.discount.updated" if old else "customer.discount.created"
        fresh.announcements.append(Announcement(kind, new[0], old[0] if old else None))
    return replace(before, discounts=discounts)


def _without_discount(before: Customer) -> Decision:
    if not before.discounts:
        raise NoDiscount(f"The customer {before.id} has no discount.", "id")
    after = replace(before, discounts=())
    removed = taken_off(before.discounts[0])
    return Decision(
        removed,
        (removed, after),
        announcements=(
            Announcement("customer.discount.deleted", removed),
            Announcement("customer.updated", after, before),
        ),
    )


def with_delinquency(
    customer: Customer | None, *, delinquent: bool
) -> tuple[tuple[Record, ...], tuple[Announcement, ...]]:
    """Return what to save and to announce so that the customer is, or is not, delinquent.

    Source: Stripe, `delinquent`: a failed automatic payment sets it; paying an invoice or marking one
    uncollectible clears it.
    """
    if customer is None or customer.deleted or customer.delinquent is delinquent:
        return (), ()
    after = replace(customer, delinquent=delinquent)
    return (after,), (Announcement("customer.updated", after, customer),)


def snapshot_of(customer: Customer) -> dict[str, Any]:
    """Return what an invoice shows of its customer."""
    return {
        "address": customer.details.get("address"),
        "email": customer.email,
        "name": customer.details.get("name"),
        "phone": customer.details.get("phone"),
        "shipping": customer.details.get("shipping"),
        "tax_exempt": customer.details.get("tax_exempt") or "none",
    }


def _delete(book: CustomerBook, before: Customer, context: Context) -> Decision:
    check_no_cash(before.id, book.cash)
    customer = replace(before, deleted=True, default_payment_method=None)
    methods = tuple(detached(method) for method in book.methods)
    ended = tuple(canceled(each, context.now, CUSTOMER_LEFT) for each in book.subscriptions)
    return Decision(
        customer,
        (customer, *methods, *ended),
        announcements=(
            *(Announcement("customer.subscription.deleted", each) for each in ended),
            *(Announcement("payment_method.detached", method) for method in methods),
            Announcement("customer.deleted", before),
        ),
    )


def _with(
    book: CustomerBook, customer: Customer, given: Given, context: Context
) -> tuple[Customer, tuple[BalanceTransaction, ...]]:
    details = {**customer.details, **{key: given[key] for key in PLAIN if key in given}}
    if "metadata" in given:
        details["metadata"] = merged(details.get("metadata") or {}, given["metadata"])
    settings: Mapping[str, Any] = given.get("invoice_settings") or {}
    for key in ("custom_fields", "footer", "rendering_options"):
        if key in settings:
            details[key] = settings[key]
    default = customer.default_payment_method
    if "default_payment_method" in settings:
        default = _default_method(
            book, customer, settings["default_payment_method"], given.get("payment_method")
        )
    changed = replace(
        customer,
        email=given.get("email", customer.email),
        details=details,
        default_payment_method=default,
        invoice_prefix=_prefix(book, customer, given),
        next_invoice_sequence=max(
            given.get("next_invoice_sequence") or 1, customer.next_invoice_sequence
        ),
    )
    if given.get("balance") is None or given["balance"] == customer.balance:
        return changed, ()
    return _balanced(changed, given["balance"], book.default_currency, context)


def _default_method(
    book: CustomerBook, customer: Customer, id: str | None, named: str | None
) -> str | None:
    """Return the card that becomes the default: the customer's, or the one it is created with.

    ``named`` is the ``payment_method`` of a creation: a card, or a test token that became one.
    """
    if id is None:
        return None
    method = book.method
    belongs = method is not None and (
        method.customer_id == customer.id if customer.version else id == named
    )
    if method is None or not belongs:
        raise ObjectMissing("PaymentMethod", id, "invoice_settings[default_payment_method]")
    return method.id


def _prefix(book: CustomerBook, customer: Customer, given: Given) -> str:
    prefix: str | None = given.get("invoice_prefix")
    if prefix is None:
        return customer.invoice_prefix
    if book.prefix_owner not in (None, customer.id):
        raise PrefixTaken(
            f"The invoice prefix {prefix} is used by another customer; choose another one.",
            "invoice_prefix",
        )
    return prefix


def _balanced(
    customer: Customer, balance: int, default_currency: str, context: Context
) -> tuple[Customer, tuple[BalanceTransaction, ...]]:
    currency = customer.currency or default_currency
    transaction = adjusted(customer.id, currency, balance - customer.balance, balance, context)
    return replace(customer, balance=balance, currency=currency), (transaction,)
