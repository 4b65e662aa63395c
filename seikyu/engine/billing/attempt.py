"""Attempts: one charge of one card, asked of the processor outside every transaction.

An attempt is stored as ``processing`` before the processor is asked, under its own id as the
processor's idempotency key. Whoever finds it still ``processing`` after ``next_action_at`` (a crash
came between) asks again with the same key, and gets the same answer. "Unknown" is a state.
"""

from dataclasses import dataclass

OUTCOME_DUE_AFTER = 60
"""Seconds after which an attempt without an outcome is asked again by the worker."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A charge on its way. ``amount`` in minor units of ``currency``; times in Unix seconds.

    ``subject_id`` is the object whose payment was asked for: the invoice or the payment intent.
    ``refund_id``: the attempt gives money back instead; ``processor_ref`` is then the charge's.
    ``request_key`` is the idempotency key of the API request that waits for the outcome, if any.
    ``next_action_at`` is in the *system's* time, never a test clock's: the processor lives in ours.
    """

    id: str
    created: int
    intent_id: str
    customer_id: str | None
    method_id: str
    processor_ref: str
    amount: int
    currency: str
    off_session: bool
    subject_id: str
    version: int = 0
    invoice_id: str | None = None
    status: str = "processing"
    scheduled: bool = False
    authenticated: bool = False
    request_key: str | None = None
    next_action_at: int | None = None
    refund_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The processor's answer. ``status``: succeeded, declined or requires_action.

    ``reference`` is the processor's own id of the charge. ``code`` and ``decline_code`` are Stripe's.
    """

    status: str
    reference: str
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
