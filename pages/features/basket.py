"""The features that somebody takes along: kept in the session and in the address, from table to
table.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.widgets import address, permission, session
from pipeline.services.features import retrieval, saved_sets
from pipeline.services.features.feature_card import reference
from pipeline.services.run import runs


def references() -> list[str]:
    """Every feature that can be put into the basket, as a join names it."""
    return [reference(each) for table in retrieval.registry() for each in table.features]


def show() -> list[str]:
    """The basket, which every view of the page has; what is in it. It outlives a visit to another
    page.
    """
    open_set()
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


def open_set() -> None:
    """Before the basket is drawn: a saved set fills it when it is chosen, or named by a link that
    holds no basket of its own.
    """
    saved = {each.title: each for each in saved_sets.all_sets(session.settings())}
    if not saved and session.FEATURE_SET not in st.query_params:
        return
    chosen = address.select(
        "Saved set",
        list(saved),
        session.FEATURE_SET,
        optional=True,
        placeholder="Open a saved set",
        width=420,
    )
    from_link = session.BASKET not in st.session_state and session.BASKET in st.query_params
    if chosen and chosen != st.session_state.get(session.OPENED_SET) and not from_link:
        known = references()
        for each in saved[chosen].features:
            if each not in known:
                address.note_unknown("feature", each)
        st.session_state[session.BASKET] = list(saved[chosen].features)
        st.session_state[session.MATURE_ONLY] = saved[chosen].mature_only
    st.session_state[session.OPENED_SET] = chosen


def save(held: list[str]) -> None:
    """Keep the basket under a name, as its next version."""
    with st.popover("Save as a set", icon=":material/bookmark_add:", disabled=not held):
        name = st.text_input("Name", key="set_name", max_chars=40, placeholder="baseline")
        st.caption(
            "The next version of this name; earlier ones stay. Everybody who may see Features finds it."
        )
        if permission.button(
            "Save the set", saved_sets.save, key="set_save", disabled=not name.strip()
        ):
            added = saved_sets.save(
                session.settings(),
                name,
                held,
                bool(st.session_state.get(session.MATURE_ONLY)),
                runs.person(),
            )
            session.flash(f"Saved as {added.title}")
            session.choose_next(session.FEATURE_SET, added.title)


def put(added: Sequence[str]) -> Callable[[], None]:
    """What a button does that puts features into the basket."""

    def add() -> None:
        held = list(st.session_state.get(session.BASKET, []))
        st.session_state[session.BASKET] = [*held, *(each for each in added if each not in held)]

    return add
