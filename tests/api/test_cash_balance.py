"""The cash balance through the public door: funding, reading, reconciling, and every refusal."""

import pytest

from tests.api.cash import balance, billed, funded, mode, movements, sdk_of, statuses
from tests.api.room import Caller, Room

PAID = [
    "customer_cash_balance_transaction.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
]


def test_a_balance_is_empty_until_money_comes(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    sdk = sdk_of(room, api)
    empty = sdk.v1.customers.cash_balance.retrieve(customer)
    assert empty.object == "cash_balance"
    assert empty.available is None
    assert empty.settings.reconciliation_mode == "automatic"
    assert empty.settings.using_merchant_default is True
    movement = sdk.v1.test_helpers.customers.fund_cash_balance(
        customer, {"amount": 5000, "currency": "jpy", "reference": "ご請求分"}
    )
    assert (movement.type, movement.net_amount, movement.ending_balance) == ("funded", 5000, 5000)
    assert movement.funded.bank_transfer.reference == "ご請求分"
    assert movement.funded.bank_transfer.jp_bank_transfer.sender_name == "株式会社サンプル"
    assert sdk.v1.customers.cash_balance.retrieve(customer).available["jpy"] == 5000
    listed = sdk.v1.customers.cash_balance_transactions.list(customer)
    assert [each.id for each in listed.data] == [movement.id]
    one = sdk.v1.customers.cash_balance_transactions.retrieve(customer, movement.id)
    assert one.net_amount == 5000
    shown = sdk.v1.customers.retrieve(customer, {"expand": ["cash_balance"]})
    assert shown.cash_balance.available["jpy"] == 5000
    assert api.event_types()[-2:] == [
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]
    (event,) = api.get("/v1/events", "type=cash_balance.funds_available")["data"]
    assert event["data"]["object"]["available"] == {"jpy": 5000}


def test_money_of_each_currency_is_kept_apart(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 300)
    dollars = funded(api, customer, 2500, currency="usd")
    assert dollars["funded"]["bank_transfer"]["type"] == "us_bank_transfer"
    cash = api.get(f"/v1/customers/{customer}/cash_balance")
    assert cash["available"] == {"jpy": 300, "usd": 2500}


def test_an_exact_transfer_pays_its_invoice_and_leaves_the_others(api: Caller) -> None:
    customer = api.customer(card=None)
    first, second = billed(api, customer, 8_000), billed(api, customer, 11_000)
    before = len(api.event_types())
    funded(api, customer, 11_000)
    assert statuses(api, first, second) == ["open", "paid"]
    assert api.event_types()[before:] == ["customer_cash_balance_transaction.created", *PAID]
    paid = api.get(f"/v1/invoices/{second}", "expand[]=payments")
    (payment,) = paid["payments"]["data"]
    assert (payment["status"], payment["amount_paid"]) == ("paid", 11_000)
    intent = api.get(
        f"/v1/payment_intents/{payment['payment']['payment_intent']}",
        "expand[]=latest_charge&expand[]=payment_method",
    )
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 11_000)
    assert intent["payment_method"]["type"] == "customer_balance"
    assert intent["latest_charge"]["payment_method_details"] == {
        "customer_balance": {},
        "type": "customer_balance",
    }
    assert movements(api, customer) == [
        ("funded", 11_000, 11_000),
        ("applied_to_payment", -11_000, 0),
    ]


def test_what_was_left_before_does_not_hide_an_exact_transfer(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 1)
    first, second = billed(api, customer, 5_000), billed(api, customer, 7_000)
    funded(api, customer, 7_000)
    assert statuses(api, first, second) == ["open", "paid"]
    assert balance(api, customer) == 1


def test_an_invoice_is_never_paid_in_part(api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = billed(api, customer, 10_000)
    funded(api, customer, 9_999)
    after = api.get(f"/v1/invoices/{invoice}")
    assert (after["status"], after["amount_paid"]) == ("open", 0)
    assert balance(api, customer) == 9_999
    funded(api, customer, 1)
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 0


def test_an_invoice_that_is_finalized_takes_what_is_there(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 12_000)
    before = len(api.event_types())
    invoice = billed(api, customer, 10_000)
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 2_000
    assert api.event_types()[before:][-9:] == [
        "invoice.finalized",
        "invoice.updated",
        *PAID,
    ]


def test_the_answer_of_finalizing_says_that_it_is_paid(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 12_000)
    draft = api.draft(customer, 12_000, collection_method="send_invoice", days_until_due="30")
    done = sdk_of(room, api).v1.invoices.finalize_invoice(draft)
    assert (done.status, done.amount_remaining, done.lines.data[0].amount) == ("paid", 0, 12_000)


def test_an_invoice_that_charges_a_card_is_paid_by_money_that_is_there(
    room: Room, api: Caller
) -> None:
    customer = api.customer()
    funded(api, customer, 12_000)
    invoice = api.draft(customer, 12_000, auto_advance="true")
    room.time.pass_by(3600)
    room.drain()
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 0
    (charge,) = api.get("/v1/charges", f"customer={customer}")["data"]
    assert charge["payment_method_details"]["type"] == "customer_balance"


def test_by_hand_nothing_happens_until_somebody_applies_the_money(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    shown = mode(api, customer, "manual")
    assert shown["settings"] == {
        "reconciliation_mode": "manual",
        "using_merchant_default": False,
    }
    invoice = billed(api, customer, 4_000)
    before = len(api.event_types())
    funded(api, customer, 4_000)
    assert statuses(api, invoice) == ["open"]
    assert api.event_types()[before:] == [
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice}")["data"]
    before = len(api.event_types())
    intent = sdk_of(room, api).v1.payment_intents.apply_customer_balance(
        payment["payment"]["payment_intent"]
    )
    assert intent.status == "succeeded"
    assert statuses(api, invoice) == ["paid"]
    assert api.event_types()[before:] == PAID


def test_a_customer_may_be_made_and_changed_with_their_mode(room: Room, api: Caller) -> None:
    sdk = sdk_of(room, api)
    by_hand = {"cash_balance": {"settings": {"reconciliation_mode": "manual"}}}
    customer = sdk.v1.customers.create({"name": "株式会社サンプル", **by_hand}).id
    invoice = billed(api, customer, 800)
    funded(api, customer, 800)
    assert statuses(api, invoice) == ["open"]
    alone = {"cash_balance": {"settings": {"reconciliation_mode": "automatic"}}}
    sdk.v1.customers.update(customer, alone)
    cash = sdk.v1.customers.cash_balance.retrieve(customer)
    assert (cash.settings.reconciliation_mode, cash.available["jpy"]) == ("automatic", 800)
    sdk.v1.customers.update(customer, by_hand | {"description": "見本"})
    assert api.get(f"/v1/customers/{customer}/cash_balance")["settings"] == {
        "reconciliation_mode": "manual",
        "using_merchant_default": False,
    }


def test_the_accounts_setting_holds_where_a_customer_says_nothing_else(api: Caller) -> None:
    one, other = api.customer(card=None), api.customer(card=None)
    mode(api, other, "automatic")
    api.post("/v1/seikyu/settings", reconciliation="manual")
    assert api.get("/v1/seikyu/settings")["reconciliation"] == "manual"
    cash = api.get(f"/v1/customers/{one}/cash_balance")
    assert cash["settings"] == {"reconciliation_mode": "manual", "using_merchant_default": True}
    invoices = billed(api, one, 900), billed(api, other, 900)
    funded(api, one, 900)
    funded(api, other, 900)
    assert statuses(api, *invoices) == ["open", "paid"]
    assert mode(api, other, "merchant_default")["settings"]["reconciliation_mode"] == "manual"


def test_a_payment_plan_takes_its_next_instalment_or_all(api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = api.draft(customer, 30_000, collection_method="send_invoice")
    api.post_form(
        f"/v1/invoices/{invoice}",
        {
            "amounts_due[0][amount]": 10_000,
            "amounts_due[0][days_until_due]": 10,
            "amounts_due[0][description]": "着手金",
            "amounts_due[1][description]": "残金",
            "amounts_due[1][amount]": 20_000,
            "amounts_due[1][days_until_due]": 20,
        },
    )
    api.post(f"/v1/invoices/{invoice}/finalize")
    funded(api, customer, 10_000)
    assert api.get(f"/v1/invoices/{invoice}")["amount_remaining"] == 20_000
    funded(api, customer, 15_000)
    assert balance(api, customer) == 15_000
    funded(api, customer, 5_000)
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 0


def test_a_plan_is_paid_at_once_when_all_of_it_comes(api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = api.draft(customer, 30_000, collection_method="send_invoice")
    form: dict[str, int | str] = {}
    for place, amount in enumerate((5_000, 10_000, 15_000)):
        form[f"amounts_due[{place}][amount]"] = amount
        form[f"amounts_due[{place}][description]"] = "分割"
        form[f"amounts_due[{place}][days_until_due]"] = 10 + place
    api.post_form(f"/v1/invoices/{invoice}", form)
    api.post(f"/v1/invoices/{invoice}/finalize")
    funded(api, customer, 30_000)
    assert statuses(api, invoice) == ["paid"]
    assert len(movements(api, customer)) == 4


def test_a_preview_says_why_and_changes_nothing(api: Caller) -> None:
    customer = api.customer(card=None)
    first, second = billed(api, customer, 5_000), billed(api, customer, 7_000)
    path = f"/v1/customers/{customer}/cash_balance/reconciliation_preview"
    shown = api.get(path, "amount=7000")
    assert (shown["object"], shown["applied"], shown["remaining"]) == (
        "seikyu.reconciliation_preview",
        7_000,
        0,
    )
    told = {each["id"]: (each["applied"], each["reason"]) for each in shown["items"]}
    assert told == {second: (7_000, "amount_is_exact"), first: (0, "nothing_left")}
    japanese = api.get(path, "amount=7000&language=ja")
    assert japanese["items"][0]["sentence"] == "金額が未払い額とちょうど一致しました。"
    assert api.get(path)["amount"] == 0
    assert statuses(api, first, second) == ["open", "open"]
    assert balance(api, customer) is None
    mode(api, customer, "manual")
    assert {each["reason"] for each in api.get(path, "amount=7000")["items"]} == {
        "reconciled_by_hand"
    }


def test_an_invoice_below_the_minimum_waits_for_the_balance_to_be_used_up(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 30)
    invoice = api.draft(customer, 49, collection_method="send_invoice", days_until_due="30")
    error = api.refused(f"/v1/invoices/{invoice}/finalize").error
    assert error["code"] == "amount_too_small"
    assert "cash balance of 30 jpy" in error["message"]
    assert statuses(api, invoice) == ["draft"]
    without = api.customer(card=None)
    carried = api.draft(without, 49)
    api.post(f"/v1/invoices/{carried}/finalize")
    assert api.get(f"/v1/customers/{without}")["balance"] == 49


def test_such_an_invoice_waits_for_a_person_when_it_is_finalized_by_itself(
    room: Room, api: Caller
) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 30)
    invoice = api.draft(customer, 49, auto_advance="true")
    before = len(api.event_types())
    room.time.pass_by(3600)
    room.drain()
    draft = api.get(f"/v1/invoices/{invoice}")
    assert draft["status"] == "draft"
    assert draft["last_finalization_error"]["code"] == "amount_too_small"
    assert api.event_types()[before:] == ["invoice.finalization_failed", "invoice.updated"]


def test_an_invoice_long_past_due_is_for_a_person(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = billed(api, customer, 5_000)
    room.time.pass_by(61 * 86_400)
    funded(api, customer, 5_000)
    assert statuses(api, invoice) == ["open"]
    assert balance(api, customer) == 5_000
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice}")["data"]
    intent = payment["payment"]["payment_intent"]
    api.post(f"/v1/payment_intents/{intent}/apply_customer_balance")
    assert statuses(api, invoice) == ["paid"]


def test_every_customer_is_told_an_account_of_their_own(room: Room, api: Caller) -> None:
    sdk = sdk_of(room, api)
    form = {
        "bank_transfer": {"type": "jp_bank_transfer"},
        "currency": "jpy",
        "funding_type": "bank_transfer",
    }
    one, other = api.customer(card=None), api.customer(card=None)
    told = [sdk.v1.customers.funding_instructions.create(each, form) for each in (one, other, one)]
    assert told[0].object == "funding_instructions"
    addresses = [each.bank_transfer.financial_addresses[0].zengin for each in told]
    assert [each.account_number for each in addresses] == ["0000001", "0000002", "0000001"]
    assert addresses[0].bank_name == "サンプル銀行 (テスト)"
    assert (addresses[0].bank_code, addresses[0].branch_code) == ("9999", "999")
    assert addresses[0].account_holder_name == "株式会社サンプル"


@pytest.mark.parametrize(
    ("path", "form", "param", "says"),
    [
        ("fund", {"amount": "0", "currency": "jpy"}, "amount", "greater than or equal to 1"),
        ("fund", {"amount": "1.5", "currency": "jpy"}, "amount", "Invalid integer"),
        ("fund", {"amount": "1", "currency": "yen"}, "currency", "Invalid currency"),
        ("fund", {"amount": "1", "currency": "krw"}, "currency", "no bank transfers in krw"),
        ("fund", {"amount": "1"}, "currency", "Missing required param"),
        ("fund", {"amount": "1000000000000", "currency": "jpy"}, "amount", "12 digits"),
        ("cash", {"settings[reconciliation_mode]": "never"}, None, "must be one of automatic"),
        (
            "told",
            {
                "bank_transfer[type]": "us_bank_transfer",
                "currency": "usd",
                "funding_type": "bank_transfer",
            },
            "bank_transfer[type]",
            "us_bank_transfer are not served",
        ),
        (
            "told",
            {
                "bank_transfer[type]": "jp_bank_transfer",
                "currency": "usd",
                "funding_type": "bank_transfer",
            },
            "currency",
            "not in usd",
        ),
        ("told", {"currency": "jpy"}, "bank_transfer", "Missing required param"),
    ],
)
def test_what_cannot_be_is_refused(
    api: Caller, path: str, form: dict[str, str], param: str | None, says: str
) -> None:
    customer = api.customer(card=None)
    paths = {
        "fund": f"/v1/test_helpers/customers/{customer}/fund_cash_balance",
        "cash": f"/v1/customers/{customer}/cash_balance",
        "told": f"/v1/customers/{customer}/funding_instructions",
    }
    error = api.refused(paths[path], form).error
    assert says in error["message"]
    if param is not None:
        assert error["param"] == param
    assert balance(api, customer) is None


def test_nobody_has_a_balance_who_is_not_there(api: Caller) -> None:
    gone = api.customer(card=None)
    api.send("DELETE", f"/v1/customers/{gone}")
    for customer in ("cus_none", gone):
        form = {"amount": "1", "currency": "jpy"}
        path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
        assert api.refused(path, form).error["code"] == "resource_missing"
        preview = f"/v1/customers/{customer}/cash_balance/reconciliation_preview"
        assert api.send("GET", preview).status == 404
    assert api.send("GET", "/v1/customers/cus_none/cash_balance").status == 404
    other, movement = api.customer(card=None), funded(api, api.customer(card=None), 5)["id"]
    path = f"/v1/customers/{other}/cash_balance_transactions/{movement}"
    assert api.send("GET", path).status == 404


def test_a_customer_whose_money_is_here_cannot_be_deleted(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 5)
    reply = api.send("DELETE", f"/v1/customers/{customer}")
    assert reply.status == 400
    assert "5 jpy" in reply.error["message"]
    assert api.get(f"/v1/customers/{customer}").get("deleted") is None


def test_the_same_key_funds_once(api: Caller) -> None:
    customer = api.customer(card=None)
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    form = {"amount": "700", "currency": "jpy"}
    first = api.send("POST", path, form=form, idempotency_key="transfer-1")
    again = api.send("POST", path, form=form, idempotency_key="transfer-1")
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert balance(api, customer) == 700


def test_a_customer_who_pays_twice_keeps_the_second_transfer(api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = billed(api, customer, 3_300)
    funded(api, customer, 3_300)
    funded(api, customer, 3_300)
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 3_300


def test_live_money_is_not_made_by_a_test_helper(room: Room) -> None:
    live = Caller(room.base, room.keys()[True, "secret"])
    customer = live.post("/v1/customers", name="株式会社サンプル")["id"]
    form = {"amount": "1", "currency": "jpy"}
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    assert "bank_statements" in live.refused(path, form).error["message"]


def test_live_customers_are_told_the_accounts_bank_or_a_number_that_it_bought(room: Room) -> None:
    live = Caller(room.base, room.keys()[True, "secret"])
    one, other, third = (live.post("/v1/customers", name="株式会社サンプル")["id"] for _ in "123")
    form = {
        "bank_transfer[type]": "jp_bank_transfer",
        "currency": "jpy",
        "funding_type": "bank_transfer",
    }

    def told(customer: str) -> dict[str, str]:
        answer = live.post_form(f"/v1/customers/{customer}/funding_instructions", form)
        zengin: dict[str, str] = answer["bank_transfer"]["financial_addresses"][0]["zengin"]
        return zengin

    error = live.refused(f"/v1/customers/{one}/funding_instructions", form).error
    assert "Set bank_account in the settings" in error["message"]
    live.post_form(
        "/v1/seikyu/settings",
        {
            "bank_account[bank_name]": "サンプル銀行",
            "bank_account[bank_code]": "9998",
            "bank_account[branch_code]": "101",
            "bank_account[account_type]": "toza",
            "bank_account[account_number]": "7654321",
        },
    )
    assert (told(one)["account_number"], told(one)["account_type"]) == ("7654321", "toza")
    live.post_form(
        "/v1/seikyu/settings",
        {
            "bank_account[virtual_branch_code]": "900",
            "bank_account[virtual_branch_name]": "バーチャル支店",
            "bank_account[virtual_first_number]": "0000100",
            "bank_account[virtual_last_number]": "0000101",
        },
    )
    assert [told(each)["account_number"] for each in (one, other, one)] == [
        "0000100",
        "0000101",
        "0000100",
    ]
    assert (told(one)["branch_code"], told(one)["branch_name"]) == ("900", "バーチャル支店")
    error = live.refused(f"/v1/customers/{third}/funding_instructions", form).error
    assert "were given out" in error["message"]
