"""Lines: an amount on an invoice, or waiting to be on one.

Stripe shows one line as two objects: an invoice item (``ii_…``) and, once it is on an invoice, a
line item (``il_…``). Here it is one record with both ids. The amount is either given, or
unit amount × quantity, rounded half up to the currency's minor unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from seikyu.engine.billing.catalogue import (
    TAX_RATE_PLAIN,
    Price,
    Product,
    TaxRate,
    new_price,
    new_product,
    new_tax_rate,
)
from seikyu.engine.billing.changing import ADDED, replace
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.decision import Announcement, Context, Given, Record
from seikyu.engine.billing.discount import Discount, DiscountAmount
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    CurrencyDiffers,
    ObjectMissing,
    ParameterMissing,
    ParametersExclude,
)
from seikyu.engine.billing.tax import LineTax


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``amount`` in minor units of ``currency``, before exclusive tax; times in Unix seconds.

    ``tax_rates`` are its own rates (empty: the invoice's default rates apply); ``taxes`` is what
    they came to, or, when ``exact_taxes``, what the caller computed. ``discounts`` are its own;
    ``discount_amounts`` is what they and the invoice's take off it.
    """

    id: str
    created: int
    customer_id: str
    currency: str
    amount: int
    version: int = 0
    line_id: str | None = None
    invoice_id: str | None = None
    position: int = 0
    description: str | None = None
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal | None = None
    price_id: str | None = None
    product_id: str | None = None
    period_start: int = 0
    period_end: int = 0
    exact_taxes: bool = False
    tax_rates: tuple[TaxRate, ...] = ()
    taxes: tuple[LineTax, ...] = ()
    discounts: tuple[Discount, ...] = field(default=(), metadata=ADDED)
    discount_amounts: tuple[DiscountAmount, ...] = field(default=(), metadata=ADDED)
    subscription_id: str | None = None
    subscription_item_id: str | None = None
    proration: bool = field(default=False, metadata=ADDED)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def recurring(self) -> bool:
        """Say whether a subscription bills its period with this line: then it is no invoice item."""
        return self.subscription_item_id is not None and not self.proration


@dataclass(frozen=True, slots=True)
class Shelf:
    """Catalogue objects that the given lines name, by id; and tax rates equal to inline tax data.

    ``customer_is_new``: the customer never paid anything, which some promotion codes ask for.
    """

    prices: Mapping[str, Price] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    tax_rates: Mapping[str, TaxRate] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    promotion_codes: Mapping[str, PromotionCode] = field(default_factory=dict)
    customer_is_new: bool = True


@dataclass(slots=True)
class Fresh:
    """Catalogue records that lines bring with them (inline prices, products and tax rates)."""

    saves: list[Record] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)

    def add(self, type: str, record: Record) -> None:
        """Store ``record`` with the decision, and announce it."""
        self.saves.append(record)
        self.announcements.append(Announcement(type, record))


def new_line(
    given: Given,
    customer_id: str,
    currency: str | None,
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
    *,
    clock_id: str | None = None,
) -> Line:
    """Return an unsaved line. ``currency`` is the invoice's, when it is known already.

    ``clock_id`` is the customer's test clock, which the line's item shows.

    Raises ParameterMissing, ParametersExclude, CurrencyDiffers, AmountTooLarge, ObjectMissing.
    """
    line = Line(
        id=context.mint("ii"),
        created=context.now,
        customer_id=customer_id,
        currency=given.get("currency") or currency or "",
        amount=0,
        period_start=context.now,
        period_end=context.now,
        details={} if clock_id is None else {"test_clock": clock_id},
    )
    return changed_line(line, given, currency, shelf, fresh, context)


def changed_line(
    line: Line, given: Given, currency: str | None, shelf: Shelf, fresh: Fresh, context: Context
) -> Line:
    """Return ``line`` with what was given laid over it. Raises as new_line does."""
    line = _priced(line, given, currency, shelf, fresh, context)
    line = _taxed(line, given, shelf, fresh, context)
    details = dict(line.details)
    if "metadata" in given or not line.version:
        details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    for key in ("discountable", "tax_behavior", "tax_code"):
        if key in given:
            details[key] = given[key]
    period = given.get("period") or {}
    return replace(
        line,
        description=given.get("description", line.description),
        period_start=period.get("start", line.period_start),
        period_end=period.get("end", line.period_end),
        details=details,
    )


def _priced(
    line: Line, given: Given, currency: str | None, shelf: Shelf, fresh: Fresh, context: Context
) -> Line:
    price = _price(given, shelf, fresh, context)
    exact_unit = given.get("unit_amount_decimal")
    amount = given.get("amount")
    if sum(x is not None for x in (price, exact_unit, amount)) > 1:
        raise ParametersExclude(
            "You may only specify one of these parameters: amount, pricing, price_data, "
            "unit_amount_decimal.",
            "amount",
        )
    quantity = _quantity(line, given)
    if price is not None:
        product = shelf.products.get(price.product_id)
        name = product.name if product else None
        line = replace(
            line,
            currency=price.currency,
            unit_amount=price.unit_amount,
            price_id=price.id,
            product_id=price.product_id,
            description=line.description or price.details.get("nickname") or name,
        )
    elif exact_unit is not None:
        line = replace(line, unit_amount=Decimal(exact_unit), price_id=None, product_id=None)
    elif amount is not None:
        quantity = Decimal(1) if given.get("quantity") is None else quantity
        line = replace(line, unit_amount=None, price_id=None, product_id=None, amount=amount)
    elif not line.version and line.unit_amount is None:
        raise ParameterMissing("amount")
    if currency:
        in_one_currency(line.currency, currency, "currency")
    if not line.currency:
        raise ParameterMissing("currency")
    if line.unit_amount is not None:
        line = replace(line, amount=times(line.unit_amount, quantity))
    if abs(line.amount) > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Amounts have at most 12 digits; this is {line.amount}.", "amount")
    return replace(line, quantity=quantity)


def in_one_currency(line: str, invoice: str, param: str) -> None:
    """Raise CurrencyDiffers when a line of currency ``line`` cannot be on the invoice."""
    if line != invoice:
        raise CurrencyDiffers(
            f"The line is in {line}, the invoice in {invoice}; "
            "all lines of an invoice have its currency.",
            param,
        )


def times(unit_amount: Decimal, quantity: Decimal) -> int:
    """Multiply exactly (24 digits each at most), then round half away from zero."""
    with localcontext(prec=60):
        return int((unit_amount * quantity).to_integral_value(ROUND_HALF_UP))


def _quantity(line: Line, given: Given) -> Decimal:
    whole, exact = given.get("quantity"), given.get("quantity_decimal")
    if whole is not None and exact is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: quantity, quantity_decimal.", "quantity"
        )
    if exact is not None:
        return Decimal(exact)
    return Decimal(whole) if whole is not None else line.quantity


def _price(given: Given, shelf: Shelf, fresh: Fresh, context: Context) -> Price | None:
    named = (given.get("pricing") or {}).get("price")
    if named is not None:
        price = shelf.prices.get(named)
        if price is None:
            raise ObjectMissing("price", named, "pricing[price]")
        return price
    data = given.get("price_data")
    if data is None:
        return None
    product_id = data.get("product")
    if product_id is None:
        if not data.get("product_data"):
            raise ParameterMissing("price_data[product]")
        product = new_product(data["product_data"], context)
        fresh.add("product.created", product)
        product_id = product.id
    elif product_id not in shelf.products:
        raise ObjectMissing("product", product_id, "price_data[product]")
    price = new_price(data, product_id, context, active=False)
    fresh.add("price.created", price)
    return price


def _taxed(line: Line, given: Given, shelf: Shelf, fresh: Fresh, context: Context) -> Line:
    if "tax_rates" in given:
        rates = tuple(_known_rate(id, shelf, "tax_rates") for id in given["tax_rates"] or ())
        line = replace(line, tax_rates=rates, exact_taxes=False, taxes=())
    if "tax_amounts" not in given:
        return line
    if not given["tax_amounts"]:
        return replace(line, exact_taxes=False, taxes=())
    taxes = []
    for entry in given["tax_amounts"]:
        rate = _equal_rate(entry["tax_rate_data"], shelf, fresh, context)
        taxes.append(
            LineTax(
                amount=entry["amount"],
                taxable_amount=entry["taxable_amount"],
                rate_id=rate.id,
                inclusive=rate.inclusive,
                taxability_reason=entry.get("taxability_reason") or "standard_rated",
            )
        )
    return replace(line, exact_taxes=True, taxes=tuple(taxes), tax_rates=())


def known_rates(ids: Any, shelf: Shelf, param: str) -> tuple[TaxRate, ...]:
    """Return the tax rates that ``ids`` name. Raises ObjectMissing."""
    return tuple(_known_rate(id, shelf, param) for id in ids or ())


def _known_rate(id: str, shelf: Shelf, param: str) -> TaxRate:
    if id not in shelf.tax_rates:
        raise ObjectMissing("tax rate", id, param)
    return shelf.tax_rates[id]


def same_tax(rate: TaxRate, data: Given) -> bool:
    """Say whether inline ``tax_rate_data`` describes this rate (Stripe: "find or create")."""
    return (
        rate.active
        and rate.display_name == data["display_name"]
        and rate.inclusive == data["inclusive"]
        and rate.percentage == Decimal(str(data["percentage"]))
        and all(rate.details.get(key) == data.get(key) for key in TAX_RATE_PLAIN)
    )


def _equal_rate(data: Given, shelf: Shelf, fresh: Fresh, context: Context) -> TaxRate:
    known = [*shelf.tax_rates.values(), *(x for x in fresh.saves if isinstance(x, TaxRate))]
    for rate in known:
        if same_tax(rate, data):
            return rate
    rate = new_tax_rate(data, context)
    fresh.add("tax_rate.created", rate)
    return rate
