"""What mails say: read back as a mail program reads them, in both languages."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from seikyu.engine.letters.letter import Letter
from seikyu.engine.letters.message import RecipientUnusable, message, split, usable
from seikyu.engine.letters.words import MAIL_WORDS
from seikyu.engine.store.mails import Written
from seikyu.engine.worker import Server
from tests.api.room import START, Caller, Room, running_room
from tests.documents.reader import Pdf
from tests.mailing import owe
from tests.mailserver import MailServer

DAY = 86_400
VOID = frozenset(("br", "meta", "o:pixelsperinch"))


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with MailServer() as running:
        yield running


@pytest.fixture(scope="module")
def shared_room(tmp_path_factory: pytest.TempPathFactory, server: MailServer) -> Iterator[Room]:
    """An engine that sends. What a mail says does not depend on the database."""
    folder: Path = tmp_path_factory.mktemp("letters")
    reached = Server("127.0.0.1", server.port, "none", "billing@example.jp")
    with running_room(f"sqlite:///{folder / 'seikyu.db'}", mail_server=reached) as room:
        yield room


@pytest.fixture
def room(shared_room: Room) -> Room:
    """The engine, its time back at the start."""
    shared_room.time.now = START
    return shared_room


@pytest.fixture
def api(room: Room) -> Iterator[Caller]:
    """The live key of a new account."""
    caller = Caller(room.base, room.keys()[True, "secret"])
    yield caller
    caller.client.close()


@pytest.fixture
def tester(room: Room) -> Iterator[Caller]:
    """The test key of a new account: where cards can be charged."""
    caller = room.account()
    yield caller
    caller.client.close()


def invoice(api: Caller, *, customer: dict[str, Any] | None = None, **form: Any) -> str:
    """Finalize an invoice of three lines, two of them at 10 % and one at the reduced rate."""
    given = {"name": "株式会社サンプル商事", "email": "keiri@example.jp", **(customer or {})}
    card = given.pop("card", None)
    someone = api.customer(card=card, **given)
    terms = {"collection_method": "send_invoice", "days_until_due": 30} if card is None else {}
    made = api.post("/v1/invoices", customer=someone, **{"currency": "jpy", **terms, **form})
    ten, eight = (_rate(api, percentage) for percentage in ("10", "8"))
    lines: dict[str, Any] = {}
    sold = (("サイト制作", 350_000, ten), ("保守", 30_000, ten), ("お弁当", 10_000, eight))
    for n, (text, amount, rate) in enumerate(sold):
        lines |= {f"lines[{n}][description]": text, f"lines[{n}][amount]": amount}
        lines |= {f"lines[{n}][tax_rates][0]": rate}
    api.post_form(f"/v1/invoices/{made['id']}/add_lines", lines)
    api.post(f"/v1/invoices/{made['id']}/finalize", auto_advance="false")
    identifier: str = made["id"]
    return identifier


def _rate(api: Caller, percentage: str) -> str:
    made = api.post(
        "/v1/tax_rates", display_name="消費税", percentage=percentage, inclusive="false"
    )
    identifier: str = made["id"]
    return identifier


def sent(room: Room, server: MailServer, mail: str) -> EmailMessage:
    """Let the worker send the mail; return it as it arrived."""
    room.drain()
    (found,) = (one.message for one in server.received if mail in one.message["Message-ID"])
    return found


def captured(room: Room, tester: Caller, mail: str) -> Any:
    """Let the worker write the mail; return it as the API shows it."""
    room.drain()
    told = tester.get(f"/v1/seikyu/mails/{mail}")
    assert told["status"] == "captured"
    return told


def bodies(received: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a mail."""
    plain, html = received.get_body(("plain",)), received.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


class Reader(HTMLParser):
    """Reads what is seen of a page, and its links; every element that is opened must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(data.strip())

    @property
    def seen(self) -> str:
        """All texts, one space between them."""
        return " ".join(each for each in self.text if each)


# ── an invoice ─────────────────────────────────────────────────────────────────────────────────


def test_an_invoice_in_japanese(room: Room, api: Caller, server: MailServer) -> None:
    made = invoice(api)
    api.post_form("/v1/seikyu/settings", {"business[registration_number]": "T1234567890123"})
    received = sent(room, server, owe(room, api.key, "invoice", made))
    shown = api.get(f"/v1/invoices/{made}")
    number, page = shown["number"], shown["hosted_invoice_url"]
    assert received["Subject"] == f"請求書 {number} のご案内｜株式会社サンプル"
    assert received["Content-Language"] == "ja"
    text, html = bodies(received)
    assert text.splitlines()[:5] == [
        "株式会社サンプル商事 御中",
        "",
        "いつもお世話になっております。株式会社サンプルです。",
        f"請求書 {number} を発行いたしました。内容をご確認のうえ、お手続きをお願いいたします。",
        "",
    ]
    reader = Reader(html)
    for said in (
        *("ご請求額", "¥428,800", "お支払い期限 2026年3月31日", "2026年3月1日", number),
        *("登録番号", "T1234567890123", "サイト制作", "¥350,000", "小計", "¥390,000"),
        *("10% 対象 ¥380,000 の消費税", "¥38,000", "8% 対象 ¥10,000 の消費税 ※", "¥800"),
        *("お弁当 ※", "※ は軽減税率（8%）対象", "請求書を見る・支払う"),
    ):
        assert said in text, said
        assert said in reader.seen, said
    assert page in text
    assert set(reader.links) == {page}
    assert "テストモード" not in text


def test_the_attached_invoice_opens_and_is_the_one_of_the_page(
    room: Room, api: Caller, server: MailServer
) -> None:
    made = invoice(api)
    received = sent(room, server, owe(room, api.key, "invoice", made))
    number = api.get(f"/v1/invoices/{made}")["number"]
    (attached,) = received.iter_attachments()
    assert attached.get_filename() == f"Invoice-{number}.pdf"
    assert attached.get_content_disposition() == "attachment"
    paper = Pdf(attached.get_content())
    assert paper.shows("請求書", number, "¥428,800", "株式会社サンプル商事 御中")


def test_an_invoice_in_english(room: Room, api: Caller, server: MailServer) -> None:
    english = {"name": "Sample Trading Ltd", "preferred_locales[0]": "en-GB"}
    made = invoice(api, customer=english)
    received = sent(room, server, owe(room, api.key, "invoice", made))
    number = api.get(f"/v1/invoices/{made}")["number"]
    assert received["Subject"] == f"Invoice {number} from 株式会社サンプル"
    assert received["Content-Language"] == "en"
    text, html = bodies(received)
    assert text.splitlines()[:3] == [
        "Hello Sample Trading Ltd,",
        "",
        f"Here is your invoice {number}. You can view and pay it online.",
    ]
    for said in ("Amount due", "¥428,800", "Due March 31, 2026", "View and pay invoice"):
        assert said in text, said
        assert said in Reader(html).seen, said
    (attached,) = received.iter_attachments()
    assert Pdf(attached.get_content()).shows("Invoice", "March 31, 2026")


def test_amounts_have_the_form_of_their_currency(room: Room, tester: Caller) -> None:
    made = invoice(tester, currency="usd")
    told = captured(room, tester, owe(room, tester.key, "invoice", made))
    assert "$4,288.00" in told["text"]


def test_where_to_transfer_and_whom_to_answer(room: Room, api: Caller, server: MailServer) -> None:
    api.post_form(
        "/v1/seikyu/settings",
        {
            "bank_account[bank_name]": "サンプル銀行",
            "bank_account[branch_name]": "本店",
            "bank_account[account_type]": "futsu",
            "bank_account[account_number]": "1234567",
            "bank_account[account_holder_name]": "カ）サンプル",
            "business[email]": "answers@example.jp",
            "business[phone]": "03-0000-0000",
        },
    )
    received = sent(room, server, owe(room, api.key, "invoice", invoice(api)))
    assert received["Reply-To"] == "answers@example.jp"
    text, html = bodies(received)
    for said in ("お振込先", "サンプル銀行", "1234567", "カ）サンプル", "03-0000-0000"):
        assert said in text, said
        assert said in Reader(html).seen, said


def test_many_lines_are_cut_and_counted(room: Room, tester: Caller) -> None:
    someone = tester.customer(card=None, email="keiri@example.jp")
    made = tester.draft(someone, 100, collection_method="send_invoice", days_until_due=30)
    for _ in range(11):
        tester.line(made, 100)
    tester.post(f"/v1/invoices/{made}/finalize", auto_advance="false")
    told = captured(room, tester, owe(room, tester.key, "invoice", made))
    assert told["text"].count("制作費") == 7
    assert "ほか 5 件" in told["text"]


# ── the other kinds ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "subject", "said"),
    [
        (-3, "お支払い期限が近づいています", "お支払い期限は2026年3月31日です。"),
        (0, "本日がお支払い期限です", "お支払い期限は本日（2026年3月31日）です。"),
        (14, "お支払いのお願い", "お支払い期限は2026年3月31日でした。"),
    ],
)
def test_reminders(room: Room, tester: Caller, days: int, subject: str, said: str) -> None:
    made = invoice(tester)
    room.time.pass_by((30 + days) * DAY)
    told = captured(room, tester, owe(room, tester.key, "reminder", made, days=days))
    assert told["subject"].startswith(subject)
    assert said in told["text"]
    assert ("期限超過" in told["text"]) is (days > 0)
    assert told["attachments"][0].startswith("Invoice-")


def test_a_receipt_has_the_receipt_with_it(room: Room, api: Caller, server: MailServer) -> None:
    made = invoice(api)
    api.post(f"/v1/invoices/{made}/pay", paid_out_of_band="true")
    received = sent(room, server, owe(room, api.key, "receipt", made))
    number = api.get(f"/v1/invoices/{made}")["number"]
    assert (
        received["Subject"]
        == f"お支払いありがとうございました（請求書 {number}）｜株式会社サンプル"
    )
    text, _ = bodies(received)
    assert "領収金額  ¥428,800" in text
    assert "2026年3月1日 に領収" in text
    assert "請求書を見る" in text
    (attached,) = received.iter_attachments()
    assert attached.get_filename() == f"Receipt-{number}.pdf"
    assert Pdf(attached.get_content()).shows("領収書", "¥428,800")


def test_a_failed_payment_says_why(room: Room, tester: Caller) -> None:
    made = invoice(tester, customer={"card": "pm_card_chargeCustomerFail"})
    tester.refused(f"/v1/invoices/{made}/pay")
    told = captured(room, tester, owe(room, tester.key, "payment_failed", made))
    assert told["subject"].startswith("お支払いを完了できませんでした")
    assert "カードが承認されませんでした。" in told["text"]
    assert told["attachments"] == []


def test_an_action_that_is_required_leads_to_the_page(room: Room, tester: Caller) -> None:
    made = invoice(tester, customer={"card": "pm_card_authenticationRequired"})
    tester.send("POST", f"/v1/invoices/{made}/pay")
    told = captured(room, tester, owe(room, tester.key, "action_required", made))
    assert told["subject"].startswith("カード会社の認証が必要です")
    assert "認証に進む" in told["text"]
    assert set(Reader(told["html"]).links) == {
        tester.get(f"/v1/invoices/{made}")["hosted_invoice_url"]
    }


def test_both_languages_have_every_text_with_the_same_blanks() -> None:
    def blanks(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text)) - {"issuer"}

    assert list(MAIL_WORDS["ja"]) == list(MAIL_WORDS["en"])
    for key, text in MAIL_WORDS["ja"].items():
        assert blanks(text) == blanks(MAIL_WORDS["en"][key]), key


# ── what anybody may be called ─────────────────────────────────────────────────────────────────

SCRIPT = '<script src="https://evil.example.com/x.js"></script>&amp;'


def test_names_are_text_and_never_markup(room: Room, tester: Caller) -> None:
    someone = tester.customer(card=None, name=SCRIPT, email="keiri@example.jp")
    made = tester.post(
        "/v1/invoices", customer=someone, collection_method="send_invoice", days_until_due=30
    )["id"]
    tester.post_form(
        f"/v1/invoices/{made}/add_lines",
        {"lines[0][amount]": 500, "lines[0][description]": f"{SCRIPT}{{{{ 7*7 }}}}"},
    )
    tester.post(f"/v1/invoices/{made}/finalize", auto_advance="false")
    told = captured(room, tester, owe(room, tester.key, "invoice", made))
    reader = Reader(told["html"])
    assert "script" not in reader.tags
    assert f"{SCRIPT}{{{{ 7*7 }}}}" in reader.seen
    assert not [link for link in reader.links if "evil" in link]
    assert SCRIPT in told["text"]


@pytest.mark.parametrize(
    "name", ["株式会社\r\nBcc: all@example.com", "A\nX-Evil: 1", 'Sample "Q" <x@example.com>,']
)
def test_no_name_adds_a_header(name: str) -> None:
    letter = Letter("ja", name, None, Written("件名", "text", "<p>html</p>", ()), None)
    content = message("mail_1", letter, "keiri@example.jp", "billing@example.jp", START, None)
    head = content.split(b"\r\n\r\n")[0].decode("ascii")
    names = [line.split(":")[0] for line in head.split("\r\n") if line[0] not in " \t"]
    assert names == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Language"),
    ]


@pytest.mark.parametrize(
    "address",
    [
        *("", "nobody", "a@", "@example.jp", "a b@example.jp", "a@example.jp\r\nBcc: b@example.jp"),
        *("a@example.jp,b@example.jp", "<a@example.jp>", "請求@example.jp", f"a@{'x' * 70}.jp"),
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(RecipientUnusable):
        usable(address)


def test_senders_with_and_without_a_name() -> None:
    assert split("billing@example.jp") == ("", "billing@example.jp")
    assert split("請求 <billing@example.jp>") == ("請求", "billing@example.jp")
    assert split('"請求" <billing@example.jp>') == ("請求", "billing@example.jp")


# ── payment plans ──────────────────────────────────────────────────────────────────────────────


def planned(api: Caller, *days: int) -> tuple[str, str]:
    """An open invoice of 90,000 yen in equal instalments so many days from now; and its plan."""
    someone = api.customer(card=None, name="株式会社サンプル商事", email="keiri@example.jp")
    made = api.post(
        "/v1/invoices", customer=someone, currency="jpy", collection_method="send_invoice"
    )["id"]
    api.line(made, 90_000)
    api.post_form("/v1/payment_plans", {**collects(made), **schedule(*days)})
    api.post(f"/v1/invoices/{made}/finalize", auto_advance="false")
    (plan,) = api.ids("/v1/payment_plans", f"invoice={made}")
    return made, plan


def collects(invoice: str) -> dict[str, Any]:
    """The form that names the invoice of a plan."""
    within = "collects_on[0]"
    return {f"{within}[type]": "invoice_details", f"{within}[invoice_details][invoice]": invoice}


def schedule(*days: int) -> dict[str, Any]:
    """The form of 90,000 yen in equal instalments, so many days from now."""
    form: dict[str, Any] = {"schedule[type]": "amounts_due"}
    for place, day in enumerate(days):
        part = f"schedule[amounts_due][amounts][{place}]"
        form |= {f"{part}[type]": "fixed_amount", f"{part}[fixed_amount][currency]": "jpy"}
        form[f"{part}[fixed_amount][amount]"] = 90_000 // len(days)
        form[f"{part}[due_date][type]"] = "relative"
        form |= {f"{part}[due_date][relative][count]": day}
        form |= {f"{part}[due_date][relative][interval]": "day"}
    return form


def test_a_mail_shows_the_plan_as_it_stands_when_it_is_sent(
    room: Room, api: Caller, server: MailServer
) -> None:
    """Between the decision and the sending the last instalment was split in two."""
    made, plan = planned(api, 7, 60)
    mail = owe(room, api.key, "reminder", made, days=-7)
    form = schedule(7, 60, 90)
    api.post_form(f"/v1/payment_plans/{plan}", form)
    text, _ = bodies(sent(room, server, mail))
    for said in ("2026年3月8日  ¥30,000", "2026年4月30日  ¥30,000", "2026年5月30日  ¥30,000"):
        assert said in text, text
    assert "¥45,000" not in text


def test_an_instalment_that_was_put_off_meanwhile_is_not_recalled(
    room: Room, api: Caller, server: MailServer
) -> None:
    made, plan = planned(api, 7, 60)
    mail = owe(room, api.key, "reminder", made, days=-7)
    api.post_form(f"/v1/payment_plans/{plan}", schedule(30, 60))
    room.drain()
    told = api.get(f"/v1/seikyu/mails/{mail}")
    assert told["status"] == "dropped"
    assert told["last_outcome"] == "the instalment that it recalls was paid, or put off, meanwhile"
    assert not [one for one in server.received if mail in one.message["Message-ID"]]


def test_a_plan_is_recalled_by_its_next_instalment_and_shown_whole(
    room: Room, tester: Caller
) -> None:
    someone = tester.customer(card=None, name="株式会社サンプル商事", email="keiri@example.jp")
    made = tester.post(
        "/v1/invoices", customer=someone, currency="jpy", collection_method="send_invoice"
    )["id"]
    tester.line(made, 90_000)
    parts = {
        "amounts_due[0][amount]": 30_000,
        "amounts_due[0][days_until_due]": 30,
        "amounts_due[0][description]": "着手金",
        "amounts_due[1][amount]": 60_000,
        "amounts_due[1][days_until_due]": 60,
        "amounts_due[1][description]": "残金",
    }
    tester.post_form(f"/v1/invoices/{made}", parts)
    tester.post(f"/v1/invoices/{made}/finalize", auto_advance="false")
    told = captured(room, tester, owe(room, tester.key, "reminder", made, days=-7))
    assert "請求書" in told["subject"]
    for said in (
        *("お支払い期限は2026年3月31日です。", "今回のお支払い額  ¥30,000"),
        *("- 2026年3月31日  ¥30,000  着手金", "- 2026年4月30日  ¥60,000  残金"),
    ):
        assert said in told["text"], said
    assert "お支払いの予定" in Reader(told["html"]).seen
