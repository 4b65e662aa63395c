"""Products and prices on the wire. Tax rates, which invoices embed, are in `taxes`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from seikyu.engine.billing.catalogue import Price, Product
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import json_number, plain


def product(product: Product, frame: Frame) -> dict[str, Any]:
    """Return the product; of a deleted one, only that it is deleted."""
    if product.deleted:
        return {"id": product.id, "object": "product", "deleted": True}
    details = product.details.get
    return {
        "id": product.id,
        "object": "product",
        "active": product.active,
        "created": product.created,
        "default_price": details("default_price"),
        "description": details("description"),
        "images": details("images") or [],
        "livemode": frame.livemode,
        "marketing_features": details("marketing_features") or [],
        "metadata": details("metadata") or {},
        "name": product.name,
        "package_dimensions": _dimensions(details("package_dimensions")),
        "shippable": details("shippable"),
        "statement_descriptor": details("statement_descriptor"),
        "tax_code": details("tax_code"),
        "tax_details": _tax_details(details("tax_details")),
        "type": details("type") or "service",
        "unit_label": details("unit_label"),
        "updated": product.updated,
        "url": details("url"),
    }


def price(price: Price, frame: Frame) -> dict[str, Any]:
    """Return the price. ``unit_amount`` is null when the amount has a fraction of a minor unit."""
    details = price.details.get
    whole = int(price.unit_amount)
    return {
        "id": price.id,
        "object": "price",
        "active": price.active,
        "billing_scheme": details("billing_scheme") or "per_unit",
        "created": price.created,
        "currency": price.currency,
        "custom_unit_amount": None,
        "livemode": frame.livemode,
        "lookup_key": price.lookup_key,
        "metadata": details("metadata") or {},
        "nickname": details("nickname"),
        "product": price.product_id,
        "recurring": _recurring(details("recurring")),
        "tax_behavior": details("tax_behavior") or "unspecified",
        "tiers_mode": None,
        "transform_quantity": details("transform_quantity"),
        "type": price.type,
        "unit_amount": whole if whole == price.unit_amount else None,
        "unit_amount_decimal": plain(price.unit_amount),
    }


def _dimensions(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return inches and ounces as JSON numbers; stored, they are texts of decimals."""
    if given is None:
        return None
    return {
        side: json_number(Decimal(str(given[side])))
        for side in ("height", "length", "weight", "width")
    }


def _tax_details(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "performance_location": given.get("performance_location"),
        "tax_code": given.get("tax_code"),
    }


def _recurring(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count") or 1,
        "meter": None,
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type") or "licensed",
    }
