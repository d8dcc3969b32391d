"""Connectors (`ops_connectors`), what each has delivered, and what its syncs came to.

A delivery is known by its key, which tells nothing of its name. It is noted as fetched once its
bytes lie whole in the home, and as done once what became of it is committed in the warehouse; so
whatever dies in between is finished by the next sync.
"""

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.control import audit
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction

#: A sync every quarter of an hour for five days.
KEPT_SYNCS = 500


@dataclass(frozen=True)
class StoredConnector:
    """A connector on record; `secrets` are names of environment variables, `cursor` says how far a
    table was read.
    """

    name: str
    address: str
    options: dict[str, str] = field(hash=False)
    secrets: dict[str, str] = field(hash=False)
    cursor: str | None
    added_at: str
    added_by: str


@dataclass(frozen=True)
class Delivered:
    """One delivery of a connector: `state` is fetched (its bytes lie in the home) or done, then
    `outcome` is loaded, already_loaded, refused or left_out; `gone_at` is when it was no longer
    found at the source.
    """

    key: str
    connector: str
    file: str
    state: str
    sha256: str
    bytes: int
    deliver_as: str
    delivered_at: float
    cursor: str | None = None
    fetched_at: str | None = None
    done_at: str | None = None
    outcome: str | None = None
    load_ids: tuple[str, ...] = ()
    reason: str | None = None
    gone_at: str | None = None


def add(
    control: Connection,
    name: str,
    address: str,
    options: dict[str, str],
    secrets: dict[str, str],
    by: str,
) -> None:
    """Store a connector; raises InputRefused when one has this name."""
    with transaction(control):
        if control.execute("select 1 from ops_connectors where name = ?", (name,)).fetchone():
            raise InputRefused("there is a connector of this name", name, "remove it first")
        control.execute(
            "insert into ops_connectors (name, address, options, secrets, added_at, added_by) "
            "values (?, ?, ?, ?, ?, ?)",
            (name, address, json.dumps(options), json.dumps(secrets), utc_now(), by),
        )
        audit.append(control, "connector add", name, {"secrets": sorted(secrets.values())})


def remove(control: Connection, name: str) -> None:
    """Forget a connector and what it has delivered; raises InputRefused when there is none."""
    with transaction(control):
        get(control, name)
        for table, column in (
            ("ops_connectors", "name"),
            ("ops_connector_deliveries", "connector"),
            ("ops_syncs", "connector"),
        ):
            control.execute(f"delete from {table} where {column} = ?", (name,))
        audit.append(control, "connector remove", name, {})


def all_connectors(control: Connection) -> list[StoredConnector]:
    """Every connector, by name."""
    return _connectors(control, "order by name")


def get(control: Connection, name: str) -> StoredConnector:
    """One connector; raises InputRefused when there is none of this name."""
    found = _connectors(control, "where name = ?", name)
    if not found:
        raise InputRefused("there is no such connector", name, "see connectors list")
    return found[0]


def _connectors(control: Connection, rest: str, *parameters: object) -> list[StoredConnector]:
    rows = records(
        control,
        "select name, address, options, secrets, cursor, added_at, added_by from ops_connectors "
        + rest,
        parameters,
    )
    return [
        StoredConnector(
            **{
                **row,
                "options": json.loads(row["options"]),
                "secrets": json.loads(row["secrets"]),
            }
        )
        for row in rows
    ]


def known_keys(control: Connection, connector: str) -> set[str]:
    """The keys of all that a connector has delivered."""
    return {
        key
        for (key,) in control.execute(
            "select key from ops_connector_deliveries where connector = ?", (connector,)
        )
    }


def note_fetched(control: Connection, delivered: Delivered) -> None:
    """Record that the bytes of a delivery lie in the home."""
    with transaction(control):
        control.execute(
            "insert into ops_connector_deliveries (key, connector, file, state, sha256, bytes, deliver_as, delivered_at, "
            "cursor, fetched_at) values (?, ?, ?, 'fetched', ?, ?, ?, ?, ?, ?)",
            (
                delivered.key,
                delivered.connector,
                delivered.file,
                delivered.sha256,
                delivered.bytes,
                delivered.deliver_as,
                delivered.delivered_at,
                delivered.cursor,
                utc_now(),
            ),
        )


def note_done(
    control: Connection,
    key: str,
    outcome: str,
    load_ids: Sequence[str] = (),
    reason: str | None = None,
) -> None:
    """Record what became of a delivery, and with it how far a table was read: not beyond rows that
    were refused.
    """
    with transaction(control):
        control.execute(
            "update ops_connector_deliveries set state = 'done', done_at = ?, outcome = ?, load_ids = ?, reason = ? "
            "where key = ?",
            (utc_now(), outcome, json.dumps(list(load_ids)), reason, key),
        )
        control.execute(
            "update ops_connectors set cursor = coalesce((select cursor from ops_connector_deliveries where key = ?), "
            "cursor) where name = (select connector from ops_connector_deliveries where key = ?) and ? <> 'refused'",
            (key, key, outcome),
        )


def forget(control: Connection, keys: Iterable[str]) -> None:
    """Forget deliveries, so that the next look at the source finds them new."""
    with transaction(control):
        control.executemany(
            "delete from ops_connector_deliveries where key = ?", [(key,) for key in keys]
        )


def fetched(control: Connection, connector: str) -> list[Delivered]:
    """Deliveries whose bytes lie in the home and whose end is not on record, oldest first."""
    return _delivered(
        control, "where connector = ? and state = 'fetched' order by rowid", connector
    )


def refused(control: Connection, connector: str) -> list[Delivered]:
    """Deliveries that were refused, oldest first."""
    return _delivered(
        control, "where connector = ? and outcome = 'refused' order by rowid", connector
    )


def note_presence(
    control: Connection,
    connector: str,
    files: Set[str],
    keys: Set[str],
    unread: tuple[str, ...] = (),
) -> list[str]:
    """Mark what is gone from the source, where `files` lie and deliveries of these `keys`, and what
    came back; returns the files that are newly gone. Of each file its newest delivery counts; what
    lies in a folder that is `unread` (it ends in a slash) may be there.
    """
    delivered = _delivered(control, "where connector = ? order by rowid", connector)
    newest = {each.file: each for each in delivered}.values()
    there = {each.key for each in newest if each.file in files or each.key in keys}
    folders = tuple(name for name in unread if name.endswith("/"))
    gone = [
        each
        for each in newest
        if each.key not in there and not each.gone_at and not each.file.startswith(folders)
    ]
    back = [each for each in newest if each.key in there and each.gone_at]
    with transaction(control):
        for moment, changed in ((utc_now(), gone), (None, back)):
            control.executemany(
                "update ops_connector_deliveries set gone_at = ? where key = ?",
                [(moment, each.key) for each in changed],
            )
    return sorted(each.file for each in gone)


def _delivered(control: Connection, rest: str, *parameters: object) -> list[Delivered]:
    rows = records(control, f"select * from ops_connector_deliveries {rest}", parameters)
    return [Delivered(**{**row, "load_ids": tuple(json.loads(row["load_ids"]))}) for row in rows]


def begin_sync(control: Connection, connector: str, asked_by: str) -> int:
    """Record a sync that begins; one that was left unended before has died. Returns its number."""
    with transaction(control):
        control.execute(
            "update ops_syncs set status = 'died', finished_at = ? where connector = ? and status = 'running'",
            (utc_now(), connector),
        )
        cursor = control.execute(
            "insert into ops_syncs (connector, asked_by, started_at, status) values (?, ?, ?, 'running')",
            (connector, asked_by, utc_now()),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_sync(control: Connection, sync_id: int, status: str, document: dict[str, Any]) -> None:
    """Record what a sync came to: done or failed; the newest KEPT_SYNCS of a connector are kept.
    Names stand in it as they are, so that a purge finds them.
    """
    with transaction(control):
        control.execute(
            "update ops_syncs set status = ?, finished_at = ?, document = ? where sync_id = ?",
            (status, utc_now(), json.dumps(document, ensure_ascii=False), sync_id),
        )
        control.execute(
            "delete from ops_syncs where connector = (select connector from ops_syncs where sync_id = ?1) "
            "and sync_id not in (select sync_id from ops_syncs where connector = "
            "(select connector from ops_syncs where sync_id = ?1) order by sync_id desc limit ?2)",
            (sync_id, KEPT_SYNCS),
        )


def newest_syncs(control: Connection) -> dict[str, dict[str, Any]]:
    """The newest sync of each connector, by its name."""
    rows = records(
        control,
        "select * from ops_syncs where sync_id in (select max(sync_id) from ops_syncs group by connector)",
    )
    return {row["connector"]: _sync(row) for row in rows}


def syncs(
    control: Connection, connector: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest syncs first, of one connector or all."""
    rows = records(
        control,
        "select * from ops_syncs where ? is null or connector = ? order by sync_id desc limit ?",
        (connector, connector, limit),
    )
    return [_sync(row) for row in rows]


def _sync(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "document": json.loads(row["document"])}
