"""A company of any size, out of thin air: the same numbers always give the same company.

Proportions follow what a real company's board looks like: most invoices are long paid, a few are
being written, unwon projects and empty invoices exist in numbers, about two in five projects pay by
card, some clients have no mail address. Dates lie in the three years before `today`, and the newest
invoices are due in the weeks after it.
"""

import random
from datetime import date, datetime, time, timedelta

from seikyu.board.paging import JAPAN
from seikyu.board.simulator.seeding import Line, Seed, SeedBuilder, line, note
from seikyu.board.words import InvoiceStatus, InvoiceTiming, OrderStatus, PaymentMethod

_WORK = (
    "保守",
    "システム開発",
    "デザイン制作",
    "広告運用",
    "研修",
    "コンサルティング",
    "配送",
    "印刷",
)
_HISTORY_DAYS = 3 * 365


def generate(*, clients: int, projects: int, invoices: int, random_seed: int, today: date) -> Seed:
    """Return a seed with exactly these numbers of records.

    Raises ValueError for projects without clients, or invoices without projects.
    """
    if (projects and not clients) or (invoices and not projects) or min(clients, projects) < 0:
        raise ValueError("projects need at least one client, and invoices at least one project")
    dice = random.Random(random_seed)  # noqa: S311 - sample data, not a secret
    start = today - timedelta(days=_HISTORY_DAYS)
    builder = SeedBuilder("株式会社サンプル生成", _moment(start))
    client_ids = [_client(builder, dice, number) for number in range(1, clients + 1)]
    project_ids = [_project(builder, dice, client_ids) for _ in range(projects)]
    for number in range(invoices):
        # Older invoices first, so that ids grow with time as they do in board.
        made = start + timedelta(days=_HISTORY_DAYS * (number + 1) // max(1, invoices))
        _invoice(builder, dice, dice.choice(project_ids), made, today)
    return builder.seed()


def _client(builder: SeedBuilder, dice: random.Random, number: int) -> int:
    has_mail = dice.random() < 0.95
    to = f"keiri-{number:04}@sample-{number:04}.example.jp" if has_mail else ""
    card = dice.choices(("pm_card_visa", None), (90, 10))[0] if has_mail else False
    return builder.client(f"株式会社サンプル{number:04}", to, card=card)


def _project(builder: SeedBuilder, dice: random.Random, client_ids: list[int]) -> int:
    return builder.project(
        dice.choice(client_ids),
        f"{dice.choice(_WORK)} {dice.randint(2023, 2027)}年度",
        order_status=dice.choices(
            (
                OrderStatus.ORDERED,
                OrderStatus.CONFIRMED,
                OrderStatus.ESTIMATING_HIGH,
                OrderStatus.LOST,
            ),
            (80, 5, 8, 7),
        )[0],
        payment_method=dice.choices(
            (PaymentMethod.CREDIT_CARD, PaymentMethod.BANK_TRANSFER, PaymentMethod.DIRECT_DEBIT),
            (40, 50, 10),
        )[0],
        timing=dice.choices(tuple(InvoiceTiming), (50, 40, 10))[0],
    )


def _invoice(
    builder: SeedBuilder, dice: random.Random, project_id: int, made: date, today: date
) -> None:
    due = made + timedelta(days=dice.choice((30, 45, 60)))
    builder.invoice(
        project_id,
        _lines(dice),
        invoice_date=made,
        payment_limit_date=due,
        updated_at=_moment(min(made + timedelta(days=dice.randint(0, 40)), today), dice),
        status=_status(dice, due < today),
        paid_date=None,
    )


def _status(dice: random.Random, is_past: bool) -> InvoiceStatus:
    if is_past:
        kinds = (InvoiceStatus.PAID, InvoiceStatus.INVOICED, InvoiceStatus.UNCOLLECTIBLE)
        return dice.choices(kinds, (96, 3, 1))[0]
    kinds = (InvoiceStatus.INVOICED, InvoiceStatus.NOT_INVOICED, InvoiceStatus.INVOICE_OK)
    return dice.choices(kinds, (60, 30, 10))[0]


def _lines(dice: random.Random) -> list[Line]:
    if dice.random() < 0.03:
        return [note("内容は別途ご連絡いたします。")]
    included = dice.random() < 0.1
    return [
        line(
            f"{dice.choice(_WORK)}費",
            dice.randrange(1_000, 300_000, 50),
            quantity=dice.choice(("1", "1", "2", "3", "1.5")),
            rate=8 if dice.random() < 0.1 else 10,
            included=included,
        )
        for _ in range(dice.randint(1, 5))
    ]


def _moment(day: date, dice: random.Random | None = None) -> datetime:
    """Return a moment of the day in Japan, never in the future of that day's start when undiced."""
    if dice is None:
        return datetime.combine(day, time(), JAPAN)
    seconds = dice.randrange(9 * 3_600)
    # The day before, in office hours: so that nothing was updated later than now.
    return datetime.combine(day - timedelta(days=1), time(9), JAPAN) + timedelta(seconds=seconds)
