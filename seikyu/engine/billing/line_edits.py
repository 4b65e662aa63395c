"""Lines of a draft: adding, changing and removing them in bulk, after which it is totalled anew."""

from collections.abc import Sequence

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.drafting import numbered, really_changed
from seikyu.engine.billing.invoice import AddLines, Invoice, RemoveLines, UpdateLines
from seikyu.engine.billing.line import Fresh, Line, changed_line, in_one_currency, new_line
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.redeeming import on_line
from seikyu.engine.billing.refusals import ObjectMissing, SubscriptionLinesStay
from seikyu.engine.billing.totalling import totalled


def add_lines(book: Book, command: AddLines, context: Context) -> Decision:
    """Add lines, or take up pending invoice items. Raises what new_line raises, with the index.

    Only the invoice's own customer's items count as known: another's debt is never billed here.
    """
    assert book.invoice is not None
    invoice = _in_currency_of(book.invoice, command.given, book)
    fresh = Fresh()
    known = _known_discounts(book, invoice)
    pending = {line.id: line for line in book.pending if line.customer_id == invoice.customer_id}
    new: list[Line] = []
    for index, given in enumerate(command.given):
        item = given.get("invoice_item")
        if item is None:
            line = new_line(
                given,
                invoice.customer_id,
                invoice.currency,
                book.shelf,
                fresh,
                context,
                clock_id=invoice.clock_id,
            )
            new.append(on_line(line, given, known, book.shelf, fresh, context))
        elif item not in pending:
            raise ObjectMissing("invoiceitem", item, f"lines[{index}][invoice_item]")
        else:
            line = pending.pop(item)
            in_one_currency(line.currency, invoice.currency, f"lines[{index}][invoice_item]")
            new.append(line)
    position = max((line.position for line in book.lines), default=0)
    added = numbered(new, invoice, position, context)
    made = tuple(Announcement("invoiceitem.created", line) for line in added if not line.version)
    return _edited_lines(
        book, invoice, (*book.lines, *added), fresh, made, command.invoice_metadata
    )


def _in_currency_of(invoice: Invoice, entries: Sequence[Given], book: Book) -> Invoice:
    """Let an empty draft that was made without a currency take the one of its first line."""
    if invoice.line_count or invoice.details.get("currency_given") or not entries:
        return invoice
    first = entries[0]
    named = book.shelf.prices.get((first.get("pricing") or {}).get("price", ""))
    currency = (
        first.get("currency")
        or (first.get("price_data") or {}).get("currency")
        or (named.currency if named else None)
        or next((x.currency for x in book.pending if x.id == first.get("invoice_item")), None)
    )
    return replace(invoice, currency=currency) if currency else invoice


def _known_discounts(book: Book, invoice: Invoice) -> tuple[Discount, ...]:
    """Return the discounts that a line may have from above it."""
    return (*invoice.discounts, *(book.customer.discounts if book.customer else ()))


def update_lines(book: Book, command: UpdateLines, context: Context) -> Decision:
    """Change lines by id. Raises ObjectMissing for a line that is not on the invoice."""
    invoice = book.invoice
    assert invoice is not None
    fresh = Fresh()
    lines = {line.line_id: line for line in book.lines}
    for index, given in enumerate(command.given):
        line = lines.get(given["id"])
        if line is None:
            raise ObjectMissing("line item", given["id"], f"lines[{index}][id]")
        line = changed_line(line, given, invoice.currency, book.shelf, fresh, context)
        known = _known_discounts(book, invoice)
        lines[line.line_id] = on_line(line, given, known, book.shelf, fresh, context)
    decision = _edited_lines(
        book, invoice, tuple(lines.values()), fresh, (), command.invoice_metadata
    )
    if not command.answers_line:
        return decision
    wanted = command.given[0]["id"]
    answer = next(
        (x for x in decision.saves if isinstance(x, Line) and x.line_id == wanted), lines[wanted]
    )
    return replace(decision, answer=answer)


def remove_lines(book: Book, command: RemoveLines) -> Decision:
    """Take lines off: ``delete`` ends the invoice item too, ``unassign`` makes it pending again."""
    invoice = book.invoice
    assert invoice is not None
    lines = {line.line_id: line for line in book.lines}
    deleted: list[Line] = []
    freed: list[Line] = []
    for index, given in enumerate(command.given):
        line = lines.pop(given["id"], None)
        if line is None:
            raise ObjectMissing("line item", given["id"], f"lines[{index}][id]")
        if line.recurring:
            raise SubscriptionLinesStay(
                "A line that bills the period of a subscription cannot be removed; change its amount, "
                "or change the subscription.",
                f"lines[{index}][id]",
            )
        if given.get("behavior") == "unassign":
            freed.append(
                replace(line, invoice_id=None, line_id=None, position=0, discount_amounts=())
            )
        else:
            deleted.append(line)
    fresh = Fresh(saves=list(freed))
    gone = tuple(Announcement("invoiceitem.deleted", line) for line in deleted)
    decision = _edited_lines(
        book, invoice, tuple(lines.values()), fresh, gone, command.invoice_metadata
    )
    return replace(decision, deletes=tuple(deleted))


def _edited_lines(
    book: Book,
    invoice: Invoice,
    lines: tuple[Line, ...],
    fresh: Fresh,
    announced: tuple[Announcement, ...],
    metadata: Given | None,
) -> Decision:
    before = book.invoice
    assert before is not None
    changed, after = totalled(invoice, lines, book.customer, book.settings.tax.rounding)
    details = {k: v for k, v in after.details.items() if k != "last_finalization_error"}
    if metadata is not None:
        details["metadata"] = merged(details["metadata"], metadata)
    after = replace(after, details=details)
    by_id = {line.id: line for line in changed}
    saves = really_changed(book, changed)
    announced = tuple(replace(a, record=by_id.get(a.record.id, a.record)) for a in announced)
    return Decision(
        after,
        (*fresh.saves, *saves, after),
        announcements=(
            *fresh.announcements,
            *announced,
            Announcement("invoice.updated", after, before),
        ),
        lines=changed,
    )
