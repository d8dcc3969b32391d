"""One page of the rows of a table, cut by the database, with the way to the others and from a row
to its delivered lines.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.tables import column_sets, reveal_panel, trace_back
from pages.tables import filters as table_filters
from pages.tables import totals as table_totals
from pages.tables.background_answer import BackgroundAnswer
from pages.widgets import address, downloads, entity_link, formats, session
from pages.widgets.data_table import PAGE_SIZES, page_offset, pager, show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.tables import browse
from pipeline.services.tables.browse import Filter, TableTotals
from pipeline.services.tables.table_list import TableInfo

#: With the foot below it the table ends above the lower edge of a screen of 900 pixels.
HEIGHT = 430
#: A count that takes longer than these seconds is announced while it runs.
NOT_SEEN = 0.1


def show(
    info: TableInfo,
    filters: Sequence[Filter],
    sort: str | None,
    descending: bool,
    totals: BackgroundAnswer,
    measure: str | None,
    position: DeltaGenerator,
    column_set: str,
) -> None:
    """The rows, and below them pages, what is seen of how many, and the page as a file.

    The rows are read while the totals are still being added up: on a large table they are seen
    before they are counted, and `told` says so until it is overwritten.
    """
    table, below = st.container(), st.empty()
    foot = below.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    with foot:
        size = int(
            address.select(
                "Rows a page",
                [str(size) for size in PAGE_SIZES],
                session.PAGE_SIZE,
                lambda size: f"{size} rows a page",
                default=str(PAGE_SIZES[1]),
                label_visibility="collapsed",
                width=185,
            )
        )
    read = (browse.page, info.name, filters, sort, descending, size)
    page = session.cached(*read, page_offset(size, session.PAGE), False)
    if (
        page.rows.empty and page.offset
    ):  # filters have made the table shorter than the page that was chosen
        page = session.cached(*read, page_offset(size, session.PAGE, totals.result().rows), False)
    if page.rows.empty:
        below.empty()
        with table:
            nothing_matches(
                "No row meets these filters" if filters else "This table is empty",
                "Take a filter away." if filters else "No row of its sources is of this kind.",
                rests_on=() if filters else (info.name,),
            )
        return
    places = page.numbers or [
        (filters, sort, descending, page.offset + place) for place in range(len(page.rows))
    ]
    stamp = session.stamp_of(browse.page)
    clear = reveal_panel.rows(info.name, *read[2:], page.offset)
    with table:
        shown = column_sets.named(column_sets.of(info, column_set), page.rows, clear)
        picked = show_table(
            shown,
            {column.name: column.description for column in info.columns},
            key=f"rows_{info.name}",
            ids=[(stamp, place) for place in places],
            height=HEIGHT,
            alt=f"Rows of {info.name}",
            as_stored=True,
        )
    if not totals.is_ready(within=NOT_SEEN):
        position.caption("Counting the rows…")
    counted: TableTotals = totals.result()
    reached = (
        counted.rows if not sort or counted.any_page else min(counted.rows, browse.SORTED_REACH)
    )
    with foot:
        pager(reached, size, session.PAGE)
        st.caption(
            f"Rows {page.offset + 1:,} to {page.offset + len(page.rows):,} of {counted.rows:,}",
            width="content",
        )
        no_download = downloads.page(info.name, page.rows)
    masked = (
        f"Masked: {', '.join(formats.words(column) for column in page.sensitive)}."
        if page.sensitive
        else ""
    )
    cut = f"This is a view: in an order, pages reach the first {reached:,} rows. Turn the order round or add a filter to see the others."
    select = (
        "" if picked else "Select a row to see the rows and the delivered lines that it comes from."
    )
    remarks = (
        select,
        masked,
        no_download,
        table_totals.remarks(counted, measure),
        cut if reached < counted.rows else "",
    )
    reveal_panel.show(info.name, bool(page.sensitive))
    if any(remarks):
        st.caption(" ".join(part for part in remarks if part))
    if picked:
        row = page.rows.iloc[picked[0]].to_dict()
        entity_link.show(row, *page.sensitive)
        table_filters.like_row(info, row)
        trace_back.show(
            info.name,
            filters,
            sort,
            descending,
            page.offset + picked[0],
            page.numbers[picked[0]] if page.numbers else None,
        )
