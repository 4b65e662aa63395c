"""The tables of the search index. What they are for: ``search_index.py`` writes them, ``search.py`` reads."""

from sqlalchemy import Column, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table

from seikyu.engine.store.mapping import BYTEWISE


def search_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Add the tables: what waits to be indexed, documents, terms."""
    waiting = Table(
        "search_waiting",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("kind", BYTEWISE, nullable=False),
        Column("object_id", BYTEWISE, nullable=False),
        Column("version", Integer, nullable=False),
        PrimaryKeyConstraint("world_id", "kind", "object_id", "version"),
        sqlite_with_rowid=False,
    )
    documents = Table(
        "search_documents",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("kind", BYTEWISE, nullable=False),
        Column("object_id", BYTEWISE, nullable=False),
        Column("document", LargeBinary, nullable=False),
        PrimaryKeyConstraint("world_id", "kind", "object_id"),
        sqlite_with_rowid=False,
    )
    terms = Table(
        "search_terms",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("field", BYTEWISE, nullable=False),
        Column("term", BYTEWISE, nullable=False),
        Column("object_id", BYTEWISE, nullable=False),
        PrimaryKeyConstraint("world_id", "field", "term", "object_id"),
        sqlite_with_rowid=False,
    )
    return waiting, documents, terms
