"""Customers and their cards: balances, prefixes, defaults; attaching, and detaching for good."""

from typing import Any

import pytest

from seikyu.engine.billing import customer as customers
from seikyu.engine.billing import payment_method as methods
from seikyu.engine.billing.alphabet import ALPHABET
from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.customer import (
    CreateCustomer,
    Customer,
    CustomerBook,
    DeleteCustomer,
    UpdateCustomer,
)
from seikyu.engine.billing.payment_method import (
    AttachMethod,
    Card,
    CreateMethod,
    DetachMethod,
    MethodBook,
    PaymentMethod,
    UpdateMethod,
)
from seikyu.engine.billing.refusals import (
    CardDeclined,
    CustomerIsDeleted,
    ObjectMissing,
    PaymentMethodConsumed,
    PaymentMethodUnusable,
    PrefixTaken,
)
from tests.billing.world import VISA, World, refused

REFUSED = Card(
    "test_refused",
    "visa",
    "0002",
    12,
    2030,
    "fingerprint2",
    refused=Outcome("declined", "processor_9", "card_declined", "generic_decline", "Declined."),
)


def create(world: World, card: Card | None = None, **given: Any) -> Customer:
    """A customer made of these parameters."""
    book = CustomerBook(
        "jpy",
        method=world.records.get(given.get("payment_method")),
        prefix_owner=_owner(world, given.get("invoice_prefix")),
    )
    command = CreateCustomer(given, card)
    made = world.keep(customers.decide(book, command, world.context())).answer
    return world.get(made.id)  # type: ignore[no-any-return]


def _owner(world: World, prefix: str | None) -> str | None:
    found = (c.id for c in world.all(Customer) if c.invoice_prefix == prefix)
    return next(found, None)


def change(world: World, customer: Customer, **given: Any) -> Customer:
    """The customer with these parameters changed."""
    settings = given.get("invoice_settings") or {}
    book = CustomerBook(
        "jpy",
        world.get(customer.id),
        method=world.records.get(settings.get("default_payment_method")),
        prefix_owner=_owner(world, given.get("invoice_prefix")),
    )
    world.keep(customers.decide(book, UpdateCustomer(given), world.context()))
    return world.get(customer.id)  # type: ignore[no-any-return]


def test_a_new_customer_has_a_prefix_that_cannot_be_misread() -> None:
    world = World()
    made = create(world, email="sample@example.com", name="サンプル太郎", metadata={"a": "b"})
    assert (made.email, made.balance, made.currency) == ("sample@example.com", 0, None)
    assert (made.details["name"], made.details["metadata"]) == ("サンプル太郎", {"a": "b"})
    assert len(made.invoice_prefix) == 8
    assert set(made.invoice_prefix) <= set(ALPHABET)
    assert not set("IO01") & set(ALPHABET)
    assert world.news() == ["customer.created"]


def test_prefixes_are_unique() -> None:
    world = World()
    first = create(world, invoice_prefix="SAMPLE")
    sentence = refused(lambda: create(world, invoice_prefix="SAMPLE"), PrefixTaken)
    assert sentence == (
        "The invoice prefix SAMPLE is used by another customer; choose another one."
    )
    assert change(world, first, invoice_prefix="SAMPLE").invoice_prefix == "SAMPLE"


@pytest.mark.parametrize(("wanted", "follows"), [(1, 5), (5, 5), (40, 40)])
def test_the_next_number_never_goes_back(wanted: int, follows: int) -> None:
    world = World()
    customer = world.customer(next_invoice_sequence=5)
    changed = change(world, customer, next_invoice_sequence=wanted, name="x")
    assert changed.next_invoice_sequence == follows


def test_a_balance_changes_with_a_movement() -> None:
    world = World()
    customer = world.customer()
    change(world, customer, balance=-500)
    assert change(world, customer, balance=200).balance == 200
    assert world.movements() == [("adjustment", -500, -500), ("adjustment", 700, 200)]
    change(world, customer, balance=200)
    assert len(world.all(BalanceTransaction)) == 2


def test_the_first_balance_is_in_the_currency_of_the_account() -> None:
    world = World()
    customer = change(world, world.customer(currency=None), balance=-500)
    assert (customer.balance, customer.currency) == (-500, "jpy")


def test_a_customers_default_card_is_its_own() -> None:
    world = World()
    customer = world.customer()
    own, other = world.card("cus_1", type="card"), world.card("cus_2")
    settings = {"default_payment_method": own.id}
    assert change(world, customer, invoice_settings=settings).default_payment_method == own.id
    for id in (other.id, "pm_none"):
        with pytest.raises(ObjectMissing, match=f"No such PaymentMethod: '{id}'"):
            change(world, customer, invoice_settings={"default_payment_method": id})
    cleared = change(world, customer, invoice_settings={"default_payment_method": None})
    assert cleared.default_payment_method is None


def test_a_customer_is_created_with_its_card_as_default() -> None:
    world = World()
    made = create(
        world,
        VISA,
        payment_method="pm_card_visa",
        invoice_settings={"default_payment_method": "pm_card_visa"},
    )
    card = world.one(PaymentMethod)
    assert (made.default_payment_method, card.customer_id) == (card.id, made.id)
    assert world.news() == ["customer.created", "payment_method.attached"]


@pytest.mark.parametrize("named", [None, "pm_mine"])
def test_a_new_customer_cannot_have_a_strangers_card_as_default(named: str | None) -> None:
    world = World()
    world.put(PaymentMethod("pm_mine", 0, "test_visa"))
    world.put(PaymentMethod("pm_other", 0, "test_visa", customer_id="cus_2"))
    settings = {"default_payment_method": "pm_other"}
    sentence = refused(
        lambda: create(world, payment_method=named, invoice_settings=settings), ObjectMissing
    )
    assert sentence == "No such PaymentMethod: 'pm_other'"


def test_drafts_show_the_customer_as_it_is_and_finalized_invoices_as_it_was() -> None:
    world = World()
    finalized = world.finalized(100)
    draft = world.draft(100)
    book = CustomerBook("jpy", world.get("cus_1"), drafts=(draft,))
    command = UpdateCustomer({"name": "株式会社サンプル新社名"})
    world.keep(customers.decide(book, command, world.context()))
    assert world.get(draft.id).snapshot["name"] == "株式会社サンプル新社名"
    assert world.get(finalized.id).snapshot["name"] is None
    assert world.news() == ["customer.updated"]


def test_a_deleted_customer_can_be_read_but_not_used() -> None:
    world = World()
    customer = world.customer()
    card = world.card()
    book = CustomerBook("jpy", world.get(customer.id), methods=(card,))
    world.keep(customers.decide(book, DeleteCustomer(), world.context()))
    gone = world.get(customer.id)
    assert (gone.deleted, gone.default_payment_method) == (True, None)
    assert world.get(card.id).detached
    assert world.news() == ["payment_method.detached", "customer.deleted"]
    refused(lambda: change(world, customer, name="x"), CustomerIsDeleted)


# ── cards ──────────────────────────────────────────────────────────────────────────────────────


def on_card(world: World, command: object, book: MethodBook | None = None) -> PaymentMethod:
    """Decide a command on a card, and return the card as it is then."""
    decision = methods.decide(book or MethodBook(), command, world.context())
    return world.get(world.keep(decision).answer.id)  # type: ignore[no-any-return]


def test_a_card_is_put_on_file_without_its_number() -> None:
    world = World()
    method = on_card(world, CreateMethod({"billing_details": {"name": "サンプル太郎"}}, VISA))
    assert method.card == {
        "brand": "visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2030,
        "fingerprint": "fingerprint1",
        "country": "US",
        "funding": "credit",
    }
    assert (method.customer_id, world.news()) == (None, [])


def test_a_card_is_attached_once() -> None:
    world = World()
    method = on_card(world, CreateMethod({}, VISA))
    attached = on_card(world, AttachMethod("cus_1"), MethodBook(method, "cus_1"))
    assert attached.customer_id == "cus_1"
    on_card(world, AttachMethod("cus_1"), MethodBook(attached, "cus_1"))
    assert world.news() == ["payment_method.attached"]
    refused(
        lambda: on_card(world, AttachMethod("cus_2"), MethodBook(attached, "cus_2")),
        PaymentMethodUnusable,
    )


@pytest.mark.parametrize("by_token", [True, False])
def test_a_card_that_the_processor_refused_is_not_attached(by_token: bool) -> None:
    world = World()
    book = MethodBook(None, "cus_1")
    command = AttachMethod("cus_1", REFUSED)
    if not by_token:
        book = MethodBook(on_card(world, CreateMethod({}, REFUSED)), "cus_1")
        command = AttachMethod("cus_1")
    with pytest.raises(CardDeclined) as raised:
        on_card(world, command, book)
    assert raised.value.message == "Declined."
    assert (raised.value.code, raised.value.decline_code) == ("card_declined", "generic_decline")


def test_detaching_is_for_good_and_ends_being_the_default() -> None:
    world = World()
    world.customer()
    card = world.card()
    detached = on_card(world, DetachMethod(), MethodBook(card, default_of=world.get("cus_1")))
    assert (detached.customer_id, detached.detached) == (None, True)
    assert world.get("cus_1").default_payment_method is None
    assert world.news() == ["payment_method.detached", "customer.updated"]
    refused(
        lambda: on_card(world, AttachMethod("cus_1"), MethodBook(detached, "cus_1")),
        PaymentMethodConsumed,
    )
    sentence = refused(
        lambda: on_card(world, DetachMethod(), MethodBook(detached)), PaymentMethodUnusable
    )
    assert "is not attached to a customer" in sentence


def test_billing_details_are_laid_over_and_a_card_keeps_its_number() -> None:
    world = World()
    method = on_card(world, CreateMethod({"billing_details": {"name": "a", "phone": "1"}}, VISA))
    given = {
        "billing_details": {"phone": "2"},
        "card": {"exp_year": 2031, "last4": "0000"},
        "metadata": {"k": "v"},
    }
    changed = on_card(world, UpdateMethod(given), MethodBook(method))
    assert changed.details["billing_details"] == {"name": "a", "phone": "2"}
    assert (changed.card["exp_year"], changed.card["last4"]) == (2031, "4242")
    assert world.news() == ["payment_method.updated"]
