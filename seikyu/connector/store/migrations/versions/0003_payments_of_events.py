"""Which payment an event of the inbox is about, and when it happened."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; events received before are about invoices only."""
    op.add_column(
        "connector_webhook_inbox", sa.Column("payment_id", sa.String(length=255), nullable=True)
    )
    op.add_column("connector_webhook_inbox", sa.Column("told_at", sa.BigInteger(), nullable=True))
