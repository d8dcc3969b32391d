"""Watch one run: progress by layer, model and test, time left, log, cancel. Draws itself again while the run is active."""

import pandas as pd
import streamlit as st

from pages.components import formats, state
from pages.components.badges import node_mark, run_badge
from pages.components.palette import LAYER_TITLES
from pages.components.tables import show_table
from pipeline.services import runs

WATCH_SECONDS = 1.0
ACTIVE = ("queued", "running")
COLUMNS = ("status", "name", "kind", "layer", "seconds", "rows", "failures", "message")
DONE = ("success", "pass", "warn", "error", "fail")


def show(run_id: str | None) -> None:
    """Draw the run, or the last one when none is given; nothing before the first run."""
    if run_id is None:
        recent = runs.recent(state.settings(), 1)
        if recent.empty:
            st.caption("No run yet. The first build of the sample takes well under a minute.")
            return
        run_id = recent["run_id"].iloc[0]
    is_active = runs.get(state.settings(), run_id).status in ACTIVE
    st.fragment(_draw, run_every=WATCH_SECONDS if is_active else None)(run_id, is_active)


def _draw(run_id: str, was_active: bool) -> None:
    seen = runs.progress(state.settings(), run_id)
    run = seen.run
    if was_active and run.status not in ACTIVE:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Run {run.run_id}", width="content")
        run_badge(run.status)
        if run.status in ACTIVE and st.button("Cancel", icon=":material/stop_circle:", key="cancel_run"):
            runs.cancel(state.settings(), run_id)
            st.toast("Cancelling: the published tables stay as they are.", icon=":material/stop_circle:")
    _bar(seen)
    _outcome(run)
    if len(seen.nodes):
        _layers(seen.nodes)
        show_steps(seen.nodes, height=320)
    with st.expander("Log", icon=":material/terminal:"):
        st.code(seen.log_tail or "The log is empty so far.", language=None, height=260)


def show_steps(nodes: pd.DataFrame, height: int | str = "auto") -> None:
    """Models and tests of a run with state, seconds and message; columns that say nothing are left out."""
    steps = nodes.assign(status=nodes["status"].map(node_mark), message=nodes["message"].replace("OK", None))
    told = [name for name in COLUMNS if name in steps and steps[name].notna().any()]
    show_table(steps[told], height=height, alt="Steps of the run", headings={"name": "Step", "failures": "Failing rows"})


def _bar(seen) -> None:
    share = seen.done / seen.total if seen.total else 0.0
    if seen.run.status == "queued":
        st.progress(0.0, text="Waiting for the builder to start (about four seconds the first time)")
    elif seen.run.status == "running":
        left = f", about {formats.span(seen.seconds_left)} left" if seen.seconds_left is not None else ""
        text = f"{seen.done:,} of {seen.total:,} steps{left}" if seen.total else "Reading the project and loading what is new"
        st.progress(min(share, 1.0), text=text)


def _outcome(run) -> None:
    if run.status == "succeeded":
        st.caption(f"Finished {formats.ago(run.finished_at)}; readers see the new tables.")
    elif run.status == "failed":
        st.error(f"{run.error or 'The build failed.'}  \nThe published tables are as they were before this run.",
                 icon=":material/error:")
    elif run.status == "cancelled":
        st.info("Cancelled. The published tables are as they were before this run.", icon=":material/cancel:")
    elif run.status == "held":
        st.warning("A load waits at the gate: too many of its rows failed. Release it or undo it on the upload page.",
                   icon=":material/front_hand:")


def _layers(nodes: pd.DataFrame) -> None:
    """One line a layer: how many of its steps are done, and how many failed."""
    with st.container(horizontal=True):
        for label, title in LAYER_TITLES.items():
            own = nodes[nodes["layer"] == label]
            if own.empty:
                continue
            done = int(own["status"].isin(DONE).sum())
            failed = int(own["status"].isin(("error", "fail")).sum())
            st.metric(title, f"{done:,} / {len(own):,}", delta=f"{failed} failed" if failed else None, delta_color="inverse",
                      border=True)
