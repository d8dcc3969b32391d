"""The columns of a table: type, privacy, meaning, and how full they are."""

import pandas as pd
import streamlit as st

from pages.widgets import session
from pages.widgets.data_table import show_table
from pipeline.services.tables import browse, origins
from pipeline.services.tables.table_list import TableInfo


def show(info: TableInfo) -> None:
    """One row a column; the key is marked."""
    facts = session.cached(browse.column_facts, info.name)
    key = origins.key_of(info.name, tuple(column.name for column in info.columns))
    rows = min(info.rows or 0, browse.PROFILED_ROWS)
    frame = pd.DataFrame(
        [
            {
                "column": column.name,
                "key": column.name in key,
                "type": column.data_type,
                "privacy": column.classification,
                "filled_share": facts[column.name][0] / rows
                if rows and column.name in facts
                else None,
                "distinct": facts[column.name][1] if column.name in facts else None,
                "meaning": column.description,
            }
            for column in info.columns
        ]
    )
    show_table(
        frame, alt=f"Columns of {info.name}", headings={"filled_share": "Filled"}, height=560
    )
    more = (
        f" of the first {browse.PROFILED_ROWS:,} rows"
        if (info.rows or 0) > browse.PROFILED_ROWS
        else ""
    )
    st.caption(
        f"Filled and distinct values{more}; not told for masked columns. The key tells rows apart."
    )
