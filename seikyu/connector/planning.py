"""The plan of a run: board and Stripe are read, and every invoice gets its operation.

Three sorts of invoices: read from board this time (new, changed, or unfinished), followed because
Stripe may have something new about them, and records that cannot be read, which are told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from seikyu.board.paging import Progress
from seikyu.connector.board_side import BoardSide, Imported
from seikyu.connector.conditions import Case, Mode, Rules, mode_of
from seikyu.connector.connection import Connection
from seikyu.connector.customers import Customers
from seikyu.connector.facts import Link, StripeInvoice
from seikyu.connector.plan import Operation, plan_invoice, plan_link, sendable
from seikyu.connector.reasons import malformed_record
from seikyu.connector.store import Item, Outcome, RunState


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: `done` of `total` in this state; `total` None while unknown."""

    state: RunState
    done: int
    total: int | None


OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done about one invoice: read from board (`case`), or only linked (`link`)."""

    operation: Operation
    case: Case | None = None
    link: Link | None = None
    stripe: StripeInvoice | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The whole plan of a run."""

    rules: Rules
    tasks: tuple[Task, ...]
    malformed: tuple[Item, ...]


def make_plan(
    connection: Connection, board: BoardSide, customers: Customers, on_step: OnStep, *, keep: bool
) -> Planned:
    """Read board and Stripe, and decide about every invoice read and every one that is followed."""
    rules = connection.rules()

    def on_progress(progress: Progress) -> None:
        on_step(Step(RunState.IMPORTING, progress.read, progress.total))

    imported = board.read(rules.window_start, remember=keep, on_progress=on_progress)
    customers.know(imported.clients.values())
    on_step(Step(RunState.PLANNING, 0, len(imported.invoices)))
    followed = connection.follower(board).sweep()
    tasks = _tasks_of_invoices(connection, imported, followed, customers, rules)
    tasks += _tasks_of_links(connection, imported, followed, rules)
    on_step(Step(RunState.PLANNING, len(tasks), len(tasks)))
    return Planned(rules, tuple(tasks), _malformed_items(imported))


def _tasks_of_invoices(
    connection: Connection,
    imported: Imported,
    followed: dict[int, StripeInvoice],
    customers: Customers,
    rules: Rules,
) -> list[Task]:
    links = connection.links.of_invoices(invoice.id for invoice in imported.invoices)
    tasks: list[Task] = []
    for invoice in imported.invoices:
        case = Case(
            invoice=invoice,
            project=imported.projects.get(invoice.project_id),
            client=imported.clients.get(invoice.client.id),
            link=links.get(invoice.id),
            stripe=followed.get(invoice.id),
        )
        if sendable(case, rules):
            case = _with_customer(case, customers, rules)
        tasks.append(Task(plan_invoice(case, rules), case, case.link, case.stripe))
    return tasks


def _with_customer(case: Case, customers: Customers, rules: Rules) -> Case:
    """Look up whom the invoice goes to; for want of a card, also whom it is e-mailed to."""
    case = replace(case, customer=customers.look_up(case, rules.mode))
    if mode_of(case, rules) is rules.mode:
        return case
    return replace(case, mailed=customers.look_up(case, Mode.EMAIL))


def _tasks_of_links(
    connection: Connection, imported: Imported, followed: dict[int, StripeInvoice], rules: Rules
) -> list[Task]:
    """Plan what is followed but was not read this time, since it did not change in board."""
    read = {invoice.id for invoice in imported.invoices}
    others = {id: stripe for id, stripe in followed.items() if id not in read}
    tasks: list[Task] = []
    for id, link in connection.links.of_invoices(others).items():
        present = link.board_status
        if present is not None:
            operation = plan_link(link, others[id], present, rules)
            tasks.append(Task(operation, None, link, others[id]))
    return tasks


def _malformed_items(imported: Imported) -> tuple[Item, ...]:
    """Records that cannot be read exactly are nobody's invoice, but are told."""
    return tuple(
        Item(
            # Not every record is an invoice; a negative number cannot be taken for a 請求ID.
            board_invoice_id=-number,
            operation="AskHuman",
            outcome=Outcome.NEEDS_HUMAN,
            reasons=(malformed_record(str(malformed)),),
            name=f"#{malformed.record_id}",
            client_name="",
            project_no=None,
            amount=0,
            currency="jpy",
        )
        for number, malformed in enumerate(imported.malformed, start=1)
    )
