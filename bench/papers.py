"""A PDF page: an invoice of ten lines, as the hosted page and the mails ask for it."""

import statistics
import time
from dataclasses import replace

from bench.databases import Place
from bench.figures import Figure
from bench.parts import Plan
from bench.reconciling import NOWHERE
from seikyu.engine.documents.press import Press
from seikyu.engine.documents.sheet import Item, Party, Sheet, Sum

SHEETS = 40
LONGEST = 10.0
"""Milliseconds that a page may take."""

PAGE = Sheet(
    language="ja",
    paper="a4",
    dated=1_772_290_800,
    title="請求書",
    running_title="請求書 0001",
    page_number="{page} / {pages} ページ",
    issuer=Party("株式会社サンプル制作所", ("〒100-0001", "東京都千代田区", "T1234567890123")),
    recipient=Party("株式会社サンプル商事 御中", ("〒530-0001", "大阪府大阪市北区")),
    facts=(
        ("請求書番号", "SAMPLE-0001"),
        ("発行日", "2026年3月1日"),
        ("支払期限", "2026年3月31日"),
    ),
    headline=("ご請求額", "¥110,000"),
    headings=("品目", "数量", "単価", "税率", "金額"),
    items=tuple(
        Item(f"保守費用 {month}月分", "¥10,000", "1", "¥10,000", "10%", "2026年度")
        for month in range(1, 11)
    ),
    sums=(Sum("小計", "¥100,000"), Sum("消費税", "¥10,000"), Sum("合計", "¥110,000", strong=True)),
    footer="株式会社サンプル制作所",
)


def papers(plan: Plan, place: Place) -> None:
    """Measure sheets that all differ, unless another database's turn has done so. No floor."""
    del place
    if any(figure.what.startswith("PDF") for figure in plan.figures):
        return
    press = Press()
    press.set(PAGE)
    taken = []
    for number in range(SHEETS):
        sheet = replace(
            PAGE, running_title=f"請求書 {number:04d}", headline=("ご請求額", f"¥{number:,}")
        )
        started = time.perf_counter()
        press.set(sheet)
        taken.append(time.perf_counter() - started)
    press.close()
    milliseconds = statistics.median(taken) * 1000
    plan.figures.append(
        Figure(
            NOWHERE,
            f"PDF page with ten lines (median of {SHEETS})",
            milliseconds,
            unit="ms",
            spread=(min(taken) * 1000, max(taken) * 1000),
            aim=f"≤ {LONGEST:g} ms",
            reached=milliseconds <= LONGEST,
        )
    )
