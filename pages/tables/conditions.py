"""Conditions on columns as a link and a sentence hold them.

In the address a condition is `column:code:value`, and `column:or-code:value` where it is an
alternative to the one before it on the same column. A range is `column:to:low..high`.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from pages.widgets import formats, table_link
from pipeline.errors import InputRefused
from pipeline.services.tables import browse
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.table_list import TableInfo

WITHOUT_VALUE = ("is empty", "is not empty")
CODES = {
    "is": table_link.IS,
    "is not": table_link.IS_NOT,
    "contains": "has",
    "starts with": "starts",
    "at least": "ge",
    "at most": "le",
    "more than": "gt",
    "less than": "lt",
    "between": table_link.BETWEEN,
    "is empty": "empty",
    "is not empty": "filled",
}
OR = "or-"


def in_address(info: TableInfo, filters: Iterable[Filter]) -> list[str]:
    """The filters that a link may hold, as it holds them."""
    return [
        table_link.condition(
            each.column, (OR if each.is_alternative else "") + CODES[each.operator], str(each.value)
        )
        for each in filters
        if each.column in info.shareable
    ]


def from_address(info: TableInfo, texts: Sequence[str]) -> tuple[list[Filter], list[str]]:
    """The conditions of a link that this table knows and that are on no masked column, and for
    each other one why it is not taken; no reason holds a value.
    """
    conditions: list[Filter] = []
    refusals: list[str] = []
    orphans: set[str] = set()  # columns whose last condition was refused
    for text in texts:
        column, code, value = [*text.split(":", 2), "", ""][:3]
        is_alternative = code.startswith(OR)
        operator = _operator(code.removeprefix(OR))
        if why := _refusal(info, column, code, operator, value):
            refusals.append(why)
            if not is_alternative:
                orphans.add(column)
            continue
        assert operator is not None
        conditions.append(Filter(column, operator, value, is_alternative and column not in orphans))
        orphans.discard(column)
    return conditions, refusals


def _operator(code: str) -> str | None:
    return next((operator for operator, each in CODES.items() if each == code), None)


def _refusal(
    info: TableInfo, column: str, code: str, operator: str | None, value: str
) -> str | None:
    if why := column_refusal(info, column):
        return why
    if operator is None:
        return f"{formats.plain_value(code) or 'nothing'} is no comparison"
    if operator == "between":
        try:
            browse.bounds(value)
        except InputRefused as refused:
            return f"for {column} {refused.what}"
    return None


def column_refusal(info: TableInfo, column: str) -> str | None:
    """Why a link may not use a column of a table; None where it may."""
    if column in info.shareable:
        return None
    if column in (each.name for each in info.columns):
        return f"{column} is masked"
    return f"there is no column {formats.plain_value(column) or 'without a name'}"


def condition_of(column: str, value: object) -> Filter:
    """The condition that a row with this value meets. A number is written as the address and the
    database know it: 27130 and 0.1, not 27130.0.
    """
    if value is None or pd.isna(value) or value == "":
        return Filter(column, "is empty")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Filter(column, "is", str(value))


def in_words(condition: Filter) -> str:
    """One condition in words, for a line that shows Markdown: `paid between 100 and 200`."""
    value = str(condition.value)
    if condition.operator == "between":
        low, high = browse.bounds(value)
        value = f"{formats.plain_value(low)} and {formats.plain_value(high)}"
    words = formats.verbatim(formats.plain_value(value))
    return f"{condition.column} {condition.operator} {words}".strip()


def sentence(filters: Sequence[Filter]) -> str:
    """All conditions in words, alternatives in brackets."""
    parts = []
    for group in browse.groups(filters):
        alternatives = " or ".join(in_words(condition) for condition in group)
        parts.append(f"({alternatives})" if len(group) > 1 else alternatives)
    return " and ".join(parts)


def added(filters: Sequence[Filter], more: Iterable[Filter]) -> list[Filter]:
    """The filters with more of them, alternatives behind the last condition on their column."""
    found = list(filters)
    for condition in more:
        if condition in found or _as_head(condition) in found:
            continue
        same = [place for place, each in enumerate(found) if each.column == condition.column]
        if condition.is_alternative and same:
            found.insert(same[-1] + 1, condition)
        else:
            found.append(_as_head(condition))
    return found


def without(filters: Sequence[Filter], condition: Filter) -> list[Filter]:
    """The filters but one; where it had alternatives the next of them takes its place."""
    if condition not in filters:
        return list(filters)
    groups = browse.groups(filters)
    group = next(each for each in groups if condition in each)
    group.remove(condition)
    if group:
        group[0] = _as_head(group[0])
    return [each for every in groups for each in every]


def _as_head(condition: Filter) -> Filter:
    return Filter(condition.column, condition.operator, condition.value)


def values_of(row: Mapping[str, object], columns: Iterable[str]) -> list[Filter]:
    """A condition for each of these columns of a row, but for texts too long to be read."""
    found = [condition_of(column, row.get(column)) for column in columns]
    return [each for each in found if len(str(each.value)) <= formats.LONGEST]
