"""Loading for products, prices and tax rates, which belong to the account and not to a customer."""

from typing import Any

from seikyu.engine.billing.catalogue import (
    CatalogueBook,
    Create,
    DeleteProduct,
    Price,
    Product,
    TaxRate,
    Update,
)
from seikyu.engine.execute.loading import existing
from seikyu.engine.store import catalogue
from seikyu.engine.store.session import Session


def of_catalogue(session: Session, id: str | None, command: Any) -> CatalogueBook:
    """Load for the commands of ``billing.catalogue``."""
    if isinstance(command, DeleteProduct):
        product = existing(session, Product, "product", id)
        return CatalogueBook(product=product, priced=catalogue.has_prices(session, product.id))
    if isinstance(command, Create):
        return _for_creation(session, command)
    assert isinstance(command, Update)
    if command.noun is Product:
        return CatalogueBook(product=existing(session, Product, "product", id))
    if command.noun is TaxRate:
        return CatalogueBook(tax_rate=existing(session, TaxRate, "tax rate", id))
    return CatalogueBook(
        price=existing(session, Price, "price", id),
        lookup_owner=catalogue.price_by_lookup_key(session, command.given.get("lookup_key")),
    )


def _for_creation(session: Session, command: Create) -> CatalogueBook:
    given = command.given
    if command.noun is Product:
        own = given.get("id")
        taken = own is not None and session.show(own) is not None
        return CatalogueBook(product=session.get(Product, own), taken=taken)
    if command.noun is TaxRate:
        return CatalogueBook()
    product = None
    if given.get("product"):
        product = existing(session, Product, "product", given["product"], "product")
    return CatalogueBook(
        product=product,
        lookup_owner=catalogue.price_by_lookup_key(session, given.get("lookup_key")),
    )
