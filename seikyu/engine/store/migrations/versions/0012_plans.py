"""Payment plans."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give invoices their instalments; those of before have none."""
    op.add_column(
        "invoices", sa.Column("plan", sa.Text(), nullable=False, server_default=sa.text("'[]'"))
    )
