"""A file before it is loaded (inferred shape, header, first rows), the result of loading, and the loads so far."""

import pandas as pd
import streamlit as st

from pages.components import formats, state
from pages.components.tables import show_table
from pipeline.services import explore, loads

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", '"': "double quote", "'": "single quote",
         "\n": "LF", "\r\n": "CRLF", "\r": "CR", None: "none", "": "none"}
RESULT_KINDS = {"loaded": (st.success, ":material/check_circle:"), "already_loaded": (st.info, ":material/content_copy:"),
                "refused": (st.error, ":material/block:")}


def as_record(result) -> dict:
    """A load result as plain data, so that session state stays serialisable."""
    return {"file": result.file, "entity": result.entity, "status": result.status, "load_id": result.load_id,
            "received": result.received, "rejected": result.rejected, "reason": result.reason}


def show_preview(name: str, preview) -> None:
    """What was inferred of one file and why, or why it is refused."""
    if preview.refused:
        st.error(f"**{name}** {preview.refused.removeprefix(name).lstrip(':, ')}", icon=":material/block:")
        return
    if preview.already_loaded:
        st.info(f"**{name}** holds exactly the bytes of load {preview.already_loaded}; loading it again would change nothing.",
                icon=":material/content_copy:")
        return
    exact = not (preview.header["missing"] or preview.header["extra"] or preview.header["renamed"])
    mark = ":material/check_circle:" if exact else ":material/rule:"
    with st.expander(f"**{name}** is read as **{formats.words(preview.entity).lower()}**", icon=mark, expanded=not exact):
        with st.container(horizontal=True):
            for what in ("encoding", "delimiter", "quotechar", "line_ending"):
                value = getattr(preview, what)
                st.badge(f"{formats.words(what)}: {NAMES.get(value, value)}", color="gray")
        for reason in _reasons(preview.reasons):
            st.caption(reason)
        _header(preview)
        st.caption("First rows, patient values masked")
        rows = explore.mask_delivered(preview.rows, preview.entity)
        show_table(rows.head(10), alt=f"First rows of {name}")


def show_results(results: list[dict]) -> None:
    """One line a file that was just loaded, and where to go next."""
    for result in results:
        show, icon = RESULT_KINDS.get(result["status"], (st.info, ":material/info:"))
        text = {"loaded": f"{formats.counted(result['received'] or 0, 'row')} loaded as {result['load_id']}",
                "already_loaded": f"already there as {result['load_id']}; nothing changed"}.get(
                    result["status"], result["reason"] or result["status"])
        rejected = f", {formats.counted(result['rejected'], 'line')} rejected" if result["rejected"] else ""
        show(f"**{result['file']}** {text}{rejected}", icon=icon)
    st.page_link("pages/load/run_pipeline.py", label="Next: build the layers", icon=":material/play_circle:")


def show_history(history: pd.DataFrame) -> None:
    """Every load with an undo for the selected one; a load held at the gate can be released."""
    columns = ["load_id", "entity", "source_file", "status", "gate", "received", "accepted", "rejected", "loaded_at"]
    shown = history[[column for column in columns if column in history.columns]].copy()
    st.caption("Select a load to undo it.")
    picked = show_table(shown, key="loads", selectable=True, alt="Loads so far",
                        headings={"entity": "Source", "source_file": "File", "loaded_at": "Loaded"})
    if not picked:
        return
    load = history.iloc[picked[0]]
    with st.container(horizontal=True, vertical_alignment="center"):
        if load["status"] == "undone":
            st.caption(f"{load['load_id']} was undone.")
            return
        if st.button(f"Undo load {load['load_id']}", icon=":material/undo:", key="undo_load"):
            loads.undo(state.settings(), load["load_id"])
            state.flash(f"Load {load['load_id']} is undone; the next build takes its rows out.")
            st.rerun()
        if load.get("gate") == "held" and st.button(f"Release load {load['load_id']}", icon=":material/lock_open:",
                                                    key="release_load"):
            loads.release(state.settings(), load["load_id"])
            state.flash(f"Load {load['load_id']} is released; the next build judges it row by row.")
            st.rerun()


def _header(preview) -> None:
    header = preview.header
    renamed = dict(header["renamed"])
    rows = [{"in the file": renamed.get(name, name), "contract": name, "match": "by alias" if name in renamed else "exact"}
            for name in header["matched"]]
    rows += [{"in the file": "", "contract": name, "match": "missing"} for name in header["missing"]]
    rows += [{"in the file": name, "contract": "", "match": "extra: kept aside"} for name in header["extra"]]
    show_table(pd.DataFrame(rows), alt="Header of the file against the contract",
               headings={"in the file": "Column in the file", "contract": "Column of the contract", "match": "Match"})


def _reasons(reasons) -> list[str]:
    if isinstance(reasons, dict):
        return [f"{formats.words(str(what))}: {why}" for what, why in reasons.items()]
    return [str(reason) for reason in reasons or ()]
