"""From a number to the rows that made it, and from a row to the delivered line."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.tables import conditions, picker
from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pipeline.services.catalogue import catalogue
from pipeline.services.tables import browse, origins
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.origins import Origin

#: Rows shown below a number; the table itself shows the others.
SHOWN_ROWS = 100


def show(
    table: str,
    filters: Sequence[Filter],
    sort: str | None,
    descending: bool,
    position: int,
    number: int | None = None,
) -> None:
    """Where the row at `position` of the filtered and sorted table comes from; by its number in the
    table where it has one.
    """
    origin = origins.origin(
        session.settings(), table, tuple(filters), sort, descending, position, number
    )
    with st.container(border=True):
        st.markdown("**Where this row comes from**")
        if origin is None:
            return
        if origin.rows_of:
            rows(origin.rows_of, origin.filters, f"{table}_{position}")
        elif origin.steps:
            _lines(origin, f"{table}_{position}")
        else:
            st.caption(
                "No delivery feeds this row: the repository or the build itself makes it. The catalogue says how."
            )


def rows(table: str, filters: Sequence[Filter], key: str) -> None:
    """The rows behind a number; select one to see its delivered lines."""
    page = session.cached(browse.page, table, tuple(filters), None, False, SHOWN_ROWS, 0)
    where = conditions.sentence(filters)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        more = f", the first {SHOWN_ROWS} shown" if page.total > SHOWN_ROWS else ""
        st.markdown(
            f"{formats.counted(page.total, 'row')} of `{table}`{' where ' + where if where else ''}{more}",
            width="content",
        )
        st.button(
            "Open in Tables",
            icon=":material/table_view:",
            key=f"open_{key}",
            on_click=picker.open_table,
            args=(table, tuple(filters), "Rows"),
        )
    if page.total:
        picked = show_table(
            page.rows,
            catalogue.meanings(table),
            key=f"behind_{key}",
            height=260,
            alt=f"Rows of {table}",
            as_stored=True,
            ids=[
                (session.stamp_of(browse.page), tuple(filters), place)
                for place in range(len(page.rows))
            ],
        )
        if picked:
            origin = origins.origin(
                session.settings(), table, tuple(filters), None, False, picked[0]
            )
            if origin and origin.steps:
                _lines(origin, f"{key}_{picked[0]}")
            elif origin and origin.rows_of:
                rows(origin.rows_of, origin.filters, f"{key}_{picked[0]}")


def _lines(origin: Origin, key: str) -> None:
    lines = [step for step in origin.steps if step.source_row_number is not None]
    st.caption("Delivered lines (a header is line 1). Select one to see it as it came.")
    frame = pd.DataFrame(
        [
            {
                "file": step.source_file,
                "line": step.source_row_number,
                "table": step.table,
                "detail": step.detail,
            }
            for step in lines
        ]
    )
    if frame.empty:
        st.caption("None of its rows is held back to a line.")
        return
    picked = show_table(
        frame,
        alt="Delivered lines",
        key=f"lines_{key}",
        ids=list(frame.itertuples(index=False, name=None)),
        headings={"detail": "What", "file": "File"},
    )
    if picked:
        cells = origins.delivered(session.settings(), lines[picked[0]])
        if len(cells):
            line = lines[picked[0]]
            st.markdown(
                f"**{formats.verbatim(line.source_file)}, line {line.source_row_number}** (patient values masked)"
            )
            show_table(cells, alt="The delivered row")
