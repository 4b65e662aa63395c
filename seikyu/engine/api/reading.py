"""Reads: one object by its id, or a list; the bytes that were rendered when it last changed.

Which of them answers an operation stands in ``operations``. What is different for a type of objects stands
here in a table by type: SHOWN, PAGES, TRANSLATED.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from seikyu.engine.execute.cash_reading import balance_shown, reconciliation_shown
from seikyu.engine.execute.events import event_shown, rendered
from seikyu.engine.execute.forecasts import forecast_shown
from seikyu.engine.store import delivery_lists, event_lists, lists, mails
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import resource_missing, unserved_parameter
from seikyu.engine.wire.event_types import named_by as named_events
from seikyu.engine.wire.ids import object_type as type_of_id
from seikyu.engine.wire.lists import envelope
from seikyu.engine.wire.objects import Frame, delivery_body, mail_body, shown
from seikyu.engine.wire.objects.delivery import named_by


@dataclass(frozen=True, slots=True)
class Asking:
    """What a ``GET`` asks for: the ids in its address, and the parameters that were given.

    ``now`` is the system's time, in Unix seconds; ``public_url`` is where customers reach the pages.
    """

    session: Session
    object_type: str
    ids: tuple[str, ...]
    given: Mapping[str, Any]
    url: str
    limit: int
    now: int
    public_url: str

    @property
    def frame(self) -> Frame:
        """What stands around the objects that are rendered for the answer."""
        return Frame(self.session.world.account, self.session.world.livemode, self.public_url)


Reader = Callable[[Asking], bytes]
"""Answers a read. Raises WireError, 404 for what is not there."""

OWN_IDS = frozenset({"coupon", "product"})
"""Types whose ids the caller may choose."""


# ── one object ─────────────────────────────────────────────────────────────────────────────────


def one(asking: Asking) -> bytes:
    """Return the object with the id that the address ends with."""
    return retrieved(asking.session, asking.object_type, asking.ids[-1])


def one_of_customer(asking: Asking) -> bytes:
    """Return something of the customer's; what is another customer's is not found."""
    customer, id = asking.ids
    retrieved(asking.session, "customer", customer)
    body = retrieved(asking.session, asking.object_type, id)
    if orjson.loads(body)["customer"] != customer:
        raise resource_missing(asking.object_type, id)
    return body


def retrieved(session: Session, object_type: str, id: str, param: str | None = None) -> bytes:
    """Return the object. Raises WireError 404, or 400 when ``param`` named it."""
    check_id(object_type, id, param)
    show = SHOWN.get(object_type, Session.show)
    return existing(show(session, id), object_type, id, param)


def check_id(object_type: str, id: str, param: str | None = None) -> None:
    """Raise WireError 404 for an id that cannot be one of this type's."""
    if object_type not in OWN_IDS and type_of_id(id) != object_type:
        raise resource_missing(object_type, id, param)


def existing(body: bytes | None, object_type: str, id: str, param: str | None = None) -> bytes:
    """Return what was found. Raises WireError 404 when there is nothing to show."""
    if not body:
        raise resource_missing(object_type, id, param)
    return body


def _delivery(session: Session, id: str) -> bytes | None:
    named = named_by(id)
    sent = delivery_lists.one(session, *named) if named else None
    return delivery_body(sent, _frame(session)) if sent else None


def _mail(session: Session, id: str) -> bytes | None:
    mail = mails.mail(session, id)
    return mail_body(mail, _frame(session)) if mail else None


def _frame(session: Session) -> Frame:
    """The surroundings of objects that say nothing about pages."""
    return Frame(session.world.account, session.world.livemode, "")


SHOWN: dict[str, Callable[[Session, str], bytes | None]] = {
    "event": event_shown,
    "seikyu.delivery": _delivery,
    "seikyu.mail": _mail,
}
"""Types that are rendered from their rows when they are read, instead of being kept rendered."""


# ── what an address names without an id of its own ─────────────────────────────────────────────


def account(asking: Asking) -> bytes:
    """Return the account of the key; no other can be seen."""
    own = asking.session.world.account
    if asking.ids and asking.ids[0] != own.id:
        raise resource_missing("account", asking.ids[0])
    ((_, body),) = shown(own, asking.frame)
    return body


def settings(asking: Asking) -> bytes:
    """Return the world's settings, the defaults when none were ever set."""
    ((_, body),) = shown(asking.session.settings(), asking.frame)
    return body


def cash_balance(asking: Asking) -> bytes:
    """Return the customer's cash balance, as the account's settings now have it."""
    (customer,) = asking.ids
    retrieved(asking.session, "customer", customer)
    return balance_shown(asking.session, customer)


def reconciliation(asking: Asking) -> bytes:
    """Return what the customer's balance, or some more money, would pay by itself."""
    return reconciliation_shown(asking.session, asking.ids[0], asking.given, asking.now)


def forecast(asking: Asking) -> bytes:
    """Return what will happen to the invoice by itself."""
    (id,) = asking.ids
    check_id("invoice", id)
    return existing(forecast_shown(asking.session, id, asking.now), "invoice", id)


# ── lists ──────────────────────────────────────────────────────────────────────────────────────

ABOUT_THE_ANSWER = frozenset({"expand", "limit", "starting_after", "ending_before"})
"""Parameters of a list that do not say what is in it."""


def page(asking: Asking) -> bytes:
    """Return a page of a list, newest first."""
    filters = {
        name: value
        for name, value in asking.given.items()
        if name not in ABOUT_THE_ANSWER and value is not None
    }
    for param in ("starting_after", "ending_before"):
        cursor = asking.given.get(param)
        if cursor is not None:
            retrieved(asking.session, asking.object_type, cursor, param)
    bodies, more = PAGES.get(asking.object_type, _stored)(asking, filters)
    return envelope(bodies, has_more=more, url=asking.url)


def page_of_customer(asking: Asking) -> bytes:
    """Return a page of what is the customer's."""
    (customer,) = asking.ids
    retrieved(asking.session, "customer", customer)
    return page(replace(asking, given={**asking.given, "customer": customer}))


Page = tuple[list[bytes], bool]
"""The objects of a page, and whether there are more that way."""


def _stored(asking: Asking, filters: dict[str, Any]) -> Page:
    object_type = asking.object_type
    translate = TRANSLATED.get(object_type)
    if translate is not None:
        translate(filters)
    served = {*lists.LISTED[object_type][1], *lists.RANGED, "pending"}
    for name in filters:
        if name in ("not_canceled", "price_of_item"):
            continue
        if name not in served and not name.startswith("one_of_"):
            raise unserved_parameter(name, "this list is not filtered by it")
    return lists.page(asking.session, object_type, filters, limit=asking.limit, **_places(asking))


def _events(asking: Asking, filters: dict[str, Any]) -> Page:
    """``types`` are asked for by their whole names; ``*`` asks for all."""
    patterns = filters.pop("types", None) or ([filters.pop("type")] if "type" in filters else [])
    if patterns and "*" not in patterns:
        names = {name for pattern in patterns for name in named_events(pattern)}
        filters["types"] = tuple(sorted(names))
    rows, more = event_lists.page(asking.session, filters, limit=asking.limit, **_places(asking))
    return [rendered(asking.session, *row) for row in rows], more


def _deliveries(asking: Asking, filters: dict[str, Any]) -> Page:
    places = {name: named_by(cursor or "") for name, cursor in _places(asking).items()}
    found, more = delivery_lists.page(asking.session, filters, limit=asking.limit, **places)
    return [delivery_body(each, _frame(asking.session)) for each in found], more


def _mails(asking: Asking, filters: dict[str, Any]) -> Page:
    found, more = mails.page(asking.session, filters, limit=asking.limit, **_places(asking))
    return [mail_body(mail, _frame(asking.session), whole=False) for mail in found], more


def _places(asking: Asking) -> dict[str, str | None]:
    """Return the ids that the page follows and precedes, as the store's lists take them."""
    given = asking.given
    return {"after": given.get("starting_after"), "before": given.get("ending_before")}


PAGES: dict[str, Callable[[Asking, dict[str, Any]], Page]] = {
    "event": _events,
    "seikyu.delivery": _deliveries,
    "seikyu.mail": _mails,
}
"""Types whose lists have queries of their own."""


def _of_payments(filters: dict[str, Any]) -> None:
    if "payment" in filters:
        filters["payment_intent"] = filters.pop("payment").get("payment_intent")


def _of_prices(filters: dict[str, Any]) -> None:
    if "lookup_keys" in filters:
        filters["one_of_lookup_key"] = filters.pop("lookup_keys")


def _of_products(filters: dict[str, Any]) -> None:
    if "ids" in filters:
        filters["one_of_id"] = filters.pop("ids")


def _of_promotion_codes(filters: dict[str, Any]) -> None:
    """Codes are found however they are written."""
    if "code" in filters:
        filters["code"] = filters["code"].lower()


def _of_subscriptions(filters: dict[str, Any]) -> None:
    """``status`` knows groups of statuses; without it canceled subscriptions are left out."""
    status = filters.pop("status", None)
    if status is None:
        filters["not_canceled"] = True
    elif status == "ended":
        filters["one_of_status"] = ["canceled", "incomplete_expired"]
    elif status != "all":
        filters["status"] = status
    if "price" in filters:
        filters["price_of_item"] = filters.pop("price")


TRANSLATED: dict[str, Callable[[dict[str, Any]], None]] = {
    "invoice_payment": _of_payments,
    "price": _of_prices,
    "product": _of_products,
    "promotion_code": _of_promotion_codes,
    "subscription": _of_subscriptions,
}
"""What says a list's filters in the words of the store, where those differ."""


def invoice_lines(asking: Asking) -> bytes:
    """Return a page of an invoice's lines, in their order on the invoice."""
    session, (invoice_id,) = asking.session, asking.ids
    retrieved(session, "invoice", invoice_id)
    places: dict[str, int] = {}
    for param in ("starting_after", "ending_before"):
        cursor = asking.given.get(param)
        if cursor is not None:
            place = lists.position(session, invoice_id, cursor)
            if place is None:
                raise resource_missing("line_item", cursor, param)
            places[param] = place
    bodies, more = lists.lines_page(
        session,
        invoice_id,
        limit=asking.limit,
        after=places.get("starting_after"),
        before=places.get("ending_before"),
    )
    return envelope(bodies, has_more=more, url=asking.url)
