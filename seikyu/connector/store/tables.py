"""The connector's tables: the one schema, from which the migrations are checked.

Every name begins with `connector_`, so that the tables can share a database with the engine's.
Every row belongs to a connection and leads its key with it. Moments are Unix seconds (UTC), days
are ISO dates, amounts are minor units of the currency beside them. No secret is ever stored.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

connections = Table(
    "connector_connections",
    metadata,
    Column("id", String(40), primary_key=True),
    # Up to which `updated_at` board's lists are known; None: never read.
    Column("invoices_seen_until", BigInteger),
    Column("clients_seen_until", BigInteger),
    Column("projects_seen_until", BigInteger),
    # When the last run that reached its end began: nothing older needs to be looked at again.
    Column("last_complete_run_began_at", BigInteger),
)

invoice_links = Table(
    "connector_invoice_links",
    metadata,
    Column("connection_id", String(40), nullable=False),
    Column("board_invoice_id", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("board_client_id", BigInteger, nullable=False),
    Column("project_no", BigInteger),
    Column("customer_id", String(255)),
    Column("stripe_invoice_id", String(255)),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("board_status", Integer),
    Column("written_status", Integer),
    Column("seen_status", String(32)),
    Column("seen_paid", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("reason", String(64)),
    Column("name", Text, nullable=False),
    Column("client_name", Text, nullable=False),
    PrimaryKeyConstraint("connection_id", "board_invoice_id"),
    Index("connector_invoice_links_stripe", "connection_id", "stripe_invoice_id", unique=True),
    Index("connector_invoice_links_state", "connection_id", "state", "seen_status"),
)

customer_links = Table(
    "connector_customer_links",
    metadata,
    Column("connection_id", String(40), nullable=False),
    Column("board_client_id", BigInteger, nullable=False),
    # "" is the client's own customer; else the project's address that needed one of its own.
    Column("address", String(320), nullable=False),
    Column("customer_id", String(255), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("linked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_id", "board_client_id", "address"),
    Index("connector_customer_links_customer", "connection_id", "customer_id"),
)

runs = Table(
    "connector_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_by", String(32), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("window_start", BigInteger),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("board_calls", Integer, nullable=False),
    Column("error_kind", String(16)),
    Column("error_ja", Text),
    Column("error_en", Text),
    Index("connector_runs_connection", "connection_id", "began_at"),
)

run_items = Table(
    "connector_run_items",
    metadata,
    Column("run_id", String(40), nullable=False),
    Column("board_invoice_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("operation", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("name", Text, nullable=False),
    Column("client_name", Text, nullable=False),
    Column("project_no", BigInteger),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("stripe_invoice_id", String(255)),
    Column("hosted_url", Text),
    Column("mode", String(16)),
    PrimaryKeyConstraint("run_id", "board_invoice_id"),
)

board_calls = Table(
    "connector_board_calls",
    metadata,
    Column("key", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("used", Integer, nullable=False),
    PrimaryKeyConstraint("key", "day"),
)

webhook_inbox = Table(
    "connector_webhook_inbox",
    metadata,
    Column("connection_id", String(40), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("event_type", String(128), nullable=False),
    Column("stripe_invoice_id", String(255)),
    Column("payment_id", String(255)),
    Column("told_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("processed_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    PrimaryKeyConstraint("connection_id", "event_id"),
    Index("connector_webhook_inbox_waiting", "connection_id", "processed_at", "received_at"),
)

clients = Table(
    "connector_clients",
    metadata,
    Column("connection_id", String(40), nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("addresses", JSON, nullable=False),
    PrimaryKeyConstraint("connection_id", "id"),
)

projects = Table(
    "connector_projects",
    metadata,
    Column("connection_id", String(40), nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("project_no", BigInteger),
    Column("name", Text, nullable=False),
    Column("addresses", JSON, nullable=False),
    Column("payment_method", Integer),
    PrimaryKeyConstraint("connection_id", "id"),
)
