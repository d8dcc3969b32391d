"""Which loads a delivery of a connector became."""

import sqlite3
from typing import Any

from pipeline.store.sqlite.statements import records


def find_brought(
    connection: sqlite3.Connection, origin: str, sha256: str, sheet: str | None, entity: str
) -> dict[str, Any] | None:
    """The load that this delivery of a connector became, or None. One that was taken back counts:
    it came in, and whoever took it back did not ask for it again.
    """
    brought = records(
        connection,
        "select * from ops_loads where origin = ? and sha256 = ? and sheet is ? and entity = ?",
        (origin, sha256, sheet, entity),
    )
    return brought[0] if brought else None


def of_origin(connection: sqlite3.Connection, origin: str) -> list[str]:
    """The loads that a delivery of a connector became."""
    return [
        load_id
        for (load_id,) in connection.execute(
            "select load_id from ops_loads where origin = ? order by load_seq", (origin,)
        )
    ]
