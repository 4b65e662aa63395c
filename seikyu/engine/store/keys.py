"""Accounts, their two worlds, and the keys that open them. Keys are stored as SHA-256, never as they are."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from seikyu.engine.billing.account import Account
from seikyu.engine.store.database import Connection, transaction
from seikyu.engine.store.session import World
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import accounts, api_keys, worlds

_WORLD_COLUMNS = (
    worlds.c.id,
    worlds.c.livemode,
    accounts.c.id,
    accounts.c.name,
    accounts.c.country,
    accounts.c.default_currency,
    accounts.c.created,
    accounts.c.registration_number,
)
_OPENS = Statement(
    select(api_keys.c.kind, api_keys.c.revoked_at, api_keys.c.permissions, *_WORLD_COLUMNS)
    .join(worlds, worlds.c.id == api_keys.c.world_id)
    .join(accounts, accounts.c.id == worlds.c.account_id)
    .where(api_keys.c.hash == bindparam("of_hash"))
)
_WORLD = Statement(
    select(*_WORLD_COLUMNS)
    .join(accounts, accounts.c.id == worlds.c.account_id)
    .where(worlds.c.id == bindparam("of_world"))
)
_WORLD_OF_ACCOUNT = Statement(
    select(worlds.c.id).where(
        worlds.c.account_id == bindparam("of_account"),
        worlds.c.livemode == bindparam("of_livemode"),
    )
)
_WORLDS = Statement(
    select(worlds.c.id).where(worlds.c.livemode == bindparam("of_livemode")).order_by(worlds.c.id)
)
_REVOKE = Statement(
    update(api_keys)
    .values(revoked_at=bindparam("at"))
    .where(api_keys.c.hash == bindparam("of_hash"), api_keys.c.revoked_at.is_(None))
)
_NEXT_WORLD = Statement(select(worlds.c.id).order_by(worlds.c.id.desc()).limit(1))
_ADD_ACCOUNT = Statement(insert(accounts))
_ADD_WORLD = Statement(insert(worlds))
_ADD_KEY = Statement(
    insert(api_keys).values(
        {
            c.name: bindparam(c.name)
            for c in (
                api_keys.c.hash,
                api_keys.c.world_id,
                api_keys.c.kind,
                api_keys.c.last4,
                api_keys.c.created,
                api_keys.c.permissions,
            )
        }
    )
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a key opens. ``kind``: secret, publishable or restricted.

    ``permissions`` of a restricted key: ``invoice_write``, ``customer_read`` …; None means all.
    """

    world: World
    kind: str
    revoked: bool
    permissions: frozenset[str] | None = None


def hashed(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _world(row: tuple[object, ...]) -> World:
    id, livemode, *account = row
    return World(int(str(id)), Account(*account), bool(livemode))  # type: ignore[arg-type]


def opened_by(connection: Connection, key: str) -> Opened | None:
    """Return the world that the key opens, or None for a key that is not ours."""
    rows = connection.rows(_OPENS, of_hash=hashed(key))
    if not rows:
        return None
    kind, revoked_at, permissions, *world = rows[0]
    granted = None if permissions is None else frozenset(permissions.split())
    return Opened(_world(tuple(world)), kind, revoked_at is not None, granted)


def world_of(connection: Connection, id: int) -> World:
    """Return the world with this id."""
    return _world(connection.rows(_WORLD, of_world=id)[0])


def worlds_of(connection: Connection, account_id: str | None, *, livemode: bool) -> list[World]:
    """Return the account's test or live world, none when there is no such account.

    Without an account those of all accounts.
    """
    if account_id is None:
        rows = connection.rows(_WORLDS, of_livemode=livemode)
    else:
        rows = connection.rows(_WORLD_OF_ACCOUNT, of_account=account_id, of_livemode=livemode)
    return [world_of(connection, int(row[0])) for row in rows]


def create_account(
    connection: Connection, account: Account, keys: dict[tuple[bool, str], str]
) -> None:
    """Store an account with its two worlds and its keys, given by (livemode, kind)."""
    with transaction(connection):
        connection.run(
            _ADD_ACCOUNT,
            {
                "id": account.id,
                "name": account.name,
                "country": account.country,
                "default_currency": account.default_currency,
                "created": account.created,
                "registration_number": account.registration_number,
            },
        )
        rows = connection.rows(_NEXT_WORLD)
        first = (rows[0][0] if rows else 0) + 1
        for offset, livemode in enumerate((False, True)):
            world = first + offset
            connection.run(
                _ADD_WORLD, {"id": world, "account_id": account.id, "livemode": livemode}
            )
            for (live, kind), key in keys.items():
                if live is livemode:
                    _add_key(connection, world, key, kind, account.created)


def add_restricted_key(
    connection: Connection,
    account_id: str,
    key: str,
    permissions: frozenset[str],
    created: int,
    *,
    livemode: bool,
) -> bool:
    """Store a key that may do only what it is permitted; False when there is no such account."""
    rows = connection.rows(_WORLD_OF_ACCOUNT, of_account=account_id, of_livemode=livemode)
    if not rows:
        return False
    with transaction(connection):
        _add_key(connection, rows[0][0], key, "restricted", created, " ".join(sorted(permissions)))
    return True


def revoke(connection: Connection, key: str, now: int) -> bool:
    """Make a key useless from now on; False when it is not ours or was revoked before."""
    with transaction(connection):
        return connection.run(_REVOKE, {"of_hash": hashed(key), "at": now}) > 0


def _add_key(
    connection: Connection,
    world: int,
    key: str,
    kind: str,
    created: int,
    permissions: str | None = None,
) -> None:
    connection.run(
        _ADD_KEY,
        {
            "hash": hashed(key),
            "world_id": world,
            "kind": kind,
            "last4": key[-4:],
            "created": created,
            "permissions": permissions,
        },
    )
