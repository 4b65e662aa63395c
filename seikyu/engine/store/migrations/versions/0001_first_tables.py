"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Ids sort by age only when texts sort by their bytes, whatever the database's own language."""


def upgrade() -> None:
    """Create every table and index."""
    op.create_table(
        "accounts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("default_currency", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("registration_number", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "bodies",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("object_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "object_id", "version", name=op.f("pk_bodies")),
        postgresql_with={"toast_tuple_target": 8160},
    )
    op.create_table(
        "customers",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("invoice_prefix", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("email", TEXT, nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("next_invoice_sequence", sa.BigInteger(), nullable=False),
        sa.Column("default_payment_method", TEXT, nullable=True),
        sa.Column("clock_id", TEXT, nullable=True),
        sa.Column("delinquent", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("next_invoice_sequence > 0", name=op.f("ck_customers_sequence")),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_customers")),
        sa.UniqueConstraint(
            "world_id", "invoice_prefix", name=op.f("uq_customers_world_id_invoice_prefix")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_customers_clock_id", "customers", ["world_id", "clock_id", "id"], unique=False
    )
    op.create_index(
        "ix_customers_created", "customers", ["world_id", "created", "id"], unique=False
    )
    op.create_index("ix_customers_email", "customers", ["world_id", "email", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("endpoint_id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_outcome", TEXT, nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("world_id", "event_id", "endpoint_id", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("object_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=True),
        sa.Column("request_id", TEXT, nullable=True),
        sa.Column("idempotency_key", TEXT, nullable=True),
        sa.Column("pending_webhooks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_events_created", "events", ["world_id", "created", "id"], unique=False)
    op.create_index("ix_events_type", "events", ["world_id", "type", "id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("object_id", TEXT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("world_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created"], unique=False)
    op.create_table(
        "payment_intents",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("client_secret", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("payment_method_id", TEXT, nullable=True),
        sa.Column("latest_charge", TEXT, nullable=True),
        sa.Column("amount_received", sa.BigInteger(), nullable=False),
        sa.Column("canceled_at", sa.BigInteger(), nullable=True),
        sa.Column("cancellation_reason", TEXT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount > 0 AND amount_received >= 0", name=op.f("ck_payment_intents_amounts")
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_payment_intents")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_payment_intents_created", "payment_intents", ["world_id", "created", "id"], unique=False
    )
    op.create_index(
        "ix_payment_intents_customer_id",
        "payment_intents",
        ["world_id", "customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "payment_methods",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("processor_ref", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("detached", sa.Boolean(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_payment_methods")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_payment_methods_customer_id",
        "payment_methods",
        ["world_id", "customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_products")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tax_rates",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("display_name", TEXT, nullable=False),
        sa.Column("percentage", sa.Text(), nullable=False),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_tax_rates")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_tax_rates_display_name", "tax_rates", ["world_id", "display_name"], unique=False
    )
    op.create_table(
        "test_clocks",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("frozen_time", sa.BigInteger(), nullable=False),
        sa.Column("deletes_after", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_test_clocks")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_test_clocks_advancing",
        "test_clocks",
        ["world_id", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'advancing'"),
        postgresql_where=sa.text("status = 'advancing'"),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("enabled_events", sa.Text(), nullable=False),
        sa.Column("api_version", TEXT, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_webhook_endpoints")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempts",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("method_id", TEXT, nullable=False),
        sa.Column("processor_ref", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("off_session", sa.Boolean(), nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("authenticated", sa.Boolean(), nullable=False),
        sa.Column("request_key", TEXT, nullable=True),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["world_id", "intent_id"],
            ["payment_intents.world_id", "payment_intents.id"],
            name=op.f("fk_attempts_world_id_intent_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_attempts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_attempts_due",
        "attempts",
        ["next_action_at"],
        unique=False,
        sqlite_where=sa.text("next_action_at IS NOT NULL"),
        postgresql_where=sa.text("next_action_at IS NOT NULL"),
    )
    op.create_index(
        "uq_attempts_in_flight",
        "attempts",
        ["world_id", "intent_id"],
        unique=True,
        sqlite_where=sa.text("status = 'processing'"),
        postgresql_where=sa.text("status = 'processing'"),
    )
    op.create_table(
        "balance_transactions",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ending_balance", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_balance_transactions_world_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_balance_transactions")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_balance_transactions_customer_id",
        "balance_transactions",
        ["world_id", "customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "charges",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("payment_intent_id", TEXT, nullable=False),
        sa.Column("payment_method_id", TEXT, nullable=False),
        sa.Column("processor_charge", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False),
        sa.Column("failure_code", TEXT, nullable=True),
        sa.Column("failure_message", TEXT, nullable=True),
        sa.Column("decline_code", TEXT, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('succeeded', 'failed')", name=op.f("ck_charges_status")),
        sa.ForeignKeyConstraint(
            ["world_id", "payment_intent_id"],
            ["payment_intents.world_id", "payment_intents.id"],
            name=op.f("fk_charges_world_id_payment_intent_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_charges")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_charges_created", "charges", ["world_id", "created", "id"], unique=False)
    op.create_index(
        "ix_charges_customer_id", "charges", ["world_id", "customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_charges_payment_intent_id",
        "charges",
        ["world_id", "payment_intent_id", "id"],
        unique=False,
    )
    op.create_table(
        "invoices",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("hosted_key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=True),
        sa.Column("collection_method", TEXT, nullable=False),
        sa.Column("auto_advance", sa.Boolean(), nullable=False),
        sa.Column("billing_reason", TEXT, nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_excluding_tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("total_excluding_tax", sa.BigInteger(), nullable=False),
        sa.Column("amount_due", sa.BigInteger(), nullable=False),
        sa.Column("amount_paid", sa.BigInteger(), nullable=False),
        sa.Column("amount_remaining", sa.BigInteger(), nullable=False),
        sa.Column("amount_overpaid", sa.BigInteger(), nullable=False),
        sa.Column("amount_paid_off_stripe", sa.BigInteger(), nullable=False),
        sa.Column("starting_balance", sa.BigInteger(), nullable=False),
        sa.Column("ending_balance", sa.BigInteger(), nullable=True),
        sa.Column("attempt_count", sa.BigInteger(), nullable=False),
        sa.Column("attempted", sa.Boolean(), nullable=False),
        sa.Column("next_payment_attempt", sa.BigInteger(), nullable=True),
        sa.Column("due_date", sa.BigInteger(), nullable=True),
        sa.Column("days_until_due", sa.BigInteger(), nullable=True),
        sa.Column("automatically_finalizes_at", sa.BigInteger(), nullable=True),
        sa.Column("effective_at", sa.BigInteger(), nullable=True),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.Column("period_end", sa.BigInteger(), nullable=False),
        sa.Column("finalized_at", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.Column("marked_uncollectible_at", sa.BigInteger(), nullable=True),
        sa.Column("default_payment_method", TEXT, nullable=True),
        sa.Column("intent_id", TEXT, nullable=True),
        sa.Column("clock_id", TEXT, nullable=True),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.Column("revises_id", TEXT, nullable=True),
        sa.Column("latest_revision", TEXT, nullable=True),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("lines_page", sa.LargeBinary(), nullable=False),
        sa.Column("default_rates", sa.Text(), nullable=False),
        sa.Column("total_taxes", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "collection_method IN ('charge_automatically', 'send_invoice')",
            name=op.f("ck_invoices_collection_method"),
        ),
        sa.CheckConstraint(
            "status = 'draft' OR number IS NOT NULL", name=op.f("ck_invoices_numbered")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'paid', 'uncollectible', 'void')",
            name=op.f("ck_invoices_status"),
        ),
        sa.CheckConstraint(
            "amount_due >= 0 AND amount_paid >= 0", name=op.f("ck_invoices_amounts")
        ),
        sa.CheckConstraint(
            "amount_remaining = CASE WHEN amount_paid > amount_due THEN 0 ELSE amount_due - amount_paid END",
            name=op.f("ck_invoices_remaining"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_invoices_world_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("hosted_key", name=op.f("uq_invoices_hosted_key")),
        sqlite_with_rowid=True,
    )
    op.create_index(
        "ix_invoices_collection_method",
        "invoices",
        ["world_id", "collection_method", "id"],
        unique=False,
    )
    op.create_index("ix_invoices_created", "invoices", ["world_id", "created", "id"], unique=False)
    op.create_index(
        "ix_invoices_customer_id", "invoices", ["world_id", "customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_invoices_due",
        "invoices",
        ["clock_id", "next_action_at"],
        unique=False,
        sqlite_where=sa.text("next_action_at IS NOT NULL"),
        postgresql_where=sa.text("next_action_at IS NOT NULL"),
    )
    op.create_index(
        "ix_invoices_due_date", "invoices", ["world_id", "due_date", "id"], unique=False
    )
    op.create_index("ix_invoices_status", "invoices", ["world_id", "status", "id"], unique=False)
    op.create_index(
        "uq_invoices_number",
        "invoices",
        ["world_id", "number"],
        unique=True,
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "lines",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("line_id", TEXT, nullable=True),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit_amount", sa.Text(), nullable=True),
        sa.Column("price_id", TEXT, nullable=True),
        sa.Column("product_id", TEXT, nullable=True),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.Column("period_end", sa.BigInteger(), nullable=False),
        sa.Column("exact_taxes", sa.Boolean(), nullable=False),
        sa.Column("tax_rates", sa.Text(), nullable=False),
        sa.Column("taxes", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_lines_world_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_lines")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_lines_customer_id", "lines", ["world_id", "customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_lines_invoice", "lines", ["world_id", "invoice_id", "position"], unique=False
    )
    op.create_index(
        "ix_lines_line",
        "lines",
        ["world_id", "line_id"],
        unique=True,
        sqlite_where=sa.text("line_id IS NOT NULL"),
        postgresql_where=sa.text("line_id IS NOT NULL"),
    )
    op.create_table(
        "prices",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("product_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("unit_amount", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("lookup_key", TEXT, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["world_id", "product_id"],
            ["products.world_id", "products.id"],
            name=op.f("fk_prices_world_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_prices")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_prices_product_id", "prices", ["world_id", "product_id", "id"], unique=False
    )
    op.create_index(
        "uq_prices_lookup_key",
        "prices",
        ["world_id", "lookup_key"],
        unique=True,
        sqlite_where=sa.text("lookup_key IS NOT NULL"),
        postgresql_where=sa.text("lookup_key IS NOT NULL"),
    )
    op.create_table(
        "worlds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_worlds_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worlds")),
        sa.UniqueConstraint("account_id", "livemode", name=op.f("uq_worlds_account_id_livemode")),
    )
    op.create_table(
        "api_keys",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("last4", TEXT, nullable=False),
        sa.Column("permissions", TEXT, nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('secret', 'publishable', 'restricted')", name=op.f("ck_api_keys_kind")
        ),
        sa.ForeignKeyConstraint(["world_id"], ["worlds.id"], name=op.f("fk_api_keys_world_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "invoice_payments",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", TEXT, nullable=False),
        sa.Column("intent_id", TEXT, nullable=False),
        sa.Column("amount_requested", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("amount_paid", sa.BigInteger(), nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("paid_at", sa.BigInteger(), nullable=True),
        sa.Column("canceled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'paid', 'canceled')", name=op.f("ck_invoice_payments_status")
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "intent_id"],
            ["payment_intents.world_id", "payment_intents.id"],
            name=op.f("fk_invoice_payments_world_id_intent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "invoice_id"],
            ["invoices.world_id", "invoices.id"],
            name=op.f("fk_invoice_payments_world_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_invoice_payments")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_invoice_payments_intent_id",
        "invoice_payments",
        ["world_id", "intent_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_invoice_payments_invoice_id",
        "invoice_payments",
        ["world_id", "invoice_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_invoice_payments_status", "invoice_payments", ["world_id", "status", "id"], unique=False
    )
