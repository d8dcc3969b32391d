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
    "more than": "{column} > ?",
    "less than": "{column} < ?",
    "between": "({column} >= ? and {column} <= ?)",
    "is empty": "({column} is null or {column} = '')",
    "is not empty": "({column} is not null and {column} <> '')",
}


#: Operators that compare by order, and what stands between the two bounds of a range.
BY_ORDER = ("at least", "at most", "more than", "less than", "between")
TO = ".."
NUMBERS = ("int", "real", "num", "float", "double", "dec")


NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Filter:
    """One condition on one column; `value` is ignored by `is empty` and `is not empty`, and is
    `low..high` (both included) of `between`.

    An `is_alternative` is met by rows that meet it or the condition on the same column before it.
    """

    column: str
    operator: str
    value: str | float | int = ""
    is_alternative: bool = False


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


def groups(filters: Sequence[Filter]) -> list[list[Filter]]:
    """The conditions that a row has to meet, each as alternatives of which one is enough."""
    found: list[list[Filter]] = []
    for condition in filters:
        group = next((each for each in reversed(found) if each[0].column == condition.column), None)
        if condition.is_alternative and group is not None:
            group.append(condition)
        else:
            found.append([condition])
    return found


def where_clause(
    table: str, columns: dict[str, str], filters: Sequence[Filter]
) -> tuple[str, list[Any]]:
    """The where clause (with a leading blank, or '') and the values to bind."""
    parts, values = [], []
    for group in groups(filters):
        forms = []
        for condition in group:
            form, bound = _form(table, columns, condition)
            forms.append(form)
            values += bound
        parts.append(forms[0] if len(forms) == 1 else f"({' or '.join(forms)})")
    return (f" where {' and '.join(parts)}" if parts else ""), values


def bounds(value: str | float | int) -> tuple[str, str]:
    """The two ends of a range `low..high`; raises InputRefused where it is none, or is empty."""
    low, to, high = (part.strip() for part in str(value).partition(TO))
    if not (low and to and high):
        raise InputRefused(
            "a range has two ends", "between", f"write the lower, {TO} and the higher"
        )
    if NUMBER.fullmatch(low) and NUMBER.fullmatch(high) and float(low) > float(high):
        raise InputRefused("the range begins above its end", "between", "turn its ends round")
    return low, high


def _form(table: str, columns: dict[str, str], condition: Filter) -> tuple[str, list[Any]]:
    """One condition in SQL, and the values to bind."""
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
    if condition.operator == "between":
        low_and_high = bounds(condition.value)
        return form, [_comparable(condition, columns, end) for end in low_and_high]
    return form, [_comparable(condition, columns, condition.value)] * form.count("?")


def _comparable(
    condition: Filter, columns: dict[str, str], value: str | float | int
) -> str | float | int:
    """The value to bind: a number where the column is one, or SQLite would make it one row by row,
    and for an order on a view's expression, which has no type of its own to convert by.
    """
    is_order = condition.operator in BY_ORDER
    if not isinstance(value, str) or not (
        columns[condition.column].startswith(NUMBERS)
        or columns[condition.column] == ""
        and is_order
    ):
        return value
    if not is_order and condition.operator not in ("is", "is not") or not NUMBER.fullmatch(value):
        return value
    number = float(value)
    return int(value) if value.strip().lstrip("+-").isdigit() and abs(number) < 2**53 else number


def checked_column(table: str, columns: dict[str, str], column: str) -> str:
    if column not in columns:
        raise InputRefused(
            f"there is no column {column!r}", table, f"choose one of {', '.join(columns)}"
        )
    return column
