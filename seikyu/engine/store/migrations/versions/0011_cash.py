"""Cash balances and bank statements."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

MOVEMENTS = (
    "'funded', 'funding_reversed', 'applied_to_payment', 'unapplied_from_payment', "
    "'refunded_from_payment', 'return_initiated', 'return_canceled', 'adjusted_for_overdraft', "
    "'transferred_to_balance'"
)


def upgrade() -> None:
    """Create the tables; let settings, payments and refunds know of the balance."""
    op.add_column(
        "settings",
        sa.Column("reconciliation", TEXT, nullable=False, server_default=sa.text("'automatic'")),
    )
    op.add_column(
        "payment_intents",
        sa.Column("amount_funded", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
    with op.batch_alter_table("refunds", table_kwargs={"sqlite_with_rowid": False}) as refunds:
        refunds.alter_column("intent_id", existing_type=TEXT, nullable=True)
        refunds.drop_constraint(op.f("ck_refunds_status"), type_="check")
        refunds.create_check_constraint(
            op.f("ck_refunds_status"),
            "status IN ('pending', 'succeeded', 'failed', 'canceled')",
        )
    _create_balances()
    _create_statements()


def _create_balances() -> None:
    op.create_table(
        "cash_balances",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reconciliation_mode", TEXT, nullable=False),
        sa.Column("default_mode", TEXT, nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.Column("virtual_branch", TEXT, nullable=True),
        sa.Column("virtual_number", TEXT, nullable=True),
        sa.Column("available", sa.Text(), nullable=False),
        _refers("cash_balances", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_cash_balances")),
        sqlite_with_rowid=False,
    )
    where = sa.text("virtual_number IS NOT NULL")
    op.create_index(
        "uq_cash_balances_virtual",
        "cash_balances",
        ["world_id", "virtual_branch", "virtual_number"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "cash_movements",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("ending_balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", TEXT, nullable=True),
        sa.Column("refund_id", TEXT, nullable=True),
        sa.Column("line_id", TEXT, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(f"type IN ({MOVEMENTS})", name=op.f("ck_cash_movements_type")),
        sa.CheckConstraint(
            "net_amount <> 0 AND ending_balance >= 0", name=op.f("ck_cash_movements_amounts")
        ),
        _refers("cash_movements", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_cash_movements")),
        sa.UniqueConstraint(
            "world_id",
            "customer_id",
            "place",
            name=op.f("uq_cash_movements_world_id_customer_id_place"),
        ),
        sqlite_with_rowid=False,
    )
    for column in ("customer_id", "line_id"):
        op.create_index(f"ix_cash_movements_{column}", "cash_movements", ["world_id", column, "id"])


def _create_statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("encoding", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("imported", sa.BigInteger(), nullable=False),
        sa.Column("matched", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_bank_statements")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bank_statements_created", "bank_statements", ["world_id", "created", "id"])
    texts = ("payer_kana", "payer_name", "payer_code", "reference", "account")
    op.create_table(
        "bank_statement_lines",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("statement_id", TEXT, nullable=False),
        sa.Column("line_number", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in texts),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("movement_id", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'matched', 'ignored')",
            name=op.f("ck_bank_statement_lines_status"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_statement_lines_amount")),
        _refers("bank_statement_lines", "statement_id", "bank_statements"),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_bank_statement_lines")),
        sa.UniqueConstraint(
            "world_id",
            "fingerprint",
            name=op.f("uq_bank_statement_lines_world_id_fingerprint"),
        ),
        sqlite_with_rowid=False,
    )
    for column in ("booked_on", "customer_id", "statement_id", "status"):
        op.create_index(
            f"ix_bank_statement_lines_{column}",
            "bank_statement_lines",
            ["world_id", column, "id"],
        )


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["world_id", column],
        [f"{target}.world_id", f"{target}.id"],
        name=op.f(f"fk_{table}_world_id_{column}"),
    )
