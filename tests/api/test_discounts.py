"""Coupons and promotion codes over HTTP: what only shows with a clock that moves, and every refusal."""

import threading
from typing import Any

import pytest

from tests.api.room import START, Caller, Reply, Room

DAY = 86_400


def refused(api: Caller, path: str, **form: str) -> tuple[str | None, str | None]:
    """Code and parameter of a refusal."""
    reply: Reply = api.refused(path, form)
    assert reply.status == 400, reply.body
    return reply.error.get("code"), reply.error.get("param")


def test_a_coupon_is_over_when_its_time_is(room: Room, api: Caller) -> None:
    made = api.post("/v1/coupons", percent_off=10, redeem_by=START + DAY)
    code = api.post_form(
        "/v1/promotion_codes",
        {"promotion[type]": "coupon", "promotion[coupon]": made["id"], "expires_at": START + 60},
    )
    customer = api.customer(None)
    room.time.pass_by(61)
    assert api.get(f"/v1/promotion_codes/{code['id']}")["active"] is False
    assert api.get("/v1/promotion_codes")["data"][0]["active"] is False
    assert api.get(f"/v1/coupons/{made['id']}")["valid"] is True
    room.time.pass_by(DAY)
    assert api.get(f"/v1/coupons/{made['id']}")["valid"] is False
    form = {"customer": customer, "discounts[0][coupon]": made["id"]}
    reply = api.refused("/v1/invoices", form)
    assert (reply.error["code"], reply.error["param"]) == (
        "coupon_expired",
        "discounts[0][coupon]",
    )


def test_a_discount_by_months_ends_with_the_last_of_them(room: Room, api: Caller) -> None:
    """Three months from 1 March are over on 1 June, 00:00 UTC: 92 days later."""
    coupon = api.post("/v1/coupons", percent_off=10, duration="repeating", duration_in_months=3)
    customer = api.customer(None, coupon=coupon["id"])
    assert api.get(f"/v1/customers/{customer}")["discount"]["end"] == START + 92 * DAY
    room.time.pass_by(92 * DAY - 1)
    draft = api.draft(customer, 1_000)
    assert api.get(f"/v1/invoices/{draft}")["total"] == 900
    room.time.pass_by(1)
    assert api.get(f"/v1/invoices/{api.draft(customer, 1_000)}")["total"] == 1_000
    assert api.get(f"/v1/customers/{customer}")["discount"] is None
    api.line(draft, 1_000)
    assert api.get(f"/v1/invoices/{draft}")["total"] == 1_800  # what an invoice has, it keeps


def test_the_last_redemption_is_given_once(room: Room, api: Caller) -> None:
    """Eight ask at once for a coupon that can be redeemed three times."""
    coupon = api.post("/v1/coupons", percent_off=10, max_redemptions=3)["id"]
    customers = [api.customer(None) for _ in range(8)]
    statuses: list[int] = []

    def ask(customer: str) -> None:
        form = {"customer": customer, "discounts[0][coupon]": coupon}
        caller = Caller(room.base, api.key)
        statuses.append(caller.send("POST", "/v1/invoices", form=form).status)
        caller.client.close()

    threads = [threading.Thread(target=ask, args=(customer,)) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(statuses) == [200] * 3 + [400] * 5
    assert api.get(f"/v1/coupons/{coupon}")["times_redeemed"] == 3


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({}, "parameter_missing", "percent_off"),
        ({"amount_off": "100"}, "parameter_missing", "currency"),
        (
            {"percent_off": "5", "amount_off": "1", "currency": "jpy"},
            "parameters_exclusive",
            "amount_off",
        ),
        ({"percent_off": "0"}, None, "percent_off"),
        ({"percent_off": "100.1"}, None, "percent_off"),
        ({"percent_off": "1.00001"}, None, "percent_off"),
        ({"percent_off": "5", "currency": "jpy"}, "parameter_unknown", "currency"),
        ({"percent_off": "5", "duration": "repeating"}, "parameter_missing", "duration_in_months"),
        (
            {"percent_off": "5", "duration_in_months": "2"},
            "parameter_unknown",
            "duration_in_months",
        ),
        ({"percent_off": "5", "redeem_by": str(START - 1)}, "parameter_unknown", "redeem_by"),
        ({"percent_off": "5", "id": "cus_mine"}, None, "id"),
        ({"percent_off": "5", "id": "a/b"}, None, "id"),
        (
            {"percent_off": "5", "applies_to[products][0]": "prod_none"},
            "resource_missing",
            "applies_to[products]",
        ),
        (
            {"amount_off": "0", "currency": "jpy"},
            "parameter_invalid_integer",
            "amount_off",
        ),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    api: Caller, form: dict[str, str], code: str | None, param: str
) -> None:
    assert refused(api, "/v1/coupons", **form) == (code, param)


def test_what_cannot_be_redeemed_is_refused_and_changes_nothing(api: Caller) -> None:
    customer, other = api.customer(None), api.customer(None)
    coupon = api.post("/v1/coupons", percent_off=10)["id"]
    code = {"promotion[type]": "coupon", "promotion[coupon]": coupon}
    theirs = api.post_form("/v1/promotion_codes", {**code, "customer": other})["id"]
    off = api.post_form("/v1/promotion_codes", {**code, "active": "false"})["id"]
    large = api.post_form(
        "/v1/promotion_codes",
        {
            **code,
            "restrictions[minimum_amount]": 10,
            "restrictions[minimum_amount_currency]": "usd",
        },
    )["id"]
    draft = api.draft(customer, 1_000)
    path = f"/v1/invoices/{draft}"
    for id, sentence in (
        (theirs, "it is for another customer"),
        (off, "it is not active"),
        (large, "it has no minimum amount in jpy"),
    ):
        reply = api.refused(path, {"discounts[0][promotion_code]": id})
        assert sentence in reply.error["message"]
        assert reply.error["param"] == "discounts[0][promotion_code]"
    assert refused(api, path, **{"discounts[0][coupon]": "none"}) == (
        "resource_missing",
        "discounts[0][coupon]",
    )
    assert refused(api, path, **{"discounts[0][discount]": "di_none"}) == (
        "resource_missing",
        "discounts[0][discount]",
    )
    both = {"discounts[0][coupon]": coupon, "discounts[0][promotion_code]": off}
    assert refused(api, path, **both) == ("parameters_exclusive", "discounts[0]")
    many = {
        f"discounts[{n}][coupon]": api.post("/v1/coupons", percent_off=1)["id"] for n in range(21)
    }
    reply = api.refused(path, many)
    assert reply.error["param"] == "discounts"
    assert api.get(path)["total"] == 1_000
    assert api.get(f"/v1/coupons/{coupon}")["times_redeemed"] == 0


def test_two_objects_never_share_an_id(api: Caller) -> None:
    api.post("/v1/products", id="SAMPLE", name="見本")
    assert refused(api, "/v1/coupons", id="SAMPLE", percent_off="5")[0] == "resource_already_exists"
    api.post("/v1/coupons", id="SPRING", percent_off=5)
    assert refused(api, "/v1/products", id="SPRING", name="春")[0] == "resource_already_exists"


def test_a_code_may_be_the_same_for_different_customers(api: Caller) -> None:
    coupon = api.post("/v1/coupons", percent_off=10)["id"]
    form = {"promotion[type]": "coupon", "promotion[coupon]": coupon, "code": "VIP"}
    first = api.post_form("/v1/promotion_codes", {**form, "customer": api.customer(None)})
    api.post_form("/v1/promotion_codes", {**form, "customer": api.customer(None)})
    assert refused(api, "/v1/promotion_codes", **form) == ("resource_already_exists", "code")
    for id in api.ids("/v1/promotion_codes"):
        api.post(f"/v1/promotion_codes/{id}", active="false")
    api.post_form("/v1/promotion_codes", form)
    reply = api.refused(f"/v1/promotion_codes/{first['id']}", {"active": "true"})
    assert reply.error["code"] == "resource_already_exists"
    types = [t for t in api.event_types() if t.startswith("promotion_code")]
    assert types == ["promotion_code.created"] * 2 + ["promotion_code.updated"] * 2 + [
        "promotion_code.created"
    ]


def test_switching_a_customers_discount_is_one_event(api: Caller) -> None:
    first = api.post("/v1/coupons", percent_off=10)["id"]
    second = api.post("/v1/coupons", percent_off=20)["id"]
    customer = api.customer(None, coupon=first)
    api.post(f"/v1/customers/{customer}", coupon=second)
    api.post(f"/v1/customers/{customer}", coupon=second)
    api.post(f"/v1/customers/{customer}", coupon="")
    (updated,) = api.get("/v1/events", "type=customer.discount.updated")["data"]
    assert updated["data"]["object"]["source"]["coupon"] == second
    assert updated["data"]["previous_attributes"]["source"] == {"coupon": first}
    types = [t for t in api.event_types() if t.startswith("customer.discount")]
    assert types == [
        "customer.discount.created",
        "customer.discount.updated",
        "customer.discount.deleted",
    ]
    assert api.get(f"/v1/coupons/{second}")["times_redeemed"] == 1


def test_an_item_keeps_its_discount_from_pending_to_invoice_and_back(api: Caller) -> None:
    coupon = api.post("/v1/coupons", percent_off=25)["id"]
    customer = api.customer(None)
    item = api.post_form(
        "/v1/invoiceitems",
        {"customer": customer, "amount": 1_000, "currency": "jpy", "discounts[0][coupon]": coupon},
    )
    draft = api.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    (line,) = draft["lines"]["data"]
    assert (draft["total"], line["discounts"]) == (750, item["discounts"])
    api.post_form(
        f"/v1/invoices/{draft['id']}/remove_lines",
        {"lines[0][id]": line["id"], "lines[0][behavior]": "unassign"},
    )
    assert api.get(f"/v1/invoices/{draft['id']}")["total_discount_amounts"] == []
    api.post_form(f"/v1/invoices/{draft['id']}/add_lines", {"lines[0][invoice_item]": item["id"]})
    assert api.get(f"/v1/invoices/{draft['id']}")["total"] == 750
    cleared = api.post(f"/v1/invoiceitems/{item['id']}", discounts="")
    assert cleared["discounts"] == []
    assert api.get(f"/v1/invoices/{draft['id']}")["total"] == 1_000


# ── subscriptions ──────────────────────────────────────────────────────────────────────────────


def subscribed(api: Caller, customer: str, **form: object) -> dict[str, Any]:
    """A subscription of 1,000 yen a month."""
    product = api.post("/v1/products", name="保守")["id"]
    price = api.post_form(
        "/v1/prices",
        {
            "product": product,
            "currency": "jpy",
            "unit_amount": 1_000,
            "recurring[interval]": "month",
        },
    )["id"]
    made: dict[str, Any] = api.post_form(
        "/v1/subscriptions", {"customer": customer, "items[0][price]": price, **form}
    )
    return made


def totals(api: Caller, customer: str) -> list[int]:
    """What the customer's invoices come to, oldest first."""
    return [i["total"] for i in api.get("/v1/invoices", f"customer={customer}")["data"]][::-1]


def on_a_clock(api: Caller, **form: object) -> tuple[str, str]:
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START)["id"]
    return api.customer("pm_card_visa", test_clock=clock, **form), clock


def advance(room: Room, api: Caller, clock: str, to: int) -> None:
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=to)
    room.drain()
    assert api.get(f"/v1/test_helpers/test_clocks/{clock}")["status"] == "ready"


def test_a_subscription_is_discounted_for_the_months_of_its_coupon(room: Room, api: Caller) -> None:
    """Half price from 1 March for three months: March, April and May, but not 1 June."""
    coupon = api.post("/v1/coupons", percent_off=50, duration="repeating", duration_in_months=3)
    customer, clock = on_a_clock(api)
    made = subscribed(api, customer, **{"discounts[0][coupon]": coupon["id"]})
    (discount,) = made["discounts"]
    advance(room, api, clock, START + 125 * DAY)  # 4 July
    assert totals(api, customer) == [500, 500, 500, 1_000, 1_000]
    ended = api.get(f"/v1/subscriptions/{made['id']}")
    assert ended["discounts"] == []
    kinds = [t for t in api.event_types() if t.startswith("customer.discount")]
    assert kinds == ["customer.discount.created", "customer.discount.deleted"]
    first = api.get("/v1/invoices", f"customer={customer}&expand[]=data.discounts")["data"][-1]
    assert [d["id"] for d in first["discounts"]] == [discount]
    assert first["discounts"][0]["subscription"] == made["id"]
    assert api.get(f"/v1/coupons/{coupon['id']}")["times_redeemed"] == 1


def test_a_discount_for_once_waits_until_a_trial_is_over(room: Room, api: Caller) -> None:
    coupon = api.post("/v1/coupons", amount_off=300, currency="jpy")["id"]
    customer, clock = on_a_clock(api)
    form = {"discounts[0][coupon]": coupon, "trial_period_days": 10}
    made = subscribed(api, customer, **form)
    advance(room, api, clock, START + 45 * DAY)
    assert totals(api, customer) == [0, 700, 1_000]
    assert api.get(f"/v1/subscriptions/{made['id']}")["discounts"] == []


def test_a_customers_discount_is_on_subscriptions_that_have_none(room: Room, api: Caller) -> None:
    forever = api.post("/v1/coupons", percent_off=10, duration="forever")["id"]
    own = api.post("/v1/coupons", percent_off=20, duration="forever")["id"]
    customer, clock = on_a_clock(api, coupon=forever)
    made = subscribed(api, customer)
    advance(room, api, clock, START + 31 * DAY)
    api.post_form(f"/v1/subscriptions/{made['id']}", {"discounts[0][coupon]": own})
    advance(room, api, clock, START + 62 * DAY)
    gone = api.send("DELETE", f"/v1/subscriptions/{made['id']}/discount").body
    assert (gone["object"], gone["deleted"], gone["source"]["coupon"]) == ("discount", True, own)
    again = api.send("DELETE", f"/v1/subscriptions/{made['id']}/discount")
    assert (again.status, again.error["code"]) == (404, "resource_missing")
    advance(room, api, clock, START + 93 * DAY)
    assert totals(api, customer) == [900, 900, 800, 900]
