"""3-D Secure that the customer did not pass: the payment waits for another card.

Passing it is an ordinary confirmation (``ConfirmIntent`` with ``authenticated``). Failing it
moves no money and asks the processor nothing, so it is a decision of its own. Source: Stripe, "3D Secure
authentication" (code ``payment_intent_authentication_failure``).
"""

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import free
from seikyu.engine.billing.decision import Announcement, Context, Decision
from seikyu.engine.billing.payment_intent import FailAuthentication, allowed
from seikyu.engine.billing.payment_method import as_it_is

FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a "
    "new PaymentMethod to attempt to fulfill this PaymentIntent again."
)


def decide(book: Book, command: object, context: Context) -> Decision:
    """Give the card up. Raises IntentStateForbids when no authentication is awaited.

    The invoice itself does not change: its attempt was counted when the card asked for 3-D Secure.
    """
    assert isinstance(command, FailAuthentication)
    del context
    before = book.intent
    assert before is not None
    allowed(before.status, FailAuthentication)
    free(book)
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": FAILED,
        "payment_method": as_it_is(book.method),
    }
    after = replace(
        before,
        status="requires_payment_method",
        payment_method_id=None,
        last_error=error,
        next_action=None,
    )
    announcements = [Announcement("payment_intent.payment_failed", after)]
    if book.invoice is not None:
        announcements.append(Announcement("invoice.payment_failed", book.invoice))
    return Decision(after, (after,), announcements=tuple(announcements))
