"""Build layers, single models or what failed: a live graph of the models, progress, log, SQL,
cancel, and what changed.

The build runs in a process of its own: this page only asks for it and watches, so a reload, a
second tab or a closed browser neither stops nor doubles it.
"""

import streamlit as st

from pages.run import airflow, approvals, freshness, live_run, warehouse
from pages.widgets import formats, headline, menu, permission, placeholder, session
from pages.widgets.badges import LAYER_STATES, layer_heading
from pages.widgets.palette import LAYER_TITLES
from pages.widgets.start_run import start
from pipeline.services.overview import overview as overview_service
from pipeline.services.run import runs, selection
from pipeline.services.why import emptiness

ORDER = list(LAYER_TITLES)

st.title("Run the pipeline")
session.show_flash()
active = runs.active(session.settings())
busy = active is not None
overview = session.cached(overview_service.overview)

headline.lead(
    "A build is running; readers see the tables of the run before."
    if busy and not overview.is_empty
    else "The first build is running."
    if busy
    else f"{emptiness.NOTHING_LOADED.what}: no layer can be built."
    if overview.is_empty
    else freshness.sentence(overview.layers)
)
with placeholder.place():
    if overview.loads_waiting or overview.decisions_waiting:
        kinds = ((overview.loads_waiting, "load"), (overview.decisions_waiting, "decision"))
        waits = " and ".join(formats.counted(count, what) for count, what in kinds if count)
        st.info(f"To be built in: {waits}.", icon=":material/pending:")
    if overview.is_empty:
        menu.link("upload", label=emptiness.NOTHING_LOADED.button)
with placeholder.place():
    approvals.show()
# what cannot succeed is not offered: it would leave a failed run behind
closed = f"{emptiness.NOTHING_LOADED.what}." if overview.is_empty else ""
closed = permission.reason(runs.submit) or closed
is_due = any(layer.state != "up to date" for layer in overview.layers)
with st.container(horizontal=True, vertical_alignment="center"):
    everything = st.button(
        "Build everything",
        type="primary" if is_due else "secondary",
        icon=":material/play_arrow:",
        disabled=busy or bool(closed),
        key="build_all",
        help=closed or (None if is_due else "Nothing waits: no load, decision or model is newer."),
    )
    failed = (
        not busy
        and (overview.last_run or {}).get("status") == "failed"
        and st.button(
            "Build what failed",
            icon=":material/replay:",
            key="build_failed",
            disabled=bool(closed),
            help="The models that failed and whatever else of that run is not up to date. Everything when the landing zone must be judged.",
        )
    )
    full = st.toggle(
        "Rebuild from scratch",
        disabled=busy,
        key="full_refresh",
        help="Judges every row again instead of only what was delivered or decided since the last build. "
        "The result is the same; it takes longer.",
    )
if everything:
    start(None, full)
if failed:
    again = selection.failed_again(session.settings())
    start(again.layers or None, full, again.selection)

never_built = {layer.label for layer in overview.layers if layer.state == "never built"}
cards = st.container(horizontal=True, key="layers")
for layer in overview.layers:
    with cards, st.container(border=True, height="stretch"):
        layer_heading(layer.label)
        st.badge(layer.state, color=LAYER_STATES[layer.state])
        position = ORDER.index(layer.label)
        missing = [LAYER_TITLES[each] for each in ORDER[:position] if each in never_built]
        needs = closed or (f"Needs {' and '.join(missing)} first." if missing else "")
        with st.container(horizontal=True, gap="small"):
            if st.button(
                "Build",
                key=f"build_{layer.label}",
                disabled=busy or bool(needs),
                help=needs or None,
            ):
                start([layer.label], full)
            if position < len(ORDER) - 1 and st.button(
                "From here on",
                key=f"from_{layer.label}",
                disabled=busy or bool(needs),
                help=needs or None,
            ):
                start(ORDER[position:], full)
        if needs:
            st.caption(f":material/lock: {needs}")

warehouse.show()
live_run.show(active.run_id if active else st.session_state.get(session.FOLLOWED_RUN), busy)
airflow.show()
