"""Webhooks: acknowledged drafts, deliveries on record, secrets that roll, old events forgotten.

And indexes for the filters of lists that had none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

AWAITED = "invoice_id IS NOT NULL AND next_attempt_at IS NOT NULL"
UNTRIED = "clock_id IS NOT NULL AND attempts = 0 AND next_attempt_at IS NOT NULL"


def upgrade() -> None:
    """Add columns that may be empty, which costs nothing, and indexes for the new lists."""
    for name in ("last_attempt_at", "dropped_at", "resent_at"):
        op.add_column("deliveries", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("invoice_id", "clock_id"):
        op.add_column("deliveries", sa.Column(name, TEXT, nullable=True))
    op.add_column("webhook_endpoints", sa.Column("former_secret", TEXT, nullable=True))
    op.add_column(
        "webhook_endpoints", sa.Column("former_secret_ends_at", sa.BigInteger(), nullable=True)
    )
    op.add_column("bodies", sa.Column("created", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_deliveries_endpoint_id", "deliveries", ["world_id", "endpoint_id", "event_id"]
    )
    for table, column in (
        ("products", "active"),
        ("products", "created"),
        ("prices", "active"),
        ("prices", "created"),
        ("prices", "currency"),
        ("lines", "created"),
        ("invoice_payments", "created"),
    ):
        op.create_index(f"ix_{table}_{column}", table, ["world_id", column, "id"])
    for name, columns, condition in (
        ("undelivered", ["world_id", "event_id", "endpoint_id"], "delivered_at IS NULL"),
        ("awaited", ["world_id", "endpoint_id"], AWAITED),
        ("untried", ["world_id", "clock_id"], UNTRIED),
    ):
        _partial(f"ix_deliveries_{name}", "deliveries", columns, condition)
    _partial("ix_events_undelivered", "events", ["world_id", "id"], "pending_webhooks > 0")


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
