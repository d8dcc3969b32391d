"""Watch one run: graph of the models, progress and time left, what failed, what changed, log,
cancel.

Draws itself again while the run is active, on its own, so that the page around it stays still.
"""

import pandas as pd
import streamlit as st

from pages.run import cause, changes, failed_steps, model_graph, model_panel, steps, waterfall
from pages.widgets import absent_sources, downloads, formats, menu, permission, placeholder, session
from pages.widgets.badges import run_badge
from pages.widgets.errors import watched
from pipeline.services.run import model_graph as run_graph
from pipeline.services.run import run_steps, runs

WATCH_SECONDS = 1.0
ACTIVE = ("queued", "running")


def show(run_id: str | None, is_active: bool) -> None:
    """Draw the run, or the last one when none is given; the bare graph before the first run.

    `is_active` is what the page around it was drawn with: a run that has ended since then is
    watched once more, so that the page begins anew.
    """
    if run_id is None:
        recent = runs.recent(session.settings(), 1)
        if recent.empty:
            st.caption(
                "No run yet. The first build of the sample takes well under a minute. This is what it builds:"
            )
            watched(_models, None)(run_steps.no_steps(), "graph", False)
            return
        run_id = recent["run_id"].iloc[0]
    watched(_draw, WATCH_SECONDS if is_active else None)(run_id, is_active)


def show_brief(run_id: str) -> None:
    """An active run in three lines, on a page about something else; the page begins anew when the
    run has ended.
    """
    watched(_draw_brief, WATCH_SECONDS)(run_id)


def show_end() -> None:
    """Once: what the run that `show_brief` watched to its end has changed, or why it did not."""
    run_id = st.session_state.pop(session.ENDED_RUN, None)
    if run_id is None:
        return
    run = runs.get(session.settings(), run_id)
    if run.status == "succeeded":
        sentence = changes.summary(run_id)
        st.success(
            "  \n".join(
                [
                    f"**Build {run_id} has ended.**{_foretold_and_came(run_id)}",
                    *(sentence or ["No row changed its fate."]),
                ]
            ),
            icon=":material/check_circle:",
        )
    else:
        _outcome(run)
    menu.link("run_history", label="The run in full", query_params={session.RUN: run_id})


def _foretold_and_came(run_id: str) -> str:
    """` Foretold 68 rows, came 68.`; empty where nothing was foretold of this run."""
    foretold = st.session_state.pop(session.FORETOLD, None)
    came = changes.promoted(run_id)
    if not foretold or foretold[0] != run_id or came is None:
        return ""
    said = f" Foretold to be promoted: {formats.counted(foretold[1], 'row')}; came: {came:,}."
    return said if came == foretold[1] else f"{said} The run in full says why."


def _draw_brief(run_id: str) -> None:
    progress = run_steps.progress(session.settings(), run_id)
    if progress.run.status not in ACTIVE:
        st.session_state[session.ENDED_RUN] = run_id
        st.rerun()
    with st.container(border=True):
        _heading(progress.run)
        _bar(progress)
        menu.link("run", label="Watch it model by model", icon=":material/visibility:")


def _draw(run_id: str, was_active: bool) -> None:
    progress = run_steps.progress(session.settings(), run_id)
    run = progress.run
    if was_active and run.status not in ACTIVE:
        st.rerun()
    _heading(run)
    with placeholder.place():
        _bar(progress)
    with placeholder.place():
        _outcome(run)
        if run.status == "failed":
            cause.show(run)
            failed_steps.show(progress.nodes)
    _models(
        run_steps.steps_of_tables(session.settings(), progress),
        f"graph_{run_id}",
        run.status in ACTIVE,
    )
    changed, listed, log = st.tabs(["What changed", "Steps", "Log"])
    with changed:
        changes.show(run)
    with listed:
        if run.status not in ACTIVE:
            waterfall.show(run, progress.nodes)
        steps.show_steps(run, progress.nodes)
    with log:
        st.code(progress.log_tail or "The log is empty so far.", language=None, height=320)
        downloads.text(
            progress.log_tail,
            f"{run_id}.log",
            "Download the log",
            mime="text/plain",
            key=f"log_{run_id}",
        )


def _models(nodes: pd.DataFrame, key: str, busy: bool) -> None:
    graph = run_graph.graph(session.settings(), nodes)
    name = model_graph.show(graph, key)
    with placeholder.place():
        if name and (node := graph.node(name)):
            model_panel.show(node, graph, busy)
        else:
            st.caption(
                "Choose a model to see its tests and its SQL and to build it alone; a source opens into its steps."
            )


def _heading(run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Run {run.run_id}", width="content", anchor=False)
        run_badge(run.status)
        if run.status in ACTIVE:
            is_cancelling = run.cancel_requested
            if permission.button(
                "Cancelling" if is_cancelling else "Cancel",
                runs.cancel,
                icon=":material/stop_circle:",
                key="cancel_run",
                disabled=is_cancelling,
            ):
                runs.cancel(session.settings(), run.run_id)
                st.toast(
                    "Cancelling: the published tables stay as they are.",
                    icon=":material/stop_circle:",
                )
    st.caption(_asked_for(run))


def _asked_for(run) -> str:
    what = (
        ", ".join(run.selection)
        if run.selection
        else "everything"
        if len(run.layers) == 4
        else ", ".join(formats.words(label) for label in run.layers)
    )
    parts = [
        what,
        "from scratch" if run.full_refresh else "",
        f"asked for by {formats.verbatim(run.requested_by or 'unknown')}",
        f"started {formats.moment(run.started_at)}" if run.started_at else "waits for the builder",
    ]
    return " · ".join(part for part in parts if part)


def _bar(progress) -> None:
    share = progress.done / progress.total if progress.total else 0.0
    if progress.run.status == "queued":
        st.progress(0.0, text="Waiting for the builder to start")
    elif progress.run.status == "running":
        left = (
            f", about {formats.span(progress.seconds_left)} left"
            if progress.seconds_left is not None
            else ""
        )
        if progress.is_longer_than_usual:
            left += ", longer than usual"
        now = progress.nodes.loc[progress.nodes["status"] == "running", "name"]
        at = f" · {now.iloc[-1]}" if len(now) else ""
        text = cause.searching(progress.run) or (
            f"{progress.done:,} of {progress.total:,} steps{left}{at}"
            if progress.total
            else "Reading the project and loading what is new"
        )
        st.progress(min(share, 1.0), text=text)


def _outcome(run) -> None:
    nothing_new = steps.nothing_new(run)
    if run.status == "succeeded" and nothing_new:
        st.caption(nothing_new)
    elif run.status == "succeeded":
        st.caption(
            f"Finished {formats.ago(run.finished_at)} in {formats.span(run.duration_seconds)}; readers see the new tables."
        )
    elif run.status == "failed":
        why = formats.verbatim(run.error or "The build failed.")
        message = (
            why
            if "published tables" in why
            else f"{why}  \nThe published tables are as they were before this run."
        )
        st.error(message, icon=":material/error:")
    elif run.status == "cancelled":
        st.info(
            "Cancelled. The published tables are as they were before this run.",
            icon=":material/cancel:",
        )
    elif run.status == "held":
        st.warning(
            f"A load waits at the gate: too many of its rows failed. {absent_sources.way_out()}",
            icon=":material/front_hand:",
        )
