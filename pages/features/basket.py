"""The features that somebody takes along: kept in the session and in the address, from table to
table.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.widgets import address, session
from pipeline.services.features import retrieval
from pipeline.services.features.feature_card import reference


def references() -> list[str]:
    """Every feature that can be put into the basket, as a join names it."""
    return [reference(each) for table in retrieval.registry() for each in table.features]


def show() -> list[str]:
    """The basket, which every view of the page has; what is in it. It outlives a visit to another
    page.
    """
    if session.BASKET not in st.session_state and session.BASKET not in st.query_params:
        st.session_state[session.BASKET] = st.session_state.get(session.KEPT_BASKET, [])
    held = address.several(
        st.container(),
        "Basket of features",
        references(),
        session.BASKET,
        placeholder="Empty: find features in the registry, or type a name here",
        help="Training set joins these to your rows. The link of this page keeps them.",
    )
    st.session_state[session.KEPT_BASKET] = held
    return held


def put(added: Sequence[str]) -> Callable[[], None]:
    """What a button does that puts features into the basket."""

    def add() -> None:
        held = list(st.session_state.get(session.BASKET, []))
        st.session_state[session.BASKET] = [*held, *(each for each in added if each not in held)]

    return add
