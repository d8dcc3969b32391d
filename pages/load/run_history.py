"""All runs; for one of them its steps, timings and what changed in row counts; two of them side by side."""

import streamlit as st

from pages.components import charts, formats, linked, run_comparison, state
from pages.components.badges import run_badge
from pages.components.empty import nothing_here
from pages.components.run_steps import show_steps
from pages.components.tables import show_table
from pipeline.services import run_results, runs

st.title("Run history")
history = runs.recent(state.settings())
if history.empty:
    nothing_here("No run yet", "Start the first build; every step of it will be kept here.",
                 "pages/load/run_pipeline.py", "Go to the build")
    st.stop()

states = dict(zip(history["run_id"], history["status"], strict=True))
chosen = linked.select("Run", list(states), state.RUN, lambda run_id: f"{run_id} · {states[run_id]}")
detail = runs.progress(state.settings(), chosen)
run, nodes = detail.run, detail.nodes
with st.container(horizontal=True, vertical_alignment="center"):
    run_badge(run.status)
    st.caption(f"{run.verb} · started {formats.moment(run.started_at)} · asked for by {run.requested_by or 'unknown'}")
if run.error:
    st.error(run.error, icon=":material/error:")

steps, counts, compared, over_time, every = st.tabs(["Steps", "Row counts", "Compare", "Durations over time", "All runs"])
with steps:
    if nodes.empty:
        st.caption("This run ended before its first step.")
    else:
        timed = nodes[nodes["seconds"].notna() & (nodes["kind"] == "model")].nlargest(25, "seconds")
        if len(timed):
            charts.show(charts.timeline(timed, "name", "seconds", "layer"), "durations", "Slowest models of this run, in seconds")
        show_steps(nodes)
with counts:
    changed = run_results.row_counts(state.settings(), chosen)
    if changed.empty:
        st.caption("This run published nothing.")
    else:
        changed["change"] = changed["rows"] - changed["previous_rows"]
        show_table(changed, alt="Rows by table, beside the run before")
with compared:
    run_comparison.show(chosen, states)
with over_time:
    durations = run_results.durations(state.settings())
    if durations.empty:
        st.caption("No finished run has timings yet.")
    else:
        slowest = durations.groupby("name")["seconds"].max().nlargest(8).index
        chosen_models = durations[durations["name"].isin(slowest)]
        charts.show(charts.lines(chosen_models, "run_id", "seconds", "name", "seconds"), "over_time",
                    "Seconds of the slowest models, run by run")
with every:
    layers = history["layers"].map(", ".join)
    show_table(history.assign(layers=layers), hidden=("result", "pid", "cancel_requested", "paths"), alt="All runs")
