"""The sample company of `make run`: a small firm whose invoices meet every rule of sending once.

Each sending condition (payment method, 請求ステータス, 受注ステータス, mail address, updated lately,
支払期限, amount, currency, linkable customer) is missed by at least one invoice that meets the
others, and well over fifteen invoices meet them all. The condition "already linked" is the one that
sending itself brings about: every invoice of a first run misses it in the second.

Among those that are sent: one rate and two, reduced 8 %, tax included, 源泉徴収, notes, headings
and subtotals, a decimal quantity, several roundings, a recurring and a split project, month ends,
due today, 50 yen and less, a project's own mail address, and clients with a good card, a declining
card, one that asks for authentication, no card, and no Stripe customer at all.
All names are made up and recognizably so; all addresses lie in example.jp.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from seikyu.board.paging import JAPAN
from seikyu.board.simulator.seeding import (
    Line,
    Seed,
    SeedBuilder,
    heading,
    line,
    note,
    subtotal,
)
from seikyu.board.words import (
    InvoiceStatus,
    InvoiceTiming,
    OrderStatus,
    PaymentMethod,
    TaxRounding,
)

GOOD_CARD = "pm_card_visa"
DECLINING_CARD = "pm_card_chargeCustomerFail"
AUTHENTICATION_CARD = "pm_card_authenticationRequired"


def sample_company(today: date) -> Seed:
    """Return the seed for a day (the calendar day in Japan); dates lie around that day."""
    company = _Company(today)
    company.everyday()
    company.recurring_and_split()
    company.small_amounts()
    company.cards()
    company.not_sendable()
    return company.builder.seed()


@dataclass(frozen=True, slots=True)
class _Dates:
    """The days the sample speaks of."""

    today: date

    @property
    def this_month_end(self) -> date:
        return _first_of_next_month(self.today) - timedelta(days=1)

    @property
    def next_month_end(self) -> date:
        return _first_of_next_month(_first_of_next_month(self.today)) - timedelta(days=1)

    @property
    def last_month_end(self) -> date:
        return self.today.replace(day=1) - timedelta(days=1)

    def month_end_ago(self, months: int) -> date:
        end = self.this_month_end
        for _ in range(months):
            end = end.replace(day=1) - timedelta(days=1)
        return end

    @property
    def yesterday_noon(self) -> datetime:
        return datetime.combine(self.today - timedelta(days=1), time(12), JAPAN)

    @property
    def long_ago(self) -> datetime:
        return datetime.combine(self.today - timedelta(days=12), time(12), JAPAN)


class _Company:
    """Adds the sample's records group by group."""

    def __init__(self, today: date) -> None:
        self.dates = _Dates(today)
        created = datetime.combine(today - timedelta(days=400), time(10), JAPAN)
        self.builder = SeedBuilder("株式会社サンプル商店（見本）", created)

    def bill(
        self,
        project: int,
        *lines: Line,
        status: InvoiceStatus = InvoiceStatus.INVOICED,
        invoice_date: date | None = None,
        due: date | None = None,
        updated_at: datetime | None = None,
        message: str | None = None,
        paid_date: date | None = None,
    ) -> int:
        """Add an invoice: 請求済, dated the end of last month, due the end of next month."""
        return self.builder.invoice(
            project,
            lines,
            invoice_date=invoice_date or self.dates.last_month_end,
            payment_limit_date=due or self.dates.next_month_end,
            updated_at=updated_at or self.dates.yesterday_noon,
            status=status,
            message=message,
            paid_date=paid_date,
        )

    def everyday(self) -> None:
        """Add what a normal month looks like: every kind of line, tax and rounding."""
        add = self.builder
        web = add.client("株式会社サンプルウェブ", "keiri@web.example.jp", card=GOOD_CARD)
        project = add.project(web, "コーポレートサイト制作")
        design = [
            line("デザイン制作", 180_000),
            line("コーディング", 45_000, quantity=3, unit="頁"),
        ]
        self.bill(
            project,
            heading("制作"),
            *design,
            subtotal(design),
            note("納品データはご指定の場所へ保存しました。"),
            message="毎度ありがとうございます。",
        )
        cafe = add.client("サンプル喫茶店合同会社", "owner@cafe.example.jp", card=GOOD_CARD)
        project = add.project(cafe, "食材・備品納品")
        self.bill(
            project,
            line("コーヒー豆", 1_333, quantity=7, unit="kg", rate=8),
            line("紙コップ", 777, quantity=3, unit="箱"),
            line("牛乳", 198, quantity=13, unit="本", rate=8),
            line("配送料", 555),
        )
        self.bill(project, line("焼き菓子", 241, quantity=19, unit="個", rate=8))
        office = add.client(
            "サンプル税理士事務所", "office@tax.example.jp", cc="sub@tax.example.jp", card=GOOD_CARD
        )
        project = add.project(office, "原稿執筆・講演")
        self.bill(
            project,
            line("原稿料", 111_111, withholding=True),
            line("交通費", 3_456),
        )
        self.bill(project, line("講演料", 1_200_000, withholding=True))
        shop = add.client("有限会社サンプル雑貨", "shop@zakka.example.jp", card=GOOD_CARD)
        project = add.project(shop, "店頭什器（税込契約）")
        self.bill(
            project,
            line("什器", 10_999, quantity=3, unit="台", included=True),
            line("設置", 5_000, included=True),
        )
        project = add.project(shop, "時間制作業", rounding=TaxRounding.CEILING)
        self.bill(project, line("運用作業", 8_765, quantity="1.5", unit="時間"))
        project = add.project(shop, "四捨五入の契約", rounding=TaxRounding.ROUND)
        self.bill(project, line("軽微な修正", 1_005), line("値引き", -200))
        project = add.project(shop, "本日が期限の請求")
        self.bill(project, line("部品代", 24_800), due=self.dates.today)
        project = add.project(shop, "支店あての請求", to="branch@zakka.example.jp")
        self.bill(project, line("棚卸し補助", 16_500))

    def recurring_and_split(self) -> None:
        """Add a 定期 project with several months, the oldest paid, and a 分割 one."""
        add, dates = self.builder, self.dates
        school = add.client("サンプル学習塾株式会社", "jimu@school.example.jp", card=GOOD_CARD)
        project = add.project(school, "サーバー保守（月額）", timing=InvoiceTiming.RECURRING)
        for months in (4, 3):
            self.bill(
                project,
                line(f"保守料 {dates.month_end_ago(months):%Y年%m月}分", 30_000),
                status=InvoiceStatus.PAID,
                invoice_date=dates.month_end_ago(months),
                due=dates.month_end_ago(months - 1),
                updated_at=dates.long_ago,
                paid_date=dates.month_end_ago(months - 1),
            )
        for months, due in ((2, dates.this_month_end), (1, dates.next_month_end)):
            self.bill(
                project,
                line(f"保守料 {dates.month_end_ago(months):%Y年%m月}分", 30_000),
                invoice_date=dates.month_end_ago(months),
                due=due,
            )
        self.bill(
            project,
            line(f"保守料 {dates.this_month_end:%Y年%m月}分", 30_000),
            status=InvoiceStatus.NOT_INVOICED,
            invoice_date=dates.this_month_end,
        )
        project = add.project(school, "教材システム開発（分割）", timing=InvoiceTiming.SPLIT)
        self.bill(project, line("着手金（1/3）", 333_333))
        self.bill(project, line("中間金（2/3）", 333_333))
        self.bill(project, line("完了金（3/3）", 333_334), status=InvoiceStatus.INVOICE_OK)

    def small_amounts(self) -> None:
        """Add invoices of 50 yen and less, which Stripe does not charge, and one just above."""
        add = self.builder
        small = add.client("株式会社サンプル少額", "small@shogaku.example.jp", card=GOOD_CARD)
        project = add.project(small, "少額のご請求")
        self.bill(project, line("複写代", 50, included=True))
        self.bill(project, line("切手代差額", 30))
        self.bill(project, line("封筒代", 51, included=True))

    def cards(self) -> None:
        """Add clients whose cards decline, ask for authentication, or do not exist."""
        add = self.builder
        declines = add.client("サンプル残高不足商会", "pay@decline.example.jp", card=DECLINING_CARD)
        self.bill(add.project(declines, "ポスター印刷"), line("ポスター", 320, quantity=100))
        asks = add.client("サンプル認証株式会社", "pay@sca.example.jp", card=AUTHENTICATION_CARD)
        self.bill(add.project(asks, "翻訳"), line("翻訳料", "12.5", quantity=2_001, unit="字"))
        cardless = add.client("株式会社サンプルカード未登録", "pay@nocard.example.jp", card=None)
        self.bill(add.project(cardless, "研修"), line("研修", 88_000))
        unknown = add.client("株式会社サンプル新規", "hello@newcomer.example.jp")
        self.bill(add.project(unknown, "初回ご相談"), line("ご相談", 11_000))

    def not_sendable(self) -> None:
        """Add invoices that miss one condition each."""
        add, dates = self.builder, self.dates
        other = add.client("株式会社サンプル建設", "keiri@kensetsu.example.jp", card=GOOD_CARD)
        won = add.project(other, "現場写真撮影")
        fee = line("撮影", 64_000)
        for status in (
            InvoiceStatus.NOT_INVOICED,
            InvoiceStatus.INVOICE_OK,
            InvoiceStatus.PARTLY_PAID,
            InvoiceStatus.UNCOLLECTIBLE,
        ):
            self.bill(won, fee, status=status)
        self.bill(won, fee, status=InvoiceStatus.PAID, paid_date=dates.today)
        self.bill(
            won, fee, due=dates.today - timedelta(days=1), invoice_date=dates.month_end_ago(3)
        )
        self.bill(won, fee, updated_at=dates.long_ago)
        self.bill(won, note("金額は次回の請求に含めます。"))
        for name, method in (
            ("銀行振込の案件", PaymentMethod.BANK_TRANSFER),
            ("口座振替の案件", PaymentMethod.DIRECT_DEBIT),
        ):
            self.bill(add.project(other, name, payment_method=method), fee)
        for name, order in (
            ("見積中の案件", OrderStatus.ESTIMATING_HIGH),
            ("受注確定の案件", OrderStatus.CONFIRMED),
            ("失注した案件", OrderStatus.LOST),
        ):
            self.bill(add.project(other, name, order_status=order), fee)
        dollars = add.client("Sample Trading Inc.", "ap@trading.example.com", currency="USD")
        self.bill(add.project(dollars, "輸出案件", currency="USD"), line("Export", 1_200, rate=0))
        silent = add.client("株式会社サンプル宛先なし")
        self.bill(add.project(silent, "宛先のない案件"), fee)
        for name in ("株式会社サンプル双子・東", "株式会社サンプル双子・西"):
            twin = add.client(name, "keiri@twins.example.jp")
            self.bill(add.project(twin, "共同購買"), fee)


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
