"""Items of subscriptions: what was given becomes prices and quantities that fit each other.

All prices of a subscription recur equally often, in one currency, and each stands in it once. (Stripe's
"classic" billing mode; prices that recur unequally are two subscriptions.)
Source: Stripe, "Subscription items" and "Multiple products".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.catalogue import Price, new_price
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Given
from seikyu.engine.billing.line import Fresh, Shelf, known_rates
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.recurrence import Recurrence
from seikyu.engine.billing.refusals import (
    NotServed,
    ObjectMissing,
    ParameterMissing,
    ParametersExclude,
    PriceDoesNotFit,
    SubscriptionNeedsItems,
)
from seikyu.engine.billing.subscription import MOST_ITEMS, SubscriptionItem


@dataclass(frozen=True, slots=True)
class Changed:
    """Items after a change: all that are left, and for each that was touched how it was and is."""

    items: tuple[SubscriptionItem, ...]
    touched: tuple[tuple[SubscriptionItem | None, SubscriptionItem | None], ...] = ()
    removed: tuple[SubscriptionItem, ...] = field(default=())

    @property
    def rebilled(self) -> tuple[tuple[SubscriptionItem | None, SubscriptionItem | None], ...]:
        """Those of the touched whose price or quantity is another."""
        return tuple((was, now) for was, now in self.touched if _terms(was) != _terms(now))


def _terms(item: SubscriptionItem | None) -> tuple[str, int] | None:
    return None if item is None else (item.price_id, item.quantity)


def changed(
    items: tuple[SubscriptionItem, ...],
    entries: Sequence[Given],
    subscription_id: str,
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
) -> Changed:
    """Lay the entries over the items: those with an ``id`` change or remove one, the others add one.

    Raises ObjectMissing, ParameterMissing, PriceDoesNotFit, SubscriptionNeedsItems, NotServed.
    """
    known = {item.id: item for item in items}
    touched: list[tuple[SubscriptionItem | None, SubscriptionItem | None]] = []
    removed: list[SubscriptionItem] = []
    for index, given in enumerate(entries):
        where = f"items[{index}]"
        id = given.get("id")
        if id is None:
            now = _new(given, where, subscription_id, shelf, fresh, context)
            known[now.id] = now
            touched.append((None, now))
            continue
        if id not in known:
            raise ObjectMissing("subscription_item", id, f"{where}[id]")
        if given.get("deleted"):
            was = known.pop(id)
            removed.append(was)
            touched.append((was, None))
            continue
        was = known[id]
        price = _price(given, where, shelf, fresh, context) or was.price
        known[id] = _laid_over(was, given, price, where, shelf)
        touched.append((was, known[id]))
    left = tuple(known.values())
    check(left)
    return Changed(left, tuple(touched), tuple(removed))


def _new(
    given: Given,
    where: str,
    subscription_id: str,
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
) -> SubscriptionItem:
    price = _price(given, where, shelf, fresh, context)
    if price is None:
        raise ParameterMissing(f"{where}[price]")
    item = SubscriptionItem(
        id=context.mint("si"),
        created=context.now,
        subscription_id=subscription_id,
        price_id=price.id,
        price=price,
    )
    return _laid_over(item, given, price, where, shelf)


def _laid_over(
    item: SubscriptionItem, given: Given, price: Price, where: str, shelf: Shelf
) -> SubscriptionItem:
    details = dict(item.details)
    if "metadata" in given or not item.version:
        details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    rates = item.tax_rates
    if "tax_rates" in given:
        rates = known_rates(given["tax_rates"], shelf, f"{where}[tax_rates]")
    quantity = given.get("quantity")
    return replace(
        item,
        price_id=price.id,
        price=price,
        quantity=item.quantity if quantity is None else quantity,
        tax_rates=rates,
        details=details,
    )


def _price(given: Given, where: str, shelf: Shelf, fresh: Fresh, context: Context) -> Price | None:
    named, data = given.get("price"), given.get("price_data")
    if named is not None and data is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: price, price_data.", f"{where}[price]"
        )
    if named is not None:
        price = shelf.prices.get(named)
        if price is None:
            raise ObjectMissing("price", named, f"{where}[price]")
        if not price.active:
            raise PriceDoesNotFit(
                f"The price {named} is inactive. This field only accepts active prices.",
                f"{where}[price]",
            )
        return _recurring(price, where)
    if data is None:
        return None
    if data["product"] not in shelf.products:
        raise ObjectMissing("product", data["product"], f"{where}[price_data][product]")
    price = new_price(data, data["product"], context, active=False)
    fresh.add("price.created", price)
    return _recurring(price, where)


def _recurring(price: Price, where: str) -> Price:
    recurring = price.details.get("recurring")
    if not recurring:
        raise PriceDoesNotFit(
            f"The price {price.id} is billed once. This field only accepts prices with recurring; "
            "put one-off prices into add_invoice_items.",
            f"{where}[price]",
        )
    if recurring.get("usage_type") == "metered":
        raise NotServed(
            "Metered prices are not served by this version of Seikyu; licensed ones are.",
            f"{where}[price]",
        )
    return price


def check(items: tuple[SubscriptionItem, ...]) -> None:
    """Raise when the items cannot be billed together."""
    if not items:
        raise SubscriptionNeedsItems(
            "A subscription must have at least one item. To end it, cancel it.", "items"
        )
    if len(items) > MOST_ITEMS:
        raise SubscriptionNeedsItems(
            f"A subscription has at most {MOST_ITEMS} items; this would make {len(items)}.", "items"
        )
    first = items[0].price
    seen: set[str] = set()
    for item in items:
        if item.price_id in seen:
            raise PriceDoesNotFit(
                f"The price {item.price_id} is in the subscription already; change its quantity "
                "instead.",
                "items",
            )
        seen.add(item.price_id)
        if item.price.currency != first.currency:
            raise PriceDoesNotFit(
                f"All prices of a subscription have one currency; {first.id} is in "
                f"{first.currency}, {item.price_id} in {item.price.currency}.",
                "items",
            )
        if every(item.price) != every(first):
            raise PriceDoesNotFit(
                f"All prices of a subscription recur equally often; {item.price_id} does not recur "
                f"as {first.id} does. Make another subscription for it.",
                "items",
            )


def every(price: Price) -> Recurrence:
    """Return how often the price recurs."""
    recurring: Mapping[str, Any] = price.details.get("recurring") or {}
    return Recurrence(recurring.get("interval") or "month", recurring.get("interval_count") or 1)
