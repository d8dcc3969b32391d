"""Every table as a list: when it was built, its rows, its state, what waits, and what it feeds."""

import pandas as pd
import streamlit as st

from pages.widgets import entity_link, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.palette import LAYER_TITLES
from pipeline.services.run import warehouse

MARKS = {
    warehouse.UP_TO_DATE: "✓ up to date",
    warehouse.OUT_OF_DATE: "○ out of date",
    warehouse.NOT_BUILT: "– not built",
}


def show() -> None:
    """The list when it is asked for, below one sentence; a click on a row leads to the table."""
    if not st.toggle("All tables as they stand", key="all_tables"):
        return
    with st.container(border=True):
        tables = session.cached(warehouse.tables)
        counts = {state: sum(each.state == state for each in tables) for state in MARKS}
        told = [f"{count:,} {state}" for state, count in counts.items() if count]
        st.markdown(f"**{formats.counted(len(tables), 'table')}**: {', '.join(told)}.")
        frame = pd.DataFrame(
            {
                "table": each.name,
                "state": MARKS[each.state],
                "rows": each.rows,
                "waiting": each.waiting,
                "grade": each.grade,
                "built_at": each.built_at,
                "feeds": each.feeds,
                "layer": LAYER_TITLES[each.layer],
            }
            for each in tables
        )
        counted = frame.astype(dict.fromkeys(("rows", "waiting"), "Int64"))
        picked = show_table(
            counted.dropna(axis="columns", how="all"),
            key="warehouse",
            ids=frame["table"].tolist(),
            alt="Tables of the warehouse as they stand",
            headings={
                "waiting": "Waiting at its sources",
                "built_at": "Built",
                "feeds": "Tables made from it",
            },
        )
        if picked:
            name = frame["table"].iloc[picked[0]]
            entity_link.one("Table", "tables", session.TABLE, name, f"Open {name}")
