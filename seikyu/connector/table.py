"""The final table of a run, for people: sent, carried over to board, needs a human, skipped."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seikyu.connector.reasons import Language
from seikyu.connector.report import Report
from seikyu.connector.store import Item, Outcome

# More rows than this of one sort are told as a number; `--json` has them all.
MOST_ROWS = 60

ZERO_DECIMAL = frozenset({"jpy", "krw"})

SECTIONS: tuple[tuple[tuple[Outcome, ...], str, str, str], ...] = (
    ((Outcome.SENT,), "送信済み", "Sent", "green"),
    ((Outcome.PLANNED,), "実行予定", "To be done", "green"),
    ((Outcome.WRITTEN, Outcome.WITHDRAWN), "boardに反映・取り下げ", "Written to board", "green"),
    ((Outcome.NEEDS_HUMAN,), "対応が必要", "Needs a human", "red"),
    ((Outcome.NOTICE,), "お知らせ", "Notices", "yellow"),
    ((Outcome.SKIPPED,), "対象外とその理由", "Skipped, and why", "dim"),
)


SENDING = "CreateInvoice"

MODES: dict[str, tuple[str, str, str]] = {
    "charge": ("自動チャージ", "charged", "charge"),
    "email": ("メール送信", "e-mailed", "e-mail"),
    "draft": ("下書き", "draft", "draft"),
}
"""How an invoice is collected: in Japanese, and in English when it is done and when it is to be."""


def show(report: Report, console: Console, language: Language) -> None:
    """Print the report of a run, or of a preview."""
    for outcomes, ja, en, style in SECTIONS:
        items = _worth_showing(report.with_outcome(*outcomes))
        if items:
            console.print(_section(ja if language == "ja" else en, items, style, language))
            if len(items) > MOST_ROWS:
                console.print(_more(len(items) - MOST_ROWS, language), style="dim")
    console.print(_summary(report, language), soft_wrap=True)
    error = report.error(language)
    if error:
        console.print(error, style="red", markup=False, soft_wrap=True)


def _worth_showing(items: Sequence[Item]) -> list[Item]:
    """What is linked and unchanged is the normal case, and only counted."""
    return [item for item in items if [why.name for why in item.reasons] != ["already_linked"]]


def _section(title: str, items: Sequence[Item], style: str, language: Language) -> Table:
    table = Table(
        title=f"{title} ({len(items)})", title_justify="left", title_style=f"bold {style}"
    )
    headings = ["請求ID", "顧客", "案件名", "金額", "方法", "理由・Stripe"]
    english = ["invoice", "client", "project", "amount", "how", "reason / Stripe"]
    tells_how = items[0].outcome in (Outcome.SENT, Outcome.PLANNED)
    for number, heading in enumerate(headings if language == "ja" else english):
        if number != 4 or tells_how:
            table.add_column(heading, justify="right" if number == 3 else "left", overflow="fold")
    for item in items[:MOST_ROWS]:
        why = "\n".join(reason.sentence(language) for reason in item.reasons)
        table.add_row(
            str(item.board_invoice_id) if item.board_invoice_id > 0 else "-",
            escape(item.client_name),
            escape(item.name),
            money(item.amount, item.currency),
            *((_how(item, language),) if tells_how else ()),
            escape(why or item.stripe_invoice_id or _operation(item, language)),
        )
    return table


def money(amount: int, currency: str) -> str:
    """Write an amount in minor units for people: 108,000 JPY, 12.50 USD."""
    if currency in ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    sign = "-" if amount < 0 else ""
    major, minor = divmod(abs(amount), 100)
    return f"{sign}{major:,}.{minor:02} {currency.upper()}"


def _how(item: Item, language: Language) -> str:
    if item.mode is None or (item.outcome is Outcome.PLANNED and item.operation != SENDING):
        return ""
    ja, done, planned = MODES[item.mode]
    if language == "ja":
        return ja
    return done if item.outcome is Outcome.SENT else planned


def _operation(item: Item, language: Language) -> str:
    names = {
        "CreateInvoice": ("Stripeに送信", "send to Stripe"),
        "MarkPaid": ("boardを「入金済」に", "set 入金済 in board"),
        "MarkPartlyPaid": ("boardを「一部入金済」に", "set 一部入金済 in board"),
        "RevertToInvoiced": ("boardを「請求済」に戻す", "set 請求済 in board again"),
        "MarkUncollectible": ("boardを「回収不能」に", "set 回収不能 in board"),
        "Withdraw": ("下書きを削除", "delete the draft"),
    }
    ja, en = names.get(item.operation, (item.operation, item.operation))
    return ja if language == "ja" else en


def _more(count: int, language: Language) -> str:
    return (
        f"ほか{count}件（--json で全件）"
        if language == "ja"
        else f"… and {count} more (--json has all)"
    )


def _summary(report: Report, language: Language) -> str:
    counts = report.counts
    used = f"{report.usage.used}/{report.usage.limit}" if report.usage else "?"
    if language == "ja":
        return (
            f"送信 {counts['sent']}  予定 {counts['planned']}  board反映 {counts['written']}  "
            f"対応が必要 {counts['needs_human']}  対象外 {counts['skipped']}  "
            f"board API {report.run.board_calls}回（本日 {used}）"
        )
    return (
        f"sent {counts['sent']}  planned {counts['planned']}  written to board {counts['written']}  "
        f"needs a human {counts['needs_human']}  skipped {counts['skipped']}  "
        f"board calls {report.run.board_calls} (today {used})"
    )
