"""The customer portal."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what portals offer, and the customers' ways into them."""
    op.create_table(
        "portal_configurations",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("default_return_url", TEXT, nullable=True),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_portal_configurations")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_portal_configurations_default",
        "portal_configurations",
        ["world_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "portal_sessions",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("configuration_id", TEXT, nullable=False),
        sa.Column("portal_key", TEXT, nullable=False),
        sa.Column("form_token", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("return_url", TEXT, nullable=True),
        sa.Column("locale", TEXT, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["world_id", "customer_id"],
            ["customers.world_id", "customers.id"],
            name=op.f("fk_portal_sessions_world_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["world_id", "configuration_id"],
            ["portal_configurations.world_id", "portal_configurations.id"],
            name=op.f("fk_portal_sessions_world_id_configuration_id"),
        ),
        sa.PrimaryKeyConstraint("world_id", "id", name=op.f("pk_portal_sessions")),
        sa.UniqueConstraint("portal_key", name=op.f("uq_portal_sessions_portal_key")),
        sqlite_with_rowid=False,
    )
