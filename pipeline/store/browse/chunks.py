"""A whole table, piece by piece."""

from collections.abc import Iterator, Sequence
from sqlite3 import Connection
from typing import TYPE_CHECKING

from pipeline.errors import InputRefused
from pipeline.store.browse.filters import Filter, where
from pipeline.store.sqlite.statements import has_relation, quoted

if TYPE_CHECKING:
    import pandas as pd


def chunks(
    connection: Connection, table: str, rows: int = 50_000, filters: Sequence[Filter] = ()
) -> tuple[list[str], Iterator["pd.DataFrame"]]:
    """Column names of a table, and its (filtered) rows as frames of at most `rows`; an empty table
    gives one empty frame.

    Raises InputRefused when there is no such table.
    """
    import pandas as pd

    if not has_relation(connection, table):
        raise InputRefused("there is no such table", table, "see: status")
    types, condition, values = where(connection, table, filters)
    columns = list(types)

    def pieces() -> Iterator[pd.DataFrame]:
        select_list = ", ".join(quoted(column) for column in columns)
        cursor = connection.execute(f"select {select_list} from {quoted(table)}{condition}", values)
        rows_read = cursor.fetchmany(rows)
        yield pd.DataFrame(rows_read, columns=columns)
        while rows_read := cursor.fetchmany(rows):
            yield pd.DataFrame(rows_read, columns=columns)

    return columns, pieces()
