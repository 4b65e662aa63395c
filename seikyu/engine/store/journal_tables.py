"""The tables of the journal: what was shown, what was announced, to whom it is owed, what was answered.

``bodies`` holds every version of every object as it was shown; events, stored answers and lists all point
at the same bytes. Their rows are no records of the rules: the store's own functions write them.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)

from seikyu.engine.store.mapping import BYTEWISE

AWAITED = "invoice_id IS NOT NULL AND next_attempt_at IS NOT NULL"
"""Deliveries for which the automatic advancement of a draft waits."""

UNTRIED = "clock_id IS NOT NULL AND attempts = 0 AND next_attempt_at IS NOT NULL"
"""Those of them whose first try a test clock waits for."""


def journal_tables(metadata: MetaData) -> tuple[Table, Table, Table, Table]:
    """Return bodies, events, deliveries and stored answers, as tables of ``metadata``."""
    return _bodies(metadata), _events(metadata), _deliveries(metadata), _idempotency(metadata)


def _bodies(metadata: MetaData) -> Table:
    return Table(
        "bodies",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("object_id", BYTEWISE, nullable=False),
        Column("version", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column(
            "created", BigInteger
        ),  # of the system's clock; unknown of what the first release stored
        PrimaryKeyConstraint("world_id", "object_id", "version"),
        postgresql_with={"toast_tuple_target": 8160},
    )


def _events(metadata: MetaData) -> Table:
    return Table(
        "events",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("id", BYTEWISE, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("type", BYTEWISE, nullable=False),
        Column("object_id", BYTEWISE, nullable=False),
        Column("version", Integer, nullable=False),
        Column("previous", LargeBinary),
        Column("request_id", BYTEWISE),
        Column("idempotency_key", BYTEWISE),
        Column("pending_webhooks", Integer, nullable=False),
        PrimaryKeyConstraint("world_id", "id"),
        Index("ix_events_type", "world_id", "type", "id"),
        Index("ix_events_created", "world_id", "created", "id"),
        Index(
            "ix_events_undelivered",
            "world_id",
            "id",
            sqlite_where=text("pending_webhooks > 0"),
            postgresql_where=text("pending_webhooks > 0"),
        ),
        sqlite_with_rowid=False,
    )


def _deliveries(metadata: MetaData) -> Table:
    return Table(
        "deliveries",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("event_id", BYTEWISE, nullable=False),
        Column("endpoint_id", BYTEWISE, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("next_attempt_at", BigInteger),
        Column("attempts", Integer, nullable=False),
        Column("last_outcome", BYTEWISE),
        Column("delivered_at", BigInteger),
        Column("last_attempt_at", BigInteger),
        Column("dropped_at", BigInteger),
        Column("resent_at", BigInteger),
        Column("invoice_id", BYTEWISE),
        Column("clock_id", BYTEWISE),
        PrimaryKeyConstraint("world_id", "event_id", "endpoint_id"),
        Index(
            "ix_deliveries_due",
            "next_attempt_at",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_deliveries_endpoint_id", "world_id", "endpoint_id", "event_id"),
        Index(
            "ix_deliveries_undelivered",
            "world_id",
            "event_id",
            "endpoint_id",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
        Index(
            "ix_deliveries_awaited",
            "world_id",
            "endpoint_id",
            sqlite_where=text(AWAITED),
            postgresql_where=text(AWAITED),
        ),
        Index(
            "ix_deliveries_untried",
            "world_id",
            "clock_id",
            sqlite_where=text(UNTRIED),
            postgresql_where=text(UNTRIED),
        ),
        sqlite_with_rowid=False,
    )


def _idempotency(metadata: MetaData) -> Table:
    return Table(
        "idempotency",
        metadata,
        Column("world_id", Integer, nullable=False),
        Column("key", BYTEWISE, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("path", BYTEWISE, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("object_id", BYTEWISE),
        Column("version", Integer),
        PrimaryKeyConstraint("world_id", "key"),
        Index("ix_idempotency_created", "created"),
    )
