"""SEIKYU_WITHOUT_CARD=email over real HTTP: one run charges cards, and e-mails who has none."""

from datetime import timedelta
from typing import Any

from seikyu.connector import run as runs
from tests.connector.conftest import World, outcomes, reason_names

INVOICED, PAID = 2, 3


def test_in_one_run_cards_are_charged_and_who_has_none_is_emailed(world: World) -> None:
    by_card = world.bill(world.seed.project(world.client("card"), "自動チャージ"))
    cardless = world.client("nocard", card=None)
    by_mail = world.bill(world.seed.project(cardless, "メール送信"))
    branch = world.seed.project(cardless, "支店", to=world.address("branch"))
    to_branch = world.bill(branch)
    unknown = world.seed.client("株式会社サンプル新規", world.address("new"))
    to_unknown = world.bill(world.seed.project(unknown, "初回"))

    # ── asked first: the preview says how each would be collected
    expected = {by_card: "charge", by_mail: "email", to_branch: "email", to_unknown: "email"}
    preview = runs.preview(world.connect(SEIKYU_WITHOUT_CARD="email"))
    assert set(outcomes(preview).values()) == {"planned"}
    assert {item.board_invoice_id: item.mode for item in preview.items} == expected

    report = world.sync(SEIKYU_WITHOUT_CARD="email")
    assert (report.exit_code, set(outcomes(report).values())) == (0, {"sent"})
    assert {item.board_invoice_id: item.mode for item in report.items} == expected
    (charged,) = world.stripe_invoices(by_card)
    assert (charged.status, charged.collection_method) == ("paid", "charge_automatically")
    assert world.board_status(by_card) == PAID
    for invoice, address in ((by_mail, "nocard"), (to_branch, "branch"), (to_unknown, "new")):
        (made,) = world.stripe_invoices(invoice)
        assert (made.status, made.collection_method) == ("open", "send_invoice")
        assert (made.customer_email, made.due_date % 86_400) == (
            world.address(address),
            86_399 - 9 * 3_600,
        )
        sent = world.stripe.events.list({"type": "invoice.sent", "limit": 100}).data
        assert [one.data.object["id"] for one in sent].count(made.id) == 1
        assert world.board_status(invoice) == INVOICED

    # ── nothing is sent twice, also when the customer gets a card later
    (customer,) = world.stripe.customers.list({"email": world.address("nocard")}).data
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    world.stripe.customers.update(customer.id, default)
    again = world.sync(SEIKYU_WITHOUT_CARD="email")
    assert set(outcomes(again).values()) == {"skipped"}
    assert len(world.stripe_invoices(by_mail)) == 1


def test_who_waited_for_a_card_is_emailed_once_the_setting_says_so(world: World) -> None:
    invoice = world.invoice(card=None)
    assert reason_names(world.sync(), invoice) == ["no_default_card"]
    world.clock.moment += timedelta(days=5)
    world.sync()
    assert outcomes(world.sync(SEIKYU_WITHOUT_CARD="email")) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.collection_method) == ("open", "send_invoice")
