"""Paying on the page: once, whatever is clicked; refusals in words; 3-D Secure; nothing kept of a card."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.processors.port import ChargeRequest
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.wire.hosted import pay
from tests.hosted.shop import CARD, VISA, Issuer, Seen, Shop, Visitor, running_shop


def test_a_card_pays_the_invoice(issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    paid = visitor.pay(invoice["hosted_invoice_url"])
    assert paid.status == 303
    shown = visitor.follow(paid)
    assert (shown.url, shown.state) == (invoice["hosted_invoice_url"], "paid")
    assert "Visa •••• 4242" in shown.text

    now = issuer.now(invoice)
    assert (now["status"], now["amount_paid"], now["amount_remaining"]) == ("paid", 10_000, 0)
    assert [(c["amount"], c["status"]) for c in issuer.charges()] == [(10_000, "succeeded")]
    assert issuer.event_types()[-6:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
    ]


def test_a_card_typed_as_people_in_japan_do_is_understood(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    paid = visitor.pay(
        page, number="４２４２－４２４２－４２４２－４２４２", expiry="１２／３０", cvc="１２３"
    )
    assert visitor.follow(paid).state == "paid"


@pytest.mark.parametrize("expiry", ["3/26", "03/26", "03 / 2026", "0326", "032026", "3-26"])
def test_a_card_is_good_to_the_end_of_its_month(
    issuer: Issuer, visitor: Visitor, expiry: str
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    assert visitor.pay(page, expiry=expiry).status == 303


# ── once ───────────────────────────────────────────────────────────────────────────────────────


def test_the_same_form_sent_twice_pays_once(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    token = visitor.open(page).token
    answers = [visitor.pay(page, token), visitor.pay(page, token)]
    assert [answer.status for answer in answers] == [303, 303]
    assert [visitor.follow(answer).state for answer in answers] == ["paid", "paid"]
    assert len(issuer.charges()) == 1


def test_two_windows_pay_once(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    tokens = [visitor.open(page).token for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert [visitor.pay(page, token).status for token in tokens] == [303, 303]
    assert len(issuer.charges()) == 1


def test_eight_clicks_at_once_pay_once(issuer: Issuer) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    first = Visitor()
    token, own = first.open(page).token, [first.open(page).token for _ in range(4)]
    answers: list[Seen] = []

    def click(with_token: str) -> None:
        visitor = Visitor()
        answers.append(visitor.pay(page, with_token))
        visitor.client.close()

    threads = [threading.Thread(target=click, args=(one,)) for one in [*[token] * 4, *own]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status for answer in answers] == [303] * 8
    assert first.open(page).state == "paid"
    first.client.close()
    assert [charge["status"] for charge in issuer.charges()] == ["succeeded"]


def test_a_declined_form_sent_again_is_declined_without_another_charge(
    issuer: Issuer, visitor: Visitor
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    token = visitor.open(page).token
    for _ in range(2):
        answer = visitor.pay(page, token, number="4000000000000002")
        assert answer.status == 402
    assert len(issuer.charges()) == 1


def test_an_old_form_with_another_card_asks_for_the_card_again(
    issuer: Issuer, visitor: Visitor
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    token = visitor.open(page).token
    assert visitor.pay(page, token, number="4000000000000002").status == 402
    again = visitor.pay(page, token)
    assert (again.status, again.state) == (409, "open")
    assert again.alert == "この画面は送信済みでした。もう一度カード情報を入力してください。"
    assert visitor.pay(page, again.token).status == 303


@pytest.mark.parametrize("verb", ["void", "pay"])
def test_a_form_opened_before_the_invoice_changed_charges_nothing(
    issuer: Issuer, visitor: Visitor, verb: str
) -> None:
    invoice = issuer.open_invoice()
    token = visitor.open(invoice["hosted_invoice_url"]).token
    issuer.do(invoice, verb, **({"paid_out_of_band": "true"} if verb == "pay" else {}))
    answer = visitor.pay(invoice["hosted_invoice_url"], token)
    assert visitor.follow(answer).state == {"void": "void", "pay": "paid"}[verb]
    assert issuer.charges() == []


# ── refusals ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "japanese", "english_text"),
    [
        (
            "4000000000000002",
            "カードが承認されませんでした。別のカードをお試しいただくか、カード会社へお問い合わせください。",
            "Your card was declined. Try another card, or ask your bank.",
        ),
        (
            "4000000000009995",
            "カードの利用可能額が不足しています。別のカードをお試しください。",
            "Your card has insufficient funds. Try another card.",
        ),
        (
            "4000000000009987",
            "カードが承認されませんでした。別のカードをお試しいただくか、カード会社へお問い合わせください。",
            "Your card was declined. Try another card, or ask your bank.",
        ),
        (
            "4000000000000069",
            "このカードは有効期限が切れています。別のカードをお試しください。",
            "Your card has expired. Try another card.",
        ),
        (
            "4000000000000127",
            "セキュリティコードが正しくありません。",
            "The security code is not correct.",
        ),
        (
            "4000000000000119",
            "カード会社との通信で問題が発生しました。しばらくしてからもう一度お試しください。",
            "Something went wrong between us and your bank. Try again in a little while.",
        ),
    ],
)
def test_a_declined_card_is_told_in_words_and_nothing_is_lost(
    issuer: Issuer,
    visitor: Visitor,
    english: Visitor,
    number: str,
    japanese: str,
    english_text: str,
) -> None:
    invoice = issuer.open_invoice()
    page = invoice["hosted_invoice_url"]
    declined = visitor.pay(page, number=number)
    assert (declined.status, declined.state, declined.alert) == (402, "open", japanese)
    assert english.open(page).alert == english_text
    assert issuer.now(invoice)["status"] == "open"
    assert issuer.charges()[-1]["status"] == "failed"

    paid = visitor.pay(page, declined.token)
    assert visitor.follow(paid).state == "paid"


def test_a_real_card_is_not_taken_in_test_mode(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    declined = visitor.pay(page, number="4012888888881881")
    assert declined.status == 402
    assert declined.alert == "テストモードでは、テスト用のカード番号だけをお使いいただけます。"
    assert issuer.charges() == []


# ── bad input ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("number", "", "カード番号を入力してください。"),
        ("number", "4242 4242 4242 424x", "カード番号は数字で入力してください。"),
        ("number", "四二四二", "カード番号は数字で入力してください。"),
        ("number", "4242", "カード番号の桁数が正しくありません。"),
        ("number", "4" * 20, "カード番号の桁数が正しくありません。"),
        ("number", "4242424242424241", "カード番号が正しくありません。もう一度ご確認ください。"),
        ("expiry", "", "有効期限を入力してください。"),
        ("expiry", "soon", "有効期限は「12 / 30」のように月と年で入力してください。"),
        ("expiry", "13/30", "月は 01 から 12 で入力してください。"),
        ("expiry", "00/30", "月は 01 から 12 で入力してください。"),
        ("expiry", "01/26", "このカードは有効期限が切れています。"),
        ("expiry", "12/2099", "有効期限の年が正しくありません。"),
        ("cvc", "", "セキュリティコードを入力してください。"),
        ("cvc", "12", "セキュリティコードは 3 桁または 4 桁の数字です。"),
        ("cvc", "abc", "セキュリティコードは 3 桁または 4 桁の数字です。"),
    ],
)
def test_bad_input_is_answered_beside_its_field(
    issuer: Issuer, visitor: Visitor, name: str, typed: str, message: str
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    answer = visitor.pay(page, **{name: typed})
    assert (answer.status, answer.state) == (422, "open")
    assert answer.error_of(name) == message
    for other in {"number", "expiry", "cvc"} - {name}:
        assert answer.error_of(other) is None
    assert issuer.charges() == []
    assert visitor.pay(page, answer.token).status == 303


def test_nothing_of_the_card_but_its_expiry_comes_back(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    answer = visitor.pay(page, number="4242424242424241", cvc="987")
    assert "4242424242424241" not in answer.html
    assert "987" not in answer.html
    assert 'value="12 / 30"' in answer.html


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"&&&===",
        b"number=%zz%ff&expiry=%00",
        b'{"number": "4242"}',
        b"a=1&" * 50,
    ],
)
def test_what_is_no_form_is_answered_like_an_empty_one(
    issuer: Issuer, visitor: Visitor, body: bytes
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    answer = visitor.send("POST", page, content=body)
    assert answer.status == 422
    assert answer.alert == "画面が古くなっていました。もう一度カード情報を入力してください。"


@pytest.mark.parametrize("token", ["short", "0" * 25, "0" * 23 + "'", "０" * 24])
def test_a_token_that_no_page_gave_out_is_not_taken(
    issuer: Issuer, visitor: Visitor, token: str
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    assert visitor.pay(page, token).status == 422
    assert issuer.charges() == []


# ── 3-D Secure ─────────────────────────────────────────────────────────────────────────────────


def _challenged(issuer: Issuer, visitor: Visitor) -> tuple[dict[str, str], Seen]:
    invoice = issuer.open_invoice()
    challenge = visitor.follow(
        visitor.pay(invoice["hosted_invoice_url"], number="4000 0000 0000 3220")
    )
    assert challenge.url == f"{invoice['hosted_invoice_url']}/authenticate"
    assert "Visa •••• 3220 で ¥10,000 をお支払いになろうとしています" in challenge.text
    return invoice, challenge


def test_a_card_with_3d_secure_pays_once_the_customer_authenticates(
    issuer: Issuer, visitor: Visitor
) -> None:
    invoice, challenge = _challenged(issuer, visitor)
    assert issuer.now(invoice)["status"] == "open"
    passed = {"form_token": challenge.token, "result": "authenticated"}
    answers = [visitor.send("POST", challenge.url, data=passed) for _ in range(2)]
    assert [visitor.follow(answer).state for answer in answers] == ["paid", "paid"]
    assert [charge["status"] for charge in issuer.charges()] == ["succeeded"]


def test_a_failed_authentication_leaves_the_invoice_to_another_card(
    issuer: Issuer, visitor: Visitor
) -> None:
    _, challenge = _challenged(issuer, visitor)
    failed = {"form_token": challenge.token, "result": "failed"}
    shown = visitor.follow(visitor.send("POST", challenge.url, data=failed))
    assert (shown.status, shown.state) == (200, "open")
    assert shown.alert == "カード会社の認証が完了しませんでした。お支払いは行われていません。"
    assert issuer.charges() == []
    assert issuer.event_types()[-2:] == ["payment_intent.payment_failed", "invoice.payment_failed"]
    intent = issuer.get("/v1/payment_intents")["data"][0]
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert visitor.follow(visitor.pay(shown.url)).state == "paid"
    assert visitor.follow(visitor.open(challenge.url)).state == "paid"


def test_an_unfinished_authentication_is_offered_on_the_page(
    issuer: Issuer, visitor: Visitor
) -> None:
    invoice, challenge = _challenged(issuer, visitor)
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.state, shown.takes_a_card) == ("authenticate", True)
    assert f'href="../i/{challenge.url.split("/i/")[1]}"' in shown.html
    # Another card ends it: the old challenge then leads to the page, and charges nothing.
    assert visitor.follow(visitor.pay(shown.url)).state == "paid"
    late = {"form_token": challenge.token, "result": "authenticated"}
    assert visitor.follow(visitor.send("POST", challenge.url, data=late)).state == "paid"
    assert len(issuer.charges()) == 1


def test_a_challenge_that_nobody_awaits_leads_back_to_the_page(
    issuer: Issuer, visitor: Visitor
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    assert visitor.follow(visitor.open(f"{page}/authenticate")).state == "open"
    for result in ("authenticated", "failed", ""):
        given = {"form_token": "0" * 24, "result": result}
        answer = visitor.send("POST", f"{page}/authenticate", data=given)
        assert visitor.follow(answer).state == "open"
    assert issuer.charges() == []


# ── a slow processor ───────────────────────────────────────────────────────────────────────────


class SlowProcessor(TestCardProcessor):
    """A processor that answers when the test lets it."""

    instant = False

    def __init__(self) -> None:
        """It holds every charge until `answer` is set."""
        self.asked, self.answer = threading.Event(), threading.Event()

    def charge(self, request: ChargeRequest) -> Outcome:
        """Wait, then answer as the card does."""
        self.asked.set()
        assert self.answer.wait(30)
        return super().charge(request)


@pytest.fixture
def slow(database_url: str) -> Iterator[tuple[Shop, SlowProcessor]]:
    processor = SlowProcessor()
    with running_shop(database_url, processor) as shop:
        yield shop, processor
        processor.answer.set()


def test_a_charge_on_its_way_is_shown_and_takes_no_second_card(
    slow: tuple[Shop, SlowProcessor], visitor: Visitor
) -> None:
    shop, processor = slow
    issuer = shop.issuer()
    page = issuer.open_invoice()["hosted_invoice_url"]
    token = visitor.open(page).token
    other = visitor.open(page).token
    answers: list[Seen] = []
    paying = threading.Thread(target=lambda: answers.append(Visitor().pay(page, token)))
    paying.start()
    assert processor.asked.wait(30)

    shown = visitor.open(page)
    assert (shown.state, shown.takes_a_card) == ("processing", False)
    assert '<meta http-equiv="refresh"' in shown.html
    for again in (token, other):
        assert visitor.follow(visitor.pay(page, again)).state == "processing"

    processor.answer.set()
    paying.join(30)
    assert [answer.status for answer in answers] == [303]
    assert visitor.open(page).state == "paid"
    assert len(issuer.charges()) == 1
    issuer.client.close()


# ── nothing is kept of a card ──────────────────────────────────────────────────────────────────


def test_no_card_number_reaches_the_database(
    tmp_path: Path, visitor: Visitor, capfd: pytest.CaptureFixture[str]
) -> None:
    numbers = [VISA, "4000000000003220", "4000000000000002", "4242424242424241"]
    file = tmp_path / "seikyu.db"
    with running_shop(f"sqlite:///{file}") as shop:
        issuer = shop.issuer()
        for number in numbers:
            page = issuer.open_invoice()["hosted_invoice_url"]
            visitor.pay(page, number=number, cvc="8642")
        visitor.pay(issuer.open_invoice()["hosted_invoice_url"], number=CARD["number"])
        issuer.client.close()
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("seikyu.db*"))
    printed = "".join(capfd.readouterr())
    assert b"requires_action" in stored
    for number in numbers:
        assert number.encode() not in stored
        assert number not in printed
    assert CARD["number"].encode() not in stored


def test_a_command_that_carries_a_card_does_not_print_it() -> None:
    asked = pay("in_1", "key", number=VISA, exp_month=12, exp_year=2030, cvc="8642")
    for shown in (repr(asked), str(asked.command), f"{asked.command!r}"):
        assert VISA not in shown
        assert "8642" not in shown


# ── when something is broken ───────────────────────────────────────────────────────────────────


def test_a_database_that_is_gone_is_a_friendly_page(tmp_path: Path, visitor: Visitor) -> None:
    file = tmp_path / "seikyu.db"
    with running_shop(f"sqlite:///{file}") as shop:
        issuer = shop.issuer()
        page = issuer.open_invoice()["hosted_invoice_url"]
        token = visitor.open(page).token
        from sqlalchemy import create_engine, text

        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE attempts RENAME TO attempts_away"))
        answers = [visitor.open(page), visitor.pay(page, token)]
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE attempts_away RENAME TO attempts"))
        engine.dispose()
        assert [answer.status for answer in answers] == [503, 503]
        assert "ただいまご利用いただけません" in answers[0].text
        assert answers[0].headers["retry-after"] == "5"
        assert visitor.follow(visitor.pay(page, token)).state == "paid"
        issuer.client.close()
