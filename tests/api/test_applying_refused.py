"""Every refusal of applying and un-applying a payment: its own code and sentence, and nothing changed.

Each case says which payment is given to which invoice, and what is answered. What a case needs is made
through the API; the sentence is written out, with the ids in their places.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.room import Caller

NOBODY = "pi_000000000000000000000000"
INVALID, STATE = "payment_intent_invalid_parameter", "payment_intent_unexpected_state"
FIXED = "invoice_not_editable"
CANNOT_APPLY = "The payment {payment} cannot be applied to the invoice {invoice}: "
CANNOT_UNAPPLY = "The payment {payment} cannot be un-applied from the invoice {invoice}: "


@dataclass
class Desk:
    """Somebody with a customer whose invoices are over 10,000 yen."""

    api: Caller
    customer: str
    other: str = ""

    def payment(self, amount: int = 4_000, **form: Any) -> str:
        """A payment of the customer that came without an invoice."""
        given = {"customer": self.customer, "currency": "jpy", "confirm": "true"}
        given |= {"payment_method": "pm_card_visa", "off_session": "true", **form}
        given = {name: value for name, value in given.items() if value is not None}
        made = self.api.post("/v1/payment_intents", amount=amount, **given)
        identifier: str = made["id"]
        return identifier

    def draft(self) -> str:
        """A draft."""
        return self.api.draft(self.customer, 10_000)

    def invoice(self, *steps: str) -> str:
        """A finalized invoice, after some further commands."""
        made = self.draft()
        for step in ("finalize", *steps):
            self.api.post(f"/v1/invoices/{made}/{step}")
        return made

    def apply(self, invoice: str, payment: str) -> None:
        """Apply a payment."""
        self.api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=payment)

    def expected_by(self, invoice: str) -> str:
        """The payment that an invoice expects."""
        payments = self.api.get("/v1/invoice_payments", f"invoice={invoice}")["data"]
        identifier: str = payments[0]["payment"]["payment_intent"]
        return identifier


@pytest.fixture
def desk(api: Caller) -> Desk:
    """A customer without a card, so that nothing is paid by itself."""
    return Desk(api, api.customer(card=None))


Made = tuple[str, str]
"""The invoice and the payment that are given."""


# ── applying ───────────────────────────────────────────────────────────────────────────────────


def of_another_customer(desk: Desk) -> Made:
    return desk.invoice(), desk.payment(customer=desk.api.customer(card=None))


def of_nobody(desk: Desk) -> Made:
    return desk.invoice(), desk.payment(customer=None)


def in_dollars(desk: Desk) -> Made:
    return desk.invoice(), desk.payment(currency="usd")


def larger_than_the_invoice(desk: Desk) -> Made:
    return desk.invoice(), desk.payment(10_001)


def larger_than_what_remains(desk: Desk) -> Made:
    invoice = desk.invoice()
    desk.apply(invoice, desk.payment(6_000))
    return invoice, desk.payment(4_001)


def applied_elsewhere(desk: Desk) -> Made:
    desk.other, payment = desk.invoice(), desk.payment()
    desk.apply(desk.other, payment)
    return desk.invoice(), payment


def promised_elsewhere(desk: Desk) -> Made:
    """It has not succeeded yet, and will be credited to the other invoice when it does."""
    desk.other, payment = desk.invoice(), desk.payment(confirm="false")
    desk.apply(desk.other, payment)
    return desk.invoice(), payment


def applied_here(desk: Desk) -> Made:
    invoice, payment = desk.invoice(), desk.payment()
    desk.apply(invoice, payment)
    return invoice, payment


def canceled(desk: Desk) -> Made:
    payment = desk.payment(confirm="false")
    desk.api.post(f"/v1/payment_intents/{payment}/cancel")
    return desk.invoice(), payment


def refunded(desk: Desk) -> Made:
    payment = desk.payment()
    desk.api.post("/v1/refunds", payment_intent=payment, amount=1)
    return desk.invoice(), payment


def expected_here(desk: Desk) -> Made:
    invoice = desk.invoice()
    return invoice, desk.expected_by(invoice)


def expected_elsewhere(desk: Desk) -> Made:
    desk.other = desk.invoice()
    return desk.invoice(), desk.expected_by(desk.other)


def to_a_draft(desk: Desk) -> Made:
    return desk.draft(), desk.payment()


def to_a_paid_one(desk: Desk) -> Made:
    invoice = desk.invoice()
    desk.apply(invoice, desk.payment(10_000))
    return invoice, desk.payment()


def to_a_void_one(desk: Desk) -> Made:
    return desk.invoice("void"), desk.payment()


def that_does_not_exist(desk: Desk) -> Made:
    return desk.invoice(), NOBODY


def to_none_that_exists(desk: Desk) -> Made:
    return "in_000000000000000000000000", desk.payment()


APPLYING: list[tuple[Callable[[Desk], Made], int, str | None, str | None, str]] = [
    (of_another_customer, 400, INVALID, "payment_intent", CANNOT_APPLY + "it belongs to another customer."),
    (of_nobody, 400, INVALID, "payment_intent", CANNOT_APPLY + "it belongs to no customer."),
    (in_dollars, 400, INVALID, "payment_intent", CANNOT_APPLY + "it is in usd, the invoice in jpy."),
    (
        larger_than_the_invoice, 400, "amount_too_large", "payment_intent",
        CANNOT_APPLY + "its amount (10001) is larger than what remains of the invoice (10000); a "
        "payment is applied whole.",
    ),
    (
        larger_than_what_remains, 400, "amount_too_large", "payment_intent",
        CANNOT_APPLY + "its amount (4001) is larger than what remains of the invoice (4000); a "
        "payment is applied whole.",
    ),
    (
        applied_elsewhere, 400, STATE, "payment_intent",
        CANNOT_APPLY + "it is applied to the invoice {other} already; un-apply it first, for a "
        "payment is applied whole and to one invoice.",
    ),
    (
        promised_elsewhere, 400, STATE, "payment_intent",
        CANNOT_APPLY + "it is applied to the invoice {other} already; un-apply it first, for a "
        "payment is applied whole and to one invoice.",
    ),
    (
        applied_here, 400, STATE, "payment_intent",
        CANNOT_APPLY + "it is applied to this very invoice already.",
    ),
    (canceled, 400, STATE, "payment_intent", CANNOT_APPLY + "it is canceled."),
    (
        refunded, 400, "charge_already_refunded", "payment_intent",
        CANNOT_APPLY + "it was refunded.",
    ),
    (
        expected_here, 400, STATE, "payment_intent",
        CANNOT_APPLY + "it is the payment that this invoice expects anyway; pay the invoice.",
    ),
    (
        expected_elsewhere, 400, STATE, "payment_intent",
        CANNOT_APPLY + "it is the payment that the invoice {other} expects.",
    ),
    (
        to_a_draft, 400, FIXED, None,
        "Payments cannot be applied to a draft invoice; finalize it first.",
    ),
    (to_a_paid_one, 400, FIXED, None, "This invoice is paid; nothing is owed on it."),
    (
        to_a_void_one, 400, FIXED, None,
        "This invoice is void and stays so. No payment can be applied to it.",
    ),
    (
        that_does_not_exist, 400, "resource_missing", "payment_intent",
        "No such payment_intent: '{payment}'",
    ),
    (to_none_that_exists, 404, "resource_missing", "id", "No such invoice: '{invoice}'"),
]  # fmt: skip


# ── un-applying ────────────────────────────────────────────────────────────────────────────────


def never_applied(desk: Desk) -> Made:
    return desk.invoice(), desk.payment()


def taken_off_already(desk: Desk) -> Made:
    invoice, payment = applied_here(desk)
    desk.api.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=payment)
    return invoice, payment


def not_paid_yet(desk: Desk) -> Made:
    return expected_here(desk)


def from_a_draft(desk: Desk) -> Made:
    return to_a_draft(desk)


def from_a_void_one(desk: Desk) -> Made:
    return to_a_void_one(desk)


UNAPPLYING: list[tuple[Callable[[Desk], Made], int, str | None, str | None, str]] = [
    (never_applied, 400, STATE, "payment_intent", CANNOT_UNAPPLY + "it is not applied to it."),
    (taken_off_already, 400, STATE, "payment_intent", CANNOT_UNAPPLY + "it is not applied to it."),
    (
        applied_elsewhere, 400, STATE, "payment_intent",
        CANNOT_UNAPPLY + "it is applied to the invoice {other}.",
    ),
    (
        not_paid_yet, 400, STATE, "payment_intent",
        CANNOT_UNAPPLY + "it is expected there, and no money came yet.",
    ),
    (from_a_draft, 400, FIXED, None, "No payment is applied to a draft invoice."),
    (
        from_a_void_one, 400, FIXED, None,
        "This invoice is void and stays so. Its payments cannot be moved.",
    ),
    (
        that_does_not_exist, 400, "resource_missing", "payment_intent",
        "No such payment_intent: '{payment}'",
    ),
    (to_none_that_exists, 404, "resource_missing", "id", "No such invoice: '{invoice}'"),
]  # fmt: skip

CASES = [
    pytest.param(verb, *case, id=f"{verb}-{case[0].__name__}")
    for verb, cases in (("attach", APPLYING), ("detach", UNAPPLYING))
    for case in cases
]


def everything(desk: Desk) -> list[Any]:
    """All that a command about payments could have changed."""
    paths = ("/v1/invoices", "/v1/payment_intents", "/v1/invoice_payments", "/v1/events")
    return [desk.api.get(path, "limit=100") for path in paths]


@pytest.mark.parametrize(("verb", "situation", "status", "code", "param", "sentence"), CASES)
def test_it_is_refused_with_its_own_sentence_and_nothing_changes(
    desk: Desk,
    verb: str,
    situation: Callable[[Desk], Made],
    status: int,
    code: str | None,
    param: str | None,
    sentence: str,
) -> None:
    invoice, payment = situation(desk)
    before = everything(desk)
    reply = desk.api.refused(f"/v1/invoices/{invoice}/{verb}_payment", {"payment_intent": payment})
    error = reply.error
    assert error["type"] == "invalid_request_error"
    said = sentence.format(payment=payment, invoice=invoice, other=desk.other)
    assert error["message"] == said
    assert (reply.status, error.get("code"), error.get("param")) == (status, code, param)
    assert everything(desk) == before


@pytest.mark.parametrize("verb", ["attach", "detach"])
def test_the_payment_must_be_named(desk: Desk, verb: str) -> None:
    error = desk.api.refused(f"/v1/invoices/{desk.invoice()}/{verb}_payment").error
    assert (error["code"], error["param"]) == ("parameter_missing", "payment_intent")


def test_a_part_of_a_payment_cannot_be_applied(desk: Desk) -> None:
    """Neither a part to one invoice nor, by two parts, one payment to two."""
    invoice, payment = desk.invoice(), desk.payment(4_000)
    form = {"payment_intent": payment, "amount_requested": 2_000}
    error = desk.api.refused(f"/v1/invoices/{invoice}/attach_payment", form).error
    assert error["param"] == "amount_requested"
    assert "a payment is applied whole and to one invoice, never in part" in error["message"]


def test_no_two_refusals_say_the_same() -> None:
    """Whoever reads the sentence knows which rule it was; what is void says the same to both commands."""
    sentences = [case[4] for case in APPLYING]
    assert len(set(sentences)) == len(sentences) - 1  # applied elsewhere, and promised elsewhere
