"""Every record class comes back from the database as it went in, and versions are checked."""

import dataclasses
import types
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.bank_statement import BankStatement, BankStatementLine
from seikyu.engine.billing.cash import CashBalance, CashMovement
from seikyu.engine.billing.catalogue import Price, Product
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.credit_note import CreditNote
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.ledger import Posting
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.numbering import Sequence
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.portal import PortalConfiguration, PortalSession
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.store.database import Contention, Database, transaction
from seikyu.engine.store.keys import opened_by
from seikyu.engine.store.mapping import Codec
from seikyu.engine.store.session import Session, World
from seikyu.engine.store.tables import TABLES
from tests.store.conftest import LIVE

# PostgreSQL stores no NUL in a text; the dialect refuses it before anything is stored.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=12, allow_nan=False, allow_infinity=False
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field, by its annotation; every annotation that records use is known."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (plain,) = (arg for arg in get_args(hint) if arg is not types.NoneType)
        return st.none() | values(plain)
    if origin is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    if origin is dict:
        inner = TEXTS if get_args(hint)[1] is str else JSON
        return st.dictionaries(TEXTS, inner, max_size=3)
    if dataclasses.is_dataclass(hint):
        return records(hint)  # type: ignore[arg-type]
    known: dict[Any, st.SearchStrategy[Any]] = {
        int: NUMBERS,
        str: TEXTS,
        bool: st.booleans(),
        bytes: st.binary(max_size=40),
        Decimal: DECIMALS,
    }
    return known[hint]


def records(record: type) -> st.SearchStrategy[Any]:
    """Records of a class, with anything its fields may hold."""
    hints = get_type_hints(record)
    return st.builds(
        record, **{field.name: values(hints[field.name]) for field in dataclasses.fields(record)}
    )


@pytest.mark.parametrize("record", TABLES, ids=lambda record: record.__name__)
@given(data=st.data())
@settings(max_examples=50)
def test_the_codec_loses_nothing(record: type, data: st.DataObject) -> None:
    codec = Codec(record)
    original = data.draw(records(record))
    encoded = codec.encode(original)
    assert list(encoded) == codec.names
    assert codec.decode(tuple(encoded[name] for name in codec.names)) == original


PARENTS: tuple[Any, ...] = (
    Customer(id="cus_1", created=1, invoice_prefix="ABCD1234"),
    Product(id="prod_1", created=1, updated=1, name="保守"),
    Coupon(id="co_1", created=1, duration="once"),
    PaymentIntent(id="pi_1", created=1, amount=1, currency="jpy", client_secret="pi_1_secret"),
    Invoice(id="in_1", created=1, customer_id="cus_1", currency="jpy", hosted_key="key of in_1"),
    PortalConfiguration(id="bpc_1", created=1, updated=1),
    Subscription(id="sub_1", created=1, customer_id="cus_1", currency="jpy"),
    BankStatement("bst_1", 1, "zengin", "cp932", "x", 1, 1, 1),
)
"""What other records must refer to."""

LIMITS: dict[type, dict[str, Any]] = {
    Coupon: {"duration": "repeating", "max_redemptions": None},
    CreditNote: {
        "customer_id": "cus_1",
        "invoice_id": "in_1",
        "status": "issued",
        "amount": 5,
        "pre_payment_amount": 3,
        "post_payment_amount": 2,
    },
    Customer: {"next_invoice_sequence": 1},
    Discount: {"coupon_id": "co_1"},
    PaymentPlan: {"invoice_id": "in_1"},
    PromotionCode: {"coupon_id": "co_1", "max_redemptions": None},
    Sequence: {"next_number": 1},
    PaymentIntent: {"amount": 50, "amount_received": 0},
    Price: {"product_id": "prod_1"},
    Line: {"customer_id": "cus_1"},
    Charge: {"payment_intent_id": "pi_1", "status": "succeeded"},
    Attempt: {"intent_id": "pi_1"},
    BalanceTransaction: {"customer_id": "cus_1"},
    BankStatementLine: {"statement_id": "bst_1", "status": "waiting", "amount": 1},
    CashBalance: {"customer_id": "cus_1"},
    CashMovement: {
        "customer_id": "cus_1",
        "type": "funded",
        "net_amount": 1,
        "ending_balance": 1,
    },
    Mail: {"kind": "invoice", "status": "waiting"},
    PortalSession: {"customer_id": "cus_1", "configuration_id": "bpc_1"},
    Posting: {"amount": 1},
    Refund: {"intent_id": "pi_1", "status": "pending", "amount": 1},
    Subscription: {
        "customer_id": "cus_1",
        "status": "active",
        "collection_method": "send_invoice",
    },
    SubscriptionItem: {"subscription_id": "sub_1", "quantity": 1},
    Invoice: {
        "customer_id": "cus_1",
        "status": "open",
        "number": "ABCD1234-0001",
        "collection_method": "send_invoice",
        "amount_due": 100,
        "amount_paid": 30,
        "amount_remaining": 70,
    },
}
"""What the database demands of a record; everything else may be anything."""

STORED = tuple(record for record in TABLES if record is not InvoicePayment)
"""An invoice payment needs a whole invoice before it; the stories of the API have many."""


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """Undo what the block stored, so that one example does not meet the next."""
    connection = database.connection()
    connection.command("BEGIN")
    try:
        yield
    finally:
        connection.command("ROLLBACK")


@pytest.mark.parametrize("record", STORED, ids=lambda record: record.__name__)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_comes_back_as_it_was_saved(
    database: Database, world: World, record: type, data: st.DataObject
) -> None:
    drawn = data.draw(records(record))
    original = dataclasses.replace(drawn, version=0, id="same_1", **LIMITS.get(record, {}))
    session = Session(database.connection(), world)
    with undone(database):
        for parent in PARENTS:
            session.save(parent, 1)
        session.save(original, 1)
        session.flush()
        assert session.get(record, "same_1") == dataclasses.replace(original, version=1)


PRODUCT = Product(id="prod_9", created=1_767_225_600, updated=1_767_225_600, name="保守")


@pytest.fixture
def session(database: Database, world: World) -> Session:
    """A session in which PRODUCT is stored as version 1."""
    made = Session(database.connection(), world)
    made.save(PRODUCT, 1)
    made.flush()
    return made


def test_nothing_is_stored_before_the_flush(session: Session) -> None:
    session.save(dataclasses.replace(PRODUCT, id="prod_10"), 1)
    assert session.get(Product, "prod_10") is None
    session.flush()
    assert session.get(Product, "prod_10") is not None


def test_a_record_that_was_changed_meanwhile_is_not_overwritten(session: Session) -> None:
    """Two decided on version 1; the second to save must look again."""
    first = session.get(Product, PRODUCT.id)
    assert first is not None
    session.save(dataclasses.replace(first, name="保守（新）"), 2)
    session.flush()
    session.save(dataclasses.replace(first, name="保守（旧）"), 2)
    with pytest.raises(Contention, match="prod_9 was changed by somebody else"):
        session.flush()
    kept = session.get(Product, PRODUCT.id)
    assert kept is not None
    assert (kept.name, kept.version) == ("保守（新）", 2)


def test_a_record_that_exists_already_is_contention(session: Session) -> None:
    with pytest.raises(Contention), undone_on_failure(session):
        session.save(PRODUCT, 1)
        session.flush()


def test_what_was_refused_is_not_made_by_the_next_flush(session: Session) -> None:
    session.save(dataclasses.replace(PRODUCT, version=7), 8)
    with pytest.raises(Contention):
        session.flush()
    session.flush()
    kept = session.get(Product, PRODUCT.id)
    assert kept == dataclasses.replace(PRODUCT, version=1)


def test_no_query_crosses_worlds(session: Session, database: Database) -> None:
    live = opened_by(database.connection(), LIVE)
    assert live is not None
    other = Session(database.connection(), live.world)
    assert other.get(Product, PRODUCT.id) is None
    other.delete(dataclasses.replace(PRODUCT, version=1))
    other.flush()
    assert session.get(Product, PRODUCT.id) is not None


def test_what_is_shown_of_an_object_is_its_newest_body(session: Session) -> None:
    session.keep("prod_9", 1, b'{"name":"1"}', 1)
    session.keep("prod_9", 2, b'{"name":"2"}', 2)
    session.flush()
    assert session.show("prod_9") == b'{"name":"2"}'
    assert session.show("prod_0") is None


@contextmanager
def undone_on_failure(session: Session) -> Iterator[None]:
    """A transaction: PostgreSQL takes no more commands in one that failed."""
    with transaction(session.connection):
        yield
