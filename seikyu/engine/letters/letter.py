"""What a mail says: the invoice as it stands, in the mail's language, as text and as HTML.

The amounts, days and words are those of the invoice's page and papers. Nothing is put together from
pieces of markup: both forms are templates, and in the HTML one every text is escaped.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from seikyu.engine.billing.mail import Mail, outdated
from seikyu.engine.documents.sheet import Sheet
from seikyu.engine.hosted.paper_words import PAPER_WORDS
from seikyu.engine.hosted.papers import (
    has_receipt,
    invoice_sheet,
    payment_receipt_sheet,
    receipt_sheet,
)
from seikyu.engine.hosted.view import InvoiceView, Row, is_owed
from seikyu.engine.hosted.words import declined
from seikyu.engine.letters.words import MAIL_WORDS
from seikyu.engine.store.hosted import HostedInstalment, HostedInvoice
from seikyu.engine.store.mails import Written
from seikyu.engine.wire.objects.mail import issuer_locale

MOST_LINES = 8
"""Lines that a mail shows; the invoice itself is one click away, and attached."""

TEMPLATES = Environment(
    loader=PackageLoader("seikyu.engine.letters", "."),
    autoescape=select_autoescape(("html",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)

FACTS = ("status", "amount_due", "amount_paid", "amount_remaining", "due_date", "paid_at")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written, in which language, and the paper that goes with it if one does.

    ``issuer`` is who writes; answers go to ``reply_to`` where the issuer has an address of its own.
    """

    locale: str
    issuer: str
    reply_to: str | None
    written: Written
    paper: Sheet | None


def compose(mail: Mail, invoice: HostedInvoice, public_url: str) -> Letter:
    """Return what the mail says about the invoice. ``public_url`` is where the pages are."""
    return _Letter(mail, invoice, public_url).whole()


def why_not(mail: Mail, invoice: HostedInvoice | None) -> str | None:
    """Say why the mail must not be sent any more; None when it may be."""
    if invoice is None:
        return "its invoice is gone"
    if mail.kind == "reminder" and _is_settled(mail, invoice):
        return "the instalment that it recalls was paid, or put off, meanwhile"
    return outdated(mail.kind, invoice.status, invoice.amount_paid)


def _is_settled(mail: Mail, invoice: HostedInvoice) -> bool:
    """Whether the next instalment falls due later than the one that was next when the mail was decided."""
    told: list[dict[str, Any]] = mail.facts.get("plan") or []
    recalled = next((part["due_date"] for part in told if part["amount_remaining"]), None)
    following = next((part.due_date for part in invoice.plan if part.amount_remaining), None)
    return recalled is not None and following is not None and following > recalled


def as_it_was(mail: Mail, invoice: HostedInvoice) -> HostedInvoice:
    """Return the invoice as it was when the mail was decided, as far as mails show it.

    Needed where time runs without us: under a test clock years may have passed since.
    """
    return replace(
        invoice,
        **{name: mail.facts[name] for name in FACTS if name in mail.facts},
        plan=tuple(HostedInstalment(**part) for part in mail.facts.get("plan") or ()),
        payments=tuple(each for each in invoice.payments if each.paid_at <= mail.created),
        now=mail.created,
    )


class _Letter:
    def __init__(self, mail: Mail, invoice: HostedInvoice, public_url: str) -> None:
        self._mail = mail
        self._invoice = invoice
        self._locale = mail.locale or issuer_locale(invoice.world.account.country)
        self._view = InvoiceView(invoice, self._locale)
        self._words = {
            **self._view.words,
            **PAPER_WORDS[self._locale],
            **MAIL_WORDS[self._locale],
        }
        self._issuer = self._view.issuer
        self._page = f"{public_url}/i/{invoice.key}"
        self._payable = is_owed(invoice)
        open_parts = (part for part in invoice.plan if part.amount_remaining)
        self._part = next(open_parts, None) if self._payable else None
        self._due = self._part.due_date if self._part else invoice.due_date

    def whole(self) -> Letter:
        subject = one_line(self._said(f"{self._variant}_subject"))
        paper, file = self._paper()
        values = self._values(subject, file)
        text = TEMPLATES.get_template("mail.txt").render(**values)
        html = TEMPLATES.get_template("mail.html").render(**values)
        attachments = (file[0],) if file else ()
        written = Written(subject, text, html, attachments)
        reply_to = self._view.business.email
        return Letter(self._locale, self._issuer, reply_to, written, paper)

    @property
    def _variant(self) -> str:
        """The kind of mail; of reminders also on which side of the due date it stands."""
        mail = self._mail
        if mail.kind != "reminder":
            return mail.kind
        days = mail.days or 0
        return f"reminder_{'before' if days < 0 else 'after' if days else 'on'}"

    def _values(self, subject: str, file: tuple[str, str] | None) -> dict[str, Any]:
        view, words = self._view, self._words
        paragraphs = self._paragraphs()
        shows_lines = self._mail.kind in ("invoice", "receipt")
        lines, rest = self._lines()
        return {
            "locale": self._locale,
            "subject": subject,
            "preheader": paragraphs[0],
            "issuer": self._issuer,
            "salutation": self._salutation(),
            "greeting": self._said("greeting"),
            "paragraphs": paragraphs,
            "headline": self._headline(),
            "moment": self._moment(),
            "late": self._is_late,
            "button": self._button(),
            "page": self._page,
            "facts": view.facts,
            "lines": lines if shows_lines else [],
            "rest": words["more_lines"].format(count=rest) if rest and shows_lines else "",
            "sums": view.sums if shows_lines else [],
            "reduced": words["reduced"] if shows_lines and view.has_reduced else "",
            "schedule": self._schedule(),
            "transfer": view.transfer if self._mail.kind in ("invoice", "reminder") else [],
            "contact": view.contact,
            "attached": (words[file[1]], file[0]) if file else None,
            "footer": (self._said("footer"), words["footer_cards"]),
            "test_mark": "" if view.livemode else words["test_mode"],
            "words": words,
        }

    def _said(self, key: str, **more: str) -> str:
        return self._words[key].format(number=self._invoice.number, issuer=self._issuer, **more)

    def _salutation(self) -> str:
        if not self._invoice.customer_name:
            return self._words["no_name"]
        name = self._view.customer
        return name if self._locale == "ja" else f"Hello {name},"

    def _paragraphs(self) -> list[str]:
        mail, view = self._mail, self._view
        day = view.day(self._due) if self._due is not None else ""
        if mail.kind == "invoice":
            return [self._said(self._invoice_text())]
        if mail.kind == "receipt":
            return self._thanks()
        if mail.kind == "payment_failed":
            return self._failure()
        said = [self._said(f"{self._variant}_text", day=day)]
        return [*said, self._words["reminder_crossed"]] if mail.kind == "reminder" else said

    def _thanks(self) -> list[str]:
        key = "receipt_text" if has_receipt(self._invoice) else "receipt_text_partly"
        said = [self._said(key, amount=self._headline()[1])]
        return [*said, self._words["receipt_attached"]] if self._paper()[0] else said

    def _invoice_text(self) -> str:
        if not self._payable:
            return "invoice_text_paid"
        return "invoice_text_automatic" if self._charges_itself else "invoice_text"

    @property
    def _charges_itself(self) -> bool:
        """An invoice that is charged, not mailed, knows by then when that is."""
        return self._due is None and bool(self._mail.facts.get("next_payment_attempt"))

    def _failure(self) -> list[str]:
        said = [self._said("payment_failed_text")]
        if self._invoice.last_failure is not None:
            said.append(declined(self._words, *self._invoice.last_failure))
        again = self._mail.facts.get("next_payment_attempt")
        if again:
            said.append(self._said("payment_failed_again", day=self._view.day(again)))
        else:
            said.append(self._said("payment_failed_yourself"))
        return said

    def _headline(self) -> tuple[str, str]:
        invoice, view = self._invoice, self._view
        if self._mail.kind != "receipt" and self._part is not None:
            return self._words["part_due"], view.money(self._part.amount_remaining)
        if self._mail.kind != "receipt":
            return view.headline
        partly = not has_receipt(invoice) and invoice.payments
        received = invoice.payments[-1].amount if partly else invoice.amount_paid
        return self._words["received"], view.money(received)

    def _moment(self) -> str:
        invoice, words, view = self._invoice, self._words, self._view
        if invoice.status == "paid" and invoice.paid_at is not None:
            return words["paid_on"].format(day=view.day(invoice.paid_at))
        if self._due is None or self._mail.kind == "receipt":
            return ""
        key = "was_due" if self._is_late else "due"
        return words[key].format(day=view.day(self._due))

    @property
    def _is_late(self) -> bool:
        return self._payable and self._due is not None and self._due < self._invoice.now

    def _schedule(self) -> list[Row]:
        """The instalments in the order of their dates, each with what became of it."""
        rows = []
        for part in self._invoice.plan:
            label = self._view.day(part.due_date) if part.due_date else ""
            said = (part.description or "", self._words[f"part_{part.status}"])
            note = " · ".join(each for each in said if each)
            rows.append(Row(label, self._view.money(part.amount), note))
        return rows

    def _button(self) -> str:
        if not self._payable:
            return self._words["view"]
        if self._mail.kind == "action_required":
            return self._words["authenticate"]
        charges_itself = self._mail.kind == "invoice" and self._charges_itself
        return self._words["view" if charges_itself else "pay"]

    def _lines(self) -> tuple[list[Row], int]:
        lines = self._view.lines
        if len(lines) <= MOST_LINES:
            return lines, 0
        return lines[: MOST_LINES - 1], len(lines) - MOST_LINES + 1

    def _paper(self) -> tuple[Sheet | None, tuple[str, str] | None]:
        """The paper that goes with the mail; and its file's name, with the word for it."""
        kind, invoice = self._mail.kind, self._invoice
        if kind == "receipt" and has_receipt(invoice):
            name = file_name("Receipt", invoice.number)
            return receipt_sheet(invoice, self._locale), (name, "receipt_file")
        if kind == "receipt" and invoice.payments:
            name = file_name("Receipt", invoice.number)
            last = invoice.payments[-1]
            sheet = payment_receipt_sheet(invoice, last, self._locale)
            return sheet, (name, "receipt_file")
        if kind in ("invoice", "reminder"):
            name = file_name("Invoice", invoice.number)
            return invoice_sheet(invoice, self._locale, self._page), (name, "invoice_file")
        return None, None


def one_line(text: str) -> str:
    """Return the text as one line without control characters: what a header may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def file_name(what: str, number: str) -> str:
    """Return the name of an attached file; an invoice number is what the issuer made it."""
    return f"{what}-{re.sub(r'[^0-9A-Za-z._-]', '_', number)}.pdf"
