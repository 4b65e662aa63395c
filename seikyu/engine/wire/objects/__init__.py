"""Objects: every record rendered as the JSON object that Stripe would show.

One file per noun. An object is rendered when it changes, once; those bytes are the answer, the
snapshot inside the event and what later reads serve. So this runs on every write, and is kept
quick: one dict literal a record, constants made beforehand, finished JSON put in as it is.

Every documented field is there (null where empty). What is left out: properties that appear only
when expanded, and optional ones about which this engine knows nothing.
"""

from collections.abc import Callable
from itertools import compress
from operator import ne
from typing import Any

import orjson

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.bank_statement import BankStatement, BankStatementLine
from seikyu.engine.billing.cash import CashBalance, CashMovement
from seikyu.engine.billing.catalogue import Price, Product, TaxRate
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.credit_note import CreditNote
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.portal import PortalConfiguration, PortalSession
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.wire.objects.account import account
from seikyu.engine.wire.objects.bank_statement import (
    bank_statement,
    bank_statement_line,
    statement_preview,
)
from seikyu.engine.wire.objects.cash import (
    cash_balance,
    cash_movement,
    instructions_body,
    preview_body,
)
from seikyu.engine.wire.objects.catalogue import price, product
from seikyu.engine.wire.objects.charge import charge
from seikyu.engine.wire.objects.credit_note import credit_lines, credit_note
from seikyu.engine.wire.objects.customer import balance_transaction, customer
from seikyu.engine.wire.objects.delivery import delivery_body
from seikyu.engine.wire.objects.discount import coupon, discount, promotion_code
from seikyu.engine.wire.objects.event import event_body
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.invoice import invoice
from seikyu.engine.wire.objects.invoice_payment import invoice_payment
from seikyu.engine.wire.objects.line import invoice_item, line_item, line_page
from seikyu.engine.wire.objects.mail import mail_body
from seikyu.engine.wire.objects.payment_intent import payment_intent
from seikyu.engine.wire.objects.payment_method import payment_method
from seikyu.engine.wire.objects.payment_plan import payment_plan
from seikyu.engine.wire.objects.portal import portal_configuration, portal_session
from seikyu.engine.wire.objects.refund import refund
from seikyu.engine.wire.objects.settings import settings
from seikyu.engine.wire.objects.subscription import item_page, subscription, subscription_item
from seikyu.engine.wire.objects.taxes import tax_rate
from seikyu.engine.wire.objects.test_clock import test_clock
from seikyu.engine.wire.objects.webhook_endpoint import endpoint_with_secret, webhook_endpoint

__all__ = [
    "OBJECT_TYPES",
    "Frame",
    "Rendered",
    "credit_lines",
    "deleted",
    "delivery_body",
    "endpoint_with_secret",
    "event_body",
    "instructions_body",
    "item_page",
    "line_page",
    "mail_body",
    "preview_body",
    "previous_attributes",
    "shown",
    "statement_preview",
]

OBJECT_TYPES: dict[type, str] = {
    Account: "account",
    BalanceTransaction: "customer_balance_transaction",
    BankStatement: "seikyu.bank_statement",
    BankStatementLine: "seikyu.bank_statement_line",
    CashBalance: "cash_balance",
    CashMovement: "customer_cash_balance_transaction",
    Charge: "charge",
    Coupon: "coupon",
    CreditNote: "credit_note",
    Customer: "customer",
    Discount: "discount",
    Invoice: "invoice",
    InvoicePayment: "invoice_payment",
    Line: "invoiceitem",
    PaymentIntent: "payment_intent",
    PaymentMethod: "payment_method",
    PaymentPlan: "payment_plan",
    PortalConfiguration: "billing_portal.configuration",
    PortalSession: "billing_portal.session",
    Price: "price",
    Product: "product",
    PromotionCode: "promotion_code",
    Refund: "refund",
    Settings: "seikyu.settings",
    Subscription: "subscription",
    SubscriptionItem: "subscription_item",
    TaxRate: "tax_rate",
    TestClock: "test_helpers.test_clock",
    WebhookEndpoint: "webhook_endpoint",
}
"""Stripe's name of each record's (first) object. Records that are not in it are never shown."""

RENDER: dict[type, Callable[[Any, Frame], dict[str, Any]]] = {
    Account: account,
    BalanceTransaction: balance_transaction,
    BankStatement: bank_statement,
    BankStatementLine: bank_statement_line,
    CashBalance: cash_balance,
    CashMovement: cash_movement,
    Charge: charge,
    Coupon: coupon,
    CreditNote: credit_note,
    Customer: customer,
    Discount: discount,
    Invoice: invoice,
    InvoicePayment: invoice_payment,
    Line: invoice_item,
    PaymentIntent: payment_intent,
    PaymentMethod: payment_method,
    PaymentPlan: payment_plan,
    PortalConfiguration: portal_configuration,
    PortalSession: portal_session,
    Price: price,
    Product: product,
    PromotionCode: promotion_code,
    Refund: refund,
    Settings: settings,
    Subscription: subscription,
    SubscriptionItem: subscription_item,
    TaxRate: tax_rate,
    TestClock: test_clock,
    WebhookEndpoint: webhook_endpoint,
}


Rendered = dict[int, dict[str, Any]]
"""Objects by the ``id()`` of the record they show, for as long as these records are in use."""


def shown(
    record: Any, frame: Frame, rendered: Rendered | None = None
) -> tuple[tuple[str, bytes], ...]:
    """Return the id and JSON of each object that the record is shown as.

    What is made for ``rendered`` is left there for `previous_attributes`.
    A line is its invoice item and, on an invoice, its line item; one that bills the period of a
    subscription is its line item alone. A record that nobody is shown
    (an attempt) gives nothing; a coupon that was deleted gives nothing to read.
    """
    render = RENDER.get(type(record))
    if render is None:
        return ()
    if type(record) is Coupon and record.deleted:
        return ((record.id, b""),)
    if type(record) is Line and record.recurring:
        return ((record.line_id or record.id, orjson.dumps(line_item(record, frame))),)
    made = render(record, frame)
    if rendered is not None:
        rendered[id(record)] = made
    first = (record.id, orjson.dumps(made))
    if type(record) is Line and record.line_id is not None:
        return first, (record.line_id, orjson.dumps(line_item(record, frame)))
    return (first,)


def previous_attributes(
    before: Any, after: Any, frame: Frame, rendered: Rendered | None = None
) -> bytes:
    """Return, as JSON, what changed between two states of a record, with the values it had.

    Hashes show only the keys that changed, arrays are shown whole; a key that was not there is
    null. Nothing is parsed: the pages of lines are compared as bytes.
    """
    render = RENDER[type(before)]
    known = rendered or {}
    old = known.get(id(before)) or render(before, frame)
    changed = _changed(old, known.get(id(after)) or render(after, frame))
    if type(before) is Invoice and before.lines_page == after.lines_page:
        changed.pop("lines", None)
    if type(before) is Subscription and before.items_page == after.items_page:
        changed.pop("items", None)
    return orjson.dumps(changed)


def deleted(record: Any) -> bytes:
    """Return what is left to say of a deleted object."""
    return orjson.dumps({"id": record.id, "object": OBJECT_TYPES[type(record)], "deleted": True})


def _changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    keys = list(old)
    if keys == list(new):  # nearly always: then the comparing is one loop in C
        keys = list(compress(keys, map(ne, old.values(), new.values())))
    for key in keys:
        value, now = old[key], new.get(key)
        if value == now:
            continue
        if isinstance(value, dict) and isinstance(now, dict):
            changed[key] = _changed(value, now)
        else:
            changed[key] = value
    changed.update(dict.fromkeys(new.keys() - old.keys()))
    return changed
