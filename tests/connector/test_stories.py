"""The main job and what may become of it, over real HTTP: board → Stripe → board."""

import json
import socket
import threading
from datetime import timedelta
from typing import Any

import stripe
import uvicorn
from starlette.testclient import TestClient

from seikyu.board.simulator.seeding import heading, line, note
from seikyu.board.words import InvoiceStatus
from seikyu.connector import run as runs
from seikyu.connector import webhooks
from seikyu.connector.report import Report
from tests.connector.conftest import SECRET, World, outcomes, reason_names
from tests.connector.interceptor import Gate, Interceptor

INVOICED, PARTLY, PAID, UNCOLLECTIBLE = 2, 5, 3, 9


def announce(world: World, event_type: str, stripe_invoice_id: str, event_id: str = "evt_1") -> int:
    """Deliver a webhook to the connector's receiver, as Stripe would; returns the answer's status."""
    about = {"object": "invoice", "id": stripe_invoice_id, "status": "as it was, long ago"}
    body = json.dumps({"id": event_id, "type": event_type, "data": {"object": about}})
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    receiver = TestClient(webhooks.app(world.connect()))
    answer = receiver.post(webhooks.PATH, content=body, headers={"Stripe-Signature": header})
    return int(answer.status_code)


def test_a_board_invoice_becomes_a_paid_stripe_invoice_and_board_says_so(
    world_on_both: World,
) -> None:
    world = world_on_both
    project = world.seed.project(world.client(), "コーポレートサイト制作")
    invoice = world.bill(
        project,
        heading("制作"),
        line("デザイン", 105),
        line("コーディング", 105, quantity=3, unit="頁"),
        line("軽減対象の品", 1_999, rate=8),
        line("原稿料", 100_000, withholding=True),
        note("納品済みです。"),
    )
    report = world.sync()

    # ── sent, charged, and carried over to board
    assert (report.exit_code, outcomes(report)) == (0, {invoice: "sent"})
    assert world.board_status(invoice) == PAID
    (made,) = world.stripe_invoices(invoice)
    # 10 %: 100,420 → 10,042; 8 %: 1,999 → 159; 源泉所得税 10.21 % of 100,000 = 10,210
    assert (made.status, made.total, made.amount_paid) == ("paid", 102_410, 102_410)
    assert sum(tax.amount for tax in made.total_taxes) == 10_201
    assert made.custom_fields[0].to_dict() == {"name": "案件名", "value": "コーポレートサイト制作"}
    lines = world.stripe.invoices.line_items.list(made.id, {"limit": 100}).data
    assert {one.description: one.amount for one in lines} == {
        "【制作】 デザイン （1式 × 105）": 105,
        "【制作】 コーディング （3頁 × 105）": 315,
        "【制作】 軽減対象の品 （1式 × 1,999）": 1_999,
        "【制作】 原稿料 （1式 × 100,000）": 100_000,
        "【制作】 納品済みです。": 0,
        "源泉所得税": -10_210,
    }

    # ── again: nothing is sent twice
    again = world.sync()
    assert (again.exit_code, outcomes(again)) == (0, {invoice: "skipped"})
    assert "already_linked" in reason_names(again, invoice)
    assert len(world.stripe_invoices(invoice)) == 1


def test_a_preview_shows_the_same_plan_and_writes_nothing(world: World) -> None:
    invoice = world.invoice()
    connection = world.connect()
    report = runs.preview(connection)
    assert (report.dry_run, outcomes(report)) == (True, {invoice: "planned"})
    assert world.stripe_invoices(invoice) == []
    assert world.board_status(invoice) == INVOICED
    assert (connection.runs.count(), connection.mirror.clients()) == (0, {})
    assert connection.links.of_invoices([invoice]) == {}
    assert report.run.board_calls == 3
    assert connection.board_client.usage().used == 3


def test_stripes_own_webhook_reaches_the_receiver_and_board_follows(world: World) -> None:
    invoice = world.invoice(card=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{webhooks.PATH}"
        secret = world.connect().stripe.register_webhook(url)
        # Registering again replaces the endpoint: there are never two that tell the same.
        secret = world.connect().stripe.register_webhook(url)
        listed = world.stripe.webhook_endpoints.list({"limit": 100}).data
        assert [one.url for one in listed].count(url) == 1

        connection = world.connect(SEIKYU_INVOICE_MODE="email", STRIPE_WEBHOOK_SECRET=secret)
        config = uvicorn.Config(webhooks.app(connection), log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        world.sync(SEIKYU_INVOICE_MODE="email")
        (made,) = world.stripe_invoices(invoice)
        method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": made.customer})
        world.stripe.invoices.pay(made.id, {"payment_method": method.id})
        for _ in range(200):
            if world.board_status(invoice) == PAID:
                break
            threading.Event().wait(0.05)
        server.should_exit = True
        thread.join(10)
    assert world.board_status(invoice) == PAID
    assert connection.inbox.count() >= 1


def test_a_declined_card_is_told_and_paid_later_all_the_same(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    report = world.sync()
    assert (report.exit_code, outcomes(report)) == (1, {invoice: "needs_human"})
    assert reason_names(report, invoice) == ["charge_declined"]
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.attempt_count, made.auto_advance) == ("open", 1, True)
    assert world.board_status(invoice) == INVOICED

    # ── the customer's new card is charged in Stripe; its webhook reaches us
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": made.customer})
    world.stripe.invoices.pay(made.id, {"payment_method": method.id})
    assert announce(world, "invoice.paid", made.id) == 200
    assert world.board_status(invoice) == PAID


def test_a_card_that_asks_for_authentication_is_told(world: World) -> None:
    invoice = world.invoice(card="pm_card_authenticationRequired")
    report = world.sync()
    assert reason_names(report, invoice) == ["charge_needs_the_customer"]
    (made,) = world.stripe_invoices(invoice)
    assert made.status == "open"
    assert world.board_status(invoice) == INVOICED


def test_a_customer_without_a_card_is_asked_for_and_sent_when_there_is_one(world: World) -> None:
    invoice = world.invoice(card=None)
    assert reason_names(world.sync(), invoice) == ["no_default_card"]
    assert world.stripe_invoices(invoice) == []
    # ── days later, outside the window, the card is there
    world.clock.moment += timedelta(days=5)
    world.sync()
    (customer,) = world.stripe.customers.list({"email": world.address("keiri")}).data
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    world.stripe.customers.update(customer.id, default)
    assert outcomes(world.sync()) == {invoice: "sent"}
    assert world.board_status(invoice) == PAID


def test_a_client_stripe_does_not_know_becomes_a_customer_once(world: World) -> None:
    client = world.seed.client("株式会社サンプル新規", world.address("new"))
    invoice = world.bill(world.seed.project(client, "初回"))
    assert reason_names(runs.preview(world.connect()), invoice) == ["no_customer_yet"]
    for _ in range(2):
        assert reason_names(world.sync(), invoice) == ["no_default_card"]
    (customer,) = world.stripe.customers.list({"email": world.address("new")}).data
    assert customer.name == "株式会社サンプル新規"
    assert customer.metadata is not None
    assert customer.metadata.to_dict()["board_client_id"] == str(client)


def test_two_clients_with_one_address_are_for_a_person_to_tell_apart(world: World) -> None:
    first = world.bill(world.seed.project(world.client("shared"), "東"))
    other = world.seed.client("株式会社サンプル双子", world.address("shared"))
    second = world.bill(world.seed.project(other, "西"))
    report = world.sync()
    assert outcomes(report) == {first: "needs_human", second: "needs_human"}
    assert reason_names(report, first) == reason_names(report, second) == ["shared_address"]
    assert world.stripe_invoices(first) == world.stripe_invoices(second) == []


def test_several_stripe_customers_with_the_address_are_for_a_person(world: World) -> None:
    invoice = world.invoice()
    world.stripe.customers.create({"email": world.address("keiri")})
    report = world.sync()
    assert reason_names(report, invoice) == ["ambiguous_customer"]


def test_an_amount_under_the_minimum_charge_is_paid_in_board_with_a_note(world: World) -> None:
    project = world.seed.project(world.client(), "少額")
    invoice = world.bill(project, line("手数料", 30))
    report = world.sync()
    assert (outcomes(report), reason_names(report, invoice)) == (
        {invoice: "sent"},
        ["carried_to_balance"],
    )
    assert world.board_status(invoice) == PAID


def test_in_email_mode_an_invoice_is_sent_with_its_due_date_and_paid_by_the_customer(
    world: World,
) -> None:
    invoice = world.invoice(card=None)
    report = world.sync(SEIKYU_INVOICE_MODE="email")
    assert outcomes(report) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.collection_method) == ("open", "send_invoice")
    due = (world.today + timedelta(days=30)).isoformat()
    assert made.due_date is not None
    # The last second of the day in Tokyo, which is nine hours ahead.
    assert made.due_date % 86_400 == 86_399 - 9 * 3_600
    assert world.in_board(invoice)["payment_limit_date"] == due
    sent = world.stripe.events.list({"type": "invoice.sent", "limit": 100}).data
    assert [one.data.object["id"] for one in sent].count(made.id) == 1
    assert world.board_status(invoice) == INVOICED

    # ── the webhook is lost; the sweep finds it
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": made.customer})
    world.stripe.invoices.pay(made.id, {"payment_method": method.id})
    assert webhooks.sweep(world.connect(SEIKYU_INVOICE_MODE="email")) == 1
    assert world.board_status(invoice) == PAID
    assert webhooks.sweep(world.connect(SEIKYU_INVOICE_MODE="email")) == 0


def test_a_projects_own_address_gets_a_customer_of_its_own_only_where_it_is_emailed(
    world: World,
) -> None:
    client = world.client("head")
    own = world.seed.project(client, "支店", to=world.address("branch"))
    charged = world.bill(own)
    world.sync()
    (by_card,) = world.stripe_invoices(charged)
    assert by_card.customer_email == world.address("head")

    emailed = world.board.http.post(
        "/_sandbox/records/invoices",
        json={**_copy(world, charged), "invoice_status": INVOICED},
    ).json()["id"]
    world.sync(SEIKYU_INVOICE_MODE="email")
    (by_mail,) = world.stripe_invoices(emailed)
    assert by_mail.customer_email == world.address("branch")
    assert by_mail.customer != by_card.customer


def _copy(world: World, invoice_id: int) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(world.in_board(invoice_id)))
    body.pop("id")
    body["invoice"] = {**body["invoice"], "id": 99_999}
    return body


def test_in_draft_mode_a_draft_is_left_and_followed(world: World) -> None:
    invoice = world.invoice()
    report = world.sync(SEIKYU_INVOICE_MODE="draft")
    assert outcomes(report) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.auto_advance) == ("draft", False)

    # ── a person finalizes it, and marks it paid outside Stripe
    world.stripe.invoices.finalize_invoice(made.id)
    world.stripe.invoices.pay(made.id, {"paid_out_of_band": True})
    report = world.sync(SEIKYU_INVOICE_MODE="draft")
    assert outcomes(report) == {invoice: "written"}
    assert world.board_status(invoice) == PAID


def test_a_deleted_draft_is_noticed_and_sent_again_only_when_touched_in_board(
    world: World,
) -> None:
    invoice = world.invoice()
    world.sync(SEIKYU_INVOICE_MODE="draft")
    (made,) = world.stripe_invoices(invoice)
    world.stripe.invoices.delete(made.id)
    report = world.sync(SEIKYU_INVOICE_MODE="draft")
    assert (report.exit_code, outcomes(report)) == (0, {invoice: "notice"})
    report = world.sync(SEIKYU_INVOICE_MODE="draft")
    assert reason_names(report, invoice) == ["voided_and_unchanged"]
    world.change_in_board(invoice, invoice_status=INVOICED)
    assert outcomes(world.sync(SEIKYU_INVOICE_MODE="draft")) == {invoice: "sent"}
    (again,) = world.stripe_invoices(invoice)
    assert again.id != made.id


def test_a_voided_invoice_is_sent_again_when_it_was_touched_in_board(world: World) -> None:
    invoice = world.invoice(card=None)
    world.sync(SEIKYU_INVOICE_MODE="email")
    (made,) = world.stripe_invoices(invoice)
    world.stripe.invoices.void_invoice(made.id)
    assert announce(world, "invoice.voided", made.id) == 200
    assert world.board_status(invoice) == INVOICED
    report = world.sync(SEIKYU_INVOICE_MODE="email")
    assert reason_names(report, invoice) == ["voided_and_unchanged"]
    world.change_in_board(invoice, invoice_status=INVOICED)
    assert outcomes(world.sync(SEIKYU_INVOICE_MODE="email")) == {invoice: "sent"}
    assert sorted(one.status or "" for one in world.stripe_invoices(invoice)) == ["open", "void"]


def test_an_uncollectible_invoice_is_asked_about_and_written_only_by_option(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    world.sync()
    (made,) = world.stripe_invoices(invoice)
    world.stripe.invoices.mark_uncollectible(made.id)
    for _ in range(2):
        report = world.sync()
        assert (report.exit_code, outcomes(report)) == (1, {invoice: "needs_human"})
    assert world.board_status(invoice) == INVOICED
    report = world.sync(SEIKYU_WRITE_UNCOLLECTIBLE="yes")
    assert outcomes(report) == {invoice: "written"}
    assert world.board_status(invoice) == UNCOLLECTIBLE


def test_a_status_a_person_set_meanwhile_is_a_conflict_and_stays(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    world.sync()
    (made,) = world.stripe_invoices(invoice)
    world.change_in_board(invoice, invoice_status=UNCOLLECTIBLE)
    world.stripe.invoices.pay(made.id, {"paid_out_of_band": True})
    assert announce(world, "invoice.paid", made.id) == 200
    assert world.board_status(invoice) == UNCOLLECTIBLE
    report = world.sync()
    assert reason_names(report, invoice) == ["status_conflict"]
    assert report.exit_code == 1
    # ── the person decides; then all is well
    world.change_in_board(invoice, invoice_status=PAID)
    assert world.sync().exit_code == 0


def test_paid_in_board_by_hand_while_stripe_still_asks_is_told(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    world.sync()
    world.change_in_board(invoice, invoice_status=PAID)
    assert reason_names(world.sync(), invoice) == ["paid_in_board_only"]


def test_events_in_the_wrong_order_and_repeated_change_nothing(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    world.sync()
    (made,) = world.stripe_invoices(invoice)
    world.stripe.invoices.pay(made.id, {"paid_out_of_band": True})
    for number, name in enumerate(["invoice.paid", "invoice.payment_failed", "invoice.finalized"]):
        assert announce(world, name, made.id, f"evt_{number}") == 200
        assert announce(world, name, made.id, f"evt_{number}") == 200
    assert world.board_status(invoice) == PAID
    written = [seen for seen in world.board.requests() if seen[0] == "PATCH"]
    assert len(written) == 1


def test_an_invoice_made_by_hand_in_stripe_is_left_alone(world: World) -> None:
    world.invoice()
    world.sync()
    customer = world.stripe.customers.create({"email": world.address("other")})
    made = world.stripe.invoices.create({"customer": customer.id})
    assert announce(world, "invoice.updated", made.id) == 200
    assert world.connect().inbox.waiting() == []


def test_a_recurring_invoice_withdrawn_in_board_before_it_was_sent_is_just_skipped(
    world: World,
) -> None:
    project = world.seed.project(world.client(), "保守（月額）")
    months = [world.bill(project, line(f"{month}月分", 30_000)) for month in (1, 2, 3)]
    waiting = world.bill(project, line("4月分", 30_000), status=InvoiceStatus.NOT_INVOICED)
    assert outcomes(world.sync()) == {**dict.fromkeys(months, "sent"), waiting: "skipped"}
    world.change_in_board(waiting, invoice_status=INVOICED)
    assert outcomes(world.sync())[waiting] == "sent"


def test_one_yen_of_difference_stops_the_invoice_and_deletes_the_draft(world: World) -> None:
    invoice = world.invoice()
    between = Interceptor(world.engine.url, Gate())
    between.change = _one_yen_more
    report = world.sync(SEIKYU_STRIPE_URL=between.url)
    assert reason_names(report, invoice) == ["totals_differ"]
    assert "110001" in report.items[0].reasons[0].en
    assert world.stripe_invoices(invoice) == []
    # ── once the cause is gone, it is sent
    between.change = None
    assert outcomes(world.sync(SEIKYU_STRIPE_URL=between.url)) == {invoice: "sent"}
    between.close()


def _one_yen_more(_method: str, path: str, content: bytes) -> bytes:
    if not path.endswith("/add_lines"):
        return content
    return json.dumps({**json.loads(content), "total": 110_001}).encode()


def test_more_lines_than_one_call_takes_are_added_in_several(world: World) -> None:
    project = world.seed.project(world.client(), "部品")
    invoice = world.bill(project, *(line(f"部品{number}", 101) for number in range(600)))
    assert outcomes(world.sync()) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    # 60,600 + 6,060: every line by itself would have been rounded down to 10.
    assert (made.total, made.status) == (66_660, "paid")


def test_a_second_run_joins_the_first(world_on_both: World) -> None:
    world = world_on_both
    invoices = [world.invoice()]
    connections = [world.connect() for _ in range(3)]
    reports: list[Report] = []

    def start(number: int) -> None:
        reports.append(runs.run(connections[number], requested_by=f"thread {number}"))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(reports) == 3
    assert all(report.exit_code == 0 for report in reports)
    assert [len(world.stripe_invoices(invoice)) for invoice in invoices] == [1]


def test_an_amount_changed_in_board_after_sending_is_shown(world: World) -> None:
    invoice = world.invoice(card="pm_card_chargeCustomerFail")
    world.sync()
    document = dict(_copy(world, invoice)["invoice"])
    document.update(total="50000.0", tax="5000.0", id=invoice + 7)
    world.change_in_board(invoice, invoice=document)
    report = world.sync()
    assert reason_names(report, invoice) == ["amount_changed"]
    (made,) = world.stripe_invoices(invoice)
    assert made.total == 110_000


def test_a_partial_payment_makes_it_partly_paid_and_the_rest_paid(world: World) -> None:
    invoice = world.invoice(card=None)
    world.sync(SEIKYU_INVOICE_MODE="email")
    (made,) = world.stripe_invoices(invoice)
    part = _pay_in_advance(world, made.customer, 50_000)
    world.stripe.invoices.attach_payment(made.id, {"payment_intent": part})
    report = world.sync(SEIKYU_INVOICE_MODE="email")
    assert outcomes(report) == {invoice: "written"}
    assert world.board_status(invoice) == PARTLY

    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": made.customer})
    world.stripe.invoices.pay(made.id, {"payment_method": method.id})
    assert announce(world, "invoice.paid", made.id) == 200
    assert world.board_status(invoice) == PAID


def test_an_invoice_whose_payment_is_taken_off_again_goes_back_in_board(world: World) -> None:
    invoice = world.invoice(card=None)
    world.sync(SEIKYU_INVOICE_MODE="email")
    (made,) = world.stripe_invoices(invoice)
    whole = _pay_in_advance(world, made.customer, 110_000)
    world.stripe.invoices.attach_payment(made.id, {"payment_intent": whole})
    assert webhooks.sweep(world.connect(SEIKYU_INVOICE_MODE="email")) == 1
    assert world.board_status(invoice) == PAID

    client = stripe.StripeClient(world.engine.key, base_addresses={"api": world.engine.url})
    path = f"/v1/invoices/{made.id}/detach_payment"
    client.raw_request("post", path, payment_intent=whole)
    report = world.sync(SEIKYU_INVOICE_MODE="email")
    assert outcomes(report) == {invoice: "written"}
    assert reason_names(report, invoice) == ["reopened"]
    assert world.board_status(invoice) == INVOICED


def _pay_in_advance(world: World, customer: Any, amount: int) -> str:
    """Money of a customer that belongs to no invoice yet."""
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
    params: Any = {
        "amount": amount,
        "currency": "jpy",
        "customer": customer,
        "payment_method": method.id,
        "confirm": True,
        "off_session": True,
    }
    return world.stripe.payment_intents.create(params).id
