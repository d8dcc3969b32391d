"""Single rows of the judged sources, by row id."""

from collections.abc import Sequence
from sqlite3 import Connection

from pipeline.errors import InputRefused
from pipeline.store.statements import has_relation, quoted, records
from pipeline.store.tables import Filter, where

#: SQLite binds many thousand values; this many keep a statement short.
CHUNK = 500


def current_values(connection: Connection, entity: str, row_ids: Sequence[str], columns: Sequence[str]) -> dict[str, dict]:
    """Row id -> the mapped values of `columns` as the last build judged them; rows that do not exist are left out."""
    if not has_relation(connection, f"checked_{entity}"):
        return {}
    names = ", ".join(["_row_id", *(quoted(column) for column in columns)])
    found = {}
    for start in range(0, len(row_ids), CHUNK):
        chunk = list(row_ids[start:start + CHUNK])
        marks = ", ".join("?" * len(chunk))
        for row in records(connection, f"select {names} from checked_{entity} where _row_id in ({marks})", chunk):
            found[row.pop("_row_id")] = row
    return found


def chunks(connection: Connection, table: str, rows: int = 50_000, filters: Sequence[Filter] = ()):
    """Column names of a table, and its (filtered) rows as frames of at most `rows`; an empty table gives one empty frame.

    Raises InputRefused when there is no such table.
    """
    import pandas as pd

    if not has_relation(connection, table):
        raise InputRefused("there is no such table", table, "see: status")
    known, condition, values = where(connection, table, filters)
    columns = list(known)

    def pieces():
        chosen = ", ".join(quoted(column) for column in columns)
        cursor = connection.execute(f"select {chosen} from {quoted(table)}{condition}", values)
        found = cursor.fetchmany(rows)
        yield pd.DataFrame(found, columns=columns)
        while found := cursor.fetchmany(rows):
            yield pd.DataFrame(found, columns=columns)

    return columns, pieces()
