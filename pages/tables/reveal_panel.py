"""Masked values in clear for a few minutes: the question why and for how long, and the end."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.widgets import errors, formats, permission, session
from pipeline.services.tables import reveal
from pipeline.services.tables.browse import Filter

#: How often the page looks whether the time is over, in seconds.
LOOK_EVERY = 5.0


def rows(
    table: str,
    filters: Sequence[Filter],
    sort: str | None,
    descending: bool,
    size: int,
    offset: int,
) -> pd.DataFrame | None:
    """The rows of the page in clear, None where they are masked. They are read anew each time, for
    what is cached is shown to others.
    """
    settings = session.settings()
    if not reveal.seconds_left(settings, table):
        return None
    return reveal.rows(settings, table, filters, sort, descending, size, offset)


def show(table: str, is_masked: bool) -> None:
    """The way to reveal, or what is left of the time; nothing where nobody may."""
    settings = session.settings()
    if not is_masked or not reveal.is_offered(settings):
        return
    if reveal.seconds_left(settings, table):
        errors.watched(_time_left, LOOK_EVERY)(table)
        return
    with (
        st.popover("Reveal masked values", icon=":material/visibility:"),
        st.form("reveal", border=False),
    ):
        reason = st.text_input("Why", key="reveal_reason")
        most = settings.reveal_minutes
        minutes = st.number_input(
            "Minutes", min_value=min(1.0, most), max_value=most, value=min(5.0, most), step=1.0
        )
        st.caption("Who, what, why and for how long is recorded; small cells stay hidden.")
        if permission.submit("Reveal", reveal.grant, type="primary"):
            reveal.grant(settings, table, reason, minutes)
            st.rerun()


def _time_left(table: str) -> None:
    left = reveal.seconds_left(session.settings(), table)
    if not left:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(f"In clear for {formats.span(left)} more", color="orange")
        if permission.button(
            "Mask again", reveal.end, icon=":material/visibility_off:", key="mask_again"
        ):
            reveal.end(session.settings(), table)
            st.rerun()
