"""Products, prices and tax rates: what is sold, for how much, taxed how.

What decides amounts (a price's amount and currency, a tax rate's percentage) never changes after
creation, so invoices may keep a copy of it. Source: Stripe's Products, Prices and TaxRates.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    AlreadyExists,
    InUse,
    LookupKeyTaken,
    ParameterMissing,
    ParametersExclude,
)


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold. ``created`` and ``updated`` in Unix seconds."""

    id: str
    created: int
    updated: int
    name: str
    version: int = 0
    active: bool = True
    deleted: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs: ``unit_amount`` in minor units of ``currency``, possibly with decimals."""

    id: str
    created: int
    product_id: str
    currency: str
    unit_amount: Decimal
    version: int = 0
    active: bool = True
    type: str = "one_time"
    lookup_key: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax: ``percentage`` of the taxable amount, on top of it or inside it."""

    id: str
    created: int
    display_name: str
    percentage: Decimal
    inclusive: bool
    version: int = 0
    active: bool = True
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatalogueBook:
    """What a decision on the catalogue may read.

    ``lookup_owner`` is the active price that has the given lookup key; ``priced`` says whether the
    product to be deleted has prices, ``taken`` whether an object has the id of the one to be created.
    """

    product: Product | None = None
    price: Price | None = None
    tax_rate: TaxRate | None = None
    lookup_owner: Price | None = None
    priced: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """Create a ``noun`` (Product, Price or TaxRate) from what was given."""

    noun: type
    given: Given


@dataclass(frozen=True, slots=True)
class Update:
    """Change what was given of the ``noun`` in the book."""

    noun: type
    given: Given


@dataclass(frozen=True, slots=True)
class DeleteProduct:
    """Delete the product, while it has no prices."""


PRODUCT_PLAIN = (
    "description", "images", "marketing_features", "package_dimensions", "shippable",
    "statement_descriptor", "tax_code", "tax_details", "unit_label", "url", "default_price", "type",
)  # fmt: skip
PRICE_PLAIN = ("nickname", "tax_behavior", "recurring", "transform_quantity", "billing_scheme")
TAX_RATE_PLAIN = (
    "country", "description", "jurisdiction", "jurisdiction_level", "state", "tax_type",
)  # fmt: skip


def decide(book: CatalogueBook, command: object, context: Context) -> Decision:
    """Decide a command on the catalogue. Raises refusals of this module's imports."""
    if isinstance(command, DeleteProduct):
        return _delete_product(book)
    assert isinstance(command, Create | Update)
    rules = {
        (Product, Create): _create_product,
        (Product, Update): _update_product,
        (Price, Create): _create_price,
        (Price, Update): _update_price,
        (TaxRate, Create): _create_tax_rate,
        (TaxRate, Update): _update_tax_rate,
    }
    return rules[command.noun, type(command)](book, command.given, context)


def new_product(given: Given, context: Context) -> Product:
    """Return an unsaved product."""
    return Product(
        id=given.get("id") or context.mint("prod"),
        created=context.now,
        updated=context.now,
        name=given["name"],
        active=given.get("active", True),
        details=_details({}, given, PRODUCT_PLAIN),
    )


def new_price(given: Given, product_id: str, context: Context, *, active: bool = True) -> Price:
    """Return an unsaved price. Raises ParameterMissing or ParametersExclude for its amount."""
    whole, exact = given.get("unit_amount"), given.get("unit_amount_decimal")
    if whole is not None and exact is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
            "unit_amount",
        )
    if whole is None and exact is None:
        raise ParameterMissing("unit_amount")
    return Price(
        id=context.mint("price"),
        created=context.now,
        product_id=product_id,
        currency=given["currency"],
        unit_amount=Decimal(whole) if whole is not None else Decimal(str(exact)),
        active=active,
        type="recurring" if given.get("recurring") else "one_time",
        lookup_key=given.get("lookup_key"),
        details=_details({}, given, PRICE_PLAIN),
    )


def new_tax_rate(given: Given, context: Context) -> TaxRate:
    """Return an unsaved tax rate."""
    return TaxRate(
        id=context.mint("txr"),
        created=context.now,
        display_name=given["display_name"],
        percentage=Decimal(str(given["percentage"])),
        inclusive=given["inclusive"],
        active=given.get("active", True),
        details=_details({}, given, TAX_RATE_PLAIN),
    )


def _details(old: dict[str, Any], given: Given, plain: tuple[str, ...]) -> dict[str, Any]:
    new = {**old, **{key: given[key] for key in plain if key in given}}
    new["metadata"] = merged(old.get("metadata") or {}, given.get("metadata", {}))
    return new


def _create_product(book: CatalogueBook, given: Given, context: Context) -> Decision:
    if book.product is not None:
        raise AlreadyExists(f"Product already exists: {book.product.id}", "id")
    if book.taken:
        raise AlreadyExists(f"Another object has the id {given['id']}; choose another one.", "id")
    product = new_product(given, context)
    announcements = [Announcement("product.created", product)]
    if not given.get("default_price_data"):
        return Decision(product, (product,), announcements=tuple(announcements))
    price = new_price(given["default_price_data"], product.id, context)
    product = replace(product, details={**product.details, "default_price": price.id})
    return Decision(
        product,
        (product, price),
        announcements=(
            Announcement("product.created", product),
            Announcement("price.created", price),
        ),
    )


def _update_product(book: CatalogueBook, given: Given, context: Context) -> Decision:
    before = book.product
    assert before is not None
    after = replace(
        before,
        name=given.get("name", before.name),
        active=given.get("active", before.active),
        details=_details(before.details, given, PRODUCT_PLAIN),
    )
    if after == before:
        return Decision(before)
    after = replace(after, updated=context.now)
    return _updated("product.updated", before, after)


def _delete_product(book: CatalogueBook) -> Decision:
    before = book.product
    assert before is not None
    if book.priced:
        raise InUse(
            "This product cannot be deleted because it has one or more user-created prices. "
            "Archive it instead with active=false.",
        )
    after = replace(before, deleted=True, active=False)
    return Decision(after, (after,), announcements=(Announcement("product.deleted", before),))


def _create_price(book: CatalogueBook, given: Given, context: Context) -> Decision:
    saves: list[Record] = []
    announcements: list[Announcement] = []
    product = book.product
    if product is None:
        if not given.get("product_data"):
            raise ParameterMissing("product")
        product = new_product(given["product_data"], context)
        saves.append(product)
        announcements.append(Announcement("product.created", product))
    price = new_price(given, product.id, context, active=given.get("active", True))
    if book.lookup_owner is not None:
        if not given.get("transfer_lookup_key"):
            raise LookupKeyTaken(
                f"A price with the lookup key {price.lookup_key} exists already; "
                "pass transfer_lookup_key=true to move it.",
                "lookup_key",
            )
        released = replace(book.lookup_owner, lookup_key=None)
        saves.append(released)
        announcements.append(Announcement("price.updated", released, book.lookup_owner))
    saves.append(price)
    announcements.append(Announcement("price.created", price))
    return Decision(price, tuple(saves), announcements=tuple(announcements))


def _update_price(book: CatalogueBook, given: Given, context: Context) -> Decision:
    del context
    before = book.price
    assert before is not None
    if book.lookup_owner not in (None, before) and not given.get("transfer_lookup_key"):
        raise LookupKeyTaken(
            f"A price with the lookup key {given.get('lookup_key')} exists already; "
            "pass transfer_lookup_key=true to move it.",
            "lookup_key",
        )
    after = replace(
        before,
        active=given.get("active", before.active),
        lookup_key=given.get("lookup_key", before.lookup_key),
        details=_details(before.details, given, ("nickname", "tax_behavior")),
    )
    if after == before:
        return Decision(before)
    decision = _updated("price.updated", before, after)
    if book.lookup_owner not in (None, before):
        released = replace(book.lookup_owner, lookup_key=None)
        return replace(
            decision,
            saves=(released, *decision.saves),
            announcements=(
                Announcement("price.updated", released, book.lookup_owner),
                *decision.announcements,
            ),
        )
    return decision


def _create_tax_rate(book: CatalogueBook, given: Given, context: Context) -> Decision:
    del book
    rate = new_tax_rate(given, context)
    return Decision(rate, (rate,), announcements=(Announcement("tax_rate.created", rate),))


def _update_tax_rate(book: CatalogueBook, given: Given, context: Context) -> Decision:
    del context
    before = book.tax_rate
    assert before is not None
    after = replace(
        before,
        active=given.get("active", before.active),
        display_name=given.get("display_name", before.display_name),
        details=_details(before.details, given, TAX_RATE_PLAIN),
    )
    if after == before:
        return Decision(before)
    return _updated("tax_rate.updated", before, after)


def _updated(type: str, before: Record, after: Record) -> Decision:
    return Decision(after, (after,), announcements=(Announcement(type, after, before),))
