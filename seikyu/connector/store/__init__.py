"""The connector's memory: links, runs, the call count, the inbox. All of its SQL stands here."""

from seikyu.connector.store.calls import CallCount
from seikyu.connector.store.database import Database, StoreUnavailable
from seikyu.connector.store.inbox import Inbox, Received
from seikyu.connector.store.links import CustomerLink, CustomerLinks, InvoiceLinks
from seikyu.connector.store.locks import LockIsHeld, awaited, held
from seikyu.connector.store.mirror import Mirror, Reading
from seikyu.connector.store.runs import Item, Outcome, RunRow, Runs, RunState

__all__ = [
    "CallCount",
    "CustomerLink",
    "CustomerLinks",
    "Database",
    "Inbox",
    "InvoiceLinks",
    "Item",
    "LockIsHeld",
    "Mirror",
    "Outcome",
    "Reading",
    "Received",
    "RunRow",
    "RunState",
    "Runs",
    "StoreUnavailable",
    "awaited",
    "held",
]
