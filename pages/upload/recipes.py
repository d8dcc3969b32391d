"""Corrections that are offered for the recipe of a sender, what they would change in its earlier
files, and the versions of a recipe.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.upload import sender_profile
from pages.widgets import formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.upload import recipes
from pipeline.services.upload.recipes import Memory, Repeated, Tried, Words

SHOWN = 5


def offer(by: str = "", sender_id: str | None = None) -> None:
    """A card for each correction that was made again and again, of one sender where it is named."""
    offers = [
        each
        for each in session.cached(recipes.offered)
        if sender_id is None or each.sender_id == sender_id
    ]
    if not offers:
        return
    st.subheader(formats.counted(len(offers), "repeated correction"), anchor=False)
    for place, each in enumerate(offers[:SHOWN]):
        with st.container(border=True):
            _card(each, f"{place}_{each.load_id}", by)
    if len(offers) > SHOWN:
        more = formats.counted(len(offers) - SHOWN, "more follows", "more follow")
        st.caption(f"{more} when these are decided.")


def _card(each: Repeated, key: str, by: str) -> None:
    tested = session.cached(recipes.tried, each.load_id, each.words)
    others = f" {formats.counted(each.others, 'row')} with it got another value." if each.others else ""  # fmt: skip
    st.markdown(
        f"**{formats.words(each.entity)}, {formats.words(each.column)}:** {formats.code(each.word)} → {formats.code(each.value)}  \n"
        f":material/repeat: Corrected so in {formats.counted(each.rows, 'row')} of the sender of "
        f"{formats.verbatim(each.source_file)}.{others}  \n"
        f":material/science: {tested_on(tested)}"
    )
    with st.expander("Test on old files", icon=":material/science:"):
        show_tested(tested)
    waiting = sum(one.waiting for one in tested)
    earlier = waiting > 0 and st.checkbox(
        "Read the files that came so, too: "
        + formats.counted(waiting, "row with it waits", "rows with it wait"),
        key=f"recipe_earlier_{key}",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why", key=f"recipe_reason_{key}", width=320)
        if permission.button(
            "From now on for this sender",
            recipes.add,
            icon=":material/menu_book:",
            type="primary",
            disabled=not reason,
            key=f"recipe_add_{key}",
        ):
            added = recipes.add(
                session.settings(), each.load_id, [each.text], reason, by or None, earlier
            )
            build = " Build to read what came so, too." if earlier else ""
            session.flash(f"Version {added.version} of the recipe of this sender is in force.{build}")  # fmt: skip
            st.rerun()


def tested_on(tested: Sequence[Tried]) -> str:
    """`In its last 3 deliveries 40 rows would be read otherwise, 12 of those rows wait now.`"""
    rows = sum(each.otherwise for each in tested)
    waiting = sum(each.waiting for each in tested)
    last = "last delivery" if len(tested) == 1 else f"last {len(tested)} deliveries"
    with_it = formats.counted(waiting, "row with it waits", "rows with it wait")
    wait = f"; {with_it} now" if waiting else ""
    return f"In its {last} {formats.counted(rows, 'row')} would be read otherwise{wait}."


def show_tested(tested: Sequence[Tried]) -> None:
    """File by file how many rows would be read otherwise."""
    show_table(
        pd.DataFrame([vars(each) for each in tested]),
        headings={
            "load_id": "Load",
            "came_at": "Came",
            "received": "Rows",
            "otherwise": "Read otherwise",
            "waiting": "Wait now",
        },
        alt="Test on old files",
    )


def show_recipe(load_id: str) -> None:
    """The recipe for files like that of a load: what it says, tested on earlier files, and all its
    versions.
    """
    versions = session.cached(recipes.versions, load_id)
    if not versions:
        st.caption("No recipe: its files are read as inferred.")
        return
    in_force = next((each for each in versions if not each.ended_at), None)
    if in_force is None:
        st.markdown(":material/menu_book: **Recipe:** forgotten; its files are read as inferred.")
    else:
        st.markdown(
            f":material/menu_book: **Recipe, version {in_force.version}:** {formats.verbatim(sender_profile.words(in_force.values))}"
        )
        if words := _words(in_force.values):
            tested = session.cached(recipes.tried, load_id, words)
            st.markdown(f":material/science: {tested_on(tested)}")
    with st.expander(formats.counted(len(versions), "version"), icon=":material/history:"):
        show_table(
            pd.DataFrame([_version(each) for each in versions]),
            headings={"decided_at": "Decided", "ended_at": "Ended"},
            alt="Versions of the recipe",
        )


def _words(values: Mapping[str, Any]) -> Words:
    return tuple((column, word, value) for column, word, value in values.get("words") or ())


def _version(memory: Memory) -> dict[str, Any]:
    return {
        "version": memory.version,
        "what": sender_profile.words(memory.values),
        "why": memory.reason or None,
        "by": memory.decided_by or None,
        "decided_at": memory.decided_at or None,
        "ended_at": memory.ended_at,
        "used": memory.used,
    }
