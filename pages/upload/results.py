"""The result of loading, and the loads so far."""

import pandas as pd
import streamlit as st

from pages.upload import evidence, undo_effect
from pages.widgets import address, entity_link, formats, menu, permission, session, start_run
from pages.widgets.data_table import show_table
from pipeline.services.upload import line_account, loads

ICONS = {
    "loaded": ":material/check_circle:",
    "already_loaded": ":material/content_copy:",
    "refused": ":material/block:",
}


def show_results(results: list[dict]) -> None:
    """What was just loaded in one sentence, where to go next, and one entry a file."""
    loaded = [result for result in results if result["status"] == "loaded"]
    with st.container(border=True, gap="small"):
        if loaded:
            rows = formats.counted(sum(map(_accepted, loaded)), "row")
            with st.container(
                horizontal=True,
                vertical_alignment="center",
                horizontal_alignment="distribute",
            ):
                st.markdown(
                    f":material/check_circle: **{formats.counted(len(loaded), 'file')} loaded, "
                    f"{rows} in all**",
                    width="content",
                )
                menu.link("run", label="Next: build the layers", width="content")
                menu.link(
                    "deliveries",
                    label="See the delivery",
                    query_params={session.DELIVERY: loaded[0]["load_id"]},
                    width="content",
                )
        for result in results:
            _show_result(results, result)


def _show_result(results: list[dict], result: dict) -> None:
    text = {
        "loaded": f"{formats.counted(_accepted(result), 'row')} loaded as {result['load_id']}",
        "already_loaded": f"already there as {result['load_id']}; nothing changed",
    }.get(result["status"], formats.refusal(result["file"], result["reason"] or result["status"]))
    rejected = f", {result['rejected']:,} rejected" if result["rejected"] else ""
    icon = ICONS.get(result["status"], ":material/info:")
    sentence = f"**{formats.verbatim(result['file'])}** {formats.verbatim(text)}{rejected}"
    if result["status"] == "refused":
        st.error(sentence, icon=icon)
        return
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(f"{icon} {sentence}", width="content")
        if result["status"] == "loaded" and permission.button(
            f"Undo load {result['load_id']}",
            loads.undo,
            icon=":material/undo:",
            type="tertiary",
            key=f"undo_now_{result['load_id']}",
        ):
            results.remove(result)
            _undo(result["load_id"])
    if result["status"] == "loaded":
        account, readings = session.cached(line_account.of_load, result["load_id"])
        lines = f" {evidence.lines_sentence(account)}." if account else ""
        st.caption(f"{evidence.summary(readings)}{lines}")


def _accepted(result: dict) -> int:
    return (result["received"] or 0) - (result["rejected"] or 0)


def show_history(history: pd.DataFrame) -> None:
    """Every load with an undo for the selected one; a load held at the gate can be released."""
    table = history[
        [
            "load_id",
            "entity",
            "source_file",
            "state",
            "received",
            "promoted",
            "waiting",
            "superseded",
            "rejected",
            "loaded_at",
        ]
    ]
    st.caption("Select a load to see how it was read, or to undo it.")
    picked = show_table(
        table,
        key="loads",
        ids=history["load_id"].tolist(),
        alt="Loads so far",
        headings={
            "load_id": "Load",
            "entity": "Source",
            "source_file": "File",
            "loaded_at": "Loaded",
        },
    )
    named = st.query_params.get(session.LOAD)
    ids = history["load_id"].tolist()
    if not picked and named and named not in ids:
        address.note_unknown("load", named)
    if not picked and named not in ids:
        return
    load = history.iloc[picked[0] if picked else ids.index(named)]
    st.markdown(f"**Load {load['load_id']}** · {formats.verbatim(load['source_file'])}")
    account, readings = session.cached(line_account.of_load, load["load_id"])
    evidence.show_summary(readings, account)
    evidence.show_readings(readings)
    entity_link.one("Delivery", "deliveries", session.DELIVERY, load["load_id"], "See its delivery")
    with st.container(horizontal=True, vertical_alignment="center"):
        if load["status"] == "undone":
            st.caption(f"{load['load_id']} was undone.")
            return
        st.markdown(undo_effect.sentence(load["load_id"]))
        if permission.button(
            f"Undo load {load['load_id']}", loads.undo, icon=":material/undo:", key="undo_load"
        ):
            _undo(load["load_id"])
        if load.get("gate") == "held" and permission.button(
            f"Release load {load['load_id']}",
            loads.release,
            icon=":material/lock_open:",
            key="release_load",
        ):
            loads.release(session.settings(), load["load_id"])
            start_run.after_load()
            then = (
                "somebody else has to approve it on the page Quarantine."
                if session.settings().four_eyes
                else "the next build judges it row by row."
            )
            session.flash(f"Load {load['load_id']} is released; {then}")
            st.rerun()


def _undo(load_id: str) -> None:
    loads.undo(session.settings(), load_id)
    start_run.after_load()
    session.flash(f"Load {load_id} is undone; the next build takes its rows out.")
    st.rerun()
