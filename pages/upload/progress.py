"""Load the files of the tray: small ones at once, large ones by the worker, with progress that any
tab can watch or cancel.
"""

import streamlit as st

from pages.widgets import formats, menu, permission, session, start_run
from pages.widgets.errors import watched
from pipeline.services.run import runs
from pipeline.services.run.runs import Run
from pipeline.services.upload import tray
from pipeline.services.upload.tray import Waiting

WATCH_SECONDS = 0.5
VERB = "ingest"


def begin(files: list[Waiting], is_built: bool) -> None:
    """What the buttons do: load the files, and with `is_built` have all layers built with them,
    which the page Run then follows.
    """
    tray_ids = [file.tray_id for file in files]
    if tray.is_large(files):
        run = tray.submit(session.settings(), tray_ids, is_built)
        followed = session.FOLLOWED_RUN if is_built else session.FOLLOWED_LOAD
        st.session_state[followed] = run.run_id
        if is_built:
            menu.go("run")
        st.rerun()
    with st.status(f"Loading {formats.counted(len(files), 'file')}…", expanded=True) as status:
        results = tray.load(session.settings(), tray_ids)
        status.update(label="Loaded", state="complete", expanded=False)
    st.session_state[session.UPLOAD_RESULTS] = [as_record(result) for result in results]
    if is_built and any(result.status == "loaded" for result in results):
        start_run.begin()
        menu.go("run")
    st.rerun()


def as_record(result) -> dict:
    """A load result as plain data, so that session state stays serialisable."""
    return {
        "file": result.file,
        "entity": result.entity,
        "status": result.status,
        "load_id": result.load_id,
        "received": result.received,
        "rejected": result.rejected,
        "reason": result.reason,
    }


def loading(active: Run | None) -> bool:
    """Watch the run that loads files, whoever asked for it; whether there is one."""
    if active is not None and active.verb == VERB:
        st.session_state[session.FOLLOWED_LOAD] = active.run_id
        watched(_watch, WATCH_SECONDS)(active.run_id)
        return True
    _finish()
    return False


def _watch(run_id: str) -> None:
    run = runs.get(session.settings(), run_id)
    if not run.is_active:
        st.rerun()
    shares = [percent / 100 for percent in run.result.get("loading", {}).values()]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        status = (
            f"file {max(len(shares), 1)} of {len(run.paths)}"
            if run.status == "running"
            else "waiting for the loader to start"
        )
        st.progress(
            min(sum(shares) / max(len(run.paths), 1), 1.0),
            text=f"Loading {formats.counted(len(run.paths), 'file')}: {status}",
        )
        if permission.button(
            "Cancel", runs.cancel, icon=":material/stop_circle:", key="cancel_load"
        ):
            runs.cancel(session.settings(), run_id)
            st.rerun(scope="fragment")


def _finish() -> None:
    """When the run that this session follows has ended: its results."""
    run_id = st.session_state.pop(session.FOLLOWED_LOAD, None)
    if run_id is None:
        return
    run = runs.get(session.settings(), run_id)
    st.session_state[session.UPLOAD_RESULTS] = run.result.get("loads", [])
    if run.status == "cancelled":
        st.info("Cancelled: what was not loaded is still in the tray.", icon=":material/cancel:")
    elif run.status == "failed" and not run.result.get("loads"):
        st.error(formats.verbatim(run.error or "The load failed."), icon=":material/error:")
