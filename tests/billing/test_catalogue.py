"""Products, prices and tax rates: what decides amounts is fixed, keys and names are not."""

from decimal import Decimal
from typing import Any

import pytest

from seikyu.engine.billing import catalogue
from seikyu.engine.billing.catalogue import (
    CatalogueBook,
    Create,
    DeleteProduct,
    Price,
    Product,
    TaxRate,
    Update,
)
from seikyu.engine.billing.refusals import (
    AlreadyExists,
    InUse,
    LookupKeyTaken,
    ParameterMissing,
    ParametersExclude,
)
from tests.billing.world import MARCH, World, refused


def run(world: World, command: object, **book: Any) -> Any:
    """Decide a command on the catalogue, and return the record as it is then."""
    decision = catalogue.decide(CatalogueBook(**book), command, world.context())
    return world.get(world.keep(decision).answer.id)


def product(world: World, **given: Any) -> Product:
    """A product of these parameters."""
    made: Product = run(world, Create(Product, {"name": "月額保守", **given}))
    return made


def price(world: World, owner: Price | None = None, **given: Any) -> Price:
    """A price of these parameters, of a product that is new or there."""
    there = (world.all(Product) or [product(world)])[0]
    given = {"currency": "jpy", "unit_amount": 1_000, **given}
    made: Price = run(world, Create(Price, given), product=there, lookup_owner=owner)
    return made


def test_a_product_brings_its_default_price() -> None:
    world = World()
    made = product(world, default_price_data={"currency": "jpy", "unit_amount": 500})
    assert made.details["default_price"] == world.one(Price).id
    assert world.news() == ["product.created", "price.created"]


def test_an_id_is_used_once() -> None:
    world = World()
    made = product(world, id="maintenance")
    assert made.id == "maintenance"
    refused(
        lambda: run(world, Create(Product, {"id": "maintenance", "name": "x"}), product=made),
        AlreadyExists,
    )


def test_a_product_is_changed_archived_and_deleted_while_it_has_no_price() -> None:
    world = World()
    made = product(world)
    world.now += 60
    changed = run(world, Update(Product, {"active": False}), product=made)
    assert (changed.active, changed.updated) == (False, MARCH + 60)
    run(world, Update(Product, {"active": False}), product=changed)
    sentence = refused(lambda: run(world, DeleteProduct(), product=changed, priced=True), InUse)
    assert "Archive it instead with active=false." in sentence
    assert run(world, DeleteProduct(), product=changed).deleted
    assert world.news() == ["product.created", "product.updated", "product.deleted"]


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"unit_amount": 1, "unit_amount_decimal": "1"}, ParametersExclude),
        ({"unit_amount": None}, ParameterMissing),
    ],
)
def test_a_price_has_one_amount(given: dict[str, Any], refusal: type[Exception]) -> None:
    refused(lambda: price(World(), **given), refusal)


def test_a_price_is_exact_and_may_recur() -> None:
    world = World()
    exact = price(world, unit_amount=None, unit_amount_decimal="0.125")
    assert (exact.unit_amount, exact.type) == (Decimal("0.125"), "one_time")
    assert price(world, recurring={"interval": "month"}).type == "recurring"


def test_a_price_can_bring_its_product() -> None:
    world = World()
    given = {"currency": "jpy", "unit_amount": 7, "product_data": {"name": "出張費"}}
    made = run(world, Create(Price, given))
    assert made.product_id == world.one(Product).id
    assert world.news() == ["product.created", "price.created"]
    refused(
        lambda: run(world, Create(Price, {"currency": "jpy", "unit_amount": 7})), ParameterMissing
    )


def test_the_amount_of_a_price_never_changes() -> None:
    world = World()
    made = price(world)
    changed = run(
        world, Update(Price, {"unit_amount": 7, "currency": "usd", "nickname": "x"}), price=made
    )
    assert (changed.unit_amount, changed.currency) == (Decimal(1_000), "jpy")
    assert changed.details["nickname"] == "x"


def test_a_lookup_key_is_one_prices_until_it_is_moved() -> None:
    world = World()
    first = price(world, lookup_key="standard")
    refused(lambda: price(world, first, lookup_key="standard"), LookupKeyTaken)
    second = price(world, first, lookup_key="standard", transfer_lookup_key=True)
    assert (world.get(first.id).lookup_key, second.lookup_key) == (None, "standard")
    back = Update(Price, {"lookup_key": "standard"})
    refused(
        lambda: run(world, back, price=world.get(first.id), lookup_owner=second), LookupKeyTaken
    )
    back = Update(Price, {"lookup_key": "standard", "transfer_lookup_key": True})
    moved = run(world, back, price=world.get(first.id), lookup_owner=second)
    assert (moved.lookup_key, world.get(second.id).lookup_key) == ("standard", None)


def test_the_percentage_of_a_tax_rate_never_changes() -> None:
    world = World()
    given = {"display_name": "消費税", "percentage": "8", "inclusive": True}
    rate = run(world, Create(TaxRate, given))
    assert (rate.percentage, rate.inclusive) == (Decimal(8), True)
    changed = run(
        world,
        Update(TaxRate, {"percentage": "10", "inclusive": False, "display_name": "軽減税率"}),
        tax_rate=rate,
    )
    assert (changed.percentage, changed.inclusive, changed.display_name) == (
        Decimal(8),
        True,
        "軽減税率",
    )
    assert world.news() == ["tax_rate.created", "tax_rate.updated"]
