"""Expansion of answers: fetches the objects that ``expand[]`` names, on one connection."""

from collections.abc import Mapping
from typing import Any

import orjson

from seikyu.engine.execute.cash_reading import balance_shown
from seikyu.engine.execute.events import event_shown
from seikyu.engine.store import lists
from seikyu.engine.store.session import Session
from seikyu.engine.wire.expand import Object, Plan, expand

INCLUDED_PER_PAGE = 10
"""Length of a list that is included in an object, as Stripe's."""

EMPTY_LISTS = {
    ("charge", "refunds"): "/v1/charges/{}/refunds",
    ("customer", "sources"): "/v1/customers/{}/sources",
    ("customer", "tax_ids"): "/v1/customers/{}/tax_ids",
}
"""Lists of what is not served: nothing is in them, and the address says where it would be."""


def expanded(
    session: Session,
    body: bytes,
    object_type: str,
    plan: Plan,
    *,
    in_list: bool,
    unsaved: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the answer with the plan carried out. ``unsaved`` are objects that are not stored, by id."""

    def fetch(type: str, id: str) -> Object | None:
        found = (unsaved or {}).get(id)
        if found is None:
            found = event_shown(session, id) if type == "event" else session.show(id)
        if not found:
            return None
        parsed: dict[str, Any] = orjson.loads(found)
        return parsed

    def include(type: str, parent: Object, name: str) -> Any:
        if type == "invoice" and name == "payments":
            return _payments(session, parent["id"])
        if type == "invoice" and name == "confirmation_secret":
            return _confirmation_secret(session, parent["id"])
        if type == "price" and name == "currency_options":
            return _currency_options(parent)
        if type == "coupon":
            return {"products": []} if name == "applies_to" else {}
        if type == "customer" and name == "subscriptions":
            return _subscriptions(session, parent["id"])
        if type == "customer" and name == "cash_balance":
            return orjson.loads(balance_shown(session, parent["id"]))
        address = EMPTY_LISTS.get((type, name))
        return None if address is None else _list([], address.format(parent["id"]), more=False)

    return expand(body, object_type, plan, fetch, include, in_list=in_list)


def _payments(session: Session, invoice_id: str) -> dict[str, Any]:
    bodies, more = lists.page(
        session, "invoice_payment", {"invoice": invoice_id}, limit=INCLUDED_PER_PAGE
    )
    data = [orjson.loads(body) for body in bodies]
    return _list(data, f"/v1/invoice_payments?invoice={invoice_id}", more=more)


def _subscriptions(session: Session, customer_id: str) -> dict[str, Any]:
    """The customer's subscriptions that were not canceled."""
    bodies, more = lists.page(
        session,
        "subscription",
        {"customer": customer_id, "not_canceled": True},
        limit=INCLUDED_PER_PAGE,
    )
    data = [orjson.loads(body) for body in bodies]
    return _list(data, f"/v1/subscriptions?customer={customer_id}", more=more)


def _list(data: list[Any], url: str, *, more: bool) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _currency_options(price: Object) -> dict[str, Any]:
    """What the price is in each currency: here always the one that it was made in."""
    names = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {price["currency"]: {"tiers": None, **{name: price[name] for name in names}}}


def _confirmation_secret(session: Session, invoice_id: str) -> dict[str, str] | None:
    """The secret of the invoice's default payment, while that can still be confirmed."""
    bodies, _ = lists.page(session, "invoice_payment", {"invoice": invoice_id}, limit=100)
    for body in bodies:
        payment = orjson.loads(body)
        if not payment["is_default"] or payment["status"] == "canceled":
            continue
        intent = session.show(payment["payment"]["payment_intent"])
        if intent:
            secret = orjson.loads(intent)["client_secret"]
            return {"client_secret": secret, "type": "payment_intent"}
    return None
