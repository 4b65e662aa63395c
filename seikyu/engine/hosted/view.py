"""What the invoice page says: a stored invoice in one language, every amount and day written out.

``state`` is what the page looks like: the invoice's badge, but for a card that awaits authentication.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from seikyu.engine.hosted import language
from seikyu.engine.hosted.words import BRANDS, WORDS
from seikyu.engine.store.hosted import (
    HostedCard,
    HostedInvoice,
    HostedLine,
    HostedPayment,
    HostedTax,
)

PAYABLE = ("open", "uncollectible")
REDUCED = Decimal(8)
"""Japan's reduced rate of consumption tax; its lines carry a ※."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, or of the sums below it. ``note`` stands small beneath the label."""

    label: str
    amount: str
    note: str = ""
    reduced: bool = False
    strong: bool = False
    receipt: str = ""
    """The id of the payment that has a receipt."""


class InvoiceView:
    """One invoice, ready for the template."""

    def __init__(self, invoice: HostedInvoice, locale: str) -> None:
        """``locale`` is one of ``language.LOCALES``."""
        self.invoice = invoice
        self.locale = locale
        self.words: Mapping[str, str] = WORDS[locale]
        self.account = invoice.world.account
        self.livemode = invoice.world.livemode
        self.business = invoice.business
        self.issuer: str = invoice.business.name or self.account.name
        self.state = state_of(invoice)

    @property
    def badge(self) -> tuple[str, str]:
        """The word that says how the invoice stands, and the sentence that explains it."""
        if self.state == "authenticate":
            return self.words["status_authenticate"], self.words["status_authenticate_said"]
        badge = self.invoice.badge
        if self.locale == "ja":
            return badge.label_ja, badge.explanation_ja
        return badge.label, badge.explanation

    @property
    def contact(self) -> list[str]:
        """Where the issuer is and how to reach it, line by line."""
        business = self.business
        lines = list(address_lines(business.address, self.locale, self.account.country))
        if business.phone:
            lines.append(self.words["phone"].format(phone=business.phone))
        if business.email:
            lines.append(business.email)
        return lines

    @property
    def transfer(self) -> list[tuple[str, str]]:
        """Where a bank transfer goes; empty when the issuer takes none or nothing is owed."""
        bank, words = self.invoice.bank, self.words
        if bank is None or not is_owed(self.invoice):
            return []
        kind = words.get(f"bank_{bank.account_type}", bank.account_type or "")
        told = (
            ("bank_name", bank.bank_name),
            ("bank_branch", bank.branch_name),
            ("bank_account", f"{kind} {bank.account_number}".strip()),
            ("bank_holder", bank.account_holder_name),
            ("bank_amount", self.money(self.invoice.amount_remaining)),
        )
        return [(words[name], value) for name, value in told if value]

    @property
    def takes_cards(self) -> bool:
        """Whether the form is shown: something is owed and no charge is on its way."""
        return is_payable(self.invoice)

    @property
    def headline(self) -> tuple[str, str]:
        """The label above the big amount, and the amount."""
        invoice = self.invoice
        if invoice.status == "paid":
            return self.words["amount_paid"], self.money(invoice.amount_paid)
        if invoice.status == "void":
            return self.words["amount_due"], self.money(invoice.amount_due)
        label = "amount_remaining" if invoice.amount_paid else "amount_due"
        return self.words[label], self.money(invoice.amount_remaining)

    @property
    def moment(self) -> str:
        """The day that matters: due, paid or voided. Empty where there is none."""
        invoice = self.invoice
        if invoice.status == "paid" and invoice.paid_at is not None:
            return self.words["paid_on"].format(day=self.day(invoice.paid_at))
        if invoice.status == "void" and invoice.voided_at is not None:
            return self.words["voided_on"].format(day=self.day(invoice.voided_at))
        if is_owed(invoice) and invoice.plan:
            return self._due_of_plan
        if invoice.due_date is not None:
            return self.words["due_on"].format(day=self.day(invoice.due_date))
        return ""

    @property
    def _due_of_plan(self) -> str:
        """What of a payment plan is due now, or next: all that is late, else the next instalment."""
        owed = [one for one in self.invoice.plan if one.amount_remaining]
        late = [one for one in owed if one.status == "past_due"]
        said = late or owed[:1]
        if not said or said[0].due_date is None:
            return ""
        amount = self.money(sum(one.amount_remaining for one in said))
        day = self.day(said[0].due_date)
        return self.words["plan_late" if late else "plan_next"].format(amount=amount, day=day)

    @property
    def due(self) -> tuple[str, str] | None:
        """The date that a paper shows beside the amount: with a plan that of the next instalment."""
        invoice, words = self.invoice, self.words
        dates = [one.due_date for one in invoice.plan if one.amount_remaining and one.due_date]
        if dates and is_owed(invoice):
            return words["plan_next_date"], self.day(dates[0])
        return (words["due_date"], self.day(invoice.due_date)) if invoice.due_date else None

    @property
    def note(self) -> str:
        """One sentence about the state; an invoice that is simply open needs none."""
        invoice, words = self.invoice, self.words
        if self.state == "paid" and not invoice.amount_due:
            return words["note_nothing_due"]
        if self.state == "void" and invoice.replaced_by is not None:
            return words["note_replaced"]
        if self.state == "authenticate" and invoice.awaiting is not None:
            return words["note_authenticate"].format(card=self.card(invoice.awaiting))
        sentence = words.get(f"note_{self.state}", "")
        retry = self.day(invoice.next_attempt) if invoice.next_attempt else ""
        return sentence.format(amount=self.money(invoice.amount_paid), day=retry)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Number, dates, the issuer's qualified-invoice number and own fields."""
        invoice, words = self.invoice, self.words
        facts = [(words["invoice_number"], invoice.number)]
        facts.append((words["issued_on"], self.day(invoice.issued_at)))
        if invoice.due_date is not None:
            label = "plan_last_date" if invoice.plan else "due_date"
            facts.append((words[label], self.day(invoice.due_date)))
        if invoice.status == "paid" and invoice.paid_at is not None:
            facts.append((words["paid_date"], self.day(invoice.paid_at)))
        if self.business.registration_number:
            facts.append((words["registration"], self.business.registration_number))
        return facts + list(invoice.custom_fields)

    @property
    def customer(self) -> str:
        """Whom the invoice addresses."""
        invoice = self.invoice
        if invoice.customer_name:
            return language.addressed(invoice.customer_name, self.locale)
        return invoice.customer_email or ""

    @property
    def lines(self) -> list[Row]:
        """The lines, in order."""
        return [self._line(line) for line in self.invoice.lines]

    @property
    def has_reduced(self) -> bool:
        """Whether any line carries the mark of the reduced rate."""
        return any(self.is_reduced(line.percentages) for line in self.invoice.lines)

    @property
    def sums(self) -> list[Row]:
        """Subtotal, tax per rate, total, and what is left of it to pay."""
        invoice, words = self.invoice, self.words
        rows = [Row(words["subtotal"], self.money(invoice.subtotal)), *self.discounts]
        rows += [self._tax(tax) for tax in invoice.taxes]
        rows.append(Row(words["total"], self.money(invoice.total), strong=True))
        carried = invoice.amount_due + invoice.let_go - invoice.total
        if carried:
            rows.append(Row(words["balance"], self.money(carried)))
        if invoice.let_go:
            rows.append(Row(words["credited"], self.money(-invoice.let_go)))
        if invoice.amount_paid and invoice.status != "paid":
            rows.append(Row(words["amount_paid"], self.money(-invoice.amount_paid)))
        if carried or invoice.let_go or (invoice.amount_paid and invoice.status != "paid"):
            rows.append(Row(*self.headline, strong=True))
        return rows

    @property
    def discounts(self) -> list[Row]:
        """What is taken off the subtotal."""
        rows = []
        for discount in self.invoice.discounts:
            percent = f"{language.plain(discount.percent)}%" if discount.percent else ""
            label = discount.name or self.words["discount"]
            rows.append(Row(label, self.money(-discount.amount), percent))
        return rows

    @property
    def plan(self) -> list[Row]:
        """The instalments of a payment plan, by their dates."""
        words = self.words
        rows = []
        for place, part in enumerate(self.invoice.plan, 1):
            label = part.description or words["plan_part"].format(number=place)
            day = self.day(part.due_date) if part.due_date is not None else ""
            note = f"{day} · {words[f'plan_{part.status}']}"
            if part.status != "canceled" and 0 < part.amount_remaining < part.amount:
                left = self.money(part.amount_remaining)
                note = f"{note} · {words['plan_left'].format(amount=left)}"
            rows.append(Row(label, self.money(part.amount), note, strong=part.status == "past_due"))
        return rows

    @property
    def choices(self) -> list[tuple[int, str]]:
        """What may be paid of a payment plan; empty where there is nothing to choose."""
        amounts, words = self.invoice.payable_amounts, self.words
        if not self.invoice.plan or len(amounts) < 2:
            return []
        last = len(amounts)
        said = []
        for count, amount in enumerate(amounts, 1):
            key = "choice_next" if count == 1 else "choice_all" if count == last else "choice_some"
            said.append((amount, words[key].format(amount=self.money(amount), count=count)))
        return said

    @property
    def payments(self) -> list[Row]:
        """The money that came, oldest first."""
        invoice, words = self.invoice, self.words
        rows = [self._payment(payment) for payment in invoice.payments]
        if invoice.paid_outside and invoice.paid_at is not None:
            amount = self.money(invoice.paid_outside)
            rows.append(Row(words["paid_outside"], amount, self.day(invoice.paid_at)))
        return rows

    @property
    def credit_notes(self) -> list[Row]:
        """The credit notes that count, oldest first; each has its paper."""
        return [
            Row(note.number, self.money(-note.amount), self.day(note.issued_at), receipt=note.id)
            for note in self.invoice.notes
        ]

    def money(self, amount: int) -> str:
        """Write an amount of minor units of the invoice's currency."""
        return language.money(amount, self.invoice.currency, self.invoice.decimals)

    def day(self, moment: int) -> str:
        """Write the day of a Unix time in the issuer's zone."""
        return language.day(moment, self.locale, self.invoice.time_zone)

    def card(self, card: HostedCard) -> str:
        """Name a card by brand and last four digits."""
        brand = BRANDS.get(card.brand, card.brand.title())
        return self.words["by_card"].format(brand=brand, last4=card.last4)

    def _payment(self, payment: HostedPayment) -> Row:
        note = self.day(payment.paid_at)
        if payment.refunded:
            back = self.money(payment.refunded)
            note = f"{note} · {self.words['refunded_part'].format(amount=back)}"
        how = self.card(payment.card) if payment.card else self.words["paid_outside"]
        return Row(how, self.money(payment.amount), note, receipt=payment.id)

    def _line(self, line: HostedLine) -> Row:
        note = ""
        if line.unit_amount is not None and line.quantity != 1:
            each = language.unit_price(
                line.unit_amount, self.invoice.currency, self.invoice.decimals
            )
            note = f"{each} × {language.plain(line.quantity)}"
        elif line.quantity != 1:
            note = f"× {language.plain(line.quantity)}"
        reduced = self.is_reduced(line.percentages)
        return Row(line.description, self.money(line.amount), note, reduced=reduced)

    def _tax(self, tax: HostedTax) -> Row:
        key = "tax" if self.account.country == "JP" else "tax_other"
        percentage = language.plain(tax.percentage)
        base = self.money(tax.taxable_amount)
        label = self.words[key].format(percentage=percentage, base=base, name=tax.name)
        note = self.words["tax_inclusive"] if tax.inclusive else ""
        reduced = self.is_reduced((tax.percentage,))
        return Row(label, self.money(tax.amount), note, reduced=reduced)

    def is_reduced(self, percentages: tuple[Decimal, ...]) -> bool:
        """Say whether these rates hold Japan's reduced one."""
        return self.account.country == "JP" and REDUCED in percentages


def is_payable(invoice: HostedInvoice) -> bool:
    """Say whether a card may be charged for the invoice now."""
    return is_owed(invoice) and not invoice.in_flight


def is_owed(invoice: HostedInvoice) -> bool:
    """Say whether money is still to come for the invoice."""
    return invoice.status in PAYABLE and invoice.amount_remaining > 0


def is_over(invoice: HostedInvoice) -> bool:
    """Say whether the address of the page has stopped working."""
    return invoice.now >= invoice.link_ends_at


def state_of(invoice: HostedInvoice) -> str:
    """Return the state that the page shows."""
    if is_payable(invoice) and invoice.awaiting is not None:
        return "authenticate"
    if invoice.in_flight and invoice.status in PAYABLE:
        return "processing"
    return invoice.badge.name.lower().replace(" ", "_")


def address_lines(
    given: Mapping[str, Any] | None, locale: str, home: str | None
) -> tuple[str, ...]:
    """Write an address as letters to it do, without empty lines; ``home`` is the issuer's country.

    One in Japanese script keeps its order on an English paper too: nobody could deliver to it otherwise.
    """
    postal, state, city, first, second, country = (
        str((given or {}).get(name) or "")
        for name in ("postal_code", "state", "city", "line1", "line2", "country")
    )
    in_japanese = locale == "ja" or not (state + city + first).isascii()
    if in_japanese and country in ("JP", ""):
        lines = [f"〒{postal.removeprefix('〒')}" if postal else "", state + city + first, second]
    else:
        place = ", ".join(part for part in (city, state) if part)
        lines = [first, second, f"{place} {postal}".strip(), country if country != home else ""]
    return tuple(line for line in lines if line)
