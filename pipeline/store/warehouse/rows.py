"""Single rows of the judged sources, by row id."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import has_relation, quoted, records

#: SQLite binds many thousand values; this many keep a statement short.
CHUNK = 500


def current_values(
    connection: Connection, entity: str, row_ids: Sequence[str], columns: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Row id -> the mapped values of `columns` as the last build judged them; rows that do not
    exist are left out.
    """
    if not has_relation(connection, f"checked_{entity}"):
        return {}
    names = ", ".join(["_row_id", *(quoted(column) for column in columns)])
    values = {}
    for start in range(0, len(row_ids), CHUNK):
        chunk = list(row_ids[start : start + CHUNK])
        marks = ", ".join("?" * len(chunk))
        for row in records(
            connection, f"select {names} from checked_{entity} where _row_id in ({marks})", chunk
        ):
            values[row.pop("_row_id")] = row
    return values
