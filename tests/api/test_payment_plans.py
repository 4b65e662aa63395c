"""Payment plans under their own address: made, read, changed while unpaid, and what they announce.

The official SDK does not know this preview of Stripe's; its raw requests carry the forms.
"""

from typing import Any

import pytest

from tests.api.room import START, Caller, Room

PLANS = "/v1/payment_plans"
WITHIN = "schedule[amounts_due][amounts]"
DAY = 86_400


def collects(invoice: str) -> dict[str, Any]:
    """The form that names the invoice."""
    return {
        "collects_on[0][type]": "invoice_details",
        "collects_on[0][invoice_details][invoice]": invoice,
    }


def fixed(amount: int, currency: str = "jpy") -> dict[str, Any]:
    """A fixed amount."""
    return {
        "type": "fixed_amount",
        "fixed_amount[amount]": amount,
        "fixed_amount[currency]": currency,
    }


def percent(share: str) -> dict[str, Any]:
    """A percentage of what is due."""
    return {"type": "percentage", "percentage": share}


def after(count: int, interval: str = "day") -> dict[str, Any]:
    """A relative date."""
    return {
        "due_date[type]": "relative",
        "due_date[relative][count]": count,
        "due_date[relative][interval]": interval,
    }


def at(moment: int) -> dict[str, Any]:
    """An absolute date."""
    return {"due_date[type]": "absolute", "due_date[absolute]": moment}


def scheduled(*parts: dict[str, Any]) -> dict[str, Any]:
    """The form of a schedule."""
    form: dict[str, Any] = {"schedule[type]": "amounts_due"}
    for place, part in enumerate(parts):
        for name, value in part.items():
            first, bracket, rest = name.partition("[")
            form[f"{WITHIN}[{place}][{first}]{bracket}{rest}"] = value
    return form


THIRDS = (
    {**percent("33.3333"), **after(0), "description": "契約時"},
    {**percent("33.3333"), **after(1, "month"), "description": "中間"},
    {**percent("33.3334"), **after(2, "month"), "description": "納品時"},
)


@pytest.fixture
def customer(api: Caller) -> str:
    """A customer with a card."""
    return api.customer()


def mailed(api: Caller, customer: str, amount: int = 100_000, **form: Any) -> str:
    """A draft that is collected by mail."""
    return api.draft(customer, amount, collection_method="send_invoice", **form)


def finalized(api: Caller, customer: str, amount: int = 100_000, **form: Any) -> str:
    """An open invoice that is collected by mail."""
    invoice = mailed(api, customer, amount, **form)
    api.post(f"/v1/invoices/{invoice}/finalize")
    return invoice


def standing(plan: dict[str, Any]) -> list[tuple[int, int, str]]:
    """Amount, what was paid of it, and status of each instalment."""
    return [
        (part["amount_due"], part["amount_paid"], part["status"]) for part in plan["installments"]
    ]


def paid(api: Caller, customer: str, invoice: str, amount: int) -> None:
    """Apply a payment."""
    intent = api.post(
        "/v1/payment_intents",
        amount=amount,
        currency="jpy",
        customer=customer,
        payment_method="pm_card_visa",
        confirm="true",
        off_session="true",
    )
    api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=intent["id"])


# ── making one ─────────────────────────────────────────────────────────────────────────────────


def test_a_plan_in_percentages_on_a_draft(api: Caller, customer: str) -> None:
    """The last takes the remainder to the yen, and follows the draft until it is finalized."""
    invoice = mailed(api, customer, 100_000)
    form = {**collects(invoice), **scheduled(*THIRDS), "metadata[order]": "7"}
    plan = api.post_form(PLANS, form)
    assert plan["id"] == f"pplan_{invoice.removeprefix('in_')}"
    assert plan["object"] == "payment_plan"
    assert plan["metadata"] == {"order": "7"}
    assert plan["livemode"] is False
    assert plan["collects_on"] == [
        {"type": "invoice_details", "invoice_details": {"invoice": invoice}}
    ]
    assert standing(plan) == [(33_333, 0, "open"), (33_333, 0, "open"), (33_334, 0, "open")]
    (first, second, _) = plan["schedule"]["amounts_due"]["amounts"]
    assert first == {
        "id": plan["installments"][0]["id"],
        "type": "percentage",
        "description": "契約時",
        "fixed_amount": None,
        "percentage": 33.3333,
        "due_date": {
            "type": "relative",
            "absolute": None,
            "relative": {"count": 0, "interval": "day"},
        },
    }
    assert second["due_date"]["relative"] == {"count": 1, "interval": "month"}
    assert [part["due_date"] for part in plan["installments"]] == [None, None, None]

    api.line(invoice, 1)
    plan = api.get(f"{PLANS}/{plan['id']}")
    assert [part[0] for part in standing(plan)] == [33_333, 33_333, 33_335]
    shown = api.post(f"/v1/invoices/{invoice}/finalize")
    assert [part["amount"] for part in shown["amounts_due"]] == [33_333, 33_333, 33_335]
    assert shown["due_date"] == shown["amounts_due"][2]["due_date"]
    plan = api.get(f"{PLANS}/{plan['id']}")
    # 1 March 2026, 09:00 in Tokyo; then 1 April and 1 May at the same time of day.
    assert [part["due_date"] for part in plan["installments"]] == [
        START,
        START + 31 * DAY,
        START + 61 * DAY,
    ]
    assert [part[2] for part in standing(plan)] == ["past_due", "open", "open"]


def test_months_keep_the_day_in_the_time_of_the_account(room: Room, api: Caller) -> None:
    """31 January, half past midnight in Tokyo, is 30 January in UTC: February still ends on the 28th."""
    room.time.now = 1_769_787_000  # 2026-01-30 15:30 UTC
    invoice = mailed(api, api.customer(), 1_000)
    halves = ({**percent("50"), **after(1, "month")}, {**percent("50"), **after(1, "year")})
    api.post_form(PLANS, {**collects(invoice), **scheduled(*halves)})
    shown = api.post(f"/v1/invoices/{invoice}/finalize")
    assert [part["due_date"] for part in shown["amounts_due"]] == [
        1_772_206_200,  # 2026-02-28 00:30 JST
        1_801_323_000,  # 2027-01-31 00:30 JST
    ]


def test_a_plan_on_an_open_invoice_counts_at_once(api: Caller, room: Room, customer: str) -> None:
    invoice = finalized(api, customer, 90_000)
    expected = api.get(f"/v1/invoices/{invoice}", "expand[]=payments.data.payment.payment_intent")
    (payment,) = expected["payments"]["data"]
    assert payment["amount_requested"] == 90_000
    room.time.pass_by(3 * DAY)
    halves = ({**fixed(30_000), **after(2, "week")}, {**fixed(60_000), **at(START + 90 * DAY)})
    plan = api.post_form(PLANS, {**collects(invoice), **scheduled(*halves)})
    assert [(p["amount_due"], p["due_date"]) for p in plan["installments"]] == [
        (30_000, START + 17 * DAY),
        (60_000, START + 90 * DAY),
    ]
    shown = api.get(f"/v1/invoices/{invoice}", "expand[]=payments")
    assert shown["due_date"] == START + 90 * DAY
    assert [p["amount_requested"] for p in shown["payments"]["data"]] == [30_000]
    paid_one = api.post(f"/v1/invoices/{invoice}/pay")
    assert (paid_one["status"], paid_one["amount_paid"]) == ("open", 30_000)


def test_amounts_due_is_the_same_plan(api: Caller, customer: str) -> None:
    """However the instalments came, the plan is there, and goes with them."""
    given = {"amounts_due[0][amount]": 40_000, "amounts_due[0][description]": "前金"}
    given |= {"amounts_due[0][days_until_due]": 3, "amounts_due[1][amount]": 60_000}
    given |= {"amounts_due[1][description]": "残金", "amounts_due[1][due_date]": START + 40 * DAY}
    invoice = mailed(api, customer, 100_000, **given)
    (plan,) = api.get(PLANS, f"invoice={invoice}")["data"]
    assert standing(plan) == [(40_000, 0, "open"), (60_000, 0, "open")]
    dates = [each["due_date"] for each in plan["schedule"]["amounts_due"]["amounts"]]
    assert dates == [
        {"type": "relative", "absolute": None, "relative": {"count": 3, "interval": "day"}},
        {"type": "absolute", "absolute": START + 40 * DAY, "relative": None},
    ]
    api.post(f"/v1/invoices/{invoice}", amounts_due="")
    assert api.get(PLANS, f"invoice={invoice}")["data"] == []
    assert api.send("GET", f"{PLANS}/{plan['id']}").status == 404


def test_the_plan_of_a_deleted_draft_is_gone(api: Caller, customer: str) -> None:
    invoice = mailed(api, customer)
    plan = api.post_form(PLANS, {**collects(invoice), **scheduled(*THIRDS)})
    assert api.send("DELETE", f"/v1/invoices/{invoice}").status == 200
    assert api.send("GET", f"{PLANS}/{plan['id']}").status == 404
    assert api.get(PLANS)["data"] == []


def test_plans_are_listed_newest_first_page_by_page(api: Caller, customer: str) -> None:
    plans = []
    for _ in range(3):
        form = {**collects(mailed(api, customer)), **scheduled(*THIRDS)}
        plans.append(api.post_form(PLANS, form)["id"])
    assert api.ids(PLANS) == plans[::-1]
    assert api.ids(PLANS, "limit=1") == plans[2:]
    assert api.ids(PLANS, f"starting_after={plans[1]}") == plans[:1]
    assert api.ids(PLANS, f"ending_before={plans[1]}") == plans[2:]


# ── changing one ───────────────────────────────────────────────────────────────────────────────


def test_only_what_is_unpaid_changes_and_the_sum_is_kept(
    api: Caller, room: Room, customer: str
) -> None:
    invoice = finalized(api, customer, 100_000)
    parts = ({**fixed(20_000), **after(1)}, {**fixed(40_000), **after(30)})
    form = scheduled(*parts, {**fixed(40_000), **after(60)})
    plan = api.post_form(PLANS, {**collects(invoice), **form})
    address = f"{PLANS}/{plan['id']}"
    paid(api, customer, invoice, 20_000)
    first, second, _ = (part["id"] for part in plan["installments"])

    thinner = scheduled(
        {"id": second, **fixed(30_000), **after(30)},
        {**fixed(30_000), **after(60)},
        {**fixed(20_000), **after(90), "description": "最終回"},
    )
    changed = api.post_form(address, thinner)
    assert standing(changed) == [
        (20_000, 20_000, "paid"),
        (30_000, 0, "open"),
        (30_000, 0, "open"),
        (20_000, 0, "open"),
    ]
    assert [part["id"] for part in changed["installments"][:2]] == [first, second]
    shown = api.get(f"/v1/invoices/{invoice}", "expand[]=payments")
    assert [part["amount"] for part in shown["amounts_due"]] == [20_000, 30_000, 30_000, 20_000]
    assert [p["amount_requested"] for p in shown["payments"]["data"] if p["status"] == "open"] == [
        30_000
    ]

    before = api.get(address)
    reply = api.refused(address, scheduled({**fixed(70_000), **after(30)}))
    assert reply.error["message"] == (
        "The sum of amounts_due (90000 jpy) must equal the invoice's amount_due (100000 jpy)."
    )
    untouchable = {"id": first, **fixed(10_000), **after(1)}
    reply = api.refused(address, scheduled(untouchable, {**fixed(90_000), **after(30)}))
    assert reply.error["message"] == (
        f"The instalment {first} cannot be changed: 20000 of 20000 were received. Only unpaid "
        "instalments can be updated."
    )
    reply = api.refused(address, scheduled({**fixed(80_000), **at(START - DAY)}))
    assert reply.error["message"] == (
        "No instalment can fall due before one on which money was received."
    )
    assert api.get(address) == before


def test_a_paid_instalment_may_be_named_as_it_is(api: Caller, customer: str) -> None:
    invoice = finalized(api, customer, 100_000)
    parts = ({**fixed(20_000), **after(1)}, {**fixed(80_000), **after(30)})
    plan = api.post_form(PLANS, {**collects(invoice), **scheduled(*parts)})
    paid(api, customer, invoice, 20_000)
    first = plan["installments"][0]
    again = {"id": first["id"], **fixed(20_000), **at(first["due_date"])}
    form = scheduled(again, {**fixed(40_000), **after(30)}, {**fixed(40_000), **after(60)})
    changed = api.post_form(f"{PLANS}/{plan['id']}", form)
    assert [part[0] for part in standing(changed)] == [20_000, 40_000, 40_000]


def test_metadata_changes_whatever_became_of_the_invoice(api: Caller, customer: str) -> None:
    invoice = finalized(api, customer)
    plan = api.post_form(PLANS, {**collects(invoice), **scheduled(*THIRDS)})
    address = f"{PLANS}/{plan['id']}"
    api.post(f"/v1/invoices/{invoice}/void")
    said = api.post_form(address, {"metadata[order]": "7", "metadata[by]": "sample"})
    assert said["metadata"] == {"order": "7", "by": "sample"}
    assert api.post_form(address, {"metadata[by]": ""})["metadata"] == {"order": "7"}
    assert [part[2] for part in standing(said)] == ["canceled", "canceled", "canceled"]
    reply = api.refused(address, scheduled(*THIRDS))
    assert reply.error["message"] == "This invoice is void: nothing is owed on it."


# ── what it announces ──────────────────────────────────────────────────────────────────────────


def plan_events(api: Caller) -> list[str]:
    """The events of payment plans, oldest first."""
    return [each for each in api.event_types() if each.startswith("payment_plan.")]


def test_every_change_is_announced_with_the_plan_as_it_was_then(
    api: Caller, room: Room, customer: str
) -> None:
    invoice = finalized(api, customer, 100_000, auto_advance="true")
    api.post_form(f"/v1/customers/{customer}", {"email": "keiri@example.jp"})
    parts = ({**fixed(20_000), **after(10)}, {**fixed(80_000), **after(30)})
    plan = api.post_form(PLANS, {**collects(invoice), **scheduled(*parts)})
    room.time.pass_by(3 * DAY)
    room.drain()
    paid(api, customer, invoice, 20_000)
    room.time.pass_by(20 * DAY)
    room.drain()
    room.time.pass_by(7 * DAY)
    room.drain()
    paid(api, customer, invoice, 80_000)
    assert plan_events(api) == [
        "payment_plan.created",
        "payment_plan.installment_will_be_due",
        "payment_plan.installment_paid",
        "payment_plan.updated",
        "payment_plan.installment_will_be_due",
        "payment_plan.installment_due",
        "payment_plan.updated",
        "payment_plan.installment_paid",
        "payment_plan.updated",
    ]
    events = api.get("/v1/events", "type=payment_plan.installment_paid")["data"]
    shown = [standing(event["data"]["object"]) for event in events]
    assert shown == [
        [(20_000, 20_000, "paid"), (80_000, 80_000, "paid")],
        [(20_000, 20_000, "paid"), (80_000, 0, "open")],
    ]
    assert api.get(f"{PLANS}/{plan['id']}") == events[0]["data"]["object"]
    assert len(api.get("/v1/events", "type=payment_plan.*")["data"]) == 9


def test_a_webhook_endpoint_can_listen_to_them(api: Caller) -> None:
    endpoint = api.post_form(
        "/v1/webhook_endpoints",
        {"url": "http://127.0.0.1:9/", "enabled_events[]": "payment_plan.installment_paid"},
    )
    assert endpoint["enabled_events"] == ["payment_plan.installment_paid"]


# ── what is refused ────────────────────────────────────────────────────────────────────────────

BAD_SCHEDULES: list[tuple[str, tuple[dict[str, Any], ...], str, str]] = [
    (
        "one instalment",
        ({**percent("100"), **after(1)},),
        WITHIN,
        "A plan has at least 2 instalments.",
    ),
    (
        "percentages beyond the whole",
        ({**percent("60"), **after(1)}, {**percent("50"), **after(2)}),
        WITHIN,
        "The percentages come to 110, not to 100.",
    ),
    (
        "percentages short of the whole",
        ({**percent("60"), **after(1)}, {**percent("39.9999"), **after(2)}),
        WITHIN,
        "The percentages come to 99.9999, not to 100.",
    ),
    (
        "another currency",
        ({**fixed(50_000, "usd"), **after(1)}, {**fixed(50_000), **after(2)}),
        f"{WITHIN}[0][fixed_amount][currency]",
        "The instalment is in usd, the invoice in jpy.",
    ),
    (
        "nothing",
        ({**fixed(100_000), **after(1)}, {**fixed(0), **after(2)}),
        f"{WITHIN}[1][fixed_amount][amount]",
        "An instalment must be of at least 1.",
    ),
    (
        "a percentage of less than a yen",
        ({**percent("0.0001"), **after(1)}, {**percent("99.9999"), **after(2)}),
        "amounts_due[0][amount]",
        "An instalment must be of at least 1; 0.0001% of 100000 jpy is less.",
    ),
    (
        "no amount",
        ({"type": "fixed_amount", **after(1)}, {**percent("50"), **after(2)}),
        f"{WITHIN}[0][fixed_amount]",
        f"Missing required param: {WITHIN}[0][fixed_amount].",
    ),
    (
        "no percentage",
        ({"type": "percentage", **after(1)}, {**percent("50"), **after(2)}),
        f"{WITHIN}[0][percentage]",
        f"Missing required param: {WITHIN}[0][percentage].",
    ),
    (
        "no date",
        ({**percent("50"), "due_date[type]": "absolute"}, {**percent("50"), **after(2)}),
        f"{WITHIN}[0][due_date][absolute]",
        f"Missing required param: {WITHIN}[0][due_date][absolute].",
    ),
    (
        "too much",
        ({**fixed(100_000), **after(1)}, {**fixed(1), **after(2)}),
        "amounts_due",
        "The sum of amounts_due (100001 jpy) must equal the invoice's amount_due (100000 jpy).",
    ),
    (
        "an id nobody has",
        ({"id": "ppi_1", **percent("50"), **after(1)}, {**percent("50"), **after(2)}),
        f"{WITHIN}[0][id]",
        "No such instalment: 'ppi_1'",
    ),
]


@pytest.mark.parametrize(
    ("parts", "param", "message"),
    [pytest.param(*case[1:], id=case[0]) for case in BAD_SCHEDULES],
)
def test_a_schedule_that_cannot_be_is_refused_and_nothing_changes(
    api: Caller, customer: str, parts: tuple[dict[str, Any], ...], param: str, message: str
) -> None:
    invoice = finalized(api, customer)
    before = api.get(f"/v1/invoices/{invoice}")
    reply = api.refused(PLANS, {**collects(invoice), **scheduled(*parts)})
    assert (reply.status, reply.error["param"], reply.error["message"]) == (400, param, message)
    assert api.get(f"/v1/invoices/{invoice}") == before
    assert api.get(PLANS)["data"] == []


def test_what_cannot_have_a_plan_says_why(api: Caller, customer: str) -> None:
    charged = api.draft(customer)
    reply = api.refused(PLANS, {**collects(charged), **scheduled(*THIRDS)})
    assert reply.error["message"] == (
        "Payment plans are only possible on invoices with collection_method=send_invoice."
    )
    paid_one = finalized(api, customer, 100_000)
    paid(api, customer, paid_one, 100_000)
    reply = api.refused(PLANS, {**collects(paid_one), **scheduled(*THIRDS)})
    assert reply.error["message"] == "This invoice is paid; nothing of it is left to be split."
    planned = finalized(api, customer)
    plan = api.post_form(PLANS, {**collects(planned), **scheduled(*THIRDS)})
    reply = api.refused(PLANS, {**collects(planned), **scheduled(*THIRDS)})
    assert reply.error["message"] == (
        f"The invoice {planned} has a payment plan already: {plan['id']}. Update that one."
    )
    nobody = "in_000000000000000000000000"
    reply = api.refused(PLANS, {**collects(nobody), **scheduled(*THIRDS)})
    assert (reply.status, reply.error["code"]) == (400, "resource_missing")
    reply = api.refused(f"{PLANS}/pplan_000000000000000000000000", scheduled(*THIRDS))
    assert (reply.status, reply.error["code"]) == (404, "resource_missing")
    unplanned = mailed(api, customer).replace("in_", "pplan_")
    assert api.refused(f"{PLANS}/{unplanned}", scheduled(*THIRDS)).status == 404
    assert api.refused(f"{PLANS}/{unplanned}", {"metadata[a]": "1"}).status == 404


def test_another_account_sees_nothing_of_it(room: Room, api: Caller, customer: str) -> None:
    plan = api.post_form(PLANS, {**collects(mailed(api, customer)), **scheduled(*THIRDS)})
    stranger = room.account()
    assert stranger.send("GET", f"{PLANS}/{plan['id']}").status == 404
    assert stranger.refused(f"{PLANS}/{plan['id']}", {"metadata[a]": "1"}).status == 404
    assert stranger.get(PLANS)["data"] == []
    stranger.client.close()
