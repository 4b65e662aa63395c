"""Search. Whatever is stored already waits to be indexed; the worker begins with it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

SEARCHED = {
    "charge": "charges",
    "customer": "customers",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
    "price": "prices",
    "product": "products",
    "subscription": "subscriptions",
}
"""What is searched → its table, which has the version that is shown of each."""


def upgrade() -> None:
    """Create the index, and a row for every object that is not in it."""
    op.create_table(
        "search_waiting",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("object_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "world_id", "kind", "object_id", "version", name=op.f("pk_search_waiting")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_documents",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("object_id", TEXT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("world_id", "kind", "object_id", name=op.f("pk_search_documents")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_terms",
        sa.Column("world_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("term", TEXT, nullable=False),
        sa.Column("object_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint(
            "world_id", "field", "term", "object_id", name=op.f("pk_search_terms")
        ),
        sqlite_with_rowid=False,
    )
    there = set(sa.inspect(op.get_bind()).get_table_names())
    for kind, table in SEARCHED.items():
        if table in there:
            op.execute(
                "INSERT INTO search_waiting (world_id, kind, object_id, version)"  # noqa: S608
                f" SELECT world_id, '{kind}', id, version FROM {table}"
            )
