"""What was decided last, with the way back: until it is taken back, hidden or built in."""

from collections.abc import Sequence

import streamlit as st

from pages.widgets import permission, session
from pipeline.services.quarantine import decisions


def offer(decision_ids: Sequence[str], message: str) -> None:
    """Say what was decided, with a button that takes it back; call it in place of `flash`."""
    st.session_state[session.LAST_DECISIONS] = (tuple(decision_ids), message)


def show(by: str) -> None:
    """What was decided last in this session."""
    ids, message = st.session_state.get(session.LAST_DECISIONS, ((), ""))
    pending = decisions.waiting_for_a_build(session.settings(), ids) if ids else []
    if not pending:
        st.session_state.pop(session.LAST_DECISIONS, None)
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="last_decision"
    ):
        st.markdown(f":material/check_circle: {message}", width="stretch")
        if permission.button(
            "Undo", decisions.revert_all, icon=":material/undo:", key="undo_decision"
        ):
            decisions.revert_all(session.settings(), pending, "Undone right after it was made", by)
            st.session_state.pop(session.LAST_DECISIONS, None)
            session.flash("Taken back; nothing of it is built.")
            session.new_grid()
