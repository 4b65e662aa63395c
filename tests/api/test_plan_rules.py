"""Every rule of payment plans, before and after the first payment: what is done and what is refused.

One row an operation. What is refused says why and changes nothing; what is done is done on an invoice of
its own. Source: Stripe, "Create invoice payment plans".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.room import START, Caller

DAY = 86_400
UNDER_WAY = (
    "An invoice with a payment plan can only be {what} before its first payment is received; mark the "
    "rest paid out of band, or un-apply the payments first."
)
FROZEN = (
    "Finalized invoices can't be updated in this way: {param} is fixed while the invoice is open. Make a "
    "revision (from_invoice) instead."
)
OWN_DATES = (
    "You may only specify one of these parameters: amounts_due, due_date. Each instalment has a date of "
    "its own."
)
LINES = (
    "This invoice is open: its lines are fixed. Only drafts take changes of lines; make a revision "
    "(from_invoice) or a credit note instead."
)


@dataclass
class Planned:
    """An invoice of 50,000 yen in a deposit of 10,000 and two instalments of 20,000."""

    api: Caller
    customer: str
    id: str
    draft: bool = False

    def post(self, path: str, **form: Any) -> tuple[str, dict[str, Any]]:
        """What is asked: the address and the form."""
        return path.replace("INVOICE", self.id).replace(
            "PLAN", self.id.replace("in_", "pplan_")
        ), form


def parts(*amounts: int) -> dict[str, Any]:
    """`amounts_due`, the first in ten days and the others thirty days apart."""
    form: dict[str, Any] = {}
    for place, amount in enumerate(amounts):
        form[f"amounts_due[{place}][amount]"] = amount
        form[f"amounts_due[{place}][description]"] = f"第{place + 1}期"
        form[f"amounts_due[{place}][days_until_due]"] = 10 + 30 * place
    return form


def schedule(*amounts: int) -> dict[str, Any]:
    """The schedule of a plan, all of it forty days from now or later."""
    form: dict[str, Any] = {"schedule[type]": "amounts_due"}
    for place, amount in enumerate(amounts):
        part = f"schedule[amounts_due][amounts][{place}]"
        form |= {f"{part}[type]": "fixed_amount", f"{part}[fixed_amount][amount]": amount}
        form |= {f"{part}[fixed_amount][currency]": "jpy", f"{part}[due_date][type]": "absolute"}
        form[f"{part}[due_date][absolute]"] = START + (40 + 30 * place) * DAY
    return form


def payment(api: Caller, customer: str, amount: int) -> str:
    """Money that came without an invoice."""
    form = {"amount": amount, "currency": "jpy", "customer": customer, "confirm": "true"}
    form |= {"payment_method": "pm_card_visa", "off_session": "true"}
    identifier: str = api.post_form("/v1/payment_intents", form)["id"]
    return identifier


def planned(api: Caller, state: str) -> Planned:
    """The invoice as a draft, finalized (`before` the first payment), or `after` the deposit came."""
    customer = api.customer()
    form = {"collection_method": "send_invoice", **parts(10_000, 20_000, 20_000)}
    made = Planned(api, customer, api.draft(customer, 50_000, **form))
    if state != "draft":
        api.post(f"/v1/invoices/{made.id}/finalize")
    if state == "after":
        came = payment(api, customer, 10_000)
        api.post(f"/v1/invoices/{made.id}/attach_payment", payment_intent=came)
    return made


Ask = Callable[[Planned], tuple[str, dict[str, Any]]]
DONE = None

ROWS: list[tuple[str, Ask, str | None, str | None, str | None]] = [
    (
        "replace amounts_due",
        lambda it: ("/v1/invoices/INVOICE", parts(25_000, 25_000)),
        DONE, FROZEN.format(param="amounts_due"), FROZEN.format(param="amounts_due"),
    ),
    (
        "remove amounts_due",
        lambda it: ("/v1/invoices/INVOICE", {"amounts_due": ""}),
        DONE, FROZEN.format(param="amounts_due"), FROZEN.format(param="amounts_due"),
    ),
    (
        "charge automatically",
        lambda it: ("/v1/invoices/INVOICE", {"collection_method": "charge_automatically"}),
        "Payment plans (amounts_due) are only possible with collection_method=send_invoice.",
        FROZEN.format(param="collection_method"), FROZEN.format(param="collection_method"),
    ),
    (
        "another due date",
        lambda it: ("/v1/invoices/INVOICE", {"due_date": START + 99 * DAY}),
        OWN_DATES, OWN_DATES, OWN_DATES,
    ),
    (
        "add a line",
        lambda it: (
            "/v1/invoices/INVOICE/add_lines",
            {"lines[0][amount]": 1, "lines[0][description]": "サンプル"},
        ),
        DONE, LINES, LINES,
    ),
    (
        "schedule what is unpaid anew",
        lambda it: ("/v1/payment_plans/PLAN", schedule(15_000, 35_000)),
        DONE, DONE,
        "The sum of amounts_due (60000 jpy) must equal the invoice's amount_due (50000 jpy).",
    ),
    (
        "schedule the rest anew",
        lambda it: ("/v1/payment_plans/PLAN", schedule(15_000, 25_000)),
        DONE,  # a draft's plan need not add up yet
        "The sum of amounts_due (40000 jpy) must equal the invoice's amount_due (50000 jpy).", DONE,
    ),
    (
        "describe the plan",
        lambda it: ("/v1/payment_plans/PLAN", {"metadata[order]": "7"}),
        DONE, DONE, DONE,
    ),
    (
        "revise",
        lambda it: (
            "/v1/invoices",
            {"from_invoice[action]": "revision", "from_invoice[invoice]": it.id},
        ),
        "Only open or uncollectible invoices can be revised; this one is draft.",
        DONE, UNDER_WAY.format(what="revised"),
    ),
    (
        "void",
        lambda it: ("/v1/invoices/INVOICE/void", {}),
        "You cannot void a draft invoice; delete it, or finalize it first.",
        DONE, UNDER_WAY.format(what="voided"),
    ),
    (
        "mark uncollectible",
        lambda it: ("/v1/invoices/INVOICE/mark_uncollectible", {}),
        "Only open invoices can be marked uncollectible; this one is a draft. Finalize it first.",
        DONE, UNDER_WAY.format(what="marked uncollectible"),
    ),
    (
        "paid outside",
        lambda it: ("/v1/invoices/INVOICE/pay", {"paid_out_of_band": "true"}),
        DONE, DONE, DONE,
    ),
    (
        "pay the next instalment",
        lambda it: ("/v1/invoices/INVOICE/pay", {}),
        DONE, DONE, DONE,
    ),
    (
        "apply a part of an instalment",
        lambda it: (
            "/v1/invoices/INVOICE/attach_payment",
            {"payment_intent": payment(it.api, it.customer, 5_000)},
        ),
        "Payments cannot be applied to a draft invoice; finalize it first.", DONE, DONE,
    ),
    (
        "credit a part",
        lambda it: ("/v1/credit_notes", {"invoice": it.id, "amount": 5_000}),
        "", DONE, DONE,
    ),
]  # fmt: skip
"""Operation; then what it answers on a draft, before and after the first payment: done, or the sentence."""

CASES = [
    pytest.param(ask, state, sentence, id=f"{name}-{state}")
    for name, ask, *sentences in ROWS
    for state, sentence in zip(("draft", "before", "after"), sentences, strict=True)
    if sentence != ""
]


@pytest.mark.parametrize(("ask", "state", "sentence"), CASES)
def test_each_operation_is_done_or_says_why_not(
    api: Caller, ask: Ask, state: str, sentence: str | None
) -> None:
    invoice = planned(api, state)
    path, form = ask(invoice)
    path, form = invoice.post(path, **form)
    before = api.get(f"/v1/invoices/{invoice.id}"), api.get("/v1/events", "limit=100")
    reply = api.send("POST", path, form=form)
    if sentence is None:
        assert reply.status == 200, reply.body
        return
    assert reply.error["message"] == sentence
    assert reply.status == 400
    assert (api.get(f"/v1/invoices/{invoice.id}"), api.get("/v1/events", "limit=100")) == before


def amounts(api: Caller, invoice: str) -> list[tuple[int, int, str]]:
    """Amount, what was paid of it, and status of each instalment."""
    return [
        (part["amount"], part["amount_paid"], part["status"])
        for part in api.get(f"/v1/invoices/{invoice}")["amounts_due"]
    ]


def test_paid_outside_covers_all_that_remains_and_never_a_part(api: Caller) -> None:
    invoice = planned(api, "after")
    paid = api.post(f"/v1/invoices/{invoice.id}/pay", paid_out_of_band="true")
    assert (paid["status"], paid["amount_remaining"]) == ("paid", 0)
    assert amounts(api, invoice.id) == [
        (10_000, 10_000, "paid"),
        (20_000, 20_000, "paid"),
        (20_000, 20_000, "paid"),
    ]


def test_no_card_is_charged_by_itself_but_only_the_next_instalment_when_asked(api: Caller) -> None:
    invoice = planned(api, "before")
    assert api.get("/v1/charges")["data"] == []
    api.post(f"/v1/invoices/{invoice.id}/pay")
    assert [charge["amount"] for charge in api.get("/v1/charges")["data"]] == [10_000]
    assert amounts(api, invoice.id)[0] == (10_000, 10_000, "paid")


def test_a_schedule_after_a_credit_note_must_wait(api: Caller) -> None:
    """What the credit note let go comes back to the same instalments when it is voided."""
    invoice = planned(api, "before")
    note = api.post("/v1/credit_notes", invoice=invoice.id, amount=5_000)
    assert amounts(api, invoice.id)[2] == (15_000, 0, "open")
    path, form = invoice.post("/v1/payment_plans/PLAN", **schedule(15_000, 30_000))
    assert "void the credit notes first" in api.refused(path, form).error["message"]
    api.post(f"/v1/credit_notes/{note['id']}/void")
    assert amounts(api, invoice.id)[2] == (20_000, 0, "open")
    _, form = invoice.post(path, **schedule(15_000, 35_000))
    api.post_form(path, form)
    assert [part[0] for part in amounts(api, invoice.id)] == [15_000, 35_000]
