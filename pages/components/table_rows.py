"""One page of the rows of a table, cut by the database, with the way to the others and from a row to its delivered lines."""

from collections.abc import Sequence

import streamlit as st

from pages.components import linked, state, table_totals, trace_back
from pages.components.tables import PAGE_SIZES, download, page_offset, pager, show_table
from pipeline.services import explore
from pipeline.services.explore import Filter, TableInfo, TableTotals

#: With the foot below it the table ends above the lower edge of a screen of 900 pixels.
HEIGHT = 430


def show(info: TableInfo, filters: Sequence[Filter], sort: str | None, descending: bool, totals: TableTotals, measure: str | None) -> None:
    """The rows, and below them pages, what is seen of how many, and the page as a file."""
    table, foot = st.container(), st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    reached = totals.rows if not sort or totals.any_page else min(totals.rows, explore.SORTED_REACH)
    with foot:
        size = int(linked.select("Rows a page", [str(each) for each in PAGE_SIZES], state.PAGE_SIZE, lambda each: f"{each} rows a page",
                                 default=str(PAGE_SIZES[1]), label_visibility="collapsed", width=185))
        offset = page_offset(size, state.PAGE, reached)
        pager(reached, size, state.PAGE)
    page = state.answer(explore.page, info.name, filters, sort, descending, size, offset, totals.rows)
    places = page.numbers or [(filters, sort, descending, offset + place) for place in range(len(page.rows))]
    stamp = state.stamp_of(explore.page)
    with table:
        picked = show_table(page.rows, {column.name: column.description for column in info.columns}, key=f"rows_{info.name}",
                            ids=[(stamp, place) for place in places], height=HEIGHT, alt=f"Rows of {info.name}",
                            as_stored=True)
    with foot:
        st.caption(f"Rows {offset + 1:,} to {offset + len(page.rows):,} of {page.total:,}", width="content")
        download(page.rows, info.name, "Download this page")
    masked = f"Masked: {', '.join(page.sensitive)}." if page.sensitive else ""
    cut = f"This is a view: in an order, pages reach the first {reached:,} rows. Turn the order round or add a filter to see the others."
    select = "" if picked else "Select a row to see the rows and the delivered lines that it comes from."
    said = (select, masked, table_totals.remarks(totals, measure), cut if reached < page.total else "")
    if any(said):
        st.caption(" ".join(part for part in said if part))
    if picked:
        trace_back.show(info.name, filters, sort, descending, offset + picked[0], page.numbers[picked[0]] if page.numbers else None)
