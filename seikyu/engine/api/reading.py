"""Reads: one object by its id, or a list; the bytes that were rendered when it last changed."""

from collections.abc import Mapping
from typing import Any

import orjson

from seikyu.engine.execute.cash_reading import balance_shown
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

TYPES = {
    "billing_portal/configurations": "billing_portal.configuration",
    "billing_portal/sessions": "billing_portal.session",
    "charges": "charge",
    "coupons": "coupon",
    "credit_notes": "credit_note",
    "customers": "customer",
    "events": "event",
    "invoice_payments": "invoice_payment",
    "invoiceitems": "invoiceitem",
    "invoices": "invoice",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "payment_plans": "payment_plan",
    "prices": "price",
    "products": "product",
    "promotion_codes": "promotion_code",
    "seikyu/bank_statement_lines": "seikyu.bank_statement_line",
    "seikyu/bank_statements": "seikyu.bank_statement",
    "seikyu/deliveries": "seikyu.delivery",
    "refunds": "refund",
    "seikyu/mails": "seikyu.mail",
    "seikyu/refunds": "refund",
    "seikyu/settings": "seikyu.settings",
    "seikyu/unapplied_payments": "seikyu.unapplied_payment",
    "subscription_items": "subscription_item",
    "subscriptions": "subscription",
    "tax_rates": "tax_rate",
    "test_helpers/test_clocks": "test_helpers.test_clock",
    "webhook_endpoints": "webhook_endpoint",
}
"""Collection in the path → object type."""

RENDERED_WHEN_READ = frozenset(
    {
        "coupon",
        "event",
        "promotion_code",
        "seikyu.delivery",
        "seikyu.mail",
        "seikyu.unapplied_payment",
    }
)
"""Types that change without a command: what is kept rendered of them, if anything, is not all."""

KEPT_RENDERED = frozenset(TYPES.values()) - RENDERED_WHEN_READ

OWN_IDS = frozenset({"coupon", "product"})
"""Types whose ids the caller may choose."""


def retrieved(session: Session, object_type: str, id: str, param: str | None = None) -> bytes:
    """Return the object. Raises WireError 404, or 400 when ``param`` named it."""
    check_id(object_type, id, param)
    return existing(_shown(session, object_type, id), object_type, id, param)


def _shown(session: Session, object_type: str, id: str) -> bytes | None:
    if object_type == "event":
        return event_shown(session, id)
    if object_type == "seikyu.delivery":
        named = named_by(id)
        sent = delivery_lists.one(session, *named) if named else None
        return delivery_body(sent, _frame(session)) if sent else None
    if object_type == "seikyu.mail":
        mail = mails.mail(session, id)
        return mail_body(mail, _frame(session)) if mail else None
    return session.show(id)


def _frame(session: Session) -> Frame:
    """The surroundings of objects that say nothing about pages."""
    return Frame(session.world.account, session.world.livemode, "")


def check_id(object_type: str, id: str, param: str | None = None) -> None:
    """Raise WireError 404 for an id that cannot be one of this type's."""
    if object_type not in OWN_IDS and type_of_id(id) != object_type:
        raise resource_missing(object_type, id, param)


def existing(body: bytes | None, object_type: str, id: str, param: str | None = None) -> bytes:
    """Return what was found. Raises WireError 404 when there is nothing to show."""
    if not body:
        raise resource_missing(object_type, id, param)
    return body


def account(session: Session, id: str | None) -> bytes:
    """Return the account of the key; no other can be seen."""
    own = session.world.account
    if id not in (None, own.id):
        raise resource_missing("account", id or "")
    ((_, body),) = shown(own, _frame(session))
    return body


def settings(session: Session) -> bytes:
    """Return the world's settings, the defaults when none were ever set."""
    ((_, body),) = shown(session.settings(), _frame(session))
    return body


def cash_balance(session: Session, customer_id: str) -> bytes:
    """Return the customer's cash balance, as the account's settings now have it."""
    retrieved(session, "customer", customer_id)
    return balance_shown(session, customer_id)


def forecast(session: Session, invoice_id: str, now: int) -> bytes:
    """Return what will happen to the invoice by itself. ``now``: Unix seconds, the system's."""
    check_id("invoice", invoice_id)
    return existing(forecast_shown(session, invoice_id, now), "invoice", invoice_id)


def listed(
    session: Session, object_type: str, url: str, given: Mapping[str, Any], limit: int
) -> bytes:
    """Return a page of a list, newest first."""
    after, before = given.get("starting_after"), given.get("ending_before")
    filters = {
        name: value
        for name, value in given.items()
        if name not in ("limit", "starting_after", "ending_before", "expand") and value is not None
    }
    _check_cursor(session, object_type, after, before)
    if object_type == "event":
        filters = _with_whole_names(filters)
        rows, more = event_lists.page(session, filters, limit=limit, after=after, before=before)
        bodies = [rendered(session, *row) for row in rows]
    elif object_type == "seikyu.delivery":
        places = {"after": named_by(after or ""), "before": named_by(before or "")}
        told, more = delivery_lists.page(session, filters, limit=limit, **places)
        bodies = [delivery_body(each, _frame(session)) for each in told]
    elif object_type == "seikyu.mail":
        found, more = mails.page(session, filters, limit=limit, after=after, before=before)
        bodies = [mail_body(mail, _frame(session), whole=False) for mail in found]
    else:
        filters = _translated(object_type, filters)
        bodies, more = lists.page(
            session, object_type, filters, limit=limit, after=after, before=before
        )
    return envelope(bodies, has_more=more, url=url)


def _check_cursor(session: Session, object_type: str, *cursors: str | None) -> None:
    for param, cursor in zip(("starting_after", "ending_before"), cursors, strict=True):
        if cursor is not None:
            retrieved(session, object_type, cursor, param)


def _with_whole_names(filters: dict[str, Any]) -> dict[str, Any]:
    """Say which types of events are asked for, each by its whole name; ``*`` asks for all."""
    patterns = filters.pop("types", None) or ([filters.pop("type")] if "type" in filters else [])
    if patterns and "*" not in patterns:
        names = {name for pattern in patterns for name in named_events(pattern)}
        filters["types"] = tuple(sorted(names))
    return filters


def _translated(object_type: str, filters: dict[str, Any]) -> dict[str, Any]:
    """Say the filters in the words of the store. Raises WireError for one that is not served."""
    if object_type == "invoice_payment" and "payment" in filters:
        filters["payment_intent"] = filters.pop("payment").get("payment_intent")
    if object_type == "price" and "lookup_keys" in filters:
        filters["one_of_lookup_key"] = filters.pop("lookup_keys")
    if object_type == "promotion_code" and "code" in filters:
        filters["code"] = filters["code"].lower()
    if object_type == "product" and "ids" in filters:
        filters["one_of_id"] = filters.pop("ids")
    if object_type == "subscription":
        _of_subscriptions(filters)
    served = {*lists.LISTED[object_type][1], *lists.RANGED, "pending"}
    for name in filters:
        if name in ("not_canceled", "price_of_item"):
            continue
        if name not in served and not name.startswith("one_of_"):
            raise unserved_parameter(name, "this list is not filtered by it")
    return filters


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


def invoice_lines(
    session: Session, invoice_id: str, url: str, given: Mapping[str, Any], limit: int
) -> bytes:
    """Return a page of an invoice's lines, in their order on the invoice."""
    retrieved(session, "invoice", invoice_id)
    places: dict[str, int] = {}
    for param in ("starting_after", "ending_before"):
        cursor = given.get(param)
        if cursor is not None:
            place = lists.position(session, invoice_id, cursor)
            if place is None:
                raise resource_missing("line_item", cursor, param)
            places[param] = place
    bodies, more = lists.lines_page(
        session,
        invoice_id,
        limit=limit,
        after=places.get("starting_after"),
        before=places.get("ending_before"),
    )
    return envelope(bodies, has_more=more, url=url)


def of_customer(session: Session, object_type: str, customer_id: str, id: str) -> bytes:
    """Return something of the customer's. Raises WireError when it is not the customer's."""
    retrieved(session, "customer", customer_id)
    body = retrieved(session, object_type, id)
    if orjson.loads(body)["customer"] != customer_id:
        raise resource_missing(object_type, id)
    return body
