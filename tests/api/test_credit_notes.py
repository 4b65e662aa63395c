"""Credit notes over HTTP: what they let go and give back, what is refused, what is announced."""

import pytest

from tests.api.cash import balance, billed, funded, statuses
from tests.api.crediting import line_form, opened, paid, payment, rate
from tests.api.room import Caller


def test_an_open_invoice_is_owed_less(api: Caller) -> None:
    ten = rate(api, "10")
    invoice = opened(api, api.customer(), (10_000, ten), (500, ten))
    before = len(api.event_types())
    note = api.post_form(
        "/v1/credit_notes",
        {**line_form(invoice, 1_000, 0), "memo": "お詫び", "reason": "order_change"},
    )
    assert (note["object"], note["status"], note["type"]) == (
        "credit_note",
        "issued",
        "pre_payment",
    )
    assert note["number"] == f"{invoice['number']}-CN-01"
    assert (note["amount"], note["total"], note["subtotal"]) == (1_100, 1_100, 1_000)
    assert (note["pre_payment_amount"], note["post_payment_amount"]) == (1_100, 0)
    assert note["total_taxes"][0]["amount"] == 100
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["amount_due"], after["amount_remaining"], after["total"]) == (
        10_450,
        10_450,
        11_550,
    )
    assert after["pre_payment_credit_notes_amount"] == 1_100
    assert api.event_types()[before:] == ["credit_note.created", "invoice.updated"]
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice['id']}")["data"]
    assert payment["amount_requested"] == 10_450
    assert api.get(f"/v1/credit_notes/{note['id']}") == note
    assert api.ids("/v1/credit_notes", f"invoice={invoice['id']}") == [note["id"]]
    assert api.ids("/v1/credit_notes", f"customer={invoice['customer']}") == [note["id"]]
    assert api.ids("/v1/credit_notes", "created[gt]=1") == [note["id"]]


def test_nothing_left_is_paid(api: Caller) -> None:
    invoice = opened(api, api.customer(), (3_000, None))
    before = len(api.event_types())
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="3000")
    assert note["type"] == "pre_payment"
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["amount_due"], after["amount_paid"]) == ("paid", 0, 0)
    assert api.event_types()[before:] == [
        "payment_intent.canceled",
        "credit_note.created",
        "invoice.paid",
        "invoice.updated",
    ]
    error = api.refused(f"/v1/credit_notes/{note['id']}/void").error
    assert error["message"] == (
        "You can only void a credit note while its invoice is open; it is paid."
    )


def test_a_paid_invoice_is_refunded_in_the_same_breath(api: Caller) -> None:
    invoice = paid(api, api.customer(), (10_000, rate(api, "10")))
    before = len(api.event_types())
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="1100", refund_amount="1100")
    assert (note["type"], note["post_payment_amount"]) == ("post_payment", 1_100)
    assert api.event_types()[before:] == [
        "credit_note.created",
        "invoice.updated",
        "refund.created",
        "charge.refunded",
    ]
    (linked,) = note["refunds"]
    assert linked["amount_refunded"] == 1_100
    refund = api.get(f"/v1/refunds/{linked['refund']}")
    assert (refund["status"], refund["amount"]) == ("succeeded", 1_100)
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["amount_paid"]) == ("paid", 11_000)
    assert after["post_payment_credit_notes_amount"] == 1_100


def test_what_a_transfer_paid_goes_back_to_the_cash_balance(api: Caller) -> None:
    customer = api.customer(card=None, email="keiri@example.jp")
    invoice = billed(api, customer, 10_000)
    funded(api, customer, 10_000)
    assert statuses(api, invoice) == ["paid"]
    before = len(api.event_types())
    note = api.post("/v1/credit_notes", invoice=invoice, amount="3000", refund_amount="3000")
    assert balance(api, customer) == 3_000
    refund = api.get(f"/v1/refunds/{note['refunds'][0]['refund']}")
    assert (refund["status"], refund["amount"]) == ("succeeded", 3_000)
    assert refund["destination_details"]["type"] == "customer_cash_balance"
    assert api.event_types()[before:] == [
        "credit_note.created",
        "invoice.updated",
        "refund.created",
        "charge.refunded",
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]


def test_the_answer_is_the_credit_note_also_when_the_refund_fails(api: Caller) -> None:
    customer = api.customer(card="pm_card_refundFail")
    invoice = paid(api, customer, (10_000, None))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="500", refund_amount="500")
    assert note["object"] == "credit_note"
    refund = api.get(f"/v1/refunds/{note['refunds'][0]['refund']}")
    assert refund["status"] == "failed"


def test_credit_goes_to_the_balance_and_pays_the_next_invoice(api: Caller) -> None:
    customer = api.customer()
    invoice = paid(api, customer, (10_000, None))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="2500", credit_amount="2500")
    movement = api.get(
        f"/v1/customers/{customer}/balance_transactions/{note['customer_balance_transaction']}"
    )
    assert (movement["type"], movement["amount"]) == ("credit_note", -2_500)
    assert (movement["credit_note"], movement["invoice"]) == (note["id"], invoice["id"])
    assert api.get(f"/v1/customers/{customer}")["balance"] == -2_500
    following = opened(api, customer, (4_000, None))
    assert following["amount_due"] == 1_500


def test_a_part_paid_invoice_lets_go_first_and_gives_the_rest_back(api: Caller) -> None:
    """10,000 of which 6,000 are paid: of 7,000 credited, 4,000 were still owed and 3,000 are paid back."""
    customer = api.customer()
    invoice = opened(api, customer, (10_000, None))
    part = payment(api, customer, 6_000)
    api.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=part)
    note = api.post(
        "/v1/credit_notes",
        invoice=invoice["id"],
        amount="7000",
        refund_amount="1000",
        credit_amount="500",
        out_of_band_amount="1500",
    )
    assert note["type"] == "mixed"
    assert (note["pre_payment_amount"], note["post_payment_amount"]) == (4_000, 3_000)
    assert note["out_of_band_amount"] == 1_500
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["amount_due"], after["amount_paid"]) == ("paid", 6_000, 6_000)
    assert after["pre_payment_credit_notes_amount"] == 4_000
    assert after["post_payment_credit_notes_amount"] == 3_000
    more = api.refused(
        "/v1/credit_notes",
        {"invoice": invoice["id"], "amount": "3001", "out_of_band_amount": "3001"},
    ).error
    assert more["param"] == "amount"
    assert "no more than 3000 jpy can be credited" in more["message"]


def test_refunds_that_exist_are_linked_and_count_once(api: Caller) -> None:
    invoice = paid(api, api.customer(), (10_000, None))
    (by,) = api.get("/v1/invoice_payments", f"invoice={invoice['id']}")["data"]
    refund = api.post("/v1/refunds", payment_intent=by["payment"]["payment_intent"], amount="4000")[
        "id"
    ]
    # What was refunded beside credit notes cannot be credited again …
    error = api.refused(
        "/v1/credit_notes",
        {"invoice": invoice["id"], "amount": "6001", "out_of_band_amount": "6001"},
    ).error
    assert "no more than 6000 jpy" in error["message"]
    # … but what is linked is this credit note's.
    note = api.post_form(
        "/v1/credit_notes",
        {
            "invoice": invoice["id"],
            "amount": "3000",
            "refunds[0][refund]": refund,
            "refunds[0][amount_refunded]": "3000",
        },
    )
    assert note["refunds"] == [
        {
            "amount_refunded": 3_000,
            "payment_record_refund": None,
            "refund": refund,
            "type": "refund",
        }
    ]
    error = api.refused(
        "/v1/credit_notes",
        {
            "invoice": invoice["id"],
            "amount": "1001",
            "refunds[0][refund]": refund,
            "refunds[0][amount_refunded]": "1001",
        },
    ).error
    assert error["param"] == "refunds[0][amount_refunded]"
    rest = api.post_form(
        "/v1/credit_notes",
        {"invoice": invoice["id"], "amount": "1000", "refunds[0][refund]": refund},
    )
    assert rest["refunds"][0]["amount_refunded"] == 1_000
    expanded = api.get(f"/v1/credit_notes/{rest['id']}", "expand[]=refunds.refund&expand[]=invoice")
    assert expanded["refunds"][0]["refund"]["amount"] == 4_000
    assert expanded["invoice"]["post_payment_credit_notes_amount"] == 4_000


def test_voided_it_is_owed_again(api: Caller) -> None:
    invoice = opened(api, api.customer(), (10_000, rate(api, "10")))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="1100")
    before = len(api.event_types())
    void = api.post(f"/v1/credit_notes/{note['id']}/void")
    assert void["status"] == "void"
    assert void["voided_at"] is not None
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["amount_due"], after["amount_remaining"]) == (11_000, 11_000)
    assert after["pre_payment_credit_notes_amount"] == 0
    assert api.event_types()[before:] == ["credit_note.voided", "invoice.updated"]
    error = api.refused(f"/v1/credit_notes/{note['id']}/void").error
    assert error["message"] == "This credit note is void already."
    # Its number is not given again, and its memo can still be changed.
    following = api.post("/v1/credit_notes", invoice=invoice["id"], amount="11000")
    assert following["number"] == f"{invoice['number']}-CN-02"
    assert api.post(f"/v1/credit_notes/{note['id']}", memo="誤り")["memo"] == "誤り"


def test_memo_and_metadata_are_all_that_changes(api: Caller) -> None:
    invoice = opened(api, api.customer(), (10_000, None))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="1", memo="a")
    changed = api.post_form(
        f"/v1/credit_notes/{note['id']}", {"memo": "お詫び", "metadata[why]": "sample"}
    )
    assert changed == {**note, "memo": "お詫び", "metadata": {"why": "sample"}}
    assert api.event_types()[-1] == "credit_note.updated"
    assert api.post(f"/v1/credit_notes/{note['id']}", memo="お詫び") == changed
    error = api.refused(f"/v1/credit_notes/{note['id']}", {"amount": "2"}).error
    assert error["param"] == "amount"


def test_the_same_key_credits_once(api: Caller) -> None:
    invoice = paid(api, api.customer(), (10_000, None))
    form = {"invoice": invoice["id"], "amount": "100", "refund_amount": "100"}
    first = api.send("POST", "/v1/credit_notes", form=form, idempotency_key="note-1")
    again = api.send("POST", "/v1/credit_notes", form=form, idempotency_key="note-1")
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.ids("/v1/credit_notes")) == len(api.ids("/v1/refunds")) == 1


# ── previews and lines ─────────────────────────────────────────────────────────────────────────


def test_a_preview_is_what_then_is_issued(api: Caller) -> None:
    invoice = opened(api, api.customer(), (10_000, rate(api, "10")), (500, None))
    form = line_form(invoice, 3_000, 500)
    query = "&".join(f"{name}={value}" for name, value in form.items())
    shown = api.get("/v1/credit_notes/preview", query)
    assert api.ids("/v1/credit_notes") == []
    lines = api.get("/v1/credit_notes/preview/lines", query + "&limit=1")
    assert (len(lines["data"]), lines["has_more"]) == (1, True)
    cursor = lines["data"][0]["id"]
    rest = api.get("/v1/credit_notes/preview/lines", f"{query}&starting_after={cursor}")
    assert [each["amount"] for each in rest["data"]] == [500]
    note = api.post_form("/v1/credit_notes", form)
    for field in note.keys() - {"id", "created", "effective_at", "lines", "pdf"}:
        assert shown[field] == note[field], field
    same = {"id", "invoice_line_item"}
    for seen, made in zip(shown["lines"]["data"], note["lines"]["data"], strict=True):
        assert {k: v for k, v in seen.items() if k not in same} == {
            k: v for k, v in made.items() if k not in same
        }
    error = api.send("GET", "/v1/credit_notes/preview", query=f"invoice={invoice['id']}").error
    assert error["param"] == "amount"


def test_lines_are_listed_in_their_order(api: Caller) -> None:
    invoice = opened(api, api.customer(), *((100 + n, None) for n in range(12)))
    lines = api.get(f"/v1/invoices/{invoice['id']}/lines", "limit=100")["data"]
    form = line_form({**invoice, "lines": {"data": lines}}, *range(1, 13))
    note = api.post_form("/v1/credit_notes", form)
    assert note["lines"]["has_more"] is True
    path = f"/v1/credit_notes/{note['id']}/lines"
    assert note["lines"]["url"] == path
    all_of_them = api.get(path, "limit=100")["data"]
    assert [each["amount"] for each in all_of_them] == list(range(1, 13))
    assert all_of_them[:10] == note["lines"]["data"]
    third = all_of_them[2]["id"]
    after = api.get(path, f"limit=2&starting_after={third}")
    assert ([each["amount"] for each in after["data"]], after["has_more"]) == ([4, 5], True)
    before = api.get(path, f"ending_before={third}")
    assert ([each["amount"] for each in before["data"]], before["has_more"]) == ([1, 2], False)
    error = api.send("GET", path, query="starting_after=cnli_none").error
    assert error["param"] == "starting_after"
    assert api.send("GET", "/v1/credit_notes/cn_none/lines").status == 404


# ── refused ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({}, "amount", "Missing required param: amount"),
        ({"amount": "0"}, "amount", "greater than or equal to 1"),
        ({"amount": "-1"}, "amount", "greater than or equal to 1"),
        ({"amount": "10001"}, "amount", "no more than 10000 jpy can be credited"),
        ({"amount": "1", "lines[0][type]": "custom_line_item"}, "amount", "only specify one"),
        ({"amount": "1", "refund_amount": "1"}, None, "(1 jpy) must equal"),
        ({"amount": "1", "credit_amount": "1"}, None, "are still owed and are let go"),
        ({"amount": "1", "reason": "mood"}, "reason", "must be one of"),
        ({"amount": "1", "shipping_cost[shipping_rate]": "x"}, "shipping_cost", "not supported"),
        ({"amount": "1", "email_type": "letter"}, "email_type", "must be one of"),
        ({"amount": "1", "refunds[0][refund]": "re_none"}, "refunds[0][refund]", "not one of a"),
        ({"amount": "1", "refunds[0][type]": "refund"}, "refunds[0][refund]", "Missing required"),
        ({"lines[0][type]": "gift"}, "lines[0][type]", "must be one of"),
        (
            {
                "lines[0][type]": "custom_line_item",
                "lines[0][description]": "x",
                "lines[0][unit_amount]": "0",
            },
            "lines",
            "must come to more than 0",
        ),
        (
            {
                "lines[0][type]": "custom_line_item",
                "lines[0][description]": "x",
                "lines[0][unit_amount]": "10001",
            },
            "lines",
            "no more than 10000 jpy can be credited",
        ),
    ],
)
def test_what_cannot_be_credited_is_refused(
    api: Caller, form: dict[str, str], param: str | None, says: str
) -> None:
    invoice = opened(api, api.customer(), (10_000, None))
    error = api.refused("/v1/credit_notes", {"invoice": invoice["id"], **form}).error
    assert error.get("param") == param
    assert says in error["message"]
    assert api.get(f"/v1/invoices/{invoice['id']}") == invoice


def test_drafts_void_and_unknown_invoices_are_not_credited(api: Caller) -> None:
    customer = api.customer()
    draft = api.draft(customer, 10_000)
    error = api.refused("/v1/credit_notes", {"invoice": draft, "amount": "1"}).error
    assert error["param"] == "invoice"
    assert "is a draft" in error["message"]
    invoice = opened(api, customer, (10_000, None))
    api.post(f"/v1/invoices/{invoice['id']}/void")
    error = api.refused("/v1/credit_notes", {"invoice": invoice["id"], "amount": "1"}).error
    assert "is void" in error["message"]
    unknown = api.refused("/v1/credit_notes", {"invoice": "in_none", "amount": "1"})
    assert (unknown.status, unknown.error["param"]) == (400, "invoice")
    assert api.refused("/v1/credit_notes/cn_none/void").status == 404


def test_a_paid_invoice_needs_to_hear_how_it_is_given_back(api: Caller) -> None:
    invoice = paid(api, api.customer(), (10_000, None))
    error = api.refused("/v1/credit_notes", {"invoice": invoice["id"], "amount": "100"}).error
    assert error["message"] == (
        "The sum of credit amount, refund amount and out of band amount (0 jpy) must equal the "
        "credit note's post payment amount (100 jpy): of its 100 jpy, 0 jpy are still owed and are "
        "let go."
    )
    note = api.post(
        "/v1/credit_notes", invoice=invoice["id"], amount="100", out_of_band_amount="100"
    )
    error = api.refused(f"/v1/credit_notes/{note['id']}/void").error
    assert "while its invoice is open; it is paid" in error["message"]


def test_more_than_one_payment_has_is_not_refunded_at_once(api: Caller) -> None:
    customer = api.customer()
    invoice = opened(api, customer, (10_000, None))
    for amount in (4_000, 6_000):
        part = payment(api, customer, amount)
        api.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=part)
    form = {"invoice": invoice["id"], "amount": "6001", "refund_amount": "6001"}
    error = api.refused("/v1/credit_notes", form).error
    assert error["param"] == "refund_amount"
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="6000", refund_amount="6000")
    assert note["refunds"][0]["amount_refunded"] == 6_000


def test_credit_that_paid_a_part_is_given_back_after_what_is_owed(api: Caller) -> None:
    """4,000 of credit paid a part: of 7,000 credited 6,000 were owed, and 1,000 is credit again."""
    customer = api.customer(balance="-4000")
    invoice = opened(api, customer, (10_000, None))
    assert invoice["amount_due"] == 6_000
    error = api.refused(
        "/v1/credit_notes", {"invoice": invoice["id"], "amount": "7000", "credit_amount": "7000"}
    ).error
    assert "must equal the credit note's post payment amount (1000 jpy)" in error["message"]
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="7000", credit_amount="1000")
    assert note["type"] == "mixed"
    assert api.get(f"/v1/invoices/{invoice['id']}")["status"] == "paid"
    assert api.get(f"/v1/customers/{customer}")["balance"] == -1_000


def test_an_invoice_of_which_something_was_given_back_is_not_voided(api: Caller) -> None:
    """Its payment taken off, it is owed again; voiding it would give the 3,000 back a second time."""
    customer = api.customer(card=None)
    invoice = opened(api, customer, (10_000, None))["id"]
    by = payment(api, customer, 10_000)
    api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=by)
    api.post("/v1/credit_notes", invoice=invoice, amount="3000", refund_amount="3000")
    api.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=by)
    error = api.refused(f"/v1/invoices/{invoice}/void").error
    assert error["code"] == "status_transition_invalid"
    assert "a credit note gave something back" in error["message"]
    api.post("/v1/credit_notes", invoice=invoice, amount="7000")
    after = api.get(f"/v1/invoices/{invoice}")
    assert (after["status"], after["amount_remaining"]) == ("open", 3_000)
