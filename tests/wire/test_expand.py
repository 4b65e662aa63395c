"""Expansion puts whole objects where ids are, and refuses paths that lead nowhere."""

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.expand import expand, plan
from seikyu.engine.wire.expandable import EXPANDABLE
from seikyu.engine.wire.ids import PREFIXES


class Shelf:
    """Objects that refer to each other, and a count of how often they were fetched."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = {(each["object"], each["id"]): each for each in objects}
        self.fetched: list[str] = []

    def fetch(self, type: str, id: str) -> dict[str, Any] | None:
        """One object by type and id."""
        self.fetched.append(id)
        return self.objects.get((type, id))

    def include(self, type: str, object: Any, name: str) -> Any:
        """The payments of an invoice, or its confirmation secret."""
        if name == "payments":
            data = [each for each in self.objects.values() if each.get("invoice") == object["id"]]
            return {"object": "list", "data": data, "has_more": False, "url": "/v1/x"}
        assert (type, name) == ("invoice", "confirmation_secret")
        return {"client_secret": "pi_1_secret_x", "type": "payment_intent"}

    def expanded(
        self, value: Any, type: str, paths: Iterable[str], *, in_list: bool = False
    ) -> Any:
        """The value after expanding the paths."""
        tree = plan(paths, type, in_list=in_list)
        body = orjson.dumps(value)
        return orjson.loads(expand(body, type, tree, self.fetch, self.include, in_list=in_list))


CUSTOMER = {"id": "cus_1", "object": "customer", "test_clock": "clock_1",
            "invoice_settings": {"default_payment_method": "pm_1", "footer": None}}  # fmt: skip
CLOCK = {"id": "clock_1", "object": "test_helpers.test_clock"}
METHOD = {"id": "pm_1", "object": "payment_method", "customer": "cus_1"}
INTENT = {"id": "pi_1", "object": "payment_intent", "latest_charge": "ch_1", "customer": "cus_1"}
CHARGE = {"id": "ch_1", "object": "charge", "balance_transaction": None}
PAYMENT = {"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1",
           "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}  # fmt: skip
PRICE = {"id": "price_1", "object": "price", "product": "prod_1"}
INVOICE: dict[str, Any] = {
    "id": "in_1", "object": "invoice", "customer": "cus_1", "default_payment_method": None,
    "discounts": [],
    "lines": {"object": "list", "data": [
        {"id": "il_1", "object": "line_item",
         "pricing": {"type": "price_details", "price_details": {"price": "price_1"}}},
        {"id": "il_2", "object": "line_item", "pricing": None},
    ]},
}  # fmt: skip


@pytest.fixture
def shelf() -> Shelf:
    """All the objects above."""
    return Shelf(CUSTOMER, CLOCK, METHOD, INTENT, CHARGE, PAYMENT, PRICE, INVOICE)


def test_an_id_becomes_its_object(shelf: Shelf) -> None:
    assert shelf.expanded(INVOICE, "invoice", ["customer"])["customer"] == CUSTOMER


def test_a_path_leads_through_several_objects(shelf: Shelf) -> None:
    made = shelf.expanded(INVOICE, "invoice", ["payments.data.payment.payment_intent"])
    assert made["payments"]["data"][0]["payment"] == {
        "type": "payment_intent",
        "payment_intent": INTENT,
    }


def test_paths_that_share_a_beginning_are_all_followed(shelf: Shelf) -> None:
    made = shelf.expanded(
        INVOICE,
        "invoice",
        ["customer.test_clock", "customer.invoice_settings.default_payment_method", "customer"],
    )
    assert made["customer"] == {
        **CUSTOMER,
        "test_clock": CLOCK,
        "invoice_settings": {"default_payment_method": METHOD, "footer": None},
    }
    assert shelf.fetched.count("cus_1") == 1


def test_what_is_left_out_appears_when_asked_for(shelf: Shelf) -> None:
    assert "payments" not in INVOICE
    made = shelf.expanded(INVOICE, "invoice", ["payments", "confirmation_secret"])
    assert made["payments"]["data"] == [PAYMENT]
    assert made["confirmation_secret"]["client_secret"] == "pi_1_secret_x"


def test_elements_of_a_list_inside_are_expanded(shelf: Shelf) -> None:
    item = {
        "id": "ii_1",
        "object": "invoiceitem",
        "pricing": {"price_details": {"price": "price_1"}},
    }
    made = shelf.expanded(item, "invoiceitem", ["pricing.price_details.price"])
    assert made["pricing"]["price_details"]["price"] == PRICE
    made = shelf.expanded(INVOICE, "invoice", ["lines.data.discounts", "lines"])
    assert made == INVOICE


def test_a_list_is_expanded_below_data_and_each_object_fetched_once(shelf: Shelf) -> None:
    answer = {"object": "list", "data": [INVOICE, {**INVOICE, "id": "in_2"}], "has_more": False}
    made = shelf.expanded(answer, "invoice", ["data.customer"], in_list=True)
    assert [each["customer"] for each in made["data"]] == [CUSTOMER, CUSTOMER]
    assert shelf.fetched == ["cus_1"]


def test_one_object_may_stand_expanded_here_and_plain_there(shelf: Shelf) -> None:
    method = {**METHOD, "id": "pm_2"}
    answer = {"object": "list", "data": [INTENT, method]}
    tree = plan(["data.customer.test_clock"], "payment_intent", in_list=True)
    body = orjson.dumps(answer)
    expand(body, "payment_intent", tree, shelf.fetch, shelf.include, in_list=True)
    assert CUSTOMER["test_clock"] == "clock_1"


def test_null_stays_null_and_an_unknown_id_stays_an_id(shelf: Shelf) -> None:
    invoice = {**INVOICE, "customer": "cus_unknown"}
    made = shelf.expanded(invoice, "invoice", ["customer", "default_payment_method"])
    assert made["customer"] == "cus_unknown"
    assert made["default_payment_method"] is None
    assert shelf.expanded(CHARGE, "charge", ["balance_transaction"]) == CHARGE


def test_a_deleted_object_is_not_looked_into(shelf: Shelf) -> None:
    gone = {"id": "cus_2", "object": "customer", "deleted": True}
    shelf.objects["customer", "cus_2"] = gone
    invoice = {**INVOICE, "customer": "cus_2"}
    assert shelf.expanded(invoice, "invoice", ["customer.test_clock"])["customer"] == gone


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("foo", "foo"),
        ("customer.foo", "customer.foo"),
        ("customer.foo.bar", "customer.foo"),
        ("metadata", "metadata"),
        ("parent", "parent"),
        ("parent.subscription_details", "parent.subscription_details"),
        ("data", "data"),
        ("data.customer", "data"),
        ("", ""),
        ("customer.", "customer."),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, shown: str) -> None:
    with pytest.raises(WireError) as caught:
        plan([path], "invoice")
    assert caught.value.status == 400
    assert caught.value.message == f"This property cannot be expanded ({shown})."


def test_in_a_list_the_forgotten_data_is_pointed_out() -> None:
    with pytest.raises(WireError) as caught:
        plan(["customer"], "invoice", in_list=True)
    assert caught.value.message == (
        "This property cannot be expanded (customer). You may want to try expanding "
        "'data.customer' instead."
    )
    with pytest.raises(WireError) as caught:
        plan(["data"], "invoice", in_list=True)
    assert caught.value.message == "This property cannot be expanded (data)."


def test_at_most_four_levels_are_followed() -> None:
    assert plan(["payments.data.payment.payment_intent"], "invoice")
    with pytest.raises(WireError) as caught:
        plan(["payments.data.payment.payment_intent.customer"], "invoice")
    assert caught.value.message == (
        "You cannot expand more than 4 levels of a property. Property: "
        "payments.data.payment.payment_intent.customer"
    )


def test_every_expandable_type_is_one_that_has_ids() -> None:
    assert set(EXPANDABLE) <= set(PREFIXES)
