"""Choose a table: by layer, or by typing a part of its name or of what it holds."""

import re

import streamlit as st

from pages.tables import conditions, link_refusals
from pages.widgets import address, formats, session
from pages.widgets.palette import LAYER_TITLES
from pipeline.services.tables import renamed, table_list
from pipeline.services.tables.table_list import TableInfo

EVERY_LAYER = "all"
DEFAULT_LAYER, DEFAULT_TABLE = "enterprise_datasets", "provider_scorecard"
#: Address parameters that hold a column.
COLUMN_PARAMETERS = (
    session.SORT,
    session.MEASURE,
    session.CHART_BY,
    session.GROUP_ALSO,
    session.CHART_OF,
    session.CHART_ACROSS,
    session.CHART_UP,
)
#: Letters of a description that stand in one line of a screen 1280 pixels wide.
ONE_LINE = 130
#: What the tables of the landing zone are for, by the beginning of their names, in the order of the
#: flow.
STAGES = (
    ("raw_", "as delivered"),
    ("stg_", "cleaned"),
    ("row_verdicts_", "judged"),
    ("promoted_", "passed"),
    ("quarantine_", "waiting"),
    ("dq_", "findings"),
)


def choose() -> TableInfo | None:
    """The table that is chosen; its name and layer stand in the address. None when nothing is
    built.
    """
    _take_older_names()
    _follow_the_table()
    asked = None if session.TABLE in st.session_state else st.query_params.get(session.TABLE)
    titles = LAYER_TITLES | {EVERY_LAYER: "All layers"}
    with st.container(horizontal=True, gap="small", key="table_choice"):
        layer = address.select(
            "Layer",
            list(titles),
            session.LAYER,
            titles.__getitem__,
            DEFAULT_LAYER,
            label_visibility="collapsed",
            width=200,
        )
        tables = session.cached(table_list.tables, None if layer == EVERY_LAYER else layer)
        if not tables:
            return None
        layers = list(LAYER_TITLES)
        infos = {
            info.name: info
            for info in sorted(
                tables, key=lambda info: (layers.index(info.layer), _stage(info.name)[0], info.name)
            )
        }
        name = address.select(
            f"Table (type to search all {len(infos)})",
            list(infos),
            session.TABLE,
            lambda name: _label(infos[name]),
            DEFAULT_TABLE,
            label_visibility="collapsed",
        )
    _describe(infos[name].description)
    if asked and asked != name:
        for key in (session.WHERE, *COLUMN_PARAMETERS):  # meant for the other table
            st.query_params.pop(key, None)
        link_refusals.note(name, [f"there is no table {formats.plain_value(asked)}"])
    elif asked:
        _refuse_columns(infos[name])
    return infos[name]


def _refuse_columns(info: TableInfo) -> None:
    """Say of the columns that a link names which it may not use."""
    for key in COLUMN_PARAMETERS:
        column = st.query_params.get(key)
        if column and (why := conditions.column_refusal(info, column)):
            link_refusals.note(info.name, [why])


def open_table(table: str, filters: tuple, tab: str) -> None:
    """A callback: show another table with these filters."""
    st.session_state[session.LAYER] = table_list.layer_of(table) or EVERY_LAYER
    st.session_state[session.TABLE] = table
    st.session_state.setdefault(session.FILTERS, {})[table] = [
        [each.column, each.operator, each.value, each.is_alternative] for each in filters
    ]
    st.session_state[session.TABLE_TAB] = tab
    st.session_state.pop(session.PAGE, None)


def _describe(description: str) -> None:
    """What the table is for in one line; the rest of a long description when it is pointed at."""
    first, _, rest = description.partition(". ")
    if len(description) <= ONE_LINE or not rest:
        st.caption(description or "Nothing describes this table yet.")
    else:
        st.caption(f"{first}.", help=rest)


def _take_older_names() -> None:
    """A link of an older version names tables and columns as they were called then."""
    table = renamed.current_table(st.query_params.get(session.TABLE, DEFAULT_TABLE))
    if st.query_params.get(session.TABLE, table) != table:
        st.query_params[session.TABLE] = table
    for key in COLUMN_PARAMETERS:
        column = st.query_params.get(key)
        if column and (current := renamed.current_column(table, column)) != column:
            st.query_params[key] = current
    conditions = st.query_params.get_all(session.WHERE)
    current_conditions = [
        ":".join([renamed.current_column(table, column), *rest])
        for column, *rest in (text.split(":", 1) for text in conditions)
    ]
    if current_conditions != conditions:
        st.query_params[session.WHERE] = current_conditions


def _follow_the_table() -> None:
    """A link may name the table alone: it is then looked for in its own layer."""
    table = st.query_params.get(session.TABLE)
    if table and session.LAYER not in st.session_state and session.LAYER not in st.query_params:
        st.session_state[session.LAYER] = table_list.layer_of(table) or DEFAULT_LAYER


def _stage(name: str) -> tuple[int, str]:
    return next(
        ((place, title) for place, (prefix, title) in enumerate(STAGES) if name.startswith(prefix)),
        (len(STAGES), ""),
    )


def _label(info: TableInfo) -> str:
    rows = "" if info.rows is None else formats.counted(info.rows, "row")
    about = formats.plain_value(re.split(r"[.;:,] ", info.description)[0].rstrip("."))
    return " · ".join(part for part in (info.name, _stage(info.name)[1], rows, about) if part)
