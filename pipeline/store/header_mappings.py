"""Column mappings that somebody made by hand, remembered by the shape of the header (`ops_header_mappings`)."""

import json
from collections.abc import Mapping
from sqlite3 import Connection


def remember(connection: Connection, shape: str, entity: str, mapping: Mapping[str, str | None]) -> None:
    """Keep the mapping (name in the file -> delivered column, None: leave aside) for files with this header."""
    connection.execute("delete from ops_header_mappings where shape = ?", (shape,))
    connection.execute("insert into ops_header_mappings values (?, ?, ?)", (shape, entity, json.dumps(dict(mapping))))


def recall(connection: Connection, shape: str) -> tuple[str, dict[str, str | None]] | None:
    """(source, mapping) kept for this header, None when there is none."""
    row = connection.execute("select entity, mapping from ops_header_mappings where shape = ?", (shape,)).fetchone()
    return (row[0], json.loads(row[1])) if row else None
