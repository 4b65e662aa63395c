"""Payment plans under an address of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the payment plans; that of an invoice with instalments appears with its next change."""
    op.create_table(
        "payment_plans",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("canceled", sa.Boolean(), nullable=False),
        sa.Column("instalments", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["world_id", "invoice_id"],
            ["invoices.world_id", "invoices.id"],
            name=op.f("fk_payment_plans_world_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_payment_plans")),
    )
    op.create_index(
        "ix_payment_plans_invoice_id", "payment_plans", ["world_id", "invoice_id", "id"]
    )
