"""Collections: settings, and the facts of an invoice that retries and reminders follow."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the settings, and when an invoice was first attempted, acted on and acknowledged."""
    op.create_table(
        "settings",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", TEXT, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "retries",
                "after_last_retry",
                "reminders",
                "past_due",
                "payment_plans",
                "shortfall_tolerance",
                "mails",
                "numbering",
                "tax",
                "business",
                "bank_account",
            )
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_settings")),
        sqlite_with_rowid=False,
    )
    for name in ("first_attempt_at", "acted_until"):
        op.add_column("invoices", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column(
        "invoices",
        sa.Column("awaits_webhooks", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("invoices", sa.Column("acknowledged_at", sa.BigInteger(), nullable=True))
