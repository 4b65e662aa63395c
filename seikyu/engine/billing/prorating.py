"""Lines of subscriptions: what a period costs, and what a change in the middle of one gives and takes.

A period is billed in advance, one line for each item: price × quantity. A period that is shorter than its
natural length costs its share. A change in the middle makes two lines for each item that it touches: the
unused time of what was, given back, and the remaining time of what is, taken. Shares are by the second
and each line is rounded by itself, half away from zero.
Source: Stripe, "Prorations" and "How billing cycles work".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from seikyu.engine.billing.catalogue import Price, Product
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.recurrence import last_until, next_after, share
from seikyu.engine.billing.refusals import AmountTooLarge
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end`` (Unix seconds), of which the natural length begins at ``natural``."""

    start: int
    end: int
    natural: int

    @property
    def partial(self) -> bool:
        """Say whether it is shorter than its natural length."""
        return self.start > self.natural


def period_from(subscription: Subscription, start: int) -> Period:
    """Return the period that begins at ``start``: up to the anchor's next moment."""
    anchor, every = subscription.billing_cycle_anchor, subscription.every
    return Period(start, next_after(anchor, every, start), last_until(anchor, every, start))


def amount_of(price: Price, quantity: int) -> int:
    """Return what ``quantity`` of the price come to for a whole period (minor units of its currency).

    Raises AmountTooLarge.
    """
    units = Decimal(quantity)
    packs = price.details.get("transform_quantity")
    if packs:
        whole, rest = divmod(quantity, packs["divide_by"])
        units = Decimal(whole + (1 if rest and packs["round"] == "up" else 0))
    amount = int((price.unit_amount * units).to_integral_value(ROUND_HALF_UP))
    if abs(amount) > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Amounts have at most 12 digits; this is {amount}.", "quantity")
    return amount


def free(items: Iterable[SubscriptionItem]) -> bool:
    """Say whether a period of all the items costs nothing."""
    return all(amount_of(item.price, item.quantity) == 0 for item in items)


def period_lines(
    subscription: Subscription,
    items: Iterable[SubscriptionItem],
    period: Period,
    products: Mapping[str, Product],
    mint: Callable[[str], str],
    now: int,
    *,
    trial: bool = False,
) -> tuple[Line, ...]:
    """Return the unsaved lines that bill the period: one an item, of nothing during a trial."""
    made = []
    for item in items:
        name = _name(item, products)
        amount = 0 if trial else amount_of(item.price, item.quantity)
        if period.partial and not trial:
            amount = share(amount, period.end - period.start, period.end - period.natural)
        line = _line(subscription, item, amount, (period.start, period.end), mint("sli"), now)
        made.append(
            replace(
                line,
                description=f"Trial period for {name}" if trial else f"{item.quantity} × {name}",
                unit_amount=None if trial or period.partial else _unit(item, amount),
            )
        )
    return tuple(made)


def unused(
    subscription: Subscription,
    item: SubscriptionItem,
    date: int,
    products: Mapping[str, Product],
    mint: Callable[[str], str],
    now: int,
) -> Line:
    """Return the unsaved invoice item that gives back what ``item`` costs from ``date`` on."""
    return _proration(subscription, item, date, products, mint, now, sign=-1)


def remaining(
    subscription: Subscription,
    item: SubscriptionItem,
    date: int,
    products: Mapping[str, Product],
    mint: Callable[[str], str],
    now: int,
) -> Line:
    """Return the unsaved invoice item that takes what ``item`` costs from ``date`` on."""
    return _proration(subscription, item, date, products, mint, now, sign=1)


def _proration(
    subscription: Subscription,
    item: SubscriptionItem,
    date: int,
    products: Mapping[str, Product],
    mint: Callable[[str], str],
    now: int,
    *,
    sign: int,
) -> Line:
    end = subscription.current_period_end
    # A period that began off its anchor cost its share of a natural one, and gives back the same way.
    natural = last_until(
        subscription.billing_cycle_anchor, subscription.every, subscription.current_period_start
    )
    amount = share(amount_of(item.price, item.quantity), max(end - date, 0), end - natural)
    line = _line(subscription, item, sign * amount, (date, end), mint("ii"), now)
    what = "Unused" if sign < 0 else "Remaining"
    many = "" if item.quantity == 1 else f"{item.quantity} × "
    on = datetime.fromtimestamp(date, UTC)
    day = f"{on.day:02d} {MONTHS[on.month - 1]} {on.year}"
    return replace(
        line,
        description=f"{what} time on {many}{_name(item, products)} after {day}",
        proration=True,
    )


def _line(
    subscription: Subscription,
    item: SubscriptionItem,
    amount: int,
    period: tuple[int, int],
    id: str,
    now: int,
) -> Line:
    return Line(
        id=id,
        created=now,
        customer_id=subscription.customer_id,
        currency=subscription.currency,
        amount=amount,
        quantity=Decimal(item.quantity),
        price_id=item.price_id,
        product_id=item.price.product_id,
        period_start=period[0],
        period_end=period[1],
        tax_rates=item.tax_rates,
        subscription_id=subscription.id,
        subscription_item_id=item.id,
        details={
            "metadata": dict(subscription.details.get("metadata") or {}),
            **({} if subscription.clock_id is None else {"test_clock": subscription.clock_id}),
        },
    )


def _unit(item: SubscriptionItem, amount: int) -> Decimal | None:
    """Return the price of one, where that times the quantity is the amount."""
    exact = item.price.unit_amount * item.quantity
    return item.price.unit_amount if int(exact.to_integral_value(ROUND_HALF_UP)) == amount else None


def _name(item: SubscriptionItem, products: Mapping[str, Product]) -> str:
    product = products.get(item.price.product_id)
    named = item.price.details.get("nickname") if product is None else product.name
    return str(named or item.price_id)
