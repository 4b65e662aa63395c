"""Unapplied payments: what is on the list, since when, from where, and where it could go."""

from tests.api.room import START, Caller, Room

DAY = 86_400
LIST = "/v1/seikyu/unapplied_payments"


def paid_intent(api: Caller, customer: str, amount: int = 4_000) -> str:
    """A payment that was made without an invoice."""
    made = api.post(
        "/v1/payment_intents",
        amount=str(amount),
        currency="jpy",
        customer=customer,
        payment_method="pm_card_visa",
        confirm="true",
        off_session="true",
    )
    identifier: str = made["id"]
    return identifier


def open_invoice(api: Caller, customer: str, amount: int) -> str:
    """An open invoice."""
    invoice = api.draft(customer, amount)
    api.post(f"/v1/invoices/{invoice}/finalize")
    return invoice


def test_a_payment_without_an_invoice_waits_with_its_candidates(room: Room, api: Caller) -> None:
    customer, other = api.customer(), api.customer()
    larger = open_invoice(api, customer, 9_000)
    exact = open_invoice(api, customer, 4_000)
    open_invoice(api, customer, 3_999)
    open_invoice(api, other, 4_000)
    intent = paid_intent(api, customer)
    room.time.pass_by(3 * DAY + 5)
    (waits,) = api.get(LIST)["data"]
    candidates = waits.pop("candidates")
    assert waits == {
        "id": waits["id"],
        "object": "seikyu.unapplied_payment",
        "age_days": 3,
        "amount": 4_000,
        "currency": "jpy",
        "customer": customer,
        "livemode": False,
        "payment_intent": intent,
        "since": START,
        "unapplied_from": None,
    }
    assert [(c["invoice"], c["exact"]) for c in candidates] == [(exact, True), (larger, False)]
    assert api.get(f"{LIST}/{waits['id']}")["payment_intent"] == intent


def test_it_leaves_the_list_when_it_is_applied_and_comes_back_when_it_is_taken_off(
    room: Room, api: Caller
) -> None:
    customer = api.customer()
    intent = paid_intent(api, customer)
    invoice = open_invoice(api, customer, 4_000)
    api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=intent)
    assert api.get(LIST)["data"] == []
    room.time.pass_by(DAY)
    api.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=intent)
    (waits,) = api.get(LIST)["data"]
    assert (waits["unapplied_from"], waits["since"]) == (invoice, START + DAY)
    assert [c["invoice"] for c in waits["candidates"]] == [invoice]
    api.post("/v1/refunds", payment_intent=intent)
    assert api.get(LIST)["data"] == []


def test_what_pays_an_invoice_at_once_and_what_fails_never_waits(api: Caller) -> None:
    customer = api.customer()
    invoice = api.draft(customer, 5_000)
    api.post(f"/v1/invoices/{invoice}/pay")
    api.post("/v1/payment_intents", amount="100", currency="jpy", customer=customer)
    assert api.get(LIST)["data"] == []


def test_the_list_has_pages_and_a_filter(api: Caller) -> None:
    customer, other = api.customer(), api.customer()
    intents = [paid_intent(api, customer) for _ in range(3)]
    paid_intent(api, other)
    first = api.get(LIST, f"customer={customer}&limit=2")
    assert [each["payment_intent"] for each in first["data"]] == intents[:0:-1]
    assert first["has_more"] is True
    last = first["data"][-1]["id"]
    second = api.get(LIST, f"customer={customer}&limit=2&starting_after={last}")
    assert [each["payment_intent"] for each in second["data"]] == intents[:1]
    assert api.send("GET", f"{LIST}/una_none").status == 404
