"""Every decision ever made, newest first, with a way to take one back."""

import streamlit as st

from pages.widgets import downloads, entity_link, formats, permission, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.quarantine import decision_trail, decisions

SHOWN = [
    "decision_id",
    "kind",
    "entity",
    "row",
    "rule_id",
    "column_name",
    "old_value",
    "new_value",
    "reason",
    "author",
    "created_at",
    "expires_on",
    "reverted_at",
    "reverted_by",
    "revert_reason",
]
HEADINGS = {
    "decision_id": "Decision",
    "kind": "What",
    "entity": "Source",
    "rule_id": "Rule",
    "column_name": "Column",
    "old_value": "From",
    "new_value": "To",
    "author": "By",
    "created_at": "When",
}


def show(by: str) -> None:
    """The trail, and the revert of the selected decision."""
    trail = session.cached(decision_trail.trail)
    if trail.empty:
        nothing_matches(
            "No decision yet",
            "Corrections, waivers and rejections are listed here with who made them and why.",
        )
        return
    labelled = trail[[column for column in SHOWN if column in trail]].copy()
    st.caption("Select a decision to take it back.")
    picked = show_table(
        labelled,
        key="audit",
        ids=trail["decision_id"].tolist(),
        headings=HEADINGS,
        alt="Audit trail",
    )
    if picked:
        entity_link.show({"rule_id": trail.iloc[picked[0]]["rule_id"]})
        _revert(trail.iloc[picked[0]], by)
    downloads.shown(labelled.assign(row_id=trail["row_id"]), "audit_trail")


def _revert(decision, by: str) -> None:
    decision_id = decision["decision_id"]
    if isinstance(decision["reverted_at"], str) and decision["reverted_at"]:
        st.caption(
            formats.verbatim(
                f"{decision_id} was taken back by {decision['reverted_by']}: {decision['revert_reason']}"
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why take it back", key=f"revert_reason_{decision_id}", width=340)
        if permission.button(
            f"Revert {decision_id}",
            decisions.revert,
            icon=":material/undo:",
            disabled=not reason,
            key="revert_decision",
        ):
            decisions.revert(session.settings(), decision_id, reason, by)
            session.flash(f"{decision_id} is taken back from the next build on.")
            st.rerun()
