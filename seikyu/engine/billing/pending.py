"""Invoice items on their own: lines made before their invoice, or put on a draft one by one."""

from dataclasses import dataclass

from seikyu.engine.billing import line_edits
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.invoice import (
    AddLines,
    RemoveLines,
    UpdateLines,
    allowed,
)
from seikyu.engine.billing.line import Fresh, Line, changed_line, new_line
from seikyu.engine.billing.redeeming import on_line


@dataclass(frozen=True, slots=True)
class CreateItem:
    """Make a line, pending for the customer or on the draft of the book."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """Change the line of the book (``pending`` or ``lines`` holds it under ``id``)."""

    id: str
    given: Given


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """Take the line away, from its draft too."""

    id: str


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on an invoice item. Raises LinesAreFrozen once its invoice is finalized."""
    if isinstance(command, CreateItem):
        return _create(book, command, context)
    if isinstance(command, UpdateItem):
        return _update(book, command, context)
    assert isinstance(command, DeleteItem)
    return _delete(book, command)


def _create(book: Book, command: CreateItem, context: Context) -> Decision:
    if book.invoice is not None:
        allowed(book.invoice.status, AddLines)
        decision = line_edits.add_lines(book, AddLines((command.given,)), context)
        made = next(a.record for a in decision.announcements if a.type == "invoiceitem.created")
        return replace(decision, answer=made)
    customer = alive(book.customer)
    fresh = Fresh()
    currency = None if command.given.get("currency") else customer.currency
    line = new_line(
        {"currency": currency or book.account.default_currency, **command.given},
        customer.id,
        None,
        book.shelf,
        fresh,
        context,
        clock_id=customer.clock_id,
    )
    line = on_line(line, command.given, customer.discounts, book.shelf, fresh, context)
    if book.subscription is not None:
        line = replace(line, subscription_id=book.subscription.id)
    fresh.add("invoiceitem.created", line)
    return Decision(line, tuple(fresh.saves), announcements=tuple(fresh.announcements))


def _update(book: Book, command: UpdateItem, context: Context) -> Decision:
    if book.invoice is not None:
        allowed(book.invoice.status, UpdateLines)
        line = next(line for line in book.lines if line.id == command.id)
        given = {**command.given, "id": line.line_id}
        decision = line_edits.update_lines(book, UpdateLines((given,), answers_line=True), context)
        return replace(
            decision,
            answer=next((x for x in decision.saves if x.id == line.id), line),
        )
    before = book.pending[0]
    fresh = Fresh()
    after = changed_line(before, command.given, before.currency, book.shelf, fresh, context)
    known = book.customer.discounts if book.customer else ()
    after = on_line(after, command.given, known, book.shelf, fresh, context)
    if after == before:
        return Decision(before)
    return Decision(
        after,
        (*fresh.saves, after),
        announcements=tuple(fresh.announcements),
    )


def _delete(book: Book, command: DeleteItem) -> Decision:
    if book.invoice is not None:
        allowed(book.invoice.status, RemoveLines)
        line = next(line for line in book.lines if line.id == command.id)
        decision = line_edits.remove_lines(book, RemoveLines(({"id": line.line_id},)))
        return replace(decision, answer=line)
    gone: Line = book.pending[0]
    return Decision(
        gone, deletes=(gone,), announcements=(Announcement("invoiceitem.deleted", gone),)
    )
