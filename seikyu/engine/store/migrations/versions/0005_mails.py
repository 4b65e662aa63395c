"""Mails: what customers are written, and how far it got."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table with its indexes: one for what is due, the others for lists."""
    op.create_table(
        "mails",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("payment_intent_id", TEXT, nullable=True),
        sa.Column("locale", TEXT, nullable=True),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("resend_of", TEXT, nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_outcome", TEXT, nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("subject", TEXT, nullable=True),
        sa.Column("text", TEXT, nullable=True),
        sa.Column("html", TEXT, nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('invoice', 'receipt', 'payment_failed', 'action_required', 'reminder')",
            name=op.f("ck_mails_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'captured', 'failed', 'dropped')",
            name=op.f("ck_mails_status"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_mails")),
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    for column in ("customer_id", "invoice_id", "kind", "status"):
        columns = ["world_id", column, "id"]
        op.create_index(f"ix_mails_{column}", "mails", columns, unique=False)
