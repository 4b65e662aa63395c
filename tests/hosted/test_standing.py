"""How the page of an invoice says where it stands: badges, the end of its address, payments, transfers."""

from typing import Any

import httpx2
import pytest

from seikyu.engine.execute import Order
from seikyu.engine.wire import hosted as commands
from tests.documents.reader import Pdf
from tests.hosted.shop import START, Issuer, Shop, Visitor

DAY = 86_400
BANK = {
    "bank_account[bank_name]": "サンプル銀行",
    "bank_account[branch_name]": "見本支店",
    "bank_account[account_type]": "futsu",
    "bank_account[account_number]": "0000000",
    "bank_account[account_holder_name]": "カ）サンプルセイサクジョ",
    "business[phone]": "03-0000-0000",
    "business[address][postal_code]": "100-0000",
    "business[address][state]": "東京都",
    "business[address][city]": "千代田区",
    "business[address][line1]": "見本町1-2-3",
}


def fetch(url: str) -> Pdf:
    """A paper."""
    answer = httpx2.get(url, timeout=30)
    assert answer.status_code == 200
    return Pdf(answer.content)


def part_paid(issuer: Issuer, amount: int = 4_000) -> dict[str, Any]:
    """An invoice over ¥10,000 of which a part has come."""
    customer = issuer.customer()
    invoice = issuer.open_invoice(10_000, customer=customer)
    card = issuer.post("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    payment = {"amount": amount, "currency": "jpy", "customer": customer, "confirm": "true"}
    paid = issuer.post("/v1/payment_intents", {**payment, "payment_method": card["id"]})
    return issuer.do(invoice, "attach_payment", payment_intent=paid["id"])


# ── the badge ──────────────────────────────────────────────────────────────────────────────────


def test_the_badge_is_explained_in_a_sentence(
    issuer: Issuer, visitor: Visitor, english: Visitor
) -> None:
    page = part_paid(issuer)["hosted_invoice_url"]
    shown = visitor.open(page)
    assert "一部お支払い済み\n一部が支払われ、残額があります。" in shown.text
    assert 'tabindex="0" aria-describedby="badge-said"' in shown.html
    said = "Partially paid\nA part has been paid and a balance remains."
    assert said in english.open(page).text


def test_a_charge_that_failed_says_when_it_is_tried_again(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    customer = issuer.customer()
    form = {"collection_method": "charge_automatically", "customer": customer}
    draft = issuer.post("/v1/invoices", {**form, "currency": "jpy", "auto_advance": "true"})
    line = {"lines[0][amount]": 10_000, "lines[0][description]": "制作費"}
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", line)
    invoice = issuer.do(draft, "finalize")
    bad = issuer.post(
        "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer}
    )
    answer = issuer.client.post(
        f"{issuer.base}/v1/invoices/{invoice['id']}/pay",
        data={"payment_method": bad["id"]},
        headers={"authorization": f"Bearer {issuer.key}"},
    )
    assert answer.status_code == 402
    shown = visitor.open(invoice["hosted_invoice_url"])
    scheduled = issuer.now(invoice)["next_payment_attempt"]
    assert shown.state == ("retrying" if scheduled else "failed")
    assert shown.takes_a_card
    issuer.post(f"/v1/invoices/{invoice['id']}", {"auto_advance": "false"})
    assert visitor.open(invoice["hosted_invoice_url"]).state == "failed"


# ── the end of its address ─────────────────────────────────────────────────────────────────────


def test_an_address_works_for_thirty_days_after_the_due_date(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    invoice = issuer.open_invoice()
    page = invoice["hosted_invoice_url"]
    shop.time.now = START + 60 * DAY - 1
    assert visitor.open(page).state == "past_due"
    shop.time.now = START + 60 * DAY
    for address in (page, page + "/pdf", page + "/receipt"):
        shown = visitor.open(address)
        assert shown.status == 410
        assert "このページの有効期限が切れました" in shown.text
        assert "株式会社サンプル制作所" in shown.text
        assert "¥10,000" not in shown.text
    assert visitor.pay(page, "0" * 24).status == 410
    assert issuer.charges() == []
    assert issuer.now(invoice)["status"] == "open"


def test_no_address_works_for_more_than_120_days(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    page = issuer.open_invoice(days_until_due=100)["hosted_invoice_url"]
    shop.time.now = START + 120 * DAY - 1
    assert visitor.open(page).status == 200
    shop.time.now += 1
    assert visitor.open(page).status == 410


def test_without_a_due_date_finalization_counts(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    form: dict[str, Any] = {"collection_method": "charge_automatically", "days_until_due": ""}
    page = issuer.open_invoice(**form)["hosted_invoice_url"]
    shop.time.now = START + 30 * DAY - 1
    assert visitor.open(page).status == 200
    shop.time.now += 1
    assert visitor.open(page).status == 410


@pytest.mark.parametrize("how", ["send", "change"])
def test_sending_or_changing_an_invoice_renews_its_address(
    shop: Shop, issuer: Issuer, visitor: Visitor, how: str
) -> None:
    invoice = issuer.open_invoice()
    page = invoice["hosted_invoice_url"]
    shop.time.now = START + 90 * DAY
    assert visitor.open(page).status == 410
    if how == "send":
        issuer.do(invoice, "send")
    else:
        issuer.post(f"/v1/invoices/{invoice['id']}", {"metadata[asked]": "again"})
    assert issuer.now(invoice)["hosted_invoice_url"] == page
    assert visitor.open(page).state == "past_due"
    shop.time.now = START + 120 * DAY - 1
    assert visitor.open(page).status == 200
    shop.time.now += 1
    assert visitor.open(page).status == 410


def test_the_portal_opens_an_invoice_whose_address_is_over(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    customer = issuer.customer()
    invoice = issuer.open_invoice(customer=customer)
    shop.time.now = START + 200 * DAY
    assert visitor.open(invoice["hosted_invoice_url"]).status == 410
    events = len(issuer.event_types())
    portal = issuer.post("/v1/billing_portal/sessions", {"customer": customer})["url"]
    led = visitor.open(f"{portal}/invoices/{invoice['id']}")
    assert visitor.follow(led).state == "past_due"
    assert len(issuer.event_types()) == events + 2, "only the configuration and the session"


def test_renewing_the_address_of_a_draft_changes_nothing(shop: Shop, issuer: Issuer) -> None:
    import asyncio

    draft = issuer.draft()
    asked = commands.renew_link(draft["id"])
    world = asyncio.run_coroutine_threadsafe(_world_of(shop, draft["id"]), shop.loop).result()
    order = Order(world, asked.command, asked.id)
    done = asyncio.run_coroutine_threadsafe(shop.door.perform(order), shop.loop).result()
    assert done.status == 200
    assert issuer.now(draft) == draft


async def _world_of(shop: Shop, invoice_id: str) -> Any:
    from sqlalchemy import bindparam, select

    from seikyu.engine.store.keys import world_of
    from seikyu.engine.store.statement import Statement
    from seikyu.engine.store.tables import invoices

    of = Statement(select(invoices.c.world_id).where(invoices.c.id == bindparam("of_id")))
    return await shop.door.read(
        lambda connection: world_of(connection, connection.rows(of, of_id=invoice_id)[0][0])
    )


# ── payments and transfers ─────────────────────────────────────────────────────────────────────


def test_each_payment_has_a_receipt_of_its_own(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    invoice = part_paid(issuer)
    page = invoice["hosted_invoice_url"]
    assert visitor.open(page + "/receipt").status == 303
    shop.time.now = START + DAY
    visitor.pay(page)
    payments = issuer.get(f"/v1/invoice_payments?invoice={invoice['id']}&status=paid")["data"]
    by_amount = {payment["amount_paid"]: payment["id"] for payment in payments}
    first = fetch(f"{page}/receipts/{by_amount[4_000]}")
    assert first.shows(
        "領収書",
        "領収金額",
        "¥4,000",
        "2026年3月1日",
        f"但し、請求書 {invoice['number']} の代金の一部として",
        "¥6,000",
        "Visa •••• 4242",
    )
    second = fetch(f"{page}/receipts/{by_amount[6_000]}")
    assert second.shows("領収金額", "¥6,000", "2026年3月2日", "残りのお支払い額", "¥0")
    whole = fetch(f"{page}/receipt")
    assert whole.shows("領収金額", "¥10,000", "制作費")
    text = visitor.open(page).text
    assert "Visa •••• 4242\n2026年3月1日\n¥4,000\n領収書\nVisa •••• 4242\n2026年3月2日" in text


def test_the_only_payment_of_an_invoice_has_the_whole_receipt(
    issuer: Issuer, visitor: Visitor
) -> None:
    invoice = issuer.open_invoice()
    visitor.pay(invoice["hosted_invoice_url"])
    (payment,) = issuer.get(f"/v1/invoice_payments?invoice={invoice['id']}&status=paid")["data"]
    paper = fetch(f"{invoice['hosted_invoice_url']}/receipts/{payment['id']}")
    assert paper.shows("領収金額", "¥10,000", "制作費", "収入印紙は貼付していません")


def test_a_receipt_of_another_invoice_s_payment_is_not_found(
    issuer: Issuer, visitor: Visitor
) -> None:
    mine, other = issuer.open_invoice(), part_paid(issuer)
    (payment,) = issuer.get(f"/v1/invoice_payments?invoice={other['id']}&status=paid")["data"]
    assert visitor.open(f"{mine['hosted_invoice_url']}/receipts/{payment['id']}").status == 404
    assert visitor.open(f"{mine['hosted_invoice_url']}/receipts/x").status == 404


def test_a_transfer_is_explained_once_the_issuer_told_its_account(
    issuer: Issuer, visitor: Visitor, english: Visitor
) -> None:
    invoice = part_paid(issuer)
    page = invoice["hosted_invoice_url"]
    assert "銀行振込" not in visitor.open(page).text
    issuer.post("/v1/seikyu/settings", BANK)
    said = (
        "銀行振込でお支払い\n銀行名\nサンプル銀行\n支店名\n見本支店\n口座番号\n普通 0000000\n"
        "口座名義\nカ）サンプルセイサクジョ\nお振込金額\n¥6,000"
    )
    assert said in visitor.open(page).text
    assert "Account\nOrdinary (futsu) 0000000" in english.open(page).text
    paper = fetch(invoice["invoice_pdf"])
    assert paper.shows("お振込先", "サンプル銀行", "普通 0000000", "カ）サンプルセイサクジョ")
    assert paper.shows("〒100-0000", "東京都千代田区見本町1-2-3", "電話 03-0000-0000")
    visitor.pay(page)
    assert "銀行振込" not in visitor.open(page).text
    assert "お振込先" not in "".join(fetch(invoice["invoice_pdf"]).pages)


def test_a_discount_stands_between_subtotal_and_total(issuer: Issuer, visitor: Visitor) -> None:
    coupon = {"percent_off": "10", "duration": "once", "name": "お得意様割引"}
    made = issuer.post("/v1/coupons", coupon)["id"]
    invoice = issuer.open_invoice(10_000, **{"discounts[0][coupon]": made})
    assert invoice["total"] == 9_000
    text = visitor.open(invoice["hosted_invoice_url"]).text
    assert "小計\n¥10,000\nお得意様割引\n10%\n−¥1,000\n合計\n¥9,000" in text
    assert fetch(invoice["invoice_pdf"]).shows("お得意様割引 10%", "−¥1,000", "¥9,000")


# ── payment plans ──────────────────────────────────────────────────────────────────────────────


def planned(issuer: Issuer) -> dict[str, Any]:
    """An invoice over ¥12,000 in instalments of ¥3,000, ¥4,000 and ¥5,000, ten days apart."""
    plan: dict[str, Any] = {}
    for place, amount in enumerate((3_000, 4_000, 5_000)):
        plan[f"amounts_due[{place}][amount]"] = amount
        plan[f"amounts_due[{place}][days_until_due]"] = (place + 1) * 10
        plan[f"amounts_due[{place}][description]"] = f"第{place + 1}期"
    draft = issuer.draft(12_000, days_until_due="")
    issuer.post(f"/v1/invoices/{draft['id']}", plan)
    return issuer.do(draft, "finalize")


def test_a_payment_plan_is_shown_and_paid_instalment_by_instalment(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    invoice = planned(issuer)
    page = invoice["hosted_invoice_url"]
    shown = visitor.open(page)
    assert "次回 ¥3,000 · お支払い期限 2026年3月11日" in shown.text
    assert "最終のお支払い期限\n2026年3月31日" in shown.text
    assert (
        "お支払い計画\n第1期\n2026年3月11日 · お支払い待ち\n¥3,000\n"
        "第2期\n2026年3月21日 · お支払い待ち\n¥4,000\n"
        "第3期\n2026年3月31日 · お支払い待ち\n¥5,000"
    ) in shown.text
    assert "次回分 ¥3,000\n次の 2 回分 ¥7,000\n残りの全額 ¥12,000" in shown.text
    assert fetch(invoice["invoice_pdf"]).shows("お支払い計画", "第2期", "2026年3月21日", "¥4,000")

    assert visitor.follow(visitor.pay(page)).state == "partially_paid"
    assert issuer.now(invoice)["amount_paid"] == 3_000
    shop.time.now = START + 21 * DAY
    late = visitor.open(page)
    assert late.state == "past_due"
    assert "第1期\n2026年3月11日 · お支払い済み" in late.text
    assert "第2期\n2026年3月21日 · 期限超過" in late.text
    assert "¥4,000 のお支払い期限（2026年3月21日）を過ぎています" in late.text
    assert fetch(invoice["invoice_pdf"]).shows("次回のお支払い期限", "2026年3月21日", "¥9,000")
    assert visitor.follow(visitor.pay(page, amount="9000")).state == "paid"
    assert [charge["amount"] for charge in issuer.charges()] == [3_000, 9_000]


def test_an_instalment_of_which_a_part_came_says_what_is_left(
    issuer: Issuer, visitor: Visitor, english: Visitor
) -> None:
    invoice = planned(issuer)
    form = {"amount": "1000", "currency": "jpy", "customer": invoice["customer"]}
    form |= {"payment_method": "pm_card_visa", "confirm": "true", "off_session": "true"}
    came = issuer.post("/v1/payment_intents", form)
    issuer.do(invoice, "attach_payment", payment_intent=came["id"])
    shown = visitor.open(invoice["hosted_invoice_url"]).text
    assert "第1期\n2026年3月11日 · お支払い待ち · 残り ¥2,000\n¥3,000" in shown
    assert "次回 ¥2,000 · お支払い期限 2026年3月11日" in shown
    assert "次回分 ¥2,000\n次の 2 回分 ¥6,000\n残りの全額 ¥11,000" in shown
    shown = english.open(invoice["hosted_invoice_url"]).text
    assert "Next: ¥2,000 due March 11, 2026" in shown


def test_a_void_plan_asks_for_none_of_its_instalments(issuer: Issuer, visitor: Visitor) -> None:
    invoice = planned(issuer)
    issuer.do(invoice, "void")
    shown = visitor.open(invoice["hosted_invoice_url"]).text
    assert "第1期\n2026年3月11日 · 無効\n¥3,000" in shown
    assert "お支払い待ち" not in shown


def test_an_amount_that_was_not_offered_pays_the_next_instalment(
    issuer: Issuer, visitor: Visitor
) -> None:
    invoice = planned(issuer)
    visitor.pay(invoice["hosted_invoice_url"], amount="1")
    assert issuer.now(invoice)["amount_paid"] == 3_000
    plain = issuer.open_invoice()
    visitor.pay(plain["hosted_invoice_url"], amount="1")
    assert issuer.now(plain)["amount_paid"] == 10_000


def test_an_invoice_whose_payment_was_taken_off_is_open_again(
    issuer: Issuer, visitor: Visitor
) -> None:
    invoice = issuer.open_invoice()
    page = invoice["hosted_invoice_url"]
    visitor.pay(page)
    (payment,) = issuer.get(f"/v1/invoice_payments?invoice={invoice['id']}&status=paid")["data"]
    issuer.do(invoice, "detach_payment", payment_intent=payment["payment"]["payment_intent"])
    shown = visitor.open(page)
    assert (shown.state, shown.takes_a_card) == ("open", True)
    assert "お支払いの記録" not in shown.text
    assert visitor.open(f"{page}/receipts/{payment['id']}").status == 404
    assert visitor.open(f"{page}/receipt").status == 303
    assert visitor.follow(visitor.pay(page)).state == "paid"
