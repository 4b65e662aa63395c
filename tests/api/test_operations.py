"""The table of operations: each is answered in exactly one way, and no line of it is for nothing."""

from seikyu.engine.api.operations import COLLECTIONS, LISTS, OBJECTS, PREVIEWS, SERVED
from seikyu.engine.wire.commands import BUILDERS
from seikyu.engine.wire.ids import PREFIXES
from seikyu.engine.wire.params.operations import OPERATIONS

WITHOUT_ID = {"account", "cash_balance", "funding_instructions", "seikyu.settings"}
"""Types of which there is one per account, per customer, or none that is stored."""


def test_every_operation_reads_or_searches_or_writes() -> None:
    for operation, served in SERVED.items():
        writes = operation in BUILDERS or (served.show is not None and served.shows_if is None)
        ways = [served.read is not None, served.searches, writes]
        assert ways.count(True) == 1, operation
        assert writes == (not operation.startswith("GET ")), operation


def test_the_tables_name_only_operations_that_are_served() -> None:
    assert {*OBJECTS, *LISTS, *PREVIEWS, *BUILDERS} <= set(OPERATIONS)


def test_every_collection_is_where_a_path_begins() -> None:
    paths = [operation.split(" /v1/")[1] + "/" for operation in OPERATIONS]
    assert not [each for each in COLLECTIONS if not any(p.startswith(each + "/") for p in paths)]


def test_every_type_is_one_whose_ids_are_known() -> None:
    assert set(COLLECTIONS.values()) - set(PREFIXES) <= WITHOUT_ID


def test_what_the_path_says_and_what_it_does_not() -> None:
    lines = SERVED["POST /v1/invoices/{id}/lines/{line}"]
    assert (lines.object_type, lines.permission, lines.in_list) == ("line_item", "invoice", False)
    methods = SERVED["GET /v1/customers/{id}/payment_methods"]
    assert (methods.object_type, methods.in_list) == ("payment_method", True)
    assert SERVED["DELETE /v1/customers/{id}/discount"].object_type == "customer"
    assert SERVED["GET /v1/invoices/{id}"].kept
    assert not SERVED["GET /v1/coupons/{id}"].kept  # whether it is valid depends on the time
    assert not SERVED["GET /v1/invoices/{id}/forecast"].kept


def test_operations_stand_in_the_order_of_their_paths() -> None:
    methods = ["GET", "POST", "DELETE"]

    def place(operation: str) -> tuple[str, int]:
        method, path = operation.split(" ")
        return path, methods.index(method)

    for table in (OPERATIONS, BUILDERS):
        assert list(table) == sorted(table, key=place)
