"""The ledger, with the postings of all that moved before there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

COLUMNS = (
    "world_id, id, created, kind, amount, currency, source, target, cause, customer_id, version"
)

EARLIER = (
    # What cards brought.
    """SELECT world_id, 'post_' || id, created, 'received', amount, currency, 'processor',
       'payment:' || payment_intent_id, id, customer_id, 1
       FROM charges WHERE status = 'succeeded'""",
    # What is on invoices. What was taken off again before there was a ledger left nothing.
    """SELECT p.world_id, 'post_' || p.id, COALESCE(p.paid_at, p.created), 'applied', p.amount_paid,
       p.currency, 'payment:' || p.intent_id, 'invoice:' || p.invoice_id, p.id, NULL, 1
       FROM invoice_payments p WHERE p.status = 'paid' AND p.amount_paid > 0""",
    """SELECT world_id, 'post_' || id, COALESCE(paid_at, created), 'out_of_band',
       amount_paid_off_stripe, currency, 'outside', 'invoice:' || id, id, customer_id, 1
       FROM invoices WHERE amount_paid_off_stripe > 0""",
    # The customers' credit.
    """SELECT world_id, 'post_' || id, created, 'credited', -amount, currency,
       CASE WHEN invoice_id IS NULL THEN 'given' ELSE 'balance:' || invoice_id END,
       'credit:' || customer_id, id, customer_id, 1
       FROM balance_transactions WHERE amount < 0""",
    """SELECT world_id, 'post_' || id, created, 'debited', amount, currency,
       'credit:' || customer_id,
       CASE WHEN invoice_id IS NULL THEN 'given' ELSE 'balance:' || invoice_id END,
       id, customer_id, 1
       FROM balance_transactions WHERE amount > 0""",
)


UNAPPLIED = """
    INSERT INTO unapplied
        (world_id, id, created, intent_id, customer_id, amount, currency, invoice_id, version)
    SELECT i.world_id, 'una_' || SUBSTR(i.id, 4), i.created, i.id, i.customer_id,
        i.amount_received, i.currency, NULL, 1
    FROM payment_intents i
    WHERE i.status = 'succeeded' AND i.customer_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM invoice_payments p WHERE p.world_id = i.world_id AND p.intent_id = i.id
        AND p.status = 'paid')
"""


def upgrade() -> None:
    """Create the postings and write those of the past."""
    op.create_table(
        "postings",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_postings_amount")),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_postings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unapplied",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("invoice_id", TEXT, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_unapplied")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unapplied_customer_id", "unapplied", ["world_id", "customer_id", "id"])
    op.execute(UNAPPLIED)
    for earlier in EARLIER:
        op.execute(f"INSERT INTO postings ({COLUMNS}) {earlier}")
