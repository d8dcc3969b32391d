"""What a link asked for that is not here, in one sentence above the table."""

from collections.abc import Sequence

import streamlit as st

from pages.widgets import formats, session


def note(table: str, refusals: Sequence[str]) -> None:
    """Remember why parts of the link to `table` are not followed; no reason holds a value."""
    if refusals:
        told = st.session_state.setdefault(session.LINK_REFUSALS, {"table": table, "reasons": []})
        told["table"] = table
        told["reasons"] += [each for each in refusals if each not in told["reasons"]]


def forget() -> None:
    """The person has chosen otherwise; what the link asked for is over."""
    st.session_state.pop(session.LINK_REFUSALS, None)


def show(table: str) -> None:
    """The sentence, while the table is the one that the link led to."""
    told = st.session_state.get(session.LINK_REFUSALS)
    if told is None:
        return
    if told["table"] != table:
        forget()
        return
    reasons = "; ".join(formats.verbatim(reason) for reason in told["reasons"])
    st.warning(
        f"The link asks for what is not to be had here, and that part is left out: {reasons}.",
        icon=":material/link_off:",
    )
