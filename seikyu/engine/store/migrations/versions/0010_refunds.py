"""Refunds."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the refunds; let attempts and payments know of them."""
    op.create_table(
        "refunds",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("intent_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("charge_id", TEXT, nullable=True),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("instructions_email", TEXT, nullable=True),
        sa.Column("failure_reason", TEXT, nullable=True),
        sa.Column("reference", TEXT, nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'succeeded', 'failed')", name=op.f("ck_refunds_status")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["world_id", "intent_id"],
            ["payment_intents.world_id", "payment_intents.id"],
            name=op.f("fk_refunds_world_id_intent_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_refunds")),
        sqlite_with_rowid=False,
    )
    for column in ("charge_id", "intent_id", "created"):
        op.create_index(f"ix_refunds_{column}", "refunds", ["world_id", column, "id"])
    op.add_column("attempts", sa.Column("refund_id", TEXT, nullable=True))
    op.add_column(
        "payment_intents",
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
