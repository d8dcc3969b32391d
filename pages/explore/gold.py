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
    table_totals,
    trace_back,
)
from pages.components.empty import no_data_yet, nothing_here
from pages.components.tables import PAGE_SIZES, download, page_offset, pager, show_table
from pipeline.services import explore

st.title("Tables")
state.show_flash()
info = table_picker.choose()
if info is None:
    no_data_yet()
    st.stop()
name = info.name
st.caption(info.description or "Nothing describes this table yet.")
with st.container(horizontal=True, vertical_alignment="center"):
    filters = table_filters.choose(info)
    st.page_link("pages/about/catalog.py", label="In the catalogue", icon=":material/menu_book:", query_params={state.MODEL: name})
    share_link.show(info, filters)
columns = [column.name for column in info.columns]
with st.container(horizontal=True, vertical_alignment="bottom"):
    sort = linked.select("Sort by", columns, state.SORT, optional=True, placeholder="as stored", width=230)
    descending = st.toggle("Largest first", key=state.DESCENDING, bind="query-params")
    size = int(linked.select("Rows a page", [str(each) for each in PAGE_SIZES], state.PAGE_SIZE, default=str(PAGE_SIZES[1]), width=110))
    measure = table_totals.choose(info)
totals = state.answer(explore.totals, name, filters, measure)
reached = totals.rows if not sort or totals.any_page else min(totals.rows, explore.SORTED_REACH)
offset = page_offset(size, state.PAGE, reached)
page = state.answer(explore.page, name, filters, sort, descending, size, offset, totals.rows)
with st.container(horizontal=True):
    table_totals.show(totals, measure)

rows_tab, chart_tab, columns_tab, export_tab = st.tabs(["Rows", "Chart", "Columns", "Export"], key=state.TABLE_TAB, on_change="rerun",
                                                       bind="query-params")
if rows_tab.open:
    with rows_tab:
        if page.total == 0:
            nothing_here("No row meets these filters" if filters else "This table is empty",
                         "Take a filter away." if filters else "Its rules or its sources leave nothing here.")
        else:
            masked = f"masked: {', '.join(page.sensitive)}" if page.sensitive else ""
            said = (f"Rows {offset + 1:,} to {offset + len(page.rows):,} of {page.total:,}", masked, table_totals.remarks(totals, measure))
            st.caption(" · ".join(part for part in said if part))
            meanings = {column.name: column.description for column in info.columns}
            picked = show_table(page.rows, meanings, key=f"rows_{name}", selectable=True, height=420, alt=f"Rows of {name}",
                                as_stored=True)
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                pager(reached, size, state.PAGE)
                download(page.rows, name, "Download this page")
            if reached < page.total:
                st.caption(f"This is a view: in an order, pages reach the first {reached:,} rows. Turn the order round or add a filter "
                           "to see the others.")
            if picked:
                number = page.numbers[picked[0]] if page.numbers else None
                trace_back.show(name, filters, sort, descending, offset + picked[0], number)
            else:
                st.caption("Select a row to see the rows and the delivered lines that it comes from.")
if chart_tab.open:
    with chart_tab:
        chart_builder.show(info, filters, totals.rows)
if columns_tab.open:
    with columns_tab:
        columns_table.show(info)
if export_tab.open:
    with export_tab:
        export_panel.show(info, filters)
