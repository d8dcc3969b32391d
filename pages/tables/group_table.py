"""Groups as a table: how many rows each has and what they add up to, and the rows behind one."""

import streamlit as st

from pages.tables import chart_builder, column_sets, filters, trace_back, whole_table
from pages.widgets import address, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pages.widgets.formats import words
from pipeline.services.tables import chart_queries
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.chart_queries import GROUP_ROWS, GROUP_VALUE
from pipeline.services.tables.table_list import TableInfo

MOST_GROUPS = 500
SHARE = "row_share"


def show(info: TableInfo, conditions: tuple[Filter, ...], total: int) -> None:
    """The choices, one row a group of the `total` rows that meet the filters, and what is behind
    the one that is selected. Masked columns are not offered.
    """
    open_names = list(info.open_columns)
    if not open_names:
        st.caption("Every column of this table describes a patient; there is nothing to group by.")
        return
    with st.container(horizontal=True):
        by = chart_builder.group(open_names)
        also = address.select(
            "and by",
            [name for name in open_names if name != by],
            session.GROUP_ALSO,
            words,
            optional=True,
            placeholder="nothing else",
            width=chart_builder.WIDTH,
        )
        how, measure = chart_builder.aggregate(list(info.numbers))
    columns = (by, also) if also else (by,)
    drawing = whole_table.cached_drawing(
        chart_queries.group_table, how, info.name, columns, measure, how, conditions, MOST_GROUPS,
        total,
    )  # fmt: skip
    frame = drawing.frame.copy()
    if frame.empty:
        nothing_matches("No row meets these filters", "Take a filter away.")
        return
    frame.insert(len(columns) + 1, SHARE, frame[GROUP_ROWS] / max(total, 1))
    picked = _draw(info, frame, columns, how, measure)
    if len(frame) == MOST_GROUPS:
        st.caption(f"The {MOST_GROUPS} largest groups are shown.")
    if GROUP_VALUE in frame and frame[GROUP_VALUE].isna().any():
        st.caption("A group without a value has none, or its cells are too small to be shown.")
    if picked is None:
        st.caption("Select a group to see its rows.")
        return
    own = tuple(chart_builder.same(name, frame[name].iloc[picked]) for name in columns)
    with st.container(border=True):
        filters.take_button(info, own)
        trace_back.rows(info.name, (*conditions, *own), f"group_{info.name}")


def _draw(
    info: TableInfo, frame, columns: tuple[str, ...], how: str, measure: str | None
) -> int | None:
    """The table; the place of the group that is selected."""
    value = words(chart_builder.unit_of(how, measure))
    dollars = chart_builder.in_dollars(how, measure)
    picked = show_table(
        column_sets.with_names(frame),
        {column.name: column.description for column in info.columns},
        key=f"groups_{info.name}",
        ids=list(frame[list(columns)].astype(str).itertuples(index=False, name=None)),
        height=430,
        alt=f"Groups of {info.name} by {' and '.join(columns)}",
        headings={GROUP_ROWS: "Rows", SHARE: "Share of rows", GROUP_VALUE: value},
        number_formats={GROUP_VALUE: formats.money_exact if dollars else formats.number}
        if GROUP_VALUE in frame
        else None,
        as_stored=True,
    )
    return picked[0] if picked else None
