"""Models and tests of a run as a table."""

import pandas as pd
import streamlit as st

from pages.widgets.badges import node_mark
from pages.widgets.data_table import show_table
from pipeline.services.run.runs import Run

#: What dbt writes of a step that went well; state and rows say it already.
ACKNOWLEDGED = r"OK|INSERT \d+"
#: Pixels of a line of a table and of its heading.
ROW, HEADING = 35, 38
COLUMNS = ("status", "name", "kind", "layer", "seconds", "rows", "failures", "message")


def show_steps(run: Run, nodes: pd.DataFrame, rows: int = 10) -> None:
    """Models and tests of a run with state, seconds and message, `rows` in sight; columns that say
    nothing are left out.
    """
    if nodes.empty:
        st.caption(_why_none(run))
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


def nothing_new(run: Run) -> str | None:
    """That a run had nothing to build, and which one built the tables; None for other runs."""
    built_by = run.result.get("unchanged_since")
    return (
        f"Nothing is new since {built_by}: the tables stand as it built them, and nothing was done."
        if built_by
        else None
    )


def _why_none(run: Run) -> str:
    """Why a run has no step."""
    if run.verb == "ingest":
        return "This run loads files; it builds no model."
    if run.is_active:
        return "No step has begun yet."
    return nothing_new(run) or "This run ended before its first step."
