"""Any table of any layer: filter, sort and page in the database, chart, meaning of each column, trace to the file."""

import streamlit as st

from pages.components import chart_builder, formats, linked, state, table_filters, trace_back
from pages.components.empty import no_data_yet, nothing_here
from pages.components.palette import LAYER_TITLES
from pages.components.tables import PAGE_SIZES, download, pager, show_table
from pipeline.services import explore

st.title("Tables")
layer = linked.segments("Layer", list(LAYER_TITLES), state.LAYER, LAYER_TITLES.get, default="enterprise_datasets")
tables = state.answer(explore.tables, layer)
if not tables:
    no_data_yet()
    st.stop()
infos = {info.name: info for info in tables}
name = linked.select("Table", list(infos), state.TABLE, lambda table: f"{table} · {formats.number(infos[table].rows)} rows")
info = infos[name]
if info.description:
    st.caption(info.description)

filters = table_filters.choose(info)
with st.container(horizontal=True, vertical_alignment="bottom"):
    sort = st.selectbox("Sort by", [column.name for column in info.columns], index=None, placeholder="as stored",
                        key=state.SORT, bind="query-params", width=240)
    descending = st.toggle("Largest first", key=state.DESCENDING, bind="query-params")
    size = st.selectbox("Rows a page", PAGE_SIZES, index=1, width=140)

rows_tab, chart_tab, columns_tab = st.tabs(["Rows", "Chart", "Columns"])
with rows_tab:
    offset = (st.session_state.get(state.PAGE, 1) - 1) * size
    page = state.answer(explore.page, name, filters, sort, descending, size, offset)
    if page.total == 0:
        nothing_here("No row meets these filters" if filters else "This table is empty",
                     "Take a filter away." if filters else "Its rules or its sources leave nothing here.")
    else:
        first, last = offset + 1, offset + len(page.rows)
        masked = f" · masked: {', '.join(page.sensitive)}" if page.sensitive else ""
        st.caption(f"Rows {first:,} to {last:,} of {page.total:,}{masked}")
        meanings = {column.name: column.description for column in info.columns}
        picked = show_table(page.rows, meanings, key=f"rows_{name}", selectable=True, height=420, alt=f"Rows of {name}")
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            pager(page.total, size, state.PAGE)
            download(page.rows, name, "Download this page")
        if picked:
            trace_back.show(info, filters, sort, descending, offset + picked[0])
with chart_tab:
    chart_builder.show(info, filters)
with columns_tab:
    st.dataframe([{"column": column.name, "type": column.data_type, "privacy": column.classification,
                   "meaning": column.description} for column in info.columns], hide_index=True)
