"""Conditions on the columns of a table. They stand in the address, but for those on columns that
describe a patient.

In the address a condition is `column:code:value`. Conditions on masked columns live in the session
alone: a link never carries one, and one in a link that somebody wrote by hand is not taken.
"""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.widgets import formats, session, table_link
from pipeline.services.tables import chart_queries
from pipeline.services.tables.browse import OPERATORS, Filter, TableInfo

WITHOUT_VALUE = ("is empty", "is not empty")
CODES = {
    "is": table_link.IS,
    "is not": "not",
    "contains": "has",
    "starts with": "starts",
    "at least": "ge",
    "at most": "le",
    "less than": "lt",
    "is empty": "empty",
    "is not empty": "filled",
}
SUGGESTED = 50


def choose(info: TableInfo, place) -> tuple[Filter, ...]:
    """The filters of one table; each can be taken away by its button in `place`, which stays empty
    while there is none.
    """
    _read_url(info)
    conditions = st.session_state.setdefault(session.FILTERS, {}).setdefault(info.name, [])
    adding = st.popover(
        "Add a filter",
        icon=":material/filter_alt:",
        key=f"filter_add_{info.name}",
        on_change="rerun",
    )
    if adding.open:
        with adding:
            _add(info)
    if conditions:
        with place, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for position, condition in enumerate(conditions):
                _chip(info, _key(info.name, conditions, position), *condition)
            st.button(
                "Clear",
                type="tertiary",
                key=f"filter_clear_{info.name}",
                on_click=_clear,
                args=(info.name,),
            )
    _write_url(info, conditions)
    return tuple(Filter(*condition) for condition in conditions)


def _chip(info: TableInfo, key: str, column: str, operator: str, value: str) -> None:
    is_open, value_text = column in info.shareable, formats.verbatim(formats.plain_value(value))
    st.button(
        f"{column} {operator} {value_text}".strip(),
        icon=":material/close:" if is_open else ":material/lock:",
        help="Take this filter away"
        if is_open
        else "Take this filter away. A link leaves it out: the column is masked",
        key=key,
        on_click=_remove,
        args=(info.name, [column, operator, value]),
    )


def in_address(info: TableInfo, filters) -> list[str]:
    """The filters that a link may hold, as it holds them."""
    return [
        table_link.condition(column, CODES[operator], value)
        for column, operator, value in filters
        if column in info.shareable
    ]


def from_address(info: TableInfo, texts: list[str]) -> list[list]:
    """The conditions of a link that this table knows and that are on no masked column."""
    operators = {code: operator for operator, code in CODES.items()}
    conditions = []
    for text in texts:
        column, code, value = [*text.split(":", 2), "", ""][:3]
        if column in info.shareable and code in operators:
            conditions.append([column, operators[code], value])
    return conditions


def _add(info: TableInfo) -> None:
    meanings = {name.name: name.description for name in info.columns if name.name in info.shareable}
    masked = [formats.words(name.name) for name in info.columns if name.name not in meanings]
    if masked:
        st.caption(f"Masked columns cannot be filtered, ordered or drawn: {', '.join(masked)}.")
    if not meanings:
        return
    column = st.selectbox("Column", list(meanings), key=f"filter_column_{info.name}")
    if meanings[column]:
        st.caption(meanings[column])
    operator = st.selectbox("Condition", list(OPERATORS), key=f"filter_operator_{info.name}")
    if _is_chosen(info, column, operator):
        usual_values = session.cached(chart_queries.usual_values, info.name, column, SUGGESTED)
        short = [
            formats.plain_value(value)
            for value in usual_values.frame[column].dropna()
            if len(str(value)) <= formats.LONGEST
        ]
        st.selectbox(
            "Value",
            short,
            key=f"filter_value_{info.name}_{column}",
            index=None,
            accept_new_options=True,
            placeholder="choose or type",
        )
        if usual_values.is_sample:
            st.caption(
                f"Frequent values among {usual_values.looked_at:,} of {usual_values.rows:,} rows; any other can be typed."
            )
    elif operator not in WITHOUT_VALUE:
        st.text_input("Value", key=f"filter_text_{info.name}_{column}")
    st.button(
        "Apply", type="primary", key=f"filter_apply_{info.name}", on_click=_apply, args=(info,)
    )


def like_row(info: TableInfo, row: Mapping[str, object]) -> None:
    """A filter by a value of one row (column -> value as shown); masked columns offer none."""
    with st.popover("Filter by a value of this row", icon=":material/filter_alt:"):
        for column in (each.name for each in info.columns if each.name in info.shareable):
            condition = condition_of(column, row.get(column))
            if len(condition[2]) <= formats.LONGEST:
                value = formats.verbatim(condition[2]) or "empty"
                st.button(
                    f"{formats.words(column)}: {value}",
                    type="tertiary",
                    key=f"filter_like_{info.name}_{column}",
                    on_click=_take,
                    args=(info.name, condition),
                )


def condition_of(column: str, value: object) -> list[str]:
    """The condition (column, operator, value) that a row with this value meets. A number is written
    as the address and the database know it: 27130 and 0.1, not 27130.0.
    """
    if value is None or pd.isna(value) or value == "":
        return [column, "is empty", ""]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [column, "is", str(value)]


def _is_chosen(info: TableInfo, column: str, operator: str) -> bool:
    """Whether the value is chosen of those that the column holds; a masked column offers none."""
    return operator in ("is", "is not") and column in info.shareable


def _apply(info: TableInfo) -> None:
    """A callback that reads the fields at the click: a value may be typed and applied before the
    page is drawn with it.
    """
    table = info.name
    column, operator = (
        st.session_state[f"filter_column_{table}"],
        st.session_state[f"filter_operator_{table}"],
    )
    field = "value" if _is_chosen(info, column, operator) else "text"
    value = (
        ""
        if operator in WITHOUT_VALUE
        else st.session_state.get(f"filter_{field}_{table}_{column}") or ""
    )
    _take(table, [column, operator, value])
    st.session_state[f"filter_add_{table}"] = False


def _take(table: str, condition: list[str]) -> None:
    """Add a filter, from its first page on."""
    conditions = st.session_state[session.FILTERS][table]
    if condition not in conditions:
        conditions.append(condition)
    st.session_state.pop(session.PAGE, None)


def _key(table: str, conditions: list[list], position: int) -> str:
    """The button's key names the filter, not its position: a second click on a removed filter must
    not remove the one that took its place.
    """
    same = [condition[:2] for condition in conditions[:position]].count(conditions[position][:2])
    return f"filter_{table}_{conditions[position][0]}_{CODES[conditions[position][1]]}_{same}"


def _remove(table: str, condition: list) -> None:
    """Remove a filter; a second click on the same button does nothing."""
    conditions = st.session_state[session.FILTERS][table]
    if condition in conditions:
        conditions.remove(condition)
    st.session_state.pop(session.PAGE, None)


def _clear(table: str) -> None:
    st.session_state[session.FILTERS][table].clear()
    st.session_state.pop(session.PAGE, None)


def _read_url(info: TableInfo) -> None:
    """Read the conditions from the URL unless this page wrote them."""
    conditions_in_url = st.query_params.get_all(session.WHERE)
    published = st.session_state.get(session.PUBLISHED_FILTERS, [])
    if conditions_in_url == published:
        return
    conditions = st.session_state.setdefault(session.FILTERS, {}).get(info.name, [])
    st.session_state[session.FILTERS][info.name] = from_address(info, conditions_in_url) + [
        condition for condition in conditions if condition[0] not in info.shareable
    ]


def _write_url(info: TableInfo, conditions: list[list]) -> None:
    in_url = in_address(info, conditions)
    if in_url != st.query_params.get_all(session.WHERE):
        if in_url:
            st.query_params[session.WHERE] = in_url
        else:
            st.query_params.pop(session.WHERE, None)
    st.session_state[session.PUBLISHED_FILTERS] = in_url
