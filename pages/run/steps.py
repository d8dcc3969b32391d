"""Models and tests of a run as a table."""

import pandas as pd
import streamlit as st

from pages.widgets.badges import node_mark
from pages.widgets.data_table import show_table

#: What dbt writes of a step that went well; state and rows say it already.
ACKNOWLEDGED = r"OK|INSERT \d+"
#: Pixels of a line of a table and of its heading.
ROW, HEADING = 35, 38
COLUMNS = ("status", "name", "kind", "layer", "seconds", "rows", "failures", "message")


def show_steps(nodes: pd.DataFrame, rows: int = 10) -> None:
    """Models and tests of a run with state, seconds and message, `rows` in sight; columns that say
    nothing are left out.
    """
    if nodes.empty:
        st.caption("This run ended before its first step.")
        return
    is_told = nodes["message"].astype(str).str.fullmatch(ACKNOWLEDGED)
    steps = nodes.assign(
        status=nodes["status"].map(node_mark), message=nodes["message"].mask(is_told)
    )
    filled_columns = [name for name in COLUMNS if name in steps and steps[name].notna().any()]
    tall = ROW * min(len(steps), rows) + HEADING
    show_table(
        steps[filled_columns],
        height=tall,
        alt="Steps of the run",
        headings={"name": "Step", "failures": "Failing rows"},
    )
