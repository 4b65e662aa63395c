"""The customer portal: who gets in and for how long, what it shows, what it changes, and for whom."""

import re

import pytest

from tests.hosted.shop import START, Issuer, Seen, Shop, Visitor

MINUTE = 60
HOUR = 3600
FEATURES = {
    "features[invoice_history][enabled]": "true",
    "features[payment_method_update][enabled]": "true",
    "features[customer_update][enabled]": "true",
    "features[customer_update][allowed_updates][0]": "email",
    "features[customer_update][allowed_updates][1]": "name",
    "features[customer_update][allowed_updates][2]": "address",
}


def portal(issuer: Issuer, customer: str, **form: str) -> str:
    """The address of a new session."""
    made = issuer.post("/v1/billing_portal/sessions", {"customer": customer, **form})
    return str(made["url"])


def sent(visitor: Visitor, page: str, to: str, **fields: str) -> Seen:
    """Send a form of the portal to the page `to` of it, with the token that the portal gave out."""
    token = session_token(visitor.open(f"{page}/details"))
    return visitor.send("POST", page + to, data={"session_token": token, **fields})


def session_token(seen: Seen) -> str:
    """The token that every form of the session holds."""
    found = re.search(r'name="session_token" value="(\w+)"', seen.html)
    assert found, seen.text
    return found[1]


def cards(issuer: Issuer, customer: str) -> list[str]:
    """The last four digits of the customer's cards, newest first."""
    found = issuer.get(f"/v1/customers/{customer}/payment_methods")["data"]
    return [card["card"]["last4"] for card in found]


def default_card(issuer: Issuer, customer: str) -> str | None:
    """The id of the card that is charged."""
    shown = issuer.get(f"/v1/customers/{customer}")
    default: str | None = shown["invoice_settings"]["default_payment_method"]
    return default


def add_card(visitor: Visitor, page: str, **fields: str) -> Seen:
    """Fill in the form for a card and send it."""
    form = visitor.open(f"{page}/cards")
    card = {"number": "4242 4242 4242 4242", "expiry": "12 / 30", "cvc": "123"}
    data = {"session_token": session_token(form), "form_token": form.token, **card, **fields}
    return visitor.send("POST", f"{page}/cards", data=data)


# ── the way in ─────────────────────────────────────────────────────────────────────────────────


def test_a_session_that_is_not_opened_within_five_minutes_is_over(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    early, late = (portal(issuer, issuer.customer()) for _ in range(2))
    shop.time.now = START + 5 * MINUTE - 1
    assert visitor.open(early).status == 200
    shop.time.now = START + 5 * MINUTE
    shown = visitor.open(late)
    assert shown.status == 410
    assert "お客様ページの有効期限が切れました" in shown.text


def test_an_opened_session_works_for_an_hour(shop: Shop, issuer: Issuer, visitor: Visitor) -> None:
    page = portal(issuer, issuer.customer())
    shop.time.now = START + 2 * MINUTE
    shown = visitor.open(page)
    assert "このページは 01:02 まで開いています。" in shown.text
    token = session_token(visitor.open(f"{page}/cards"))
    shop.time.now = START + 2 * MINUTE + HOUR - 1
    assert visitor.open(page).status == 200
    shop.time.now += 1
    assert visitor.open(page).status == 410
    assert visitor.open(f"{page}/cards").status == 410
    answer = visitor.send("POST", f"{page}/cards", data={"session_token": token})
    assert answer.status == 410


def test_looking_at_the_headers_alone_does_not_open_a_session(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    page = portal(issuer, issuer.customer())
    assert visitor.send("HEAD", page).status == 200
    shop.time.now = START + 5 * MINUTE
    assert visitor.open(page).status == 410


def test_an_unknown_key_leads_nowhere(shop: Shop, issuer: Issuer, visitor: Visitor) -> None:
    page = portal(issuer, issuer.customer())
    for address in (page[:-1], page[:-1] + "~", f"{shop.base}/p/session/{'0' * 48}"):
        assert visitor.open(address).status == 404
    assert visitor.open(f"{page}/nothing").status == 404


def test_a_deleted_customer_has_no_portal(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    page = portal(issuer, customer)
    issuer.client.delete(
        f"{issuer.base}/v1/customers/{customer}",
        headers={"authorization": f"Bearer {issuer.key}"},
    )
    assert visitor.open(page).status == 404


def test_the_portal_leads_back_and_speaks_the_language_it_was_made_for(
    issuer: Issuer, visitor: Visitor
) -> None:
    page = portal(issuer, issuer.customer(), return_url="https://example.jp/account", locale="en")
    shown = visitor.open(page)
    assert 'href="https://example.jp/account"' in shown.html
    assert "Back to 株式会社サンプル制作所" in shown.text
    assert "Your account\n株式会社サンプル商事" in shown.text
    assert "お客様ページ\n株式会社サンプル商事 御中" in visitor.open(page + "?locale=ja").text


# ── what it shows ──────────────────────────────────────────────────────────────────────────────


def test_invoices_that_are_owed_stand_first_with_their_sum(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    customer = issuer.customer()
    paid = issuer.open_invoice(1_000, customer=customer)
    issuer.do(paid, "pay", paid_out_of_band="true")
    void = issuer.open_invoice(2_000, customer=customer)
    issuer.do(void, "void")
    owed = [issuer.open_invoice(amount, customer=customer) for amount in (3_000, 4_000)]
    issuer.draft(9_999, customer=customer)
    shop.time.now = START + 31 * 86_400
    text = visitor.open(portal(issuer, customer)).text
    assert "お支払いが必要な請求書\n2 件の合計\n¥7,000" in text
    order = [text.index(str(each["number"])) for each in (owed[1], owed[0], void, paid)]
    assert order == sorted(order)
    assert text.count("期限超過") == 2
    assert "¥9,999" not in text


def test_an_invoice_of_the_list_leads_to_its_page_and_its_papers(
    issuer: Issuer, visitor: Visitor
) -> None:
    customer = issuer.customer()
    invoice = issuer.open_invoice(customer=customer)
    page = portal(issuer, customer)
    leads = {
        "": "",
        "?paper=pdf": "/pdf",
        "?paper=receipt": "/receipt",
        "?paper=../../v1": "",
    }
    for query, beneath in leads.items():
        answer = visitor.open(f"{page}/invoices/{invoice['id']}{query}")
        assert answer.status == 303
        address = invoice["hosted_invoice_url"].removeprefix(issuer.base)
        assert answer.headers["location"].removeprefix("../../../..") == (
            f"{address}{beneath}?locale=ja"
        )
    assert visitor.follow(visitor.open(f"{page}/invoices/{invoice['id']}")).state == "open"


def test_older_invoices_are_a_page_away(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    numbers = [issuer.open_invoice(0, customer=customer)["number"] for _ in range(21)]
    page = portal(issuer, customer)
    first = visitor.open(page)
    assert numbers[0] not in first.text
    assert numbers[1] in first.text
    found = re.search(r"\?older=(\w+)", first.html)
    assert found
    second = visitor.open(f"{page}?older={found[1]}")
    assert numbers[0] in second.text
    assert numbers[1] not in second.text


def test_what_the_configuration_does_not_offer_is_not_there(
    issuer: Issuer, visitor: Visitor
) -> None:
    made = issuer.post(
        "/v1/billing_portal/configurations", {"features[invoice_history][enabled]": "false"}
    )
    customer = issuer.customer()
    invoice = issuer.open_invoice(customer=customer)
    page = portal(issuer, customer, configuration=made["id"])
    shown = visitor.open(page)
    for word in ("お支払いが必要な請求書", "カードを追加", "お客様の情報"):
        assert word not in shown.text
    for path in (f"/invoices/{invoice['id']}", "/cards", "/cards/pm_1/remove", "/details"):
        assert visitor.open(page + path).status == 404


# ── cards ──────────────────────────────────────────────────────────────────────────────────────


def test_the_first_card_becomes_the_one_that_is_charged(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    page = portal(issuer, customer)
    assert visitor.follow(add_card(visitor, page)).status == 200
    first = default_card(issuer, customer)
    assert first is not None
    add_card(visitor, page, number="5555555555554444")
    assert cards(issuer, customer) == ["4444", "4242"]
    assert default_card(issuer, customer) == first
    add_card(visitor, page, number="3566002020360505", as_default="yes")
    assert default_card(issuer, customer) != first
    assert "JCB •••• 0505\nお支払いに使うカード" in visitor.open(page).text
    assert issuer.event_types()[-2:] == ["payment_method.attached", "customer.updated"]


def test_a_card_form_sent_twice_adds_one_card(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    page = portal(issuer, customer)
    form = visitor.open(f"{page}/cards")
    data = {"session_token": session_token(form), "form_token": form.token}
    data |= {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}
    answers = [visitor.send("POST", f"{page}/cards", data=data) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert cards(issuer, customer) == ["4242"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4000000000000002", "カードが承認されませんでした。"),
        ("4000000000009995", "カードの利用可能額が不足しています。"),
        ("4000000000000069", "このカードは有効期限が切れています。"),
        ("4012888888881881", "テストモードでは、テスト用のカード番号だけをお使いいただけます。"),
    ],
)
def test_a_card_that_is_refused_is_not_kept(
    issuer: Issuer, visitor: Visitor, number: str, said: str
) -> None:
    customer = issuer.customer()
    answer = add_card(visitor, portal(issuer, customer), number=number)
    assert answer.status == 402
    assert answer.alert is not None
    assert answer.alert.startswith(said)
    assert cards(issuer, customer) == []


def test_a_card_that_was_mistyped_is_said_beside_the_field(
    issuer: Issuer, visitor: Visitor
) -> None:
    customer = issuer.customer()
    answer = add_card(visitor, portal(issuer, customer), number="4242424242424241")
    assert answer.status == 422
    assert answer.error_of("number") == "カード番号が正しくありません。もう一度ご確認ください。"
    assert "4242424242424241" not in answer.html
    assert cards(issuer, customer) == []


def test_another_card_can_be_chosen_and_a_card_removed(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    page = portal(issuer, customer)
    add_card(visitor, page)
    add_card(visitor, page, number="5555555555554444")
    newer, older = (
        card["id"] for card in issuer.get(f"/v1/customers/{customer}/payment_methods")["data"]
    )
    assert default_card(issuer, customer) == older
    assert sent(visitor, page, f"/cards/{newer}/default").status == 303
    assert default_card(issuer, customer) == newer

    asked = visitor.open(f"{page}/cards/{newer}/remove")
    assert "Mastercard •••• 4444 を削除します。" in asked.text
    assert "お支払いには Visa •••• 4242 が使われるようになります。" in asked.text
    assert sent(visitor, page, f"/cards/{newer}/remove").status == 303
    assert cards(issuer, customer) == ["4242"]
    assert default_card(issuer, customer) == older
    assert visitor.open(f"{page}/cards/{newer}/remove").status == 404

    sent(visitor, page, f"/cards/{older}/remove")
    assert cards(issuer, customer) == []
    assert default_card(issuer, customer) is None


# ── details ────────────────────────────────────────────────────────────────────────────────────


def test_customers_change_of_themselves_what_they_may(issuer: Issuer, visitor: Visitor) -> None:
    made = issuer.post("/v1/billing_portal/configurations", FEATURES)
    customer = issuer.customer(phone="03-0000-0000")
    page = portal(issuer, customer, configuration=made["id"])
    answer = sent(
        visitor,
        page,
        "/details",
        name="株式会社サンプル商会",
        email="shiharai@example.jp",
        postal_code="100-0000",
        state="東京都",
        city="千代田区",
        line1="見本町1-2-3",
        phone="09-9999-9999",
    )
    assert "お客様ページ\n株式会社サンプル商会 御中" in visitor.follow(answer).text
    shown = issuer.get(f"/v1/customers/{customer}")
    assert (shown["name"], shown["email"]) == ("株式会社サンプル商会", "shiharai@example.jp")
    assert shown["phone"] == "03-0000-0000"
    assert shown["address"] == {
        "city": "千代田区",
        "country": "JP",
        "line1": "見本町1-2-3",
        "line2": None,
        "postal_code": "100-0000",
        "state": "東京都",
    }
    assert issuer.event_types()[-1] == "customer.updated"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "nobody", "メールアドレスの形が正しくありません。"),
        ("email", "", "メールアドレスの形が正しくありません。"),
        ("name", "", "名前を入力してください。"),
        ("name", "あ" * 501, "長すぎます。500 文字までで入力してください。"),
    ],
)
def test_details_that_cannot_be_kept_are_said_beside_their_field(
    issuer: Issuer, visitor: Visitor, field: str, value: str, said: str
) -> None:
    made = issuer.post("/v1/billing_portal/configurations", FEATURES)
    customer = issuer.customer()
    page = portal(issuer, customer, configuration=made["id"])
    given = {"name": "見本", "email": "a@example.jp", field: value}
    answer = sent(visitor, page, "/details", **given)
    assert (answer.status, answer.error_of(field)) == (422, said)
    assert issuer.get(f"/v1/customers/{customer}")["name"] == "株式会社サンプル商事"


def test_what_a_customer_types_is_text_and_never_markup(issuer: Issuer, visitor: Visitor) -> None:
    made = issuer.post("/v1/billing_portal/configurations", FEATURES)
    page = portal(issuer, issuer.customer(), configuration=made["id"])
    answer = sent(visitor, page, "/details", name='"><script>1</script>', email="a@example.jp")
    for html in (visitor.follow(answer).html, visitor.open(f"{page}/details").html):
        assert "<script" not in html


# ── nobody else ────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_another_customer_can_be_seen_or_changed(
    issuer: Issuer, visitor: Visitor
) -> None:
    mine, other = issuer.customer(), issuer.customer("株式会社サンプル物産")
    theirs = issuer.open_invoice(123_456, customer=other)
    card = issuer.post("/v1/payment_methods/pm_card_visa/attach", {"customer": other})["id"]
    page = portal(issuer, mine)
    assert "123,456" not in visitor.open(page).text
    assert visitor.open(f"{page}/invoices/{theirs['id']}").status == 404
    assert visitor.open(f"{page}/cards/{card}/remove").status == 404
    token = session_token(visitor.open(f"{page}/cards"))
    for what in ("default", "remove"):
        answer = visitor.send("POST", f"{page}/cards/{card}/{what}", data={"session_token": token})
        assert answer.status == 404
    assert cards(issuer, other) == ["4242"]
    assert default_card(issuer, mine) is None


def test_nothing_of_another_account_can_be_seen(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    foreign = shop.issuer("株式会社サンプル他社")
    theirs = foreign.open_invoice()
    card = foreign.post(
        "/v1/payment_methods/pm_card_visa/attach", {"customer": foreign.customer()}
    )["id"]
    page = portal(issuer, issuer.customer())
    assert visitor.open(f"{page}/invoices/{theirs['id']}").status == 404
    assert visitor.open(f"{page}/cards/{card}/remove").status == 404
    foreign.client.close()


def test_a_form_from_elsewhere_is_not_accepted(issuer: Issuer, visitor: Visitor) -> None:
    customer, other = issuer.customer(), issuer.customer()
    card = issuer.post("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})["id"]
    page = portal(issuer, customer)
    visitor.open(page)
    foreign = session_token(visitor.open(portal(issuer, other) + "/cards"))
    for data in ({}, {"session_token": ""}, {"session_token": foreign}, {"session_token": "é"}):
        answer = visitor.send("POST", f"{page}/cards/{card}/remove", data=data)
        assert answer.status == 403
        assert "この操作は受け付けられませんでした" in answer.text
    token = session_token(visitor.open(f"{page}/cards"))
    visitor.client.headers["sec-fetch-site"] = "cross-site"
    answer = visitor.send("POST", f"{page}/cards/{card}/remove", data={"session_token": token})
    assert answer.status == 403
    assert cards(issuer, customer) == ["4242"]


def test_the_portal_has_the_strict_headers_of_all_pages(issuer: Issuer, visitor: Visitor) -> None:
    page = portal(issuer, issuer.customer())
    for path in ("", "/cards", "/details"):
        shown = visitor.open(page + path)
        assert shown.headers["content-security-policy"].startswith("default-src 'none'")
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert shown.headers["cache-control"] == "no-store"
        assert "set-cookie" not in shown.headers
        assert "<script" not in shown.html
        assert "style=" not in shown.html


def test_a_method_that_a_page_does_not_take_is_said(issuer: Issuer, visitor: Visitor) -> None:
    page = portal(issuer, issuer.customer())
    assert visitor.send("POST", page).status == 405
    assert visitor.open(f"{page}/cards/pm_1/default").status == 405
