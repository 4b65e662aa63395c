"""A story over HTTP in which every served operation of Stripe's is used, and every kind of object made.

The table of compatibility and the tests of fields are made from what was answered. An operation that is not
used here fails a test: whoever serves a new one adds it to a chapter, with as many parameters as it takes.
A chapter is one function; it may make what it needs and leaves all of it behind.
"""

from tests.api.recording import Recording, read_everything
from tests.api.room import Room
from tests.api.story import (
    cash,
    catalogue,
    credit_notes,
    customers,
    discounts,
    endpoints,
    invoices,
    lines,
    particulars,
    payment_methods,
    payments,
    portal,
    previews,
    refunds,
    subscriptions,
    time,
)

CHAPTERS = (
    customers.chapter,
    payment_methods.chapter,
    catalogue.chapter,
    lines.chapter,
    invoices.chapter,
    payments.chapter,
    discounts.chapter,
    subscriptions.chapter,
    portal.chapter,
    refunds.chapter,
    cash.chapter,
    credit_notes.chapter,
    previews.chapter,
    particulars.chapter,
    time.chapter,
    endpoints.chapter,
)
"""The endpoint comes last: before it nobody listens, so that nothing waits for webhooks."""


def tell(room: Room) -> Recording:
    """Live through all chapters in one account, then read everything; return what passed."""
    api = Recording(room.base, room.keys()[False, "secret"])
    for chapter in CHAPTERS:
        chapter(api, room)
    read_everything(api)
    return api
