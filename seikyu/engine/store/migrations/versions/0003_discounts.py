"""What amounts are made of: coupons, promotion codes and discounts; and the account's counters."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables, and the discounts on customers, invoices and lines."""
    op.create_table(
        "coupons",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("duration", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("duration_in_months", sa.BigInteger(), nullable=True),
        sa.Column("percent_off", sa.Text(), nullable=True),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("amounts", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("max_redemptions", sa.BigInteger(), nullable=True),
        sa.Column("times_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("redeem_by", sa.BigInteger(), nullable=True),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "duration IN ('once', 'repeating', 'forever')", name=op.f("ck_coupons_duration")
        ),
        sa.CheckConstraint(
            "max_redemptions IS NULL OR times_redeemed <= max_redemptions",
            name=op.f("ck_coupons_redemptions"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_coupons")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_coupons_created", "coupons", ["world_id", "created", "id"])
    op.create_table(
        "promotion_codes",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("code_key", TEXT, nullable=False),
        sa.Column("coupon_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("max_redemptions", sa.BigInteger(), nullable=True),
        sa.Column("times_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("first_time", sa.Boolean(), nullable=False),
        sa.Column("minimum_currency", TEXT, nullable=True),
        sa.Column("minimums", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "max_redemptions IS NULL OR times_redeemed <= max_redemptions",
            name=op.f("ck_promotion_codes_redemptions"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "coupon_id"],
            ["coupons.world_id", "coupons.id"],
            name=op.f("fk_promotion_codes_world_id_coupon_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_promotion_codes")),
        sqlite_with_rowid=False,
    )
    for name, columns, whom in (
        ("uq_promotion_codes_for_all", ["code_key"], "customer_id IS NULL"),
        ("uq_promotion_codes_for_one", ["code_key", "customer_id"], "customer_id IS NOT NULL"),
    ):
        where = sa.text(f"active AND {whom}")
        op.create_index(
            name,
            "promotion_codes",
            ["world_id", *columns],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    for column in ("code_key", "coupon_id", "created", "customer_id"):
        op.create_index(
            f"ix_promotion_codes_{column}", "promotion_codes", ["world_id", column, "id"]
        )
    op.create_table(
        "discounts",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("coupon_id", TEXT, nullable=False),
        sa.Column("duration", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("promotion_code_id", TEXT, nullable=True),
        sa.Column("end", sa.BigInteger(), nullable=True),
        *(
            sa.Column(name, TEXT, nullable=True)
            for name in ("invoice_id", "item_id", "subscription_id", "subscription_item_id")
        ),
        sa.Column("percent_off", sa.Text(), nullable=True),
        sa.Column("amounts", sa.Text(), nullable=False),
        sa.Column("minimums", sa.Text(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["world_id", "coupon_id"],
            ["coupons.world_id", "coupons.id"],
            name=op.f("fk_discounts_world_id_coupon_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_discounts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sequences",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("prefix", TEXT, nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_number > 0", name=op.f("ck_sequences_number")),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_sequences")),
        sqlite_with_rowid=False,
    )
    added = {
        "customers": ("discounts",),
        "invoices": ("discounts", "total_discounts"),
        "lines": ("discounts", "discount_amounts"),
    }
    for table, names in added.items():
        for column in names:
            op.add_column(
                table,
                sa.Column(column, sa.Text(), nullable=False, server_default=sa.text("'[]'")),
            )
