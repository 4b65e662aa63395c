"""The tables. Records have the columns of their dataclass; what is more is said here.

Amounts are whole minor units, times whole Unix seconds. ``bodies`` holds every version of every
object as it was shown: the answer to reads and the snapshot inside events are the same bytes.
Identifiers sort by age, so lists need no column of their own to sort by.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.bank_statement import (
    LINE_STATUSES,
    BankStatement,
    BankStatementLine,
)
from seikyu.engine.billing.cash import MOVEMENTS, CashBalance, CashMovement
from seikyu.engine.billing.catalogue import Price, Product, TaxRate
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.credit_note import STATUSES as NOTE_STATUSES
from seikyu.engine.billing.credit_note import CreditNote
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.invoice import STATUSES, Invoice
from seikyu.engine.billing.ledger import Posting
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.mail import KINDS, Mail
from seikyu.engine.billing.mail import STATUSES as MAIL_STATUSES
from seikyu.engine.billing.numbering import Sequence
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.portal import PortalConfiguration, PortalSession
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import STATUSES as SUBSCRIPTION_STATUSES
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.unapplied import Unapplied
from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.store.journal_tables import journal_tables
from seikyu.engine.store.mapping import BYTEWISE, columns_of
from seikyu.engine.store.search_tables import search_tables

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _in(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _refers(column: str, target: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["world_id", column], [f"{target}.world_id", f"{target}.id"])


def _table(name: str, record: type, *more: Any, small: bool = True) -> Table:
    """Return the table of a record class. ``small`` rows live inside the primary key on SQLite."""
    return Table(
        name,
        metadata,
        Column("world_id", Integer, nullable=False),
        *columns_of(record),
        PrimaryKeyConstraint("world_id", "id"),
        *more,
        sqlite_with_rowid=not small,
    )


def _listed(name: str, *columns: str) -> Index:
    """An index that serves a list filtered by ``columns``, newest first."""
    return Index(f"ix_{name}_{'_'.join(columns)}", "world_id", *columns, "id")


accounts = Table(
    "accounts",
    metadata,
    Column("id", BYTEWISE, primary_key=True),
    Column("name", BYTEWISE, nullable=False),
    Column("country", BYTEWISE, nullable=False),
    Column("default_currency", BYTEWISE, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("registration_number", BYTEWISE),
)

worlds = Table(
    "worlds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", BYTEWISE, nullable=False),
    Column("livemode", Boolean, nullable=False),
    UniqueConstraint("account_id", "livemode"),
    ForeignKeyConstraint(["account_id"], ["accounts.id"]),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("hash", BYTEWISE, primary_key=True),
    Column("world_id", Integer, nullable=False),
    Column("kind", BYTEWISE, nullable=False),
    Column("last4", BYTEWISE, nullable=False),
    Column("permissions", BYTEWISE),
    Column("created", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    ForeignKeyConstraint(["world_id"], ["worlds.id"]),
    _in("kind", ("secret", "publishable", "restricted")),
)

customers = _table(
    "customers",
    Customer,
    UniqueConstraint("world_id", "invoice_prefix"),
    _listed("customers", "email"),
    _listed("customers", "clock_id"),
    _listed("customers", "created"),
    CheckConstraint("next_invoice_sequence > 0", name="sequence"),
)

payment_methods = _table(
    "payment_methods",
    PaymentMethod,
    _listed("payment_methods", "customer_id"),
)

products = _table(
    "products", Product, _listed("products", "active"), _listed("products", "created")
)

prices = _table(
    "prices",
    Price,
    _refers("product_id", "products"),
    _listed("prices", "product_id"),
    _listed("prices", "active"),
    _listed("prices", "created"),
    _listed("prices", "currency"),
    Index(
        "uq_prices_lookup_key",
        "world_id",
        "lookup_key",
        unique=True,
        sqlite_where=text("lookup_key IS NOT NULL"),
        postgresql_where=text("lookup_key IS NOT NULL"),
    ),
)

tax_rates = _table(
    "tax_rates", TaxRate, Index("ix_tax_rates_display_name", "world_id", "display_name")
)

lines = _table(
    "lines",
    Line,
    _refers("customer_id", "customers"),
    Index("ix_lines_invoice", "world_id", "invoice_id", "position"),
    Index(
        "ix_lines_line",
        "world_id",
        "line_id",
        unique=True,
        sqlite_where=text("line_id IS NOT NULL"),
        postgresql_where=text("line_id IS NOT NULL"),
    ),
    _listed("lines", "customer_id"),
    _listed("lines", "created"),
)

invoices = _table(
    "invoices",
    Invoice,
    _refers("customer_id", "customers"),
    UniqueConstraint("hosted_key"),
    _in("status", STATUSES),
    _in("collection_method", ("charge_automatically", "send_invoice")),
    CheckConstraint("amount_due >= 0 AND amount_paid >= 0", name="amounts"),
    CheckConstraint(
        "amount_remaining = CASE WHEN amount_paid > amount_due THEN 0"
        " ELSE amount_due - amount_paid END",
        name="remaining",
    ),
    CheckConstraint("status = 'draft' OR number IS NOT NULL", name="numbered"),
    Index(
        "uq_invoices_number",
        "world_id",
        "number",
        unique=True,
        sqlite_where=text("number IS NOT NULL"),
        postgresql_where=text("number IS NOT NULL"),
    ),
    Index(
        "ix_invoices_due",
        "clock_id",
        "next_action_at",
        sqlite_where=text("next_action_at IS NOT NULL"),
        postgresql_where=text("next_action_at IS NOT NULL"),
    ),
    _listed("invoices", "customer_id"),
    _listed("invoices", "status"),
    _listed("invoices", "collection_method"),
    _listed("invoices", "created"),
    _listed("invoices", "due_date"),
    _listed("invoices", "subscription_id"),
    small=False,
)

payment_plans = _table(
    "payment_plans",
    PaymentPlan,
    _refers("invoice_id", "invoices"),
    _listed("payment_plans", "invoice_id"),
    small=False,
)

payment_intents = _table(
    "payment_intents",
    PaymentIntent,
    CheckConstraint("amount > 0 AND amount_received >= 0", name="amounts"),
    _listed("payment_intents", "customer_id"),
    _listed("payment_intents", "created"),
)

charges = _table(
    "charges",
    Charge,
    _refers("payment_intent_id", "payment_intents"),
    _in("status", ("succeeded", "failed")),
    _listed("charges", "customer_id"),
    _listed("charges", "payment_intent_id"),
    _listed("charges", "created"),
)

invoice_payments = _table(
    "invoice_payments",
    InvoicePayment,
    _refers("invoice_id", "invoices"),
    _refers("intent_id", "payment_intents"),
    _in("status", ("open", "paid", "canceled")),
    _listed("invoice_payments", "invoice_id"),
    _listed("invoice_payments", "intent_id"),
    _listed("invoice_payments", "status"),
    _listed("invoice_payments", "created"),
)

attempts = _table(
    "attempts",
    Attempt,
    _refers("intent_id", "payment_intents"),
    Index(
        "uq_attempts_in_flight",
        "world_id",
        "intent_id",
        unique=True,
        sqlite_where=text("status = 'processing'"),
        postgresql_where=text("status = 'processing'"),
    ),
    Index(
        "ix_attempts_due",
        "next_action_at",
        sqlite_where=text("next_action_at IS NOT NULL"),
        postgresql_where=text("next_action_at IS NOT NULL"),
    ),
)

refunds = _table(
    "refunds",
    Refund,
    _refers("intent_id", "payment_intents"),
    _in("status", ("pending", "succeeded", "failed", "canceled")),
    CheckConstraint("amount > 0", name="amount"),
    _listed("refunds", "charge_id"),
    _listed("refunds", "intent_id"),
    _listed("refunds", "created"),
)

credit_notes = _table(
    "credit_notes",
    CreditNote,
    _refers("invoice_id", "invoices"),
    _refers("customer_id", "customers"),
    UniqueConstraint("world_id", "number"),
    _in("status", NOTE_STATUSES),
    CheckConstraint(
        "amount > 0 AND amount = pre_payment_amount + post_payment_amount"
        " AND pre_payment_amount >= 0 AND post_payment_amount >= 0",
        name="amounts",
    ),
    _listed("credit_notes", "invoice_id"),
    _listed("credit_notes", "customer_id"),
    _listed("credit_notes", "created"),
    small=False,
)

balance_transactions = _table(
    "balance_transactions",
    BalanceTransaction,
    _refers("customer_id", "customers"),
    _listed("balance_transactions", "customer_id"),
)

cash_balances = _table(
    "cash_balances",
    CashBalance,
    _refers("customer_id", "customers"),
    Index(
        "uq_cash_balances_virtual",
        "world_id",
        "virtual_branch",
        "virtual_number",
        unique=True,
        sqlite_where=text("virtual_number IS NOT NULL"),
        postgresql_where=text("virtual_number IS NOT NULL"),
    ),
)

cash_movements = _table(
    "cash_movements",
    CashMovement,
    _refers("customer_id", "customers"),
    _in("type", MOVEMENTS),
    CheckConstraint("net_amount <> 0 AND ending_balance >= 0", name="amounts"),
    UniqueConstraint("world_id", "customer_id", "place"),
    _listed("cash_movements", "customer_id"),
    _listed("cash_movements", "line_id"),
)

bank_statements = _table(
    "bank_statements", BankStatement, _listed("bank_statements", "created")
)

bank_statement_lines = _table(
    "bank_statement_lines",
    BankStatementLine,
    _refers("statement_id", "bank_statements"),
    _in("status", LINE_STATUSES),
    CheckConstraint("amount > 0", name="amount"),
    UniqueConstraint("world_id", "fingerprint"),
    _listed("bank_statement_lines", "booked_on"),
    _listed("bank_statement_lines", "customer_id"),
    _listed("bank_statement_lines", "statement_id"),
    _listed("bank_statement_lines", "status"),
)

settings = _table("settings", Settings)

portal_configurations = _table(
    "portal_configurations",
    PortalConfiguration,
    Index(
        "uq_portal_configurations_default",
        "world_id",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
)

portal_sessions = _table(
    "portal_sessions",
    PortalSession,
    _refers("customer_id", "customers"),
    _refers("configuration_id", "portal_configurations"),
    UniqueConstraint("portal_key"),
)

subscriptions = _table(
    "subscriptions",
    Subscription,
    _refers("customer_id", "customers"),
    _in("status", SUBSCRIPTION_STATUSES),
    _in("collection_method", ("charge_automatically", "send_invoice")),
    Index(
        "ix_subscriptions_due",
        "clock_id",
        "next_action_at",
        sqlite_where=text("next_action_at IS NOT NULL"),
        postgresql_where=text("next_action_at IS NOT NULL"),
    ),
    _listed("subscriptions", "customer_id"),
    _listed("subscriptions", "status"),
    _listed("subscriptions", "collection_method"),
    _listed("subscriptions", "created"),
    _listed("subscriptions", "clock_id"),
    small=False,
)

subscription_items = _table(
    "subscription_items",
    SubscriptionItem,
    _refers("subscription_id", "subscriptions"),
    CheckConstraint("quantity >= 0", name="quantity"),
    _listed("subscription_items", "subscription_id"),
    Index("ix_subscription_items_price", "world_id", "price_id", "subscription_id"),
    small=False,
)

coupons = _table(
    "coupons",
    Coupon,
    _in("duration", ("once", "repeating", "forever")),
    CheckConstraint(
        "max_redemptions IS NULL OR times_redeemed <= max_redemptions", name="redemptions"
    ),
    _listed("coupons", "created"),
)

promotion_codes = _table(
    "promotion_codes",
    PromotionCode,
    _refers("coupon_id", "coupons"),
    CheckConstraint(
        "max_redemptions IS NULL OR times_redeemed <= max_redemptions", name="redemptions"
    ),
    Index(
        "uq_promotion_codes_for_all",
        "world_id",
        "code_key",
        unique=True,
        sqlite_where=text("active AND customer_id IS NULL"),
        postgresql_where=text("active AND customer_id IS NULL"),
    ),
    Index(
        "uq_promotion_codes_for_one",
        "world_id",
        "code_key",
        "customer_id",
        unique=True,
        sqlite_where=text("active AND customer_id IS NOT NULL"),
        postgresql_where=text("active AND customer_id IS NOT NULL"),
    ),
    _listed("promotion_codes", "code_key"),
    _listed("promotion_codes", "coupon_id"),
    _listed("promotion_codes", "created"),
    _listed("promotion_codes", "customer_id"),
)

discounts = _table("discounts", Discount, _refers("coupon_id", "coupons"))

sequences = _table("sequences", Sequence, CheckConstraint("next_number > 0", name="number"))

webhook_endpoints = _table("webhook_endpoints", WebhookEndpoint)

test_clocks = _table(
    "test_clocks",
    TestClock,
    Index(
        "ix_test_clocks_advancing",
        "world_id",
        "id",
        sqlite_where=text("status = 'advancing'"),
        postgresql_where=text("status = 'advancing'"),
    ),
)

unapplied = _table("unapplied", Unapplied, _listed("unapplied", "customer_id"))

postings = _table("postings", Posting, CheckConstraint("amount > 0", name="amount"))

bodies, events, deliveries, idempotency = journal_tables(metadata)
search_waiting, search_documents, search_terms = search_tables(metadata)

mails = _table(
    "mails",
    Mail,
    _in("kind", KINDS),
    _in("status", MAIL_STATUSES),
    Index(
        "ix_mails_due",
        "next_attempt_at",
        sqlite_where=text("next_attempt_at IS NOT NULL"),
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
    _listed("mails", "customer_id"),
    _listed("mails", "invoice_id"),
    _listed("mails", "kind"),
    _listed("mails", "status"),
    small=False,
)

TABLES: dict[type, Table] = {
    Attempt: attempts,
    BalanceTransaction: balance_transactions,
    BankStatement: bank_statements,
    BankStatementLine: bank_statement_lines,
    CashBalance: cash_balances,
    CashMovement: cash_movements,
    Charge: charges,
    Coupon: coupons,
    CreditNote: credit_notes,
    Customer: customers,
    Discount: discounts,
    Invoice: invoices,
    InvoicePayment: invoice_payments,
    Line: lines,
    Mail: mails,
    PaymentIntent: payment_intents,
    PaymentMethod: payment_methods,
    PaymentPlan: payment_plans,
    Posting: postings,
    Refund: refunds,
    PortalConfiguration: portal_configurations,
    PortalSession: portal_sessions,
    Price: prices,
    Product: products,
    PromotionCode: promotion_codes,
    Sequence: sequences,
    Settings: settings,
    Subscription: subscriptions,
    SubscriptionItem: subscription_items,
    TaxRate: tax_rates,
    TestClock: test_clocks,
    Unapplied: unapplied,
    WebhookEndpoint: webhook_endpoints,
}
"""Which table holds the records of which class."""
