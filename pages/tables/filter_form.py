"""The form that makes filters: a column, a comparison, and one or several values."""

from collections.abc import Callable

import streamlit as st

from pages.tables.conditions import WITHOUT_VALUE
from pages.widgets import formats, session
from pipeline.services.tables import chart_queries
from pipeline.services.tables.browse import OPERATORS, TO, Filter
from pipeline.services.tables.table_list import TableInfo

SUGGESTED = 50
#: Comparisons whose values are chosen among those that the column holds.
CHOSEN = ("is", "is not")
AND, OR = "as well", "or instead"


def show(info: TableInfo, filters: list[Filter], on_apply: Callable[[TableInfo], None]) -> None:
    """The fields, and the button that calls `on_apply`; masked columns are not offered."""
    meanings = {each.name: each.description for each in info.columns if each.name in info.shareable}
    masked = [formats.words(each.name) for each in info.columns if each.name not in meanings]
    if masked:
        st.caption(f"Masked columns cannot be filtered, ordered or drawn: {', '.join(masked)}.")
    if not meanings:
        return
    column = st.selectbox("Column", list(meanings), key=f"filter_column_{info.name}")
    if meanings[column]:
        st.caption(meanings[column])
    operator = st.selectbox("Condition", list(OPERATORS), key=f"filter_operator_{info.name}")
    if operator in CHOSEN:
        _choose_values(info, column)
    elif operator == "between":
        with st.container(horizontal=True):
            st.text_input("From", key=_field("low", info, column), width=120)
            st.text_input("to (included)", key=_field("high", info, column), width=120)
    elif operator not in WITHOUT_VALUE:
        st.text_input("Value", key=_field("text", info, column))
    standing = [each for each in filters if each.column == column]
    if standing:
        st.segmented_control(
            f"Beside the filter on {column} that stands",
            [AND, OR],
            default=AND,
            required=True,
            key=_field("joined", info, column),
            help=f"`{AND}`: rows meet both. `{OR}`: rows meet one of the two.",
        )
    st.button(
        "Apply", type="primary", key=f"filter_apply_{info.name}", on_click=on_apply, args=(info,)
    )


def filled_in(info: TableInfo) -> list[Filter]:
    """The filters that the fields say now; none while a value is missing."""
    column = st.session_state[f"filter_column_{info.name}"]
    operator = st.session_state[f"filter_operator_{info.name}"]

    def field(name: str):
        return st.session_state.get(_field(name, info, column))

    is_alternative = field("joined") == OR
    if operator in WITHOUT_VALUE:
        return [Filter(column, operator, "", is_alternative)]
    if operator == "between":
        low, high = ((field(name) or "").strip() for name in ("low", "high"))
        if not (low and high):
            return [
                Filter(column, name, end, is_alternative)
                for name, end in (("at least", low), ("at most", high))
                if end
            ]
        return [Filter(column, operator, f"{low}{TO}{high}", is_alternative)]
    if operator not in CHOSEN:
        return [Filter(column, operator, field("text") or "", is_alternative)]
    typed = [value] if (value := field("text") or "") else []
    values = list(dict.fromkeys([*(field("value") or []), *typed]))
    # one of several values is enough, and none of several is meant one by one
    return [
        Filter(column, operator, value, is_alternative or operator == "is" and place > 0)
        for place, value in enumerate(values)
    ]


def _field(name: str, info: TableInfo, column: str) -> str:
    return f"filter_{name}_{info.name}_{column}"


def _choose_values(info: TableInfo, column: str) -> None:
    """Values that the column holds, and a field of its own for any other: in one field the key
    Enter would take a suggestion that only resembles what was typed.
    """
    usual_values = session.cached(chart_queries.usual_values, info.name, column, SUGGESTED)
    short = [
        formats.plain_value(value)
        for value in usual_values.frame[column].dropna()
        if len(str(value)) <= formats.LONGEST
    ]
    st.multiselect(
        "Values",
        short,
        key=_field("value", info, column),
        filter_mode="contains",
        select_all=False,
        placeholder="choose one or several",
    )
    st.text_input(
        "or exactly this",
        key=_field("text", info, column),
        placeholder="type a value as it is written in the column",
    )
    if usual_values.is_sample:
        st.caption(
            f"Frequent values among {usual_values.looked_at:,} of {usual_values.rows:,} rows."
        )
