"""What made a run fail, and the button that takes it out."""

import streamlit as st

from pages.widgets import formats, menu, permission, session, start_run
from pipeline.services.run.runs import Run
from pipeline.services.upload import loads


def show(run: Run) -> None:
    """The load, file, line and column that a step of the run cannot bear; nothing for other runs.

    To undo a load no build has to succeed; a load that somebody has undone since has no button.
    """
    cause = run.result.get("cause")
    if not cause:
        return
    with st.container(border=True, key=f"cause_{run.run_id}"):
        st.markdown(f":material/search: **{formats.verbatim(cause['sentence'])}**")
        if cause["verdict"] == "decision":
            st.caption("Take the decision back, then build again.")
            menu.link("quarantine", label="Its row in the quarantine", icon=":material/undo:")
            return
        if cause["verdict"] != "load":
            st.caption(_advice(cause))
            return
        history = loads.history(session.settings())
        standing = set(history.loc[history["status"] == "loaded", "load_id"])
        left = [load_id for load_id in cause["loads"] if load_id in standing]
        st.caption(
            "Without it the step passes. Its rows stay in raw; no build reads them."
            if left
            else "It is undone; build again."
        )
        with st.container(horizontal=True):
            for load_id in left:
                if permission.button(
                    f"Undo load {load_id}",
                    loads.undo,
                    icon=":material/undo:",
                    key=f"undo_cause_{run.run_id}_{load_id}",
                ):
                    loads.undo(session.settings(), load_id)
                    start_run.after_load()
                    session.flash(f"Load {load_id} is undone; the next build takes its rows out.")
                    st.rerun()


def searching(run: Run) -> str | None:
    """While a run looks for the cause of its failure: what it does, in words; else None."""
    search = run.result.get("search")
    return (
        f"{formats.verbatim(search['step'])} failed; looking for what makes it fail, "
        f"trial {search['trials']}"
        if search
        else None
    )


def _advice(cause: dict) -> str:
    return {
        "project": "No undo helps: the models have to be mended.",
        "passing": "Build again.",
    }.get(cause["verdict"], "Undo loads on the upload page, one after another.")
