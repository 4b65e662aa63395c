"""Subscriptions and their items."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STATUSES = (
    "'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', "
    "'paused'"
)
DUE = sa.text("next_action_at IS NOT NULL")


def upgrade() -> None:
    """Add subscriptions, their items, and what invoices and lines say of them."""
    _subscriptions()
    _items()
    op.add_column("invoices", sa.Column("subscription_id", TEXT, nullable=True))
    _listed("invoices", "subscription_id")
    op.add_column("lines", sa.Column("subscription_id", TEXT, nullable=True))
    op.add_column("lines", sa.Column("subscription_item_id", TEXT, nullable=True))
    op.add_column(
        "lines", sa.Column("proration", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("collection_method", TEXT, nullable=False),
        sa.Column("days_until_due", sa.BigInteger(), nullable=True),
        sa.Column("interval", TEXT, nullable=False),
        sa.Column("interval_count", sa.BigInteger(), nullable=False),
        sa.Column("billing_cycle_anchor", sa.BigInteger(), nullable=False),
        sa.Column("current_period_start", sa.BigInteger(), nullable=False),
        sa.Column("current_period_end", sa.BigInteger(), nullable=False),
        sa.Column("start_date", sa.BigInteger(), nullable=False),
        sa.Column("trial_start", sa.BigInteger(), nullable=True),
        sa.Column("trial_end", sa.BigInteger(), nullable=True),
        sa.Column("trial_told_for", sa.BigInteger(), nullable=True),
        sa.Column("missing_payment_method", TEXT, nullable=False),
        sa.Column("cancel_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("cancel_prorates", sa.Boolean(), nullable=False),
        sa.Column("canceled_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_behavior", TEXT, nullable=True),
        sa.Column("pause_resumes_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("default_payment_method", TEXT, nullable=True),
        sa.Column("latest_invoice_id", TEXT, nullable=True),
        sa.Column("clock_id", TEXT, nullable=True),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.Column("items_page", sa.LargeBinary(), nullable=False),
        sa.Column("default_rates", sa.Text(), nullable=False),
        sa.Column("discounts", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_subscriptions_status")),
        sa.CheckConstraint(
            "collection_method IN ('charge_automatically', 'send_invoice')",
            name=op.f("ck_subscriptions_collection_method"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_subscriptions_world_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["clock_id", "next_action_at"],
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    for column in ("customer_id", "status", "collection_method", "created", "clock_id"):
        _listed("subscriptions", column)


def _items() -> None:
    op.create_table(
        "subscription_items",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", TEXT, nullable=False),
        sa.Column("price_id", TEXT, nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("current_period_start", sa.BigInteger(), nullable=False),
        sa.Column("current_period_end", sa.BigInteger(), nullable=False),
        sa.Column("tax_rates", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_subscription_items_quantity")),
        sa.ForeignKeyConstraint(
            ["world_id", "subscription_id"],
            ["subscriptions.world_id", "subscriptions.id"],
            name=op.f("fk_subscription_items_world_id_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_subscription_items")),
    )
    _listed("subscription_items", "subscription_id")
    op.create_index(
        "ix_subscription_items_price",
        "subscription_items",
        ["world_id", "price_id", "subscription_id"],
    )


def _listed(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, ["world_id", column, "id"])
