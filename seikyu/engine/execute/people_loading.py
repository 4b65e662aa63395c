"""Loading for customers: their terms, their balance and their cards."""

from typing import Any

from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.crediting import BalanceBook
from seikyu.engine.billing.customer import (
    CreateCustomer,
    CustomerBook,
    DeleteCustomer,
    DeleteDiscount,
    UpdateCustomer,
)
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.payment_method import (
    AttachMethod,
    CreateMethod,
    DetachMethod,
    MethodBook,
    PaymentMethod,
)
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.execute.loading import existing, locked_customer
from seikyu.engine.store import cash, catalogue, discounts, invoices, subscriptions
from seikyu.engine.store.session import Session


def of_customer(session: Session, id: str | None, command: Any) -> CustomerBook:
    """Load for the commands of ``billing.customer``."""
    given: Given = getattr(command, "given", {})
    currency = session.world.account.default_currency
    if isinstance(command, CreateCustomer):
        if given.get("test_clock"):
            existing(session, TestClock, "test clock", given["test_clock"], "test_clock")
        method = None
        if command.card is None and given.get("payment_method"):
            method = existing(
                session, PaymentMethod, "PaymentMethod", given["payment_method"], "payment_method"
            )
        return CustomerBook(
            currency,
            method=method,
            prefix_owner=_prefix_owner(session, given.get("invoice_prefix")),
            shelf=discounts.offers(session, (given,), None),
        )
    customer = locked_customer(session, id, "id")
    if isinstance(command, DeleteCustomer):
        return CustomerBook(
            currency,
            customer,
            methods=catalogue.methods_of(session, customer.id),
            subscriptions=subscriptions.running_of(session, customer.id),
            cash=cash.balance(session, customer.id),
        )
    if isinstance(command, DeleteDiscount):
        return CustomerBook(currency, customer)
    assert isinstance(command, UpdateCustomer)
    named = (given.get("invoice_settings") or {}).get("default_payment_method")
    return CustomerBook(
        currency,
        customer,
        method=session.get(PaymentMethod, named),
        prefix_owner=_prefix_owner(session, given.get("invoice_prefix"), customer.id),
        drafts=invoices.drafts_of(session, customer.id),
        cash=cash.balance(session, customer.id) if "cash_balance" in given else None,
        shelf=discounts.offers(session, (given,), customer.id),
    )


def _prefix_owner(session: Session, prefix: str | None, customer_id: str = "") -> str | None:
    """Return who else has the prefix of numbers: a customer, or the account."""
    if invoices.is_accounts_prefix(session, prefix):
        return session.world.account.id
    return catalogue.prefix_taken_by(session, prefix, customer_id)


def of_balance(session: Session, id: str | None, command: Any) -> BalanceBook:
    """Load for the commands of ``billing.crediting``."""
    customer = locked_customer(session, command.customer_id, "id")
    if id is None:
        return BalanceBook(customer)
    movement: BalanceTransaction = existing(
        session, BalanceTransaction, "customer balance transaction", id
    )
    if movement.customer_id != customer.id:
        raise ObjectMissing("customer balance transaction", id)
    return BalanceBook(customer, movement)


def of_method(session: Session, id: str | None, command: Any) -> MethodBook:
    """Load for the commands of ``billing.payment_method``."""
    if isinstance(command, CreateMethod):
        return MethodBook()
    method: PaymentMethod | None = None
    if not (isinstance(command, AttachMethod) and command.card is not None):
        method = existing(session, PaymentMethod, "PaymentMethod", id)
    if isinstance(command, AttachMethod):
        return MethodBook(method, customer_id=locked_customer(session, command.customer_id).id)
    default_of = None
    if isinstance(command, DetachMethod) and method is not None:
        default_of = catalogue.customer_with_default(session, method)
    return MethodBook(method, default_of=default_of)
