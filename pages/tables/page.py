"""Any table of any layer: filter, sort and page in the database, totals, charts, from a number to
the delivered line, export.
"""

import streamlit as st

from pages.tables import (
    chart_builder,
    column_sets,
    export_panel,
    group_table,
    link_refusals,
    picker,
    question_panel,
    rows,
    share_link,
)
from pages.tables import columns as table_columns
from pages.tables import filters as table_filters
from pages.tables import totals as table_totals
from pages.tables.background_answer import BackgroundAnswer
from pages.widgets import absent_sources, address, menu, placeholder, session
from pages.widgets.empty_state import no_data_yet
from pipeline.services.tables import browse

session.take_next()
with st.container(gap="xsmall"):
    heading = st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="table_heading",
    )
    heading.title("Tables", width="content")
    session.show_flash()
    picked = picker.choose()
    if picked is None:
        no_data_yet("ledger")
        st.stop()
    info = picked
    name = info.name
    absent_sources.note(name)
    columns = [column.name for column in info.columns if column.name in info.shareable]
    toolbar = st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="table_toolbar"
    )
    refusals, conditions = placeholder.place(), st.container()
    with toolbar:
        filters = table_filters.choose(info, conditions)
        sort = address.select(
            "Sort by",
            columns,
            session.SORT,
            lambda column: f"Sort by {column}",
            optional=True,
            placeholder="Sort: as stored",
            label_visibility="collapsed",
            width=190,
        )
        descending = st.toggle("Largest first", key=session.DESCENDING, bind="query-params")
        measure = table_totals.choose(info)
        column_set = column_sets.choose()
    with heading, st.container(horizontal=True, vertical_alignment="center", width="content"):
        menu.link("catalogue", label="In the catalogue", query_params={session.MODEL: name})
        share_link.show(info, filters)
    with refusals:
        link_refusals.show(name)
    totals = BackgroundAnswer(browse.totals, name, filters, measure)
    position = st.empty()

address.views(
    {
        "Rows": lambda: rows.show(
            info, filters, sort, descending, totals, measure, position, column_set
        ),
        "Groups": lambda: group_table.show(info, filters, totals.result().rows),
        "Chart": lambda: chart_builder.show(info, filters, totals.result().rows),
        "Columns": lambda: table_columns.show(info),
        "Export": lambda: export_panel.show(info, filters),
        "SQL": lambda: question_panel.show(info),
    },
    session.TABLE_TAB,
)
with position:
    table_totals.show(totals.result(), measure)
