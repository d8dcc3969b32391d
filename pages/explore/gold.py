"""Any table of any layer: filter, sort and page in the database, totals, charts, from a number to the delivered line, export."""

import streamlit as st

from pages.components import (
    chart_builder,
    columns_table,
    export_panel,
    linked,
    share_link,
    state,
    table_filters,
    table_picker,
    table_rows,
    table_totals,
)
from pages.components.empty import no_data_yet
from pages.components.soon import Soon
from pipeline.services import explore

with st.container(gap="xsmall"):
    heading = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="table_heading")
    heading.title("Tables", width="content")
    state.show_flash()
    info = table_picker.choose()
    if info is None:
        no_data_yet()
        st.stop()
    name = info.name
    columns = [column.name for column in info.columns]
    toolbar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="table_toolbar")
    conditions = st.container()
    with toolbar:
        filters = table_filters.choose(info, conditions)
        sort = linked.select("Sort by", columns, state.SORT, lambda column: f"Sort by {column}", optional=True,
                             placeholder="Sort: as stored", label_visibility="collapsed", width=240)
        descending = st.toggle("Largest first", key=state.DESCENDING, bind="query-params")
        measure = table_totals.choose(info)
    with heading, st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.page_link("pages/about/catalog.py", label="In the catalogue", icon=":material/menu_book:", query_params={state.MODEL: name})
        share_link.show(info, filters)
    totals = Soon(explore.totals, name, filters, measure)
    told = st.empty()

linked.views({"Rows": lambda: table_rows.show(info, filters, sort, descending, totals, measure, told),
              "Chart": lambda: chart_builder.show(info, filters, totals.answer().rows),
              "Columns": lambda: columns_table.show(info),
              "Export": lambda: export_panel.show(info, filters)}, state.TABLE_TAB)
with told:
    table_totals.show(totals.answer(), measure)
