"""Repairs that the data itself suggests, with their evidence; nothing is applied before somebody
takes one.
"""

from itertools import groupby

import streamlit as st

from pages.quarantine import what_if
from pages.widgets import formats, session
from pipeline.services.quarantine import decisions
from pipeline.services.quarantine import what_if as what_if_service

SHOWN = 10


def show(by: str) -> None:
    """Suggestions with the same source, column and value are one card: one decision for all their
    rows.
    """
    suggestions = sorted(session.cached(decisions.suggestions), key=_group_key)
    if not suggestions:
        return
    groups = [list(members) for _, members in groupby(suggestions, key=_group_key)]
    st.subheader(f"{formats.counted(len(groups), 'suggested repair')}")
    for members in groups[:SHOWN]:
        _card(members, by)
    if len(groups) > SHOWN:
        st.caption(f"{len(groups) - SHOWN} more follow when these are decided.")


def _group_key(suggestion) -> tuple[str, str, str, str]:
    return suggestion.entity, suggestion.column, suggestion.old or "", suggestion.new


def _card(members: list, by: str) -> None:
    first = members[0]
    rows = formats.counted(len(members), "row")
    with st.container(border=True):
        text, decided = st.columns([3, 1], vertical_alignment="center")
        old = formats.code(first.old) if first.old else "*empty*"
        evidence = "  \n".join(
            f":material/check: {formats.verbatim(evidence)}" for evidence in first.evidence
        )
        change = what_if.as_repairs(
            {member.row_id: {first.column: first.new} for member in members}
        )
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
            if st.button(
                f"Use this value in {rows}",
                icon=":material/check:",
                type="primary",
                width="stretch",
                key=f"use_{first.entity}_{first.row_id}_{first.column}",
            ):
                decisions.accept_suggestions(session.settings(), members, words, by)
                session.flash(
                    f"{formats.words(first.column)} is corrected in {rows}. Build to release them."
                )
                st.rerun()
