"""Webhooks: secrets that roll, deliveries that are sent again."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
