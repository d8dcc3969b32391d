"""All runs with state, time and reason; for one of them steps, changes, rule results; two compared;
each model over time.
"""

import streamlit as st

from pages.run import cause, changes, failed_steps, waterfall
from pages.run.steps import show_steps
from pages.run_history import comparison, model_trends, rule_results, run_list
from pages.widgets import address, charts, entity_link, formats, placeholder, session
from pages.widgets.badges import run_badge
from pages.widgets.empty_state import nothing_matches
from pipeline.services.run import run_steps, runs

st.title("Run history")
session.show_flash()
history = runs.recent(session.settings(), limit=500)
if history.empty:
    nothing_matches(
        "No run yet",
        "Start the first build; every step of it will be kept here.",
        "run",
        "Go to the build",
    )
    st.stop()

run_id = run_list.choose(history)
detail = run_steps.progress(session.settings(), run_id)
run, nodes = detail.run, detail.nodes
with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(f"Run {run_id}", width="content", anchor=False)
    run_badge(run.status)
    st.caption(
        f"{run_list.what(run)} · started {formats.moment(run.started_at)} · took {formats.span(run.duration_seconds)} · "
        f"asked for by {formats.verbatim(run.requested_by or 'unknown')}",
        width="content",
    )
if came := [load["load_id"] for load in run.result.get("loads", []) if load.get("load_id")]:
    entity_link.one("Delivery", "deliveries", session.DELIVERY, came[0], "The delivery it loaded")
with placeholder.place():
    if run.error:
        st.error(formats.verbatim(run.error), icon=":material/error:")
    cause.show(run)


def show_all_steps() -> None:
    failed_steps.show(nodes)
    waterfall.show(run, nodes)
    timed = (
        nodes[nodes["seconds"].notna() & (nodes["kind"] == "model")]
        .astype({"seconds": float})
        .nlargest(15, "seconds")
    )
    if len(timed) > 1:
        st.markdown(f"**The {len(timed)} slowest models**")
        charts.show(
            charts.timeline(timed, "name", "seconds", "layer"),
            "durations",
            "Slowest models of this run, in seconds",
        )
    show_steps(run, nodes)
    with st.expander("Log", icon=":material/terminal:"):
        st.code(detail.log_tail, language=None, height=320)


address.views(
    {
        "Steps": show_all_steps,
        "What changed": lambda: changes.show(run),
        "Rule results": lambda: rule_results.show(run_id),
        "Compare": lambda: comparison.show(
            run_id, dict(zip(history["run_id"], history["status"], strict=True))
        ),
        "Each model over time": model_trends.show,
    },
    session.RUN_TAB,
)
