"""The first tables of the connector."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "connector_board_calls",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day"),
    )
    op.create_table(
        "connector_clients",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "id"),
    )
    op.create_table(
        "connector_connections",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("invoices_seen_until", sa.BigInteger(), nullable=True),
        sa.Column("clients_seen_until", sa.BigInteger(), nullable=True),
        sa.Column("projects_seen_until", sa.BigInteger(), nullable=True),
        sa.Column("last_complete_run_began_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "connector_customer_links",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("board_client_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "board_client_id", "address"),
    )
    op.create_index(
        "connector_customer_links_customer",
        "connector_customer_links",
        ["connection_id", "customer_id"],
        unique=False,
    )
    op.create_table(
        "connector_invoice_links",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("board_invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("board_client_id", sa.BigInteger(), nullable=False),
        sa.Column("project_no", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("board_status", sa.Integer(), nullable=True),
        sa.Column("written_status", sa.Integer(), nullable=True),
        sa.Column("seen_status", sa.String(length=32), nullable=True),
        sa.Column("seen_paid", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "board_invoice_id"),
    )
    op.create_index(
        "connector_invoice_links_state",
        "connector_invoice_links",
        ["connection_id", "state", "seen_status"],
        unique=False,
    )
    op.create_index(
        "connector_invoice_links_stripe",
        "connector_invoice_links",
        ["connection_id", "stripe_invoice_id"],
        unique=True,
    )
    op.create_table(
        "connector_projects",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_no", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("payment_method", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "id"),
    )
    op.create_table(
        "connector_run_items",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("board_invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("project_no", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=True),
        sa.Column("hosted_url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "board_invoice_id"),
    )
    op.create_table(
        "connector_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("window_start", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("board_calls", sa.Integer(), nullable=False),
        sa.Column("error_kind", sa.String(length=16), nullable=True),
        sa.Column("error_ja", sa.Text(), nullable=True),
        sa.Column("error_en", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "connector_runs_connection", "connector_runs", ["connection_id", "began_at"], unique=False
    )
    op.create_table(
        "connector_webhook_inbox",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("event_type", sa.String(length=128), nullable=False),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("processed_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "event_id"),
    )
    op.create_index(
        "connector_webhook_inbox_waiting",
        "connector_webhook_inbox",
        ["connection_id", "processed_at", "received_at"],
        unique=False,
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_index("connector_webhook_inbox_waiting", table_name="connector_webhook_inbox")
    op.drop_table("connector_webhook_inbox")
    op.drop_index("connector_runs_connection", table_name="connector_runs")
    op.drop_table("connector_runs")
    op.drop_table("connector_run_items")
    op.drop_table("connector_projects")
    op.drop_index("connector_invoice_links_stripe", table_name="connector_invoice_links")
    op.drop_index("connector_invoice_links_state", table_name="connector_invoice_links")
    op.drop_table("connector_invoice_links")
    op.drop_index("connector_customer_links_customer", table_name="connector_customer_links")
    op.drop_table("connector_customer_links")
    op.drop_table("connector_connections")
    op.drop_table("connector_clients")
    op.drop_table("connector_board_calls")
