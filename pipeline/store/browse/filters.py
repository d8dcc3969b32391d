"""Conditions on the columns of a table, as checked SQL with bound values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.sqlite.statements import column_types, quoted

# SQLite looks for no longer pattern than 50,000 bytes.
LONGEST_VALUE = 10_000


OPERATORS = {
    "is": "{column} = ?",
    "is not": "{column} is not ?",
    "contains": r"{column} like '%' || replace(replace(replace(?, '\', '\\'), '%', '\%'), '_', '\_') || '%' escape '\'",
    "starts with": "lower(substr({column}, 1, length(?))) = lower(?)",
    "at least": "{column} >= ?",
    "at most": "{column} <= ?",
    "less than": "{column} < ?",
    "is empty": "({column} is null or {column} = '')",
    "is not empty": "({column} is not null and {column} <> '')",
}


NUMBERS = ("int", "real", "num", "float", "double", "dec")


NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Filter:
    """One condition on one column; `value` is ignored by `is empty` and `is not empty`."""

    column: str
    operator: str
    value: str | float | int = ""


def where(
    connection: Connection, table: str, filters: Sequence[Filter] = ()
) -> tuple[dict[str, str], str, list[Any]]:
    """Columns of `table` with their types, the where clause of the filters ('' without any) and the
    values to bind.
    """
    types = column_types(connection, table)
    return types, *where_clause(table, types, filters)


def name_in(table: str, types: dict[str, str], column: str) -> str:
    """A column as it stands in a statement; raises InputRefused when the table has none of that
    name.
    """
    return quoted(checked_column(table, types, column))


def where_clause(
    table: str, columns: dict[str, str], filters: Sequence[Filter]
) -> tuple[str, list[Any]]:
    """The where clause (with a leading blank, or '') and the values to bind."""
    parts, values = [], []
    for condition in filters:
        if condition.operator not in OPERATORS:
            raise InputRefused(
                f"{condition.operator!r} is no comparison",
                table,
                f"choose one of {', '.join(OPERATORS)}",
            )
        if len(str(condition.value)) > LONGEST_VALUE:
            raise InputRefused(
                f"a value of a filter has at most {LONGEST_VALUE:,} characters",
                table,
                "look for a part of it",
            )
        form = OPERATORS[condition.operator].format(
            column=quoted(checked_column(table, columns, condition.column))
        )
        parts.append(form)
        values.extend([_comparable(condition, columns)] * form.count("?"))
    return (f" where {' and '.join(parts)}" if parts else ""), values


def _comparable(condition: Filter, columns: dict[str, str]) -> str | float | int:
    """The value to bind: a number where the column is one, or SQLite would make it one row by row,
    and for an order on a view's expression, which has no type of its own to convert by.
    """
    is_order = condition.operator in ("at least", "at most", "less than")
    if not isinstance(condition.value, str) or not (
        columns[condition.column].startswith(NUMBERS)
        or columns[condition.column] == ""
        and is_order
    ):
        return condition.value
    if (
        not is_order
        and condition.operator not in ("is", "is not")
        or not NUMBER.fullmatch(condition.value)
    ):
        return condition.value
    number = float(condition.value)
    return (
        int(condition.value)
        if condition.value.strip().lstrip("+-").isdigit() and abs(number) < 2**53
        else number
    )


def checked_column(table: str, columns: dict[str, str], column: str) -> str:
    if column not in columns:
        raise InputRefused(
            f"there is no column {column!r}", table, f"choose one of {', '.join(columns)}"
        )
    return column
