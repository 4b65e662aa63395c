"""Credit notes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the credit notes; let invoices and movements of balances know of them."""
    op.create_table(
        "credit_notes",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("invoice_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("hosted_key", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("pre_payment_amount", sa.BigInteger(), nullable=False),
        sa.Column("post_payment_amount", sa.BigInteger(), nullable=False),
        sa.Column("credit_amount", sa.BigInteger(), nullable=False),
        sa.Column("out_of_band_amount", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("memo", TEXT, nullable=True),
        sa.Column("email_type", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=True),
        sa.Column("balance_transaction_id", TEXT, nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("refunds", sa.Text(), nullable=False),
        sa.Column("total_taxes", sa.Text(), nullable=False),
        sa.Column("discount_amounts", sa.Text(), nullable=False),
        sa.Column("let_go", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('issued', 'void')", name=op.f("ck_credit_notes_status")),
        sa.CheckConstraint(
            "amount > 0 AND amount = pre_payment_amount + post_payment_amount"
            " AND pre_payment_amount >= 0 AND post_payment_amount >= 0",
            name=op.f("ck_credit_notes_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "invoice_id"],
            ["invoices.world_id", "invoices.id"],
            name=op.f("fk_credit_notes_world_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_credit_notes_world_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("world_id", "number", name=op.f("uq_credit_notes_world_id_number")),
    )
    for column in ("invoice_id", "customer_id", "created"):
        op.create_index(f"ix_credit_notes_{column}", "credit_notes", ["world_id", column, "id"])
    for name in ("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"):
        op.add_column(
            "invoices",
            sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        )
    op.add_column("balance_transactions", sa.Column("credit_note_id", TEXT, nullable=True))
