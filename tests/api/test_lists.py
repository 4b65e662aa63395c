"""Lists: newest first, walked without a gap or a repetition while others insert, and filtered."""

from itertools import pairwise

import pytest

from tests.api.room import START, Caller, Room


def walk(api: Caller, path: str, query: str = "limit=3") -> list[str]:
    """Follow `starting_after` to the end."""
    found: list[str] = []
    while True:
        cursor = f"&starting_after={found[-1]}" if found else ""
        page = api.get(path, query + cursor)
        assert page["object"] == "list"
        assert page["url"] == path
        found += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            return found


def customers(api: Caller, count: int) -> list[str]:
    """Create customers; return their ids, newest first."""
    made = [api.post("/v1/customers", name=f"サンプル{n}")["id"] for n in range(count)]
    return made[::-1]


def test_a_list_is_newest_first_and_walked_without_a_gap(api: Caller) -> None:
    made = customers(api, 7)
    assert walk(api, "/v1/customers") == made
    assert walk(api, "/v1/customers", "limit=7") == made
    assert walk(api, "/v1/customers", "limit=1") == made


def test_what_is_inserted_meanwhile_neither_hides_nor_repeats_anything(api: Caller) -> None:
    made = customers(api, 5)
    first = api.ids("/v1/customers", "limit=2")
    newer = customers(api, 3)
    second = api.ids("/v1/customers", f"limit=2&starting_after={first[-1]}")
    third = api.ids("/v1/customers", f"limit=2&starting_after={second[-1]}")
    assert first + second + third == made
    assert api.ids("/v1/customers", f"limit=3&ending_before={first[0]}") == newer


def test_the_page_before_an_object_is_the_one_next_to_it(api: Caller) -> None:
    made = customers(api, 5)
    page = api.get("/v1/customers", f"limit=2&ending_before={made[3]}")
    assert [each["id"] for each in page["data"]] == made[1:3]
    assert page["has_more"] is True
    page = api.get("/v1/customers", f"limit=2&ending_before={made[1]}")
    assert [each["id"] for each in page["data"]] == made[:1]
    assert page["has_more"] is False
    assert api.get("/v1/customers", f"ending_before={made[0]}")["data"] == []
    assert api.get("/v1/customers", f"starting_after={made[-1]}")["data"] == []


def test_ten_are_listed_unless_another_number_is_asked_for(api: Caller) -> None:
    customers(api, 11)
    assert len(api.ids("/v1/customers")) == 10
    assert len(api.ids("/v1/customers", "limit=100")) == 11


def test_a_deleted_customer_is_in_no_list_and_says_that_it_is_deleted(api: Caller) -> None:
    gone, stays = customers(api, 2)
    assert api.send("DELETE", f"/v1/customers/{gone}").body == {
        "id": gone,
        "object": "customer",
        "deleted": True,
    }
    assert api.ids("/v1/customers") == [stays]
    assert api.get(f"/v1/customers/{gone}")["deleted"] is True
    assert api.ids("/v1/customers", f"starting_after={gone}") == [stays]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created[gte]={1}", [2, 1]),
        ("created[gt]={1}", [2]),
        ("created[lte]={1}", [1, 0]),
        ("created[lt]={1}", [0]),
        ("created[gt]={0}&created[lt]={2}", [1]),
        ("created={1}", [1]),
        ("created[gte]={2}&created[lt]={2}", []),
    ],
)
def test_a_list_may_be_of_a_time(room: Room, api: Caller, query: str, expected: list[int]) -> None:
    made = []
    for _ in range(3):
        made.append(api.post("/v1/customers", name="サンプル")["id"])
        room.time.pass_by(60)
    moments = [START + 60 * n for n in range(3)]
    found = api.ids("/v1/customers", query.format(*moments))
    assert found == [made[n] for n in expected]
    types = api.get("/v1/events", query.format(*moments))["data"]
    assert [event["data"]["object"]["id"] for event in types] == [made[n] for n in expected]


def test_customers_are_found_by_address_and_clock(api: Caller) -> None:
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START)["id"]
    one = api.post("/v1/customers", email="ichi@example.jp")["id"]
    two = api.post("/v1/customers", email="ni@example.jp", test_clock=clock)["id"]
    assert api.ids("/v1/customers", "email=ichi@example.jp") == [one]
    assert api.ids("/v1/customers", "email=Ichi@example.jp") == []
    assert api.ids("/v1/customers", f"test_clock={clock}") == [two]


def test_invoices_are_found_by_what_distinguishes_them(room: Room, api: Caller) -> None:
    one, other = api.customer(), api.customer()
    draft = api.draft(one)
    opened = api.draft(one, collection_method="send_invoice", days_until_due=30)
    api.post(f"/v1/invoices/{opened}/finalize")
    paid = api.draft(other)
    api.post(f"/v1/invoices/{paid}/pay")

    def found(query: str) -> list[str]:
        return api.ids("/v1/invoices", query)

    assert found("") == [paid, opened, draft]
    assert found(f"customer={one}") == [opened, draft]
    assert found("status=draft") == [draft]
    assert found("status=paid") == [paid]
    assert found("status=void") == []
    assert found(f"customer={one}&status=open") == [opened]
    assert found("collection_method=send_invoice") == [opened]
    assert found("collection_method=charge_automatically") == [paid, draft]
    due = START + 30 * 86_400
    assert api.get(f"/v1/invoices/{opened}")["due_date"] == due
    assert found(f"due_date[lte]={due}") == [opened]
    assert found(f"due_date[gt]={due}") == []
    assert api.send("GET", "/v1/invoices", query="status=unicorn").status == 400


def test_payments_and_charges_are_found_by_customer_invoice_and_intent(api: Caller) -> None:
    one, other = api.customer(), api.customer()
    first, second = api.draft(one), api.draft(other, 5_000)
    for invoice in (first, second):
        api.post(f"/v1/invoices/{invoice}/pay")
    (payment,) = api.get("/v1/invoice_payments", f"invoice={first}")["data"]
    intent = payment["payment"]["payment_intent"]
    by_intent = f"payment[type]=payment_intent&payment[payment_intent]={intent}"
    assert api.ids("/v1/invoice_payments", by_intent) == [payment["id"]]
    assert len(api.ids("/v1/invoice_payments", "status=paid")) == 2
    assert api.ids("/v1/invoice_payments", "status=open") == []
    assert api.ids("/v1/payment_intents", f"customer={one}") == [intent]
    (charge,) = api.get("/v1/charges", f"customer={one}")["data"]
    assert charge["payment_intent"] == intent
    assert api.ids("/v1/charges", f"payment_intent={intent}") == [charge["id"]]
    assert api.ids("/v1/charges", "payment_intent=pi_000000000000000000000000") == []


def test_invoice_items_are_found_by_whether_they_wait(api: Caller) -> None:
    customer = api.customer()
    invoice = api.draft(customer)
    waiting = api.post("/v1/invoiceitems", customer=customer, amount=500, currency="jpy")["id"]
    placed = api.post(
        "/v1/invoiceitems", customer=customer, invoice=invoice, amount=700, currency="jpy"
    )["id"]
    assert api.ids("/v1/invoiceitems", "pending=true") == [waiting]
    assert placed in api.ids("/v1/invoiceitems", "pending=false")
    assert waiting not in api.ids("/v1/invoiceitems", "pending=false")
    assert placed in api.ids("/v1/invoiceitems", f"invoice={invoice}")
    assert len(api.ids("/v1/invoiceitems", f"customer={customer}")) == 3


def test_lines_are_listed_in_their_order_on_the_invoice(api: Caller) -> None:
    customer = api.customer()
    invoice = api.draft(customer, 1_000)
    for amount in (2_000, 3_000, 4_000, 5_000):
        api.line(invoice, amount)
    path = f"/v1/invoices/{invoice}/lines"
    page = api.get(path, "limit=2")
    assert [line["amount"] for line in page["data"]] == [1_000, 2_000]
    assert page["has_more"] is True
    after = api.get(path, f"limit=2&starting_after={page['data'][1]['id']}")
    assert [line["amount"] for line in after["data"]] == [3_000, 4_000]
    before = api.get(path, f"limit=1&ending_before={after['data'][0]['id']}")
    assert [line["amount"] for line in before["data"]] == [2_000]
    everything = walk(api, path, "limit=2")
    assert len(everything) == 5
    assert api.send("GET", path, query="starting_after=il_x").error["code"] == "resource_missing"


def test_the_catalogue_is_found_by_what_distinguishes_it(api: Caller) -> None:
    on = api.post("/v1/products", name="会費")["id"]
    off = api.post("/v1/products", name="旧会費", active="false")["id"]
    assert api.ids("/v1/products", "active=true") == [on]
    assert api.ids("/v1/products", "active=false") == [off]
    assert api.ids("/v1/products", f"ids[]={off}") == [off]
    assert api.ids("/v1/products", f"ids[0]={off}&ids[1]={on}") == [off, on]

    yen = api.post("/v1/prices", product=on, currency="jpy", unit_amount=1_000, lookup_key="fee")
    usd = api.post("/v1/prices", product=on, currency="usd", unit_amount=1_000)
    old = api.post("/v1/prices", product=off, currency="jpy", unit_amount=900)
    assert api.ids("/v1/prices", f"product={on}") == [usd["id"], yen["id"]]
    assert api.ids("/v1/prices", "currency=jpy") == [old["id"], yen["id"]]
    assert api.ids("/v1/prices", "lookup_keys[]=fee") == [yen["id"]]
    assert api.ids("/v1/prices", "type=recurring") == []
    assert len(api.ids("/v1/prices", "type=one_time&active=true")) == 3

    rate = {"display_name": "消費税", "percentage": "10"}
    inside = api.post("/v1/tax_rates", **rate, inclusive="true")["id"]
    outside = api.post("/v1/tax_rates", **rate, inclusive="false")["id"]
    assert api.ids("/v1/tax_rates", "inclusive=true") == [inside]
    api.post(f"/v1/tax_rates/{outside}", active="false")
    assert api.ids("/v1/tax_rates", "active=true") == [inside]


def test_payment_methods_are_found_by_their_customer(api: Caller) -> None:
    customer = api.customer()
    method = api.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    assert api.ids("/v1/payment_methods", f"customer={customer}") == [method]
    assert api.ids("/v1/payment_methods", f"customer={customer}&type=card") == [method]
    assert api.ids(f"/v1/customers/{customer}/payment_methods") == [method]
    assert api.get(f"/v1/customers/{customer}/payment_methods/{method}")["id"] == method


def test_events_are_found_by_type(api: Caller) -> None:
    api.post(f"/v1/invoices/{api.draft(api.customer())}/pay")
    assert api.event_types("type=invoice.paid") == ["invoice.paid"]
    every = api.event_types("type=invoice.*&limit=100")
    assert set(every) == {
        "invoice.created",
        "invoice.updated",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    }
    both = api.event_types("types[]=charge.succeeded&types[]=invoice.paid")
    assert both == ["charge.succeeded", "invoice.paid"]
    assert api.event_types("type=unicorn.born") == []
    walked = walk(api, "/v1/events", "limit=4")
    assert len(walked) == len(set(walked)) == len(api.ids("/v1/events", "limit=100"))
    assert all(newer > older for newer, older in pairwise(walked))


def test_lists_and_objects_are_expanded(api: Caller) -> None:
    customer = api.customer()
    invoice = api.draft(customer)
    api.post(f"/v1/invoices/{invoice}/pay")
    query = "expand[]=data.customer&expand[]=data.payments"
    (found,) = api.get("/v1/invoices", query)["data"]
    assert found["customer"]["id"] == customer
    assert [each["status"] for each in found["payments"]["data"]] == ["paid"]
    query = "expand[]=customer.invoice_settings.default_payment_method"
    card = api.get(f"/v1/invoices/{invoice}", query)["customer"]["invoice_settings"]
    assert card["default_payment_method"]["card"]["last4"] == "4242"
    assert "payments" not in api.get(f"/v1/invoices/{invoice}")


def test_the_payments_of_an_invoice_are_a_list_as_stripe_has_it(api: Caller) -> None:
    """It has no total count, so none is made up."""
    invoice = api.draft(api.customer())
    api.post(f"/v1/invoices/{invoice}/finalize")
    payments = api.get(f"/v1/invoices/{invoice}", "expand[]=payments")["payments"]
    assert sorted(payments) == ["data", "has_more", "object", "url"]
    assert payments["url"] == f"/v1/invoice_payments?invoice={invoice}"


def test_a_card_is_found_with_its_own_customer_only(api: Caller) -> None:
    """Also when its own data name another customer."""
    other = api.customer(None)
    owner = api.customer("pm_card_visa")
    (method,) = api.ids(f"/v1/customers/{owner}/payment_methods")
    api.post_form(f"/v1/payment_methods/{method}", {"metadata[customer]": other})
    assert api.get(f"/v1/customers/{owner}/payment_methods/{method}")["id"] == method
    assert api.send("GET", f"/v1/customers/{other}/payment_methods/{method}").status == 404
