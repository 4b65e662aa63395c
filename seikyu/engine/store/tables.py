"""The tables. Records have the columns of their dataclass; what is more is said here.

Amounts are whole minor units, times whole Unix seconds. ``bodies`` holds every version of every
object as it was shown: the answer to reads and the snapshot inside events are the same bytes.
Identifiers sort by age, so lists need no column of their own to sort by.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
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
from seikyu.engine.store.mapping import BYTEWISE
from seikyu.engine.store.search_tables import search_tables
from seikyu.engine.store.table_parts import listed, metadata, one_of, refers, table

__all__ = ["TABLES", "metadata"]

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
    one_of("kind", ("secret", "publishable", "restricted")),
)

customers = table(
    "customers",
    Customer,
    UniqueConstraint("world_id", "invoice_prefix"),
    listed("customers", "email"),
    listed("customers", "clock_id"),
    listed("customers", "created"),
    CheckConstraint("next_invoice_sequence > 0", name="sequence"),
)

payment_methods = table(
    "payment_methods",
    PaymentMethod,
    listed("payment_methods", "customer_id"),
)

products = table("products", Product, listed("products", "active"), listed("products", "created"))

prices = table(
    "prices",
    Price,
    refers("product_id", "products"),
    listed("prices", "product_id"),
    listed("prices", "active"),
    listed("prices", "created"),
    listed("prices", "currency"),
    Index(
        "uq_prices_lookup_key",
        "world_id",
        "lookup_key",
        unique=True,
        sqlite_where=text("lookup_key IS NOT NULL"),
        postgresql_where=text("lookup_key IS NOT NULL"),
    ),
)

tax_rates = table(
    "tax_rates", TaxRate, Index("ix_tax_rates_display_name", "world_id", "display_name")
)

lines = table(
    "lines",
    Line,
    refers("customer_id", "customers"),
    Index("ix_lines_invoice", "world_id", "invoice_id", "position"),
    Index(
        "ix_lines_line",
        "world_id",
        "line_id",
        unique=True,
        sqlite_where=text("line_id IS NOT NULL"),
        postgresql_where=text("line_id IS NOT NULL"),
    ),
    listed("lines", "customer_id"),
    listed("lines", "created"),
)

invoices = table(
    "invoices",
    Invoice,
    refers("customer_id", "customers"),
    UniqueConstraint("hosted_key"),
    one_of("status", STATUSES),
    one_of("collection_method", ("charge_automatically", "send_invoice")),
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
    listed("invoices", "customer_id"),
    listed("invoices", "status"),
    listed("invoices", "collection_method"),
    listed("invoices", "created"),
    listed("invoices", "due_date"),
    listed("invoices", "subscription_id"),
    small=False,
)

payment_plans = table(
    "payment_plans",
    PaymentPlan,
    refers("invoice_id", "invoices"),
    listed("payment_plans", "invoice_id"),
    small=False,
)

payment_intents = table(
    "payment_intents",
    PaymentIntent,
    CheckConstraint("amount > 0 AND amount_received >= 0", name="amounts"),
    listed("payment_intents", "customer_id"),
    listed("payment_intents", "created"),
)

charges = table(
    "charges",
    Charge,
    refers("payment_intent_id", "payment_intents"),
    one_of("status", ("succeeded", "failed")),
    listed("charges", "customer_id"),
    listed("charges", "payment_intent_id"),
    listed("charges", "created"),
)

invoice_payments = table(
    "invoice_payments",
    InvoicePayment,
    refers("invoice_id", "invoices"),
    refers("intent_id", "payment_intents"),
    one_of("status", ("open", "paid", "canceled")),
    listed("invoice_payments", "invoice_id"),
    listed("invoice_payments", "intent_id"),
    listed("invoice_payments", "status"),
    listed("invoice_payments", "created"),
)

attempts = table(
    "attempts",
    Attempt,
    refers("intent_id", "payment_intents"),
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

refunds = table(
    "refunds",
    Refund,
    refers("intent_id", "payment_intents"),
    one_of("status", ("pending", "succeeded", "failed", "canceled")),
    CheckConstraint("amount > 0", name="amount"),
    listed("refunds", "charge_id"),
    listed("refunds", "intent_id"),
    listed("refunds", "created"),
)

credit_notes = table(
    "credit_notes",
    CreditNote,
    refers("invoice_id", "invoices"),
    refers("customer_id", "customers"),
    UniqueConstraint("world_id", "number"),
    one_of("status", NOTE_STATUSES),
    CheckConstraint(
        "amount > 0 AND amount = pre_payment_amount + post_payment_amount"
        " AND pre_payment_amount >= 0 AND post_payment_amount >= 0",
        name="amounts",
    ),
    listed("credit_notes", "invoice_id"),
    listed("credit_notes", "customer_id"),
    listed("credit_notes", "created"),
    small=False,
)

balance_transactions = table(
    "balance_transactions",
    BalanceTransaction,
    refers("customer_id", "customers"),
    listed("balance_transactions", "customer_id"),
)

cash_balances = table(
    "cash_balances",
    CashBalance,
    refers("customer_id", "customers"),
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

cash_movements = table(
    "cash_movements",
    CashMovement,
    refers("customer_id", "customers"),
    one_of("type", MOVEMENTS),
    CheckConstraint("net_amount <> 0 AND ending_balance >= 0", name="amounts"),
    UniqueConstraint("world_id", "customer_id", "place"),
    listed("cash_movements", "customer_id"),
    listed("cash_movements", "line_id"),
)

bank_statements = table("bank_statements", BankStatement, listed("bank_statements", "created"))

bank_statement_lines = table(
    "bank_statement_lines",
    BankStatementLine,
    refers("statement_id", "bank_statements"),
    one_of("status", LINE_STATUSES),
    CheckConstraint("amount > 0", name="amount"),
    UniqueConstraint("world_id", "fingerprint"),
    listed("bank_statement_lines", "booked_on"),
    listed("bank_statement_lines", "customer_id"),
    listed("bank_statement_lines", "statement_id"),
    listed("bank_statement_lines", "status"),
)

settings = table("settings", Settings)

portal_configurations = table(
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

portal_sessions = table(
    "portal_sessions",
    PortalSession,
    refers("customer_id", "customers"),
    refers("configuration_id", "portal_configurations"),
    UniqueConstraint("portal_key"),
)

subscriptions = table(
    "subscriptions",
    Subscription,
    refers("customer_id", "customers"),
    one_of("status", SUBSCRIPTION_STATUSES),
    one_of("collection_method", ("charge_automatically", "send_invoice")),
    Index(
        "ix_subscriptions_due",
        "clock_id",
        "next_action_at",
        sqlite_where=text("next_action_at IS NOT NULL"),
        postgresql_where=text("next_action_at IS NOT NULL"),
    ),
    listed("subscriptions", "customer_id"),
    listed("subscriptions", "status"),
    listed("subscriptions", "collection_method"),
    listed("subscriptions", "created"),
    listed("subscriptions", "clock_id"),
    small=False,
)

subscription_items = table(
    "subscription_items",
    SubscriptionItem,
    refers("subscription_id", "subscriptions"),
    CheckConstraint("quantity >= 0", name="quantity"),
    listed("subscription_items", "subscription_id"),
    Index("ix_subscription_items_price", "world_id", "price_id", "subscription_id"),
    small=False,
)

coupons = table(
    "coupons",
    Coupon,
    one_of("duration", ("once", "repeating", "forever")),
    CheckConstraint(
        "max_redemptions IS NULL OR times_redeemed <= max_redemptions", name="redemptions"
    ),
    listed("coupons", "created"),
)

promotion_codes = table(
    "promotion_codes",
    PromotionCode,
    refers("coupon_id", "coupons"),
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
    listed("promotion_codes", "code_key"),
    listed("promotion_codes", "coupon_id"),
    listed("promotion_codes", "created"),
    listed("promotion_codes", "customer_id"),
)

discounts = table("discounts", Discount, refers("coupon_id", "coupons"))

sequences = table("sequences", Sequence, CheckConstraint("next_number > 0", name="number"))

webhook_endpoints = table("webhook_endpoints", WebhookEndpoint)

test_clocks = table(
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

unapplied = table("unapplied", Unapplied, listed("unapplied", "customer_id"))

postings = table("postings", Posting, CheckConstraint("amount > 0", name="amount"))

bodies, events, deliveries, idempotency = journal_tables(metadata)
search_waiting, search_documents, search_terms = search_tables(metadata)

mails = table(
    "mails",
    Mail,
    one_of("kind", KINDS),
    one_of("status", MAIL_STATUSES),
    Index(
        "ix_mails_due",
        "next_attempt_at",
        sqlite_where=text("next_attempt_at IS NOT NULL"),
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
    listed("mails", "customer_id"),
    listed("mails", "invoice_id"),
    listed("mails", "kind"),
    listed("mails", "status"),
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
