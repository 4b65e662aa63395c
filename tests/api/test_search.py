"""Searches through the public door: pages, refusals, keys, worlds, and what changes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from seikyu.engine.api import searching
from seikyu.engine.store.search_index import count_waiting, next_world
from tests.api.room import START, Caller, Reply, Room

WAITING = "seikyu-search-waiting"


def searched(api: Caller, noun: str, query: str, more: str = "") -> Reply:
    return api.send("GET", f"/v1/{noun}/search", query=f"query={quote(query)}{more}")


def found(api: Caller, noun: str, query: str, more: str = "limit=100") -> list[str]:
    """Return the ids that a search finds, in order."""
    reply = searched(api, noun, query, f"&{more}")
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.body["data"]]


def intents(api: Caller, count: int, **form: Any) -> list[str]:
    """Create payments of 500 yen; return their ids, newest first."""
    made = [
        api.post_form("/v1/payment_intents", {"amount": "500", "currency": "jpy", **form})["id"]
        for _ in range(count)
    ]
    return made[::-1]


# ── answers ────────────────────────────────────────────────────────────────────────────────────


def test_the_answer_has_stripes_shape(api: Caller) -> None:
    (intent,) = intents(api, 1)
    reply = searched(api, "payment_intents", "amount:500")
    assert list(reply.body) == ["object", "data", "has_more", "next_page", "url"]
    assert reply.body == {
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": False,
        "next_page": None,
        "data": [api.get(f"/v1/payment_intents/{intent}")],
    }
    assert WAITING not in reply.headers


def test_a_search_that_finds_nothing_is_an_empty_page(api: Caller) -> None:
    reply = searched(api, "payment_intents", "amount:500", "&expand[]=total_count")
    assert reply.body == {
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": False,
        "next_page": None,
        "total_count": 0,
        "data": [],
    }


def test_pages_follow_one_another_newest_first(api: Caller) -> None:
    made = intents(api, 7)
    pages, cursor = [], ""
    while True:
        reply = searched(api, "payment_intents", "currency:'jpy'", f"&limit=3{cursor}")
        pages.append([each["id"] for each in reply.body["data"]])
        if not reply.body["has_more"]:
            break
        cursor = f"&page={reply.body['next_page']}"
    assert pages == [made[:3], made[3:6], made[6:]]
    assert found(api, "payment_intents", "currency:'jpy'", "limit=7") == made


def test_ten_are_found_unless_another_number_is_asked_for(api: Caller) -> None:
    made = intents(api, 12)
    reply = searched(api, "payment_intents", "amount>0")
    assert [each["id"] for each in reply.body["data"]] == made[:10]
    assert found(api, "payment_intents", "amount>0", "limit=1") == made[:1]


def test_what_is_added_meanwhile_does_not_shift_the_pages(api: Caller) -> None:
    made = intents(api, 4)
    page = searched(api, "payment_intents", "amount:500", "&limit=2").body["next_page"]
    intents(api, 3)
    assert found(api, "payment_intents", "amount:500", f"limit=2&page={page}") == made[2:]


def test_total_count_is_there_when_it_is_asked_for(api: Caller) -> None:
    intents(api, 5)
    intents(api, 2, currency="usd")
    for query, count in (
        ("currency:'jpy'", 5),
        ("-currency:'jpy'", 2),
        ("amount>1 AND currency:'usd'", 2),
        ("currency:'usd' OR currency:'jpy'", 7),
        ("amount>1000", 0),
    ):
        body = searched(api, "payment_intents", query, "&limit=1&expand[]=total_count").body
        assert body["total_count"] == count
    first = searched(api, "payment_intents", "currency:'jpy'", "&limit=3").body
    more = f"&limit=3&page={first['next_page']}&expand[]=total_count"
    assert searched(api, "payment_intents", "currency:'jpy'", more).body["total_count"] == 5


def test_what_is_found_can_be_expanded(api: Caller) -> None:
    customer = api.customer()
    intents(api, 1, customer=customer)
    more = "&expand[]=data.customer&expand[]=total_count"
    body = searched(api, "payment_intents", f"customer:'{customer}'", more).body
    assert body["data"][0]["customer"]["object"] == "customer"
    assert body["total_count"] == 1
    refused = searched(api, "payment_intents", "amount:1", "&expand[]=customer")
    assert refused.status == 400
    assert "try expanding 'data.customer' instead" in refused.error["message"]
    refused = searched(api, "payment_intents", "amount:1", "&expand[]=total")
    assert refused.error["param"] == "expand"


# ── fields, as they come about ─────────────────────────────────────────────────────────────────


def test_a_charge_is_found_by_its_card_and_its_outcome(api: Caller) -> None:
    customer = api.customer()
    paid = api.draft(customer)
    api.post(f"/v1/invoices/{paid}/pay")
    failing = api.draft(api.customer("pm_card_chargeCustomerFail"))
    api.refused(f"/v1/invoices/{failing}/pay")
    failed, succeeded = api.ids("/v1/charges")
    assert found(api, "charges", "payment_method_details.card.last4:4242") == [succeeded]
    assert found(api, "charges", 'payment_method_details.card.brand:"VISA"') == [failed, succeeded]
    assert found(api, "charges", "status:'failed' disputed:'false'") == [failed]
    assert found(api, "charges", "refunded:null amount>=12000") == [failed, succeeded]
    assert found(api, "charges", "refunded:'true' OR refunded:'false'") == []
    assert found(api, "charges", f"customer:'{customer}'") == [succeeded]


def test_an_invoice_is_found_by_its_number_and_what_became_of_it(api: Caller) -> None:
    customer = api.customer()
    draft = api.draft(customer, amount=5_000)
    opened = api.draft(customer, collection_method="send_invoice", days_until_due="30")
    number = api.post(f"/v1/invoices/{opened}/finalize")["number"]
    assert found(api, "invoices", f"number:'{number.lower()}'") == [opened]
    assert found(api, "invoices", f"number~'{number[2:7]}'") == [opened]
    assert found(api, "invoices", "number:null") == [draft]
    assert found(api, "invoices", "status:'open'") == [opened]
    assert found(api, "invoices", "total<=5000") == [draft]
    assert found(api, "invoices", "subscription:null receipt_number:null") == [opened, draft]
    api.post(f"/v1/invoices/{opened}/void")
    assert found(api, "invoices", "status:'open'") == []
    assert found(api, "invoices", "status:'void' -status:'paid'") == [opened]


def test_prices_and_products_are_found(api: Caller) -> None:
    product = api.post_form(
        "/v1/products",
        {"name": "年会費", "description": 'the "Sky" and the Sea', "url": "https://example.jp/a_b"},
    )["id"]
    price = api.post_form(
        "/v1/prices",
        {"product": product, "currency": "jpy", "unit_amount": "100", "lookup_key": "fee_2026"},
    )["id"]
    assert found(api, "products", r'description:"\"sky\" and"') == [product]
    assert found(api, "products", "url~'/A_B' active:'true' shippable:null") == [product]
    assert found(api, "products", "url~'/aXb'") == []
    assert found(api, "prices", f"lookup_key:'FEE_2026' product:'{product}'") == [price]
    assert found(api, "prices", "type:'one_time' AND active:'true'") == [price]
    api.post(f"/v1/prices/{price}", active="false")
    assert found(api, "prices", "active:'true'") == []


# ── what changes ───────────────────────────────────────────────────────────────────────────────


def test_what_is_changed_is_found_by_what_it_is_now(api: Caller) -> None:
    customer = api.customer(None, email="amy@example.jp")
    assert found(api, "customers", "email:'amy@example.jp'") == [customer]
    api.post(f"/v1/customers/{customer}", email="bob@example.jp")
    assert found(api, "customers", "email:'amy@example.jp'") == []
    assert found(api, "customers", "email~'bob'") == [customer]
    api.post(f"/v1/customers/{customer}", email="")
    assert found(api, "customers", "email:null") == [customer]
    assert found(api, "customers", "-email:null") == []


@pytest.mark.parametrize("noun", ["customers", "invoices", "products"])
def test_what_is_deleted_is_found_no_more(api: Caller, noun: str) -> None:
    customer = api.customer(None, name="見本")
    if noun == "customers":
        id, query = customer, "name:'見本'"
    elif noun == "invoices":
        id, query = api.draft(customer), "status:'draft'"
    else:
        id, query = api.post("/v1/products", name="見本")["id"], "name:'見本'"
    assert found(api, noun, query) == [id]
    assert api.send("DELETE", f"/v1/{noun}/{id}").status == 200
    assert found(api, noun, query) == []
    assert found(api, noun, "-metadata['none']:'1'") == []


def test_what_test_clocks_make_is_found(room: Room, api: Caller) -> None:
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START)["id"]
    customer = api.customer(test_clock=clock)
    draft = api.draft(customer, auto_advance="true")
    assert found(api, "customers", f"created:{START}") == [customer]
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + 7200)
    room.drain()
    assert found(api, "invoices", f"customer:'{customer}' status:'paid'") == [draft]


# ── worlds and keys ────────────────────────────────────────────────────────────────────────────


def test_nobody_finds_what_is_in_another_world(room: Room) -> None:
    keys = room.keys()
    test = Caller(room.base, keys[False, "secret"])
    live = Caller(room.base, keys[True, "secret"])
    other = room.account()
    customer = test.customer(None, name="サンプル")
    assert found(test, "customers", "name:'サンプル'") == [customer]
    assert found(live, "customers", "name:'サンプル' OR -name:null OR name:null") == []
    assert found(other, "customers", "name:'サンプル' OR created>0") == []


# ── refusals ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("", "query", "Missing required param: query."),
        ("query=", "query", "You passed an empty string for 'query'."),
        ("query=%20", "query", "the query is empty."),
        ("query[]=a", "query", "Invalid string"),
        (f"query={'x' * 10_001}", "query", "must be at most 10000 characters"),
        ("query=asdf", "query", "We were unable to parse your search query: "),
        ("query=asdf", "query", "no operator follows asdf (clause 1, at character 1: asdf)"),
        ("query=foo:%22bar%22", "query", "Field `foo` is an unsupported search field"),
        ("query=amount:1&limit=0", "limit", "greater than or equal to 1"),
        ("query=amount:1&limit=101", "limit", "less than or equal to 100"),
        ("query=amount:1&page=", "page", "You passed an empty string for 'page'."),
        ("query=amount:1&page=x", "page", "Invalid page: it must be the next_page"),
        ("query=amount:1&page=äöü", "page", "Invalid page: it must be the next_page"),
        ("query=amount:1&starting_after=pi_1", "starting_after", "unknown parameter"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    api: Caller, query: str, param: str, message: str
) -> None:
    reply = api.send("GET", "/v1/payment_intents/search", query=quote(query, safe="=&%[]:"))
    assert reply.status == 400
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["param"] == param
    assert message in reply.error["message"]


def test_a_page_belongs_to_its_query(api: Caller) -> None:
    intents(api, 2)
    page = searched(api, "payment_intents", "amount:500", "&limit=1").body["next_page"]
    reply = searched(api, "payment_intents", "amount>1", f"&page={page}")
    assert reply.status == 400
    assert reply.error["param"] == "page"
    assert searched(api, "charges", "amount:500", f"&page={page}").status == 400


def test_a_search_is_a_get(api: Caller) -> None:
    reply = api.send("POST", "/v1/invoices/search", form={"query": "total:1"})
    assert reply.status == 404
    assert reply.error["message"].startswith("Unrecognized request URL (POST: /v1/invoices/search)")


# ── how up to date it is ───────────────────────────────────────────────────────────────────────


def test_the_worker_leaves_nothing_to_index(room: Room, api: Caller) -> None:
    intents(api, 60)
    assert room.run(waiting(room)) > 0
    room.drain()
    assert room.run(waiting(room)) == 0
    assert len(found(api, "payment_intents", "amount:500")) == 60


async def waiting(room: Room) -> int:
    """Count payments that wait to be indexed, in the newest of the worlds where any do."""

    def count(connection: Any) -> int:
        last, world = 0, next_world(connection, 0)
        while world is not None:
            last, world = world, next_world(connection, world)
        return count_waiting(connection, last, "payment_intent", 1000)

    return await room.door.read(count)


def test_a_search_says_how_much_it_does_not_know_yet(
    room: Room, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More was changed than a search indexes by itself, and no worker was there."""
    old, new = (api.customer(None, name="サンプル商店") for _ in range(2))
    room.drain()
    monkeypatch.setattr(searching, "INDEXED_FIRST", 0)
    api.post(f"/v1/customers/{old}", name="見本商店")
    api.send("DELETE", f"/v1/customers/{new}")
    reply = searched(api, "customers", "name~'サンプル'")
    assert reply.headers[WAITING] == "2"
    assert reply.body["data"] == [], "nothing is shown that does not match any more"
    assert found(api, "customers", "name~'見本商'") == []
    room.drain()
    reply = searched(api, "customers", "name~'見本商'")
    assert WAITING not in reply.headers
    assert [each["id"] for each in reply.body["data"]] == [old]


def test_all_that_search_at_once_find_what_was_written_before(api: Caller) -> None:
    made = intents(api, 150)

    def search(_: int) -> list[str]:
        return found(Caller(api.base, api.key), "payment_intents", "amount:500")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(search, range(4))) == [made[:100]] * 4
