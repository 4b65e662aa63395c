"""How each invoice of a run is collected."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the items of earlier runs do not say it."""
    op.add_column("connector_run_items", sa.Column("mode", sa.String(length=16), nullable=True))
