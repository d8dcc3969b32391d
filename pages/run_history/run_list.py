"""All runs as a table that can be filtered; one of them chosen."""

import pandas as pd
import streamlit as st

from pages.run_history import charts as run_charts
from pages.widgets import address, charts, formats, session
from pages.widgets.badges import RUN_STATES
from pages.widgets.data_table import show_table
from pages.widgets.palette import RUN_COLOURS

HELD = "a load waits at the gate: release or undo it on Upload"
#: So many runs stand beside one another in the strip.
SHOWN = 60
COLUMNS = ["status", "run_id", "what", "started_at", "duration", "requested_by", "reason"]
MARKS = {
    "queued": "○",
    "running": "▶",
    "succeeded": "✓",
    "failed": "✗",
    "cancelled": "–",
    "held": "⚠",
}


def choose(history: pd.DataFrame) -> str:
    """Draw the list (newest first) with its filters; the id of the run that is chosen, the newest
    that is shown by default.
    """
    newest = history.head(SHOWN).iloc[::-1]
    if len(newest) > 1:
        charts.show(
            run_charts.strip(newest),
            "run_strip",
            f"How long the last {len(newest)} runs took, and how each ended",
        )
    present = [name for name in RUN_STATES if name in set(history["status"])]
    statuses = st.pills(
        "State",
        present,
        key=session.RUN_STATES,
        selection_mode="multi",
        bind="query-params",
        format_func=lambda name: (
            f"{MARKS[name]} {name} ({int((history['status'] == name).sum()):,})"
        ),
    )
    matching = history[history["status"].isin(statuses)] if statuses else history
    table = pd.DataFrame(
        {
            "status": [[f"{MARKS[name]} {name}"] for name in matching["status"]],
            "run_id": matching["run_id"],
            "what": [what(row) for row in matching.itertuples()],
            "started_at": matching["started_at"],
            "duration": matching["duration_seconds"].map(formats.span),
            "requested_by": matching["requested_by"],
            "reason": matching["error"].mask(matching["status"] == "held", HELD).fillna(""),
        }
    )
    chips = st.column_config.MultiselectColumn(
        "State",
        options=[f"{MARKS[name]} {name}" for name in RUN_STATES],
        color=[RUN_COLOURS[name] for name in RUN_STATES],
        width=120,
    )
    picked = show_table(
        table[COLUMNS],
        key="runs_table",
        ids=matching["run_id"].tolist(),
        height=min(38 + 35 * len(table), 260),
        alt="All runs",
        headings={
            "run_id": "Run",
            "what": "Built",
            "requested_by": "Asked for by",
            "reason": "Why it ended so",
        },
        columns={"status": chips},
    )
    ids = matching["run_id"].tolist()
    run_in_url = st.query_params.get(session.RUN)
    run_id: str = ids[picked[0]] if picked else ids[0]
    if not picked and run_in_url is not None and run_in_url in set(history["run_id"]):
        run_id = run_in_url
    if run_in_url is not None and run_in_url not in set(history["run_id"]):
        address.note_unknown("run", run_in_url)
    if picked or run_in_url:
        st.query_params[session.RUN] = run_id
    return run_id


def what(run) -> str:
    """What a run was to build, in words."""
    if run.verb == "ingest":
        return "nothing: files loaded"
    if run.selection:
        return ", ".join(run.selection)
    return (
        "everything"
        if len(run.layers) == 4
        else ", ".join(formats.words(label).lower() for label in run.layers)
    )
