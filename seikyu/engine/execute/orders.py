"""Orders and answers: what comes to the door, and what leaves it."""

from dataclasses import dataclass

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.refusals import Refusal
from seikyu.engine.store.session import World


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request behind an order. ``key`` is its idempotency key, ``fingerprint`` its content."""

    request_id: str
    key: str | None = None
    fingerprint: bytes = b""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A command for one world. ``id`` names the object it is about, when that exists already.

    ``view`` is the object type to answer with where a record is shown as two (``line_item``).
    ``refusal`` is what was said no to before anything could be stored: by the processor, to a card.
    """

    world: World
    command: object
    id: str | None = None
    origin: Origin | None = None
    view: str | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Owes:
    """What a change leaves to do at once: webhooks to deliver, what is due, mails to send."""

    deliveries: bool
    action: bool
    mails: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. ``charge`` is an attempt that must now be put to the processor.

    ``replayed`` says that the request had been answered before. ``owes`` says
    what time must now act on.
    """

    status: int
    body: bytes
    charge: Attempt | None = None
    replayed: bool = False
    owes: "Owes | None" = None
    should_retry: bool | None = None
