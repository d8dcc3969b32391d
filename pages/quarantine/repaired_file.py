"""Bring a downloaded and repaired list back: what differs and what it would change, then save it
with a reason.
"""

import streamlit as st

from pages.quarantine import what_if
from pages.widgets import formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.quarantine import corrections
from pipeline.services.quarantine.repaired_file import RepairedFile, compare
from pipeline.services.quarantine.row_names import row_names


def show(entity: str, by: str) -> None:
    """The way in, the differences, and the button that records them."""
    with st.expander("Bring a repaired download back", icon=":material/upload:"):
        st.caption(
            "Correct cells of the download in a spreadsheet, keep its column row_id, save as CSV and drop it here. "
            "Cells that still show a mask stay as they are. Nothing is recorded before you save."
        )
        round_number = st.session_state.get(session.EDIT_ROUND, 0)
        file = st.file_uploader(
            "Repaired CSV", type=["csv"], key=f"repaired_{entity}_{round_number}"
        )
        if file is None:
            return
        comparison = compare(session.settings(), entity, file.getvalue())
        if comparison.unknown:
            st.warning(
                f"{formats.counted(len(comparison.unknown), 'row')} of the file do not wait in this source and are left alone.",
                icon=":material/warning:",
            )
        if not comparison.repairs:
            st.info(
                f"No cell of {formats.counted(comparison.rows, 'row')} differs from what waits.",
                icon=":material/info:",
            )
            return
        _differences(entity, comparison, by)


def _differences(entity: str, comparison: RepairedFile, by: str) -> None:
    rows = formats.counted(len(comparison.repairs), "row")
    st.markdown(f"**{formats.counted(len(comparison.changes), 'changed cell')} in {rows}**")
    names = session.cached(row_names, entity, tuple(comparison.changes["row_id"].unique()))
    show_table(
        comparison.changes.assign(row_id=comparison.changes["row_id"].map(names)),
        alt="Cells that the file changes",
        headings={"row_id": "Row", "column": "Column", "old": "Now", "new": "In the file"},
    )
    changes = {row_id: dict(cells) for row_id, cells in comparison.repairs}
    what_if.show(entity, changes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input(
            "Why",
            placeholder="Looked up in the claims system",
            key=f"repaired_why_{entity}",
            width=340,
        )
        if permission.button(
            f"Save the changes of {rows}",
            corrections.correct_each,
            type="primary",
            icon=":material/save:",
            disabled=not reason,
            key="save_repaired",
        ):
            corrections.correct_each(session.settings(), entity, changes, reason, by)
            st.session_state[session.EDIT_ROUND] = st.session_state.get(session.EDIT_ROUND, 0) + 1
            session.flash(
                f"{rows[:1].upper()}{rows[1:]} corrected from the file. Build to release them."
            )
            st.rerun()
