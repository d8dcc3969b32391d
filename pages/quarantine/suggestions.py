"""Repairs that the data itself suggests, with their evidence; nothing is applied before somebody
takes one.
"""

from collections.abc import Collection, Iterable
from itertools import groupby

import streamlit as st

from pages.quarantine import undo, what_if
from pages.widgets import formats, permission, session
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.quarantine import what_if as what_if_service
from pipeline.services.quarantine.decisions import Suggestion

SHOWN = 10


def show(by: str, elsewhere: Collection[tuple[str, str, str | None]]) -> None:
    """Suggestions with the same source, column and value are one card: one decision for all their
    rows. Cells (source, row, column) that stand `elsewhere` on the page are left out.
    """
    groups = _groups(
        each
        for each in session.cached(decisions.suggestions)
        if (each.entity, each.row_id, each.column) not in elsewhere
    )
    if not groups:
        return
    st.subheader(f"{formats.counted(len(groups), 'suggested repair')}")
    for members in groups[:SHOWN]:
        with st.container(border=True):
            _card(members, by)
    if len(groups) > SHOWN:
        more = formats.counted(len(groups) - SHOWN, "more follows", "more follow")
        st.caption(f"{more} when these are decided.")


def show_of(entity: str, row_ids: Collection[str], column: str | None, by: str) -> None:
    """What is suggested for a column of some rows of a source."""
    wanted = set(row_ids)
    for members in _groups(
        each
        for each in session.cached(decisions.suggestions)
        if (each.entity, each.column) == (entity, column) and each.row_id in wanted
    )[:SHOWN]:
        _card(members, by)


def _groups(suggestions: Iterable[Suggestion]) -> list[list[Suggestion]]:
    alike = sorted(suggestions, key=_group_key)
    return [list(members) for _, members in groupby(alike, key=_group_key)]


def _group_key(suggestion) -> tuple[str, str, str, str]:
    return suggestion.entity, suggestion.column, suggestion.old or "", suggestion.new


def _card(members: list, by: str) -> None:
    first = members[0]
    rows = formats.counted(len(members), "row")
    text, decided = st.columns([3, 1], vertical_alignment="center")
    old = formats.code(first.old) if first.old else "*empty*"
    evidence = "  \n".join(
        f":material/check: {formats.verbatim(evidence)}" for evidence in first.evidence
    )
    change = what_if.as_repairs({member.row_id: {first.column: first.new} for member in members})
    effect = session.cached(what_if_service.what_if, first.entity, change)
    text.markdown(
        f"**{formats.words(first.entity)}, {formats.words(first.column)}:** {old} → {formats.code(first.new)}  \n"
        f"{evidence}  \n"
        + what_if.sentence(effect.released, at_least=bool(effect.left_out))
        + what_if.gold_line(effect.gold)
    )
    with decided:
        st.badge(f"confidence {formats.share(first.confidence, 0)}", color="blue")
        words = st.text_input(
            "Your words",
            key=f"words_{first.entity}_{first.row_id}_{first.column}",
            placeholder="Your words, if any",
            label_visibility="collapsed",
        )
        if permission.button(
            f"Use this value in {rows}",
            corrections.accept_suggestions,
            icon=":material/check:",
            type="primary",
            width="stretch",
            key=f"use_{first.entity}_{first.row_id}_{first.column}",
        ):
            ids = corrections.accept_suggestions(session.settings(), members, words, by)
            undo.offer(
                ids,
                f"{formats.words(first.column)} is corrected in {rows}. Build to release them.",
            )
            st.rerun()
