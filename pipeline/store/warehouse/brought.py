"""Which loads came together, and which a delivery of a connector became."""

import sqlite3
from typing import Any

from pipeline.store.sqlite.statements import records


def note_together(connection: sqlite3.Connection, load_id: str, delivery_id: str) -> None:
    """Say with which files a load came: those that carry the id of the first load among them."""
    connection.execute(
        "update ops_loads set delivery_id = ? where load_id = ?", (delivery_id, load_id)
    )


def find(
    connection: sqlite3.Connection, key: str, sha256: str, sheet: str | None, entity: str
) -> dict[str, Any] | None:
    """The load that this delivery of a connector became, or None. One that was taken back counts:
    it came in, and whoever took it back did not ask for it again.
    """
    loads = records(
        connection,
        "select * from ops_loads where brought_as = ? and sha256 = ? and sheet is ? and entity = ?",
        (key, sha256, sheet, entity),
    )
    return loads[0] if loads else None


def loads_of(connection: sqlite3.Connection, key: str) -> list[str]:
    """The loads that a delivery of a connector became."""
    return [
        load_id
        for (load_id,) in connection.execute(
            "select load_id from ops_loads where brought_as = ? order by load_seq", (key,)
        )
    ]


def newest(connection: sqlite3.Connection) -> str | None:
    """When the newest load in force that a connector brought came in; None when there is none."""
    (loaded_at,) = connection.execute(
        "select max(loaded_at) from ops_loads where brought_as is not null and status = 'loaded'"
    ).fetchone()
    return loaded_at
