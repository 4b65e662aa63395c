"""What the hosted page reads: one invoice found by its key, told in plain values.

The key is the customer's only credential and is unique in the installation, so this is the one read that
starts without a world. Everything is read anew each time: the page never shows a status of yesterday.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from seikyu.engine.billing import hosted_link
from seikyu.engine.billing.badges import Badge, badge
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.credit_note import ISSUED
from seikyu.engine.billing.currency import decimals
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.payment_intent import Charge, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.plan import filled, in_order, sums_ahead
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.billing.settings import BankAccount, Business
from seikyu.engine.billing.tax import LineTax
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.store import credit_notes
from seikyu.engine.store import invoices as invoice_queries
from seikyu.engine.store.database import Connection
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session, World
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import invoices, mails

_BY_KEY = Statement(
    select(invoices.c.world_id, invoices.c.id).where(invoices.c.hosted_key == bindparam("of_key"))
)

_LAST_MAIL = Statement(
    select(mails.c.created)
    .where(mails.c.world_id == bindparam("world"), mails.c.invoice_id == bindparam("invoice_id"))
    .order_by(mails.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class HostedCard:
    """A card as it may be shown."""

    brand: str
    last4: str


@dataclass(frozen=True, slots=True)
class HostedLine:
    """A line. ``amount`` in minor units; ``unit_amount`` too, with decimals, where one is known.

    ``period``: from when to when (Unix seconds); twice the same for what is of one moment.
    ``discounted``: what discounts take off it.
    """

    description: str
    quantity: Decimal
    unit_amount: Decimal | None
    amount: int
    percentages: tuple[Decimal, ...]
    period: tuple[int, int]
    discounted: int = 0


@dataclass(frozen=True, slots=True)
class HostedTax:
    """One rate's sum over the invoice, in minor units."""

    name: str
    percentage: Decimal
    inclusive: bool
    taxable_amount: int
    amount: int


@dataclass(frozen=True, slots=True)
class HostedDiscount:
    """What a discount takes off the invoice, in minor units. ``percent`` when it is one."""

    name: str
    percent: Decimal | None
    amount: int


@dataclass(frozen=True, slots=True)
class HostedInstalment:
    """A part of a payment plan. ``status``: open, paid, past_due or canceled. Amounts in minor units."""

    amount: int
    due_date: int | None
    status: str
    description: str | None
    amount_remaining: int = 0


@dataclass(frozen=True, slots=True)
class HostedPayment:
    """Money that came: when (Unix seconds), how much (minor units), and by which card if by one.

    ``refunded``: what was given back of it since.
    """

    id: str
    paid_at: int
    amount: int
    card: HostedCard | None
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class HostedNote:
    """A credit note that counts: its number, when it took effect (Unix seconds), minor units."""

    id: str
    number: str
    issued_at: int
    amount: int


@dataclass(frozen=True, slots=True)
class HostedInvoice:
    """An invoice as its page needs it. Amounts in minor units of ``currency``, times in Unix seconds.

    ``now`` is the customer's time: that of the test clock when there is one.
    ``in_flight``: a charge has no outcome yet. ``awaiting``: the card that must pass 3-D Secure.
    ``last_failure`` is the code and the decline code of the last charge, while no other followed it.
    ``page_size`` is what the issuer asked for: ``a4``, ``letter``, ``auto`` or nothing.
    ``replaced_by`` is the key of the page of the revision that took this invoice's place.
    ``business`` and ``bank`` are the issuer as its settings say; ``bank`` is None until it is told.
    ``payable_amounts`` is what a card may be charged: all that remains, or with a payment plan what the
    next one, two, … instalments come to.
    ``notes`` are its credit notes, ``let_go`` what they took off what was still owed.
    ``link_ends_at`` is when the page's address stops working, in the customer's time.
    """

    world: World
    id: str
    key: str
    status: str
    number: str
    currency: str
    decimals: int
    customer_name: str | None
    customer_email: str | None
    customer_address: Mapping[str, Any] | None
    description: str | None
    footer: str | None
    custom_fields: tuple[tuple[str, str], ...]
    page_size: str | None
    issued_at: int
    due_date: int | None
    paid_at: int | None
    voided_at: int | None
    now: int
    subtotal: int
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    paid_outside: int
    let_go: int
    notes: tuple[HostedNote, ...]
    lines: tuple[HostedLine, ...]
    taxes: tuple[HostedTax, ...]
    discounts: tuple[HostedDiscount, ...]
    plan: tuple[HostedInstalment, ...]
    payable_amounts: tuple[int, ...]
    payments: tuple[HostedPayment, ...]
    intent_id: str | None
    in_flight: bool
    awaiting: HostedCard | None
    last_failure: tuple[str | None, str | None] | None
    replaced_by: str | None
    badge: Badge
    next_attempt: int | None
    business: Business
    bank: BankAccount | None
    time_zone: str
    link_ends_at: int


def hosted_invoice(connection: Connection, key: str, now: int) -> HostedInvoice | None:
    """Return the invoice with this hosted key; None for an unknown key and for a draft.

    ``now`` is the system's time in Unix seconds.
    """
    rows = connection.rows(_BY_KEY, of_key=key)
    if not rows:
        return None
    world_id, invoice_id = rows[0]
    session = Session(connection, world_of(connection, world_id))
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.status == "draft":
        return None
    return _shown(session, invoice, now)


def told_invoice(session: Session, id: str | None, now: int) -> HostedInvoice | None:
    """Return the invoice with this id, for mails; None for an unknown one and for a draft."""
    invoice = session.get(Invoice, id)
    return None if invoice is None or invoice.status == "draft" else _shown(session, invoice, now)


def _shown(session: Session, invoice: Invoice, now: int) -> HostedInvoice:
    lines = invoice_queries.lines_of(session, invoice.id)
    rates = told_rates(session, invoice, lines)
    intent = session.get(PaymentIntent, invoice.intent_id)
    clock = session.get(TestClock, invoice.clock_id)
    revision = session.get(Invoice, invoice.latest_revision)
    settings = session.settings()
    payments = _payments(session, invoice)
    time = clock.frozen_time if clock else now
    return HostedInvoice(
        world=session.world,
        id=invoice.id,
        key=invoice.hosted_key,
        status=invoice.status,
        number=invoice.number or "",
        currency=invoice.currency,
        decimals=decimals(invoice.currency),
        customer_name=invoice.snapshot.get("name"),
        customer_email=invoice.snapshot.get("email"),
        customer_address=invoice.snapshot.get("address"),
        description=invoice.details.get("description"),
        footer=invoice.details.get("footer"),
        custom_fields=tuple(
            (str(each["name"]), str(each["value"]))
            for each in invoice.details.get("custom_fields") or ()
        ),
        page_size=((invoice.details.get("rendering") or {}).get("pdf") or {}).get("page_size"),
        issued_at=invoice.effective_at or invoice.finalized_at or invoice.created,
        due_date=invoice.due_date,
        paid_at=invoice.paid_at,
        voided_at=invoice.voided_at,
        now=time,
        subtotal=invoice.subtotal,
        total=invoice.total,
        amount_due=invoice.amount_due,
        amount_paid=invoice.amount_paid,
        amount_remaining=invoice.amount_remaining,
        paid_outside=invoice.amount_paid_off_stripe,
        let_go=invoice.pre_payment_credit_notes_amount,
        notes=tuple(
            HostedNote(note.id, note.number, note.effective_at or note.created, note.amount)
            for note in credit_notes.notes_of(session, invoice.id)
            if note.status == ISSUED
        ),
        lines=tuple(_line(line, rates) for line in lines),
        taxes=told_taxes(invoice.total_taxes, rates),
        discounts=_discounts(invoice, lines),
        plan=_plan(invoice, time),
        payable_amounts=tuple(sums_ahead(invoice.plan, invoice.amount_remaining)),
        payments=payments,
        intent_id=invoice.intent_id,
        in_flight=_is_in_flight(session, intent),
        awaiting=_awaiting(session, intent),
        last_failure=_last_failure(intent),
        replaced_by=revision.hosted_key if revision and revision.status != "draft" else None,
        badge=badge_of(session, invoice, time),
        next_attempt=invoice.next_payment_attempt,
        business=told_business(session, settings.business),
        bank=settings.bank_account if settings.bank_account.account_number else None,
        time_zone=settings.time_zone,
        link_ends_at=hosted_link.ends_at(invoice, _mailed_at(session, invoice)),
    )


def told_business(session: Session, told: Business) -> Business:
    """Return the issuer; what its settings do not tell is the account's own."""
    account = session.world.account
    return replace(
        told,
        name=told.name or account.name,
        registration_number=told.registration_number or account.registration_number,
    )


def badge_of(session: Session, invoice: Invoice, now: int) -> Badge:
    """Return the badge of a finalized invoice at ``now`` (Unix seconds, customer's time)."""
    if invoice.status == "paid":
        refunded = sum(payment.refunded for payment in _payments(session, invoice))
        return badge(invoice, now, refunded=refunded)
    intent = session.get(PaymentIntent, invoice.intent_id)
    return badge(
        invoice,
        now,
        processing=_is_in_flight(session, intent),
        failed=_has_failed(invoice, intent),
        instalment_due=next(
            (one.due_date for one in _plan(invoice, now) if one.status != "paid"), None
        ),
    )


def _is_in_flight(session: Session, intent: PaymentIntent | None) -> bool:
    if intent is None:
        return False
    return intent.status == "processing" or (
        invoice_queries.in_flight(session, intent.id) is not None
    )


def _mailed_at(session: Session, invoice: Invoice) -> int | None:
    rows = session.rows(_LAST_MAIL, invoice_id=invoice.id)
    return int(rows[0][0]) if rows else None


def _has_failed(invoice: Invoice, intent: PaymentIntent | None) -> bool:
    """Charging the customer by itself failed, and the payment still says why.

    A card that is declined while a mailed invoice is being paid is the customer's matter, not ours.
    """
    if intent is None or not invoice.attempt_count:
        return False
    if invoice.collection_method != "charge_automatically":
        return False
    return intent.status == "requires_payment_method" and intent.last_error is not None


def told_rates(session: Session, invoice: Invoice, lines: tuple[Line, ...]) -> dict[str, TaxRate]:
    """Return the rates that the invoice's taxes name, by id."""
    known = {rate.id: rate for line in lines for rate in line.tax_rates}
    known |= {rate.id: rate for rate in invoice.default_rates}
    taxes = [*invoice.total_taxes, *(tax for line in lines for tax in line.taxes)]
    for tax in taxes:
        if tax.rate_id not in known and (rate := session.get(TaxRate, tax.rate_id)) is not None:
            known[rate.id] = rate
    return known


def _line(line: Line, rates: dict[str, TaxRate]) -> HostedLine:
    return HostedLine(
        description=line.description or "",
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        amount=line.amount,
        percentages=tuple(rates[t.rate_id].percentage for t in line.taxes if t.rate_id in rates),
        period=(line.period_start, line.period_end),
        discounted=sum(share.amount for share in line.discount_amounts),
    )


def told_taxes(taxes: Iterable[LineTax], rates: Mapping[str, TaxRate]) -> tuple[HostedTax, ...]:
    """Return the sums of an invoice, or of a credit note, of the rates that are known."""
    return tuple(
        HostedTax(
            rates[tax.rate_id].display_name,
            rates[tax.rate_id].percentage,
            tax.inclusive,
            tax.taxable_amount,
            tax.amount,
        )
        for tax in taxes
        if tax.rate_id in rates
    )


def _plan(invoice: Invoice, now: int) -> tuple[HostedInstalment, ...]:
    """Return the instalments by their dates, as they stand now."""
    plan = filled(invoice.plan, invoice.amount_paid, now)
    return tuple(
        HostedInstalment(
            one.amount,
            one.due_date,
            "canceled" if invoice.status == "void" and one.amount_remaining else one.status,
            one.description,
            one.amount_remaining,
        )
        for one in (plan[place] for place in in_order(plan))
    )


def _discounts(invoice: Invoice, lines: tuple[Line, ...]) -> tuple[HostedDiscount, ...]:
    """Return the discounts that stand between the subtotal and the total.

    A line's own are in its amount already when the subtotal is without them.
    """
    known = {d.id: d for d in (*invoice.discounts, *(d for line in lines for d in line.discounts))}
    added = sum(tax.amount for tax in invoice.total_taxes if not tax.inclusive)
    off, all_of_them = invoice.subtotal + added - invoice.total, invoice.total_discounts
    if sum(one.amount for one in all_of_them) != off:
        own = {discount.id for discount in invoice.discounts}
        all_of_them = tuple(one for one in all_of_them if one.discount_id in own)
    return tuple(
        HostedDiscount(found.name or "", found.percent_off, one.amount)
        for one in all_of_them
        if one.amount and (found := known.get(one.discount_id)) is not None
    )


def _payments(session: Session, invoice: Invoice) -> tuple[HostedPayment, ...]:
    """Return the payments that came, oldest first; of one moment, as they were charged."""
    came = []
    for payment in invoice_queries.payments_of(session, invoice.id):
        if payment.status == "paid" and payment.amount_paid is not None and payment.paid_at:
            intent = session.get(PaymentIntent, payment.intent_id)
            charge = session.get(Charge, intent.latest_charge) if intent else None
            shown = HostedPayment(
                payment.id,
                payment.paid_at,
                payment.amount_paid,
                _card(session, intent.payment_method_id if intent else None),
                charge.amount_refunded if charge else 0,
            )
            came.append((payment.paid_at, charge.id if charge else "", payment.id, shown))
    return tuple(shown for *_, shown in sorted(came, key=lambda each: each[:3]))


def _awaiting(session: Session, intent: PaymentIntent | None) -> HostedCard | None:
    if intent is None or intent.status != "requires_action":
        return None
    return _card(session, intent.payment_method_id)


def _last_failure(intent: PaymentIntent | None) -> tuple[str | None, str | None] | None:
    """A charge that was never begun for want of a card is no failure that the customer knows of."""
    error = intent.last_error if intent and intent.status == "requires_payment_method" else None
    if error is None or "payment_method" not in error:
        return None
    return error.get("code"), error.get("decline_code")


def _card(session: Session, method_id: str | None) -> HostedCard | None:
    method = session.get(PaymentMethod, method_id)
    if method is None or not method.card:
        return None
    return HostedCard(method.card["brand"], method.card["last4"])


def of_awaited(session: Session, id: str | None, command: object) -> Book:
    """Load for ``billing.authentication``: the payment that awaits the customer, and its invoice."""
    del command
    intent = session.get(PaymentIntent, id)
    if intent is None:
        raise ObjectMissing("payment_intent", id or "")
    customer = session.lock(intent.customer_id)
    if session.connection.dialect != "sqlite":
        intent = session.get(PaymentIntent, id)
    return Book(
        account=session.world.account,
        customer=customer,
        invoice=session.get(Invoice, intent.invoice_id) if intent else None,
        intent=intent,
        method=session.get(PaymentMethod, intent.payment_method_id) if intent else None,
        in_flight=invoice_queries.in_flight(session, id),
    )


def of_link(session: Session, id: str | None, command: object) -> hosted_link.LinkBook:
    """Load for ``billing.hosted_link``: the invoice, its customer locked."""
    del command
    session.lock_by_invoice(id or "")
    invoice = session.get(Invoice, id)
    if invoice is None:
        raise ObjectMissing("invoice", id or "")
    return hosted_link.LinkBook(invoice, session.get(Customer, invoice.customer_id))
