"""From a row on screen back to the delivered line."""

import pandas as pd
import streamlit as st

from pages.components import state
from pages.components.tables import show_table
from pipeline.services import explore, trace
from pipeline.services.explore import Filter, TableInfo


def show(info: TableInfo, filters: tuple[Filter, ...], sort: str | None, descending: bool, position: int) -> None:
    """The steps from the row at `position` (of the filtered and sorted table) back to its file and line."""
    with st.container(border=True):
        st.markdown("**Where this row comes from**")
        key = explore.row_key(state.settings(), info.name, filters, sort, descending, position)
        if key is None:
            st.caption("This table has no single key to follow; look at its parents in the catalogue.")
            return
        steps = trace.trace(state.settings(), info.name, key)
        frame = pd.DataFrame([{"table": step.table, "detail": step.detail, "file": step.source_file or "",
                               "line": step.source_row_number} for step in steps])
        show_table(frame, alt="Steps back to the file", headings={"detail": "What", "file": "File"})
