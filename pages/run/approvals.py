"""Waivers and releases that wait for a second person, with a button to approve each."""

import streamlit as st

from pages.widgets import formats, permission, session
from pipeline.services.quarantine import approvals

SHOWN = 10


def show(by: str | None = None) -> None:
    """What waits, oldest first; draws nothing when nothing does."""
    waiting = session.cached(approvals.waiting)
    if not waiting:
        return
    with st.container(border=True, key="approvals"):
        st.markdown(
            f":material/group: **{formats.counted(len(waiting), 'decision')} "
            f"{'waits' if len(waiting) == 1 else 'wait'} for a second person.** "
            "Until somebody else approves, the next build leaves them out."
        )
        for each in waiting[:SHOWN]:
            with st.container(
                horizontal=True,
                vertical_alignment="center",
                horizontal_alignment="distribute",
            ):
                words = f"{each.target}: {each.what}, by {each.author}: {each.reason}"
                st.markdown(formats.verbatim(words), width="content")
                if permission.button(
                    f"Approve {each.target}",
                    approvals.approve,
                    icon=":material/check:",
                    disabled=each.is_own,
                    key=f"approve_{each.target}",
                    help="Made under your login: somebody else has to approve it."
                    if each.is_own
                    else None,
                ):
                    approvals.approve(session.settings(), [each.target], by)
                    session.flash(f"{each.target} is approved; the next build applies it.")
                    st.rerun()
        if len(waiting) > SHOWN:
            st.caption(f"and {len(waiting) - SHOWN:,} more: icon-health quarantine approve")
