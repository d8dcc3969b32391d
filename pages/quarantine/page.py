"""Rows that wait, by cause and each with every reason: repair in the grid or in bulk, take a
suggestion, waive, reject; audit trail.
"""

import streamlit as st

from pages.quarantine import audit_trail, causes, grid, streams, undo
from pages.run import approvals, live_run
from pages.upload import progress, recipes
from pages.widgets import formats, permission, placeholder, session
from pages.widgets.empty_state import all_done, no_data_yet
from pages.widgets.start_run import person
from pipeline.services.access import actors
from pipeline.services.overview import overview as overview_service
from pipeline.services.quarantine import foretold, open_rows
from pipeline.services.run import runs

st.title("Quarantine")
session.show_flash()
with placeholder.place():
    streams.show()
counts = session.cached(open_rows.open_counts)
if not counts:
    no_data_yet("ledger")
    st.stop()

overview = session.cached(overview_service.overview)
active = runs.active(session.settings())
with placeholder.place():
    live_run.show_end()
    if active is not None and active.verb != progress.VERB:
        live_run.show_brief(active.run_id)
    elif active is None and overview.decisions_waiting:
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            coming = session.cached(foretold.foretold)
            st.markdown(
                f":material/pending: **{formats.counted(overview.decisions_waiting, 'decision')} not built in yet.** "
                f"{coming.sentence}",
                width="content",
            )
            if permission.button(
                "Build now",
                runs.submit,
                type="primary",
                icon=":material/play_arrow:",
                shortcut="Ctrl+B",
                key="build_now",
            ):
                run_id = runs.submit(session.settings(), requested_by=person()).run_id
                st.session_state[session.FOLLOWED_RUN] = run_id
                # what a load adds is not foretold here
                only_decisions = coming.is_exact and not overview.loads_waiting
                st.session_state[session.FORETOLD] = (
                    (run_id, coming.promoted) if only_decisions else None
                )
                st.rerun()

held = overview.holds_back
with st.container(horizontal=True, vertical_alignment="center"):
    if held.rows:
        st.markdown(f"**{causes.headline()}**", width="stretch")
    by = st.text_input(
        "Decided by",
        value=person(),
        disabled=actors.current().name is not None,
        key=session.AUTHOR,
        persist_state="session",
        width=220,
        help="Goes into the audit trail with every decision.",
    )
with placeholder.place():
    approvals.show(by)
with placeholder.place():
    undo.show(by)
if session.QUARANTINE_TAB not in (*st.session_state, *st.query_params):
    # a link that names a source or a rule is about rows
    is_of_rows = {session.ENTITY, session.RULE} & st.query_params.keys()
    if is_of_rows:
        # in the address as well, or the way back to it would lead to the first tab
        st.query_params[session.QUARANTINE_TAB] = "Open rows"
    st.session_state[session.QUARANTINE_TAB] = "Open rows" if is_of_rows else "Causes"
# All are drawn, whichever is open: a grid that is not drawn forgets what was picked in it.
causes_tab, rows_tab, trail_tab = st.tabs(
    ["Causes", "Open rows", "Audit trail"],
    key=session.QUARANTINE_TAB,
    on_change="rerun",
    bind="query-params",
)
with causes_tab:
    with st.container(horizontal=True):
        st.metric("Rows that wait", formats.number(held.rows), border=True)
        st.metric("Encounters", formats.number(held.encounters), border=True)
        st.metric("Paid", formats.money(held.paid_usd), border=True)
        st.metric("Adverse events", formats.number(held.adverse_events), border=True)
    with placeholder.place():
        recipes.offer(by)
    if held.rows:
        with placeholder.place():
            causes.show(by)
    else:
        all_done(
            "Quarantine is empty.",
            "Every received row is promoted, superseded, a duplicate or rejected with a reason.",
        )
with rows_tab:
    if not held.rows:
        all_done("No row waits.", "")
    elif not permission.is_closed(open_rows.page, "Rows that wait are shown masked on Tables."):
        grid.show(counts, by)
with trail_tab:
    audit_trail.show(by)
