"""What the invoice and the receipt say on paper: the page's invoice as sheets that can be printed.

For a Japanese issuer both are what the qualified-invoice system asks for: issuer and registration number,
day, what was sold with a mark at the reduced rate, the sum before tax and the tax of each rate, and to
whom. A sheet does not say what changes by itself, such as a due date that has passed.
"""

from dataclasses import replace
from typing import Literal

from seikyu.engine.documents.sheet import Item, Pairs, Party, Sheet, Stamp, Sum, Table
from seikyu.engine.hosted import language
from seikyu.engine.hosted.paper_words import PAPER_WORDS
from seikyu.engine.hosted.view import InvoiceView, address_lines, is_owed
from seikyu.engine.store.hosted import HostedInvoice, HostedLine, HostedPayment, HostedTax
from seikyu.engine.store.hosted_notes import HostedCredit

LETTER_COUNTRIES = ("US", "CA", "MX", "PH", "CL", "CO")


def paper_locale(asked: str | None, country: str) -> str:
    """Return the language of a paper: the one asked for, else that of the issuer's country.

    Unlike the page it does not follow the browser: a paper is the same for everyone who fetches it.
    """
    if asked in language.LOCALES:
        return asked
    return "ja" if country == "JP" else "en"


def has_receipt(invoice: HostedInvoice) -> bool:
    """Say whether there is a receipt: the invoice is paid, and money came for it."""
    return invoice.status == "paid" and invoice.amount_paid > 0 and invoice.paid_at is not None


def invoice_sheet(invoice: HostedInvoice, locale: str, page_url: str) -> Sheet:
    """Return the invoice as a sheet; ``page_url`` is where it can be paid."""
    return _Paper(invoice, locale).invoice(page_url)


def receipt_sheet(invoice: HostedInvoice, locale: str) -> Sheet:
    """Return the receipt of an invoice that has one."""
    return _Paper(invoice, locale).receipt()


def payment_receipt_sheet(invoice: HostedInvoice, payment: HostedPayment, locale: str) -> Sheet:
    """Return the receipt of one payment; of the only one that paid all, the invoice's receipt."""
    paper = _Paper(invoice, locale)
    if has_receipt(invoice) and payment.amount == invoice.amount_paid:
        return paper.receipt()
    return paper.part_receipt(payment)


def credit_note_sheet(invoice: HostedInvoice, credit: HostedCredit, locale: str) -> Sheet:
    """Return a credit note of the invoice: in Japan what a qualified return invoice must say."""
    as_billed = replace(
        invoice,
        issued_at=credit.issued_at,
        lines=credit.lines,
        taxes=credit.taxes,
        discounts=(),
        plan=(),
        payments=(),
        paid_outside=0,
        custom_fields=(),
        subtotal=credit.subtotal,
        total=credit.amount,
        amount_due=credit.amount,
        let_go=0,
    )
    return _Paper(as_billed, locale).credit_note(invoice, credit)


class _Paper:
    """One invoice in one language, part by part."""

    def __init__(self, invoice: HostedInvoice, locale: str) -> None:
        self._invoice = invoice
        self._view = InvoiceView(invoice, locale)
        self._words = {**self._view.words, **PAPER_WORDS[locale]}
        self._locale: Literal["ja", "en"] = "ja" if locale == "ja" else "en"
        self._japanese = self._view.account.country == "JP"

    def invoice(self, page_url: str) -> Sheet:
        invoice, words, view = self._invoice, self._words, self._view
        payable = is_owed(invoice)
        due = view.due
        facts = [
            (words["invoice_number"], invoice.number),
            (words["issued_on"], view.day(invoice.issued_at)),
        ]
        if due and not payable:
            facts.append(due)
        partly = payable and invoice.amount_paid > 0
        owed = invoice.amount_remaining if payable else invoice.amount_due
        label = words["amount_remaining" if partly else "amount_due"]
        return replace(
            self._sheet(words["invoice"], tuple(facts), (self._taxed(label), view.money(owed))),
            lead=words["invoice_lead"],
            headline_fact=due if payable else None,
            stamp=self._stamp(),
            memo=invoice.description or "",
            footer=invoice.footer or "",
            schedule=self._schedule(),
            transfer=tuple(view.transfer[:4]),
            transfer_title=words["transfer"],
            address=(words["page_address"], page_url) if payable else None,
        )

    def receipt(self) -> Sheet:
        invoice, words, view = self._invoice, self._words, self._view
        assert invoice.paid_at is not None
        received = view.money(invoice.amount_paid)
        received_on = (words["receipt_date"], view.day(invoice.paid_at))
        facts = ((words["invoice_number"], invoice.number), received_on)
        return replace(
            self._sheet(words["receipt"], facts, (self._taxed(words["receipt_amount"]), received)),
            dated=invoice.paid_at,
            lead=words["receipt_lead"],
            sums=tuple(self._billed()),
            memo=words["receipt_for"].format(number=invoice.number),
            footer=words["no_stamp"] if self._japanese else "",
        )

    def part_receipt(self, payment: HostedPayment) -> Sheet:
        """The receipt of a payment that was not all: what it was for stands on the invoice."""
        invoice, words, view = self._invoice, self._words, self._view
        received, number = view.money(payment.amount), invoice.number
        so_far = invoice.payments[: invoice.payments.index(payment) + 1]
        total = sum(each.amount for each in so_far)
        how = view.card(payment.card) if payment.card else words["paid_outside"]
        facts = (
            (words["invoice_number"], number),
            (words["receipt_date"], view.day(payment.paid_at)),
            (words["paid_how"], how),
        )
        left = max(invoice.amount_due - total, 0)
        return replace(
            self._sheet(words["receipt"], facts, (words["receipt_amount"], received)),
            dated=payment.paid_at,
            lead=words["receipt_lead"],
            memo=words["part_for"].format(number=number),
            items=(Item(words["part_item"].format(number=number), received),),
            sums=(
                Sum(words["part_billed"], view.money(invoice.amount_due)),
                Sum(words["part_received"], view.money(total)),
                Sum(words["amount_remaining"], view.money(left), strong=True),
            ),
            shares=None,
            payments=None,
            notes=(words["part_note"].format(number=number),),
            footer=words["no_stamp"] if self._japanese else "",
        )

    def credit_note(self, original: HostedInvoice, credit: HostedCredit) -> Sheet:
        """The numbers of both, the day of what is credited, and how it is given back."""
        words, view = self._words, self._view
        facts = [
            (words["credit_number"], credit.number),
            (words["issued_on"], view.day(credit.issued_at)),
            (words["credit_of"], original.number),
            (words["credit_of_day"], view.day(original.issued_at)),
        ]
        if credit.reason is not None:
            facts.append((words["credit_reason"], words[f"reason_{credit.reason}"]))
        headline = (self._taxed(words["credit_amount"]), view.money(credit.amount))
        sheet = self._sheet(words["credit_note"], tuple(facts), headline)
        whole = words["credit_whole"].format(number=original.number)
        sums = self._billed()
        if credit.discount:
            sums.insert(1, Sum(words["discount"], view.money(-credit.discount)))
        for key in ("let_go", "refunded", "credited", "outside"):
            amount = getattr(credit, key)
            if amount:
                sums.append(Sum(words[f"credit_{key}"], view.money(amount)))
        stamp = None
        if credit.voided_at is not None:
            note = words["voided_note"].format(day=view.day(credit.voided_at))
            stamp = Stamp(words["voided"], "void", note, across=words["voided"])
        return replace(
            sheet,
            running_title=f"{words['credit_note']} {credit.number} · {view.issuer}",
            lead=words["credit_lead"],
            items=tuple(replace(one, text=one.text or whole) for one in sheet.items),
            sums=tuple(sums),
            stamp=stamp,
            memo=credit.memo or "",
        )

    def _sheet(self, title: str, facts: Pairs, headline: tuple[str, str]) -> Sheet:
        """What the two have in common."""
        invoice, words, view = self._invoice, self._words, self._view
        headings = ("item", "quantity", "unit_price", "rate", "amount")
        item, quantity, unit_price, rate, amount = (words[name] for name in headings)
        return Sheet(
            language=self._locale,
            paper=_paper_size(invoice),
            dated=invoice.issued_at,
            title=title,
            running_title=f"{title} {invoice.number} · {view.issuer}",
            page_number=words["page_number"],
            issuer=self._issuer(),
            recipient=Party(view.customer, self._address()),
            facts=facts + invoice.custom_fields,
            headline=headline,
            headings=(item, quantity, unit_price, rate, amount),
            items=tuple(self._item(line) for line in invoice.lines),
            sums=tuple(self._sums()),
            shares=self._shares(),
            payments=self._payments(),
            notes=(words["reduced"],) if view.has_reduced else (),
            test_mark="" if view.livemode else words["test_mode"],
        )

    def _issuer(self) -> Party:
        view, words = self._view, self._words
        number = view.business.registration_number
        own = [f"{words['registration']} {number}"] if number else []
        return Party(view.issuer, (*view.contact, *own))

    def _address(self) -> tuple[str, ...]:
        home = self._view.account.country
        return address_lines(self._invoice.customer_address, self._locale, home)

    def _taxed(self, label: str) -> str:
        return self._words["with_tax"].format(label=label) if self._invoice.taxes else label

    def _stamp(self) -> Stamp | None:
        invoice, words, view = self._invoice, self._words, self._view
        if invoice.status == "paid":
            day = view.day(invoice.paid_at) if invoice.paid_at else ""
            return Stamp(words["status_paid"], "paid", day)
        if invoice.status == "void":
            day = view.day(invoice.voided_at) if invoice.voided_at else ""
            note = words["voided_note"].format(day=day)
            return Stamp(words["voided"], "void", note if day else "", across=words["voided"])
        return None

    def _item(self, line: HostedLine) -> Item:
        view, invoice = self._view, self._invoice
        start, end = (view.day(moment) for moment in line.period)
        counted = line.unit_amount is not None or line.quantity != 1
        price = ""
        if line.unit_amount is not None:
            price = language.unit_price(line.unit_amount, invoice.currency, invoice.decimals)
        return Item(
            text=line.description,
            amount=view.money(line.amount),
            quantity=language.plain(line.quantity) if counted else "",
            unit_price=price,
            rate=", ".join(f"{language.plain(each)}%" for each in line.percentages),
            note=self._words["from_to"].format(start=start, end=end) if start != end else "",
            mark="※" if view.is_reduced(line.percentages) else "",
        )

    def _sums(self) -> list[Sum]:
        """What is billed; then what was paid of it and what is left, once anything was."""
        invoice, words, money = self._invoice, self._words, self._view.money
        rows = self._billed()
        if invoice.amount_paid and invoice.status != "void":
            rows.append(Sum(words["amount_paid"], money(-invoice.amount_paid)))
            left = money(invoice.amount_remaining)
            rows.append(Sum(words["amount_remaining"], left, strong=True))
        return rows

    def _billed(self) -> list[Sum]:
        """Subtotal, tax, total, and the customer's balance where it changes what is due."""
        invoice, words, money = self._invoice, self._words, self._view.money
        off = [Sum(f"{row.label} {row.note}".strip(), row.amount) for row in self._view.discounts]
        rows = [Sum(words["subtotal"], money(invoice.subtotal)), *off, *self._taxes()]
        rows.append(Sum(words["total"], money(invoice.total), strong=True))
        carried = invoice.amount_due + invoice.let_go - invoice.total
        if carried:
            rows.append(Sum(words["balance"], money(carried)))
        if invoice.let_go:
            rows.append(Sum(words["credited"], money(-invoice.let_go)))
        if carried or invoice.let_go:
            rows.append(Sum(words["amount_due"], money(invoice.amount_due), strong=True))
        return rows

    def _taxes(self) -> list[Sum]:
        """Japan: one sum, its parts stand in the shares. Elsewhere: a row for each tax, by its name."""
        taxes, words, money = self._invoice.taxes, self._words, self._view.money
        if not self._japanese:
            return [Sum(self._tax_name(tax), money(tax.amount)) for tax in taxes]
        rows = []
        for inclusive, label in ((False, "all_tax"), (True, "all_tax_inclusive")):
            alike = [tax.amount for tax in taxes if tax.inclusive == inclusive]
            if alike:
                rows.append(Sum(words[label], money(sum(alike))))
        return rows

    def _tax_name(self, tax: HostedTax) -> str:
        said = self._words["tax_row_inclusive" if tax.inclusive else "tax_row"]
        return said.format(name=tax.name, percentage=language.plain(tax.percentage))

    def _shares(self) -> Table | None:
        """The tax of each rate, and the sum that is not taxed: withheld income tax, for one."""
        invoice, words, money = self._invoice, self._words, self._view.money
        if not invoice.taxes:
            return None
        rows = []
        for tax in invoice.taxes:
            rate = f"{language.plain(tax.percentage)}%" if self._japanese else self._tax_name(tax)
            mark = " ※" if self._view.is_reduced((tax.percentage,)) else ""
            rows.append((rate + mark, money(tax.taxable_amount), money(tax.amount)))
        untaxed = [x.amount - x.discounted for x in invoice.lines if not x.percentages]
        if untaxed:
            rows.append((words["exempt"], money(sum(untaxed)), "–"))
        tax_amount = words["tax_amount" if self._japanese else "tax_amount_other"]
        return Table(words["shares"], (words["rate"], words["base"], tax_amount), tuple(rows))

    def _schedule(self) -> Table | None:
        """The payment plan, as it was agreed; what is paid of it stands with the payments."""
        rows = []
        for row, part in zip(self._view.plan, self._invoice.plan, strict=True):
            day = self._view.day(part.due_date) if part.due_date is not None else ""
            rows.append((row.label, day, row.amount))
        words = self._words
        headings = (words["plan"], words["due_date"], words["amount"])
        return Table("", headings, tuple(rows)) if rows else None

    def _payments(self) -> Table | None:
        rows = tuple((row.label, row.note, row.amount) for row in self._view.payments)
        words = self._words
        headings = (words["paid_how"], words["paid_date"], words["amount"])
        return Table(words["payments"], headings, rows) if rows else None


def _paper_size(invoice: HostedInvoice) -> Literal["a4", "us-letter"]:
    asked = invoice.page_size
    if asked in ("a4", "letter"):
        return "a4" if asked == "a4" else "us-letter"
    return "us-letter" if invoice.world.account.country in LETTER_COUNTRIES else "a4"
