"""Queries of products, prices and tax rates, and of the customer's cards."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from seikyu.engine.billing.catalogue import Price, Product, TaxRate
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.line import Shelf
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import customers, invoices, payment_methods, prices, tax_rates

_LOOKUP = Statement(
    select(*columns(Price)).where(
        prices.c.world_id == bindparam("world"), prices.c.lookup_key == bindparam("lookup_key")
    )
)
_PRICED = Statement(
    select(prices.c.id)
    .where(prices.c.world_id == bindparam("world"), prices.c.product_id == bindparam("product_id"))
    .limit(1)
)
_RATES_NAMED = Statement(
    select(*columns(TaxRate)).where(
        tax_rates.c.world_id == bindparam("world"),
        tax_rates.c.display_name == bindparam("display_name"),
    )
)
_PREFIX = Statement(
    select(customers.c.id).where(
        customers.c.world_id == bindparam("world"),
        customers.c.invoice_prefix == bindparam("invoice_prefix"),
    )
)
_FOREIGN_NUMBERS = (
    invoices.c.world_id == bindparam("world"),
    invoices.c.customer_id != bindparam("but_for"),
)
_NUMBERED = {
    # Text sorts by bytes on SQLite: all that begins with the dash stands before the dot. How
    # PostgreSQL sorts is the server's choice, so it compares beginnings.
    "sqlite": Statement(
        select(invoices.c.customer_id)
        .where(
            *_FOREIGN_NUMBERS,
            invoices.c.number >= bindparam("invoice_prefix") + "-",
            invoices.c.number < bindparam("invoice_prefix") + ".",
        )
        .limit(1)
    ),
    "postgresql": Statement(
        select(invoices.c.customer_id)
        .where(*_FOREIGN_NUMBERS, invoices.c.number.like(bindparam("invoice_prefix") + "-%"))
        .limit(1)
    ),
}
_ON_CLOCK = Statement(
    select(*columns(Customer)).where(
        customers.c.world_id == bindparam("world"),
        customers.c.clock_id == bindparam("clock_id"),
        customers.c.deleted.is_(False),
    )
)
_METHODS = Statement(
    select(*columns(PaymentMethod)).where(
        payment_methods.c.world_id == bindparam("world"),
        payment_methods.c.customer_id == bindparam("customer_id"),
    )
)


def price_by_lookup_key(session: Session, lookup_key: str | None) -> Price | None:
    """Return the price that has the lookup key."""
    if lookup_key is None:
        return None
    return next(iter(session.all(Price, _LOOKUP, lookup_key=lookup_key)), None)


def has_prices(session: Session, product_id: str) -> bool:
    """Say whether the product has prices."""
    return bool(session.rows(_PRICED, product_id=product_id))


def prefix_owner(session: Session, prefix: str | None) -> str | None:
    """Return the id of the customer whose invoices have this prefix."""
    if prefix is None:
        return None
    rows = session.rows(_PREFIX, invoice_prefix=prefix)
    return str(rows[0][0]) if rows else None


def prefix_taken_by(session: Session, prefix: str | None, customer_id: str = "") -> str | None:
    """Return another customer that has the prefix, or has invoices numbered under it from before.

    A prefix that was given up stays with the invoices it numbered: its numbers would come again.
    """
    if prefix is None:
        return None
    owner = prefix_owner(session, prefix)
    if owner is not None and owner != customer_id:
        return owner
    numbered = _NUMBERED[session.connection.dialect]
    rows = session.rows(numbered, invoice_prefix=prefix, but_for=customer_id)
    return str(rows[0][0]) if rows else None


def customers_on(session: Session, clock_id: str) -> tuple[Customer, ...]:
    """Return the customers that live by the test clock."""
    return session.all(Customer, _ON_CLOCK, clock_id=clock_id)


def methods_of(session: Session, customer_id: str) -> tuple[PaymentMethod, ...]:
    """Return the customer's payment methods."""
    return session.all(PaymentMethod, _METHODS, customer_id=customer_id)


def customer_with_default(session: Session, method: PaymentMethod) -> Customer | None:
    """Return the customer whose default payment method this is."""
    customer = session.lock(method.customer_id)
    if customer is not None and customer.default_payment_method == method.id:
        return customer
    return None


def shelf(
    session: Session,
    *,
    price_ids: Iterable[str] = (),
    product_ids: Iterable[str] = (),
    rate_ids: Iterable[str] = (),
    rate_names: Iterable[str] = (),
) -> Shelf:
    """Return the named catalogue objects; the products of the prices come along."""
    found_prices = {id: price for id in set(price_ids) if (price := session.get(Price, id))}
    wanted = {*product_ids, *(price.product_id for price in found_prices.values())}
    found_products = {id: product for id in wanted if (product := session.get(Product, id))}
    rates = {id: rate for id in set(rate_ids) if (rate := session.get(TaxRate, id))}
    for name in set(rate_names):
        rates |= {r.id: r for r in session.all(TaxRate, _RATES_NAMED, display_name=name)}
    return Shelf(found_prices, found_products, rates)
