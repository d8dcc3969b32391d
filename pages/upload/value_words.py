"""Words of a file that no rule understands, in columns with a list of allowed values: how often
they stand there, what they may mean, and the choice.
"""

import streamlit as st

from pages.upload import reading as reading_form
from pages.widgets import formats, session
from pipeline.services.upload import value_words
from pipeline.services.upload.tray import Look, Waiting
from pipeline.services.upload.value_words import UnknownWords

LEAVE = "leave it"


def show(file: Waiting, look: Look) -> None:
    """The choice for each such column, and what was chosen before."""
    if look.entity is None:
        return
    if file.reading.words:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/translate: Read as {formats.verbatim(value_words.in_short(file.reading.words))}.",
                width="content",
            )
            st.button(
                "Read them as they are",
                key=f"words_back_{file.tray_id}",
                type="tertiary",
                icon=":material/undo:",
                on_click=reading_form.decide,
                args=(file.tray_id, "words", None),
            )
    for unknown in session.cached(value_words.of_waiting, file):
        _column(file, unknown)


def _column(file: Waiting, unknown: UnknownWords) -> None:
    name = formats.words(unknown.column)
    keys = {
        word: f"word_{file.tray_id}_{unknown.column}_{place}"
        for place, word in enumerate(unknown.words)
    }
    with st.container(border=True, key=f"words_{file.tray_id}_{unknown.column}"):
        rare = formats.counted(
            unknown.rare, "cell with rarer words waits.", "cells with rarer words wait."
        )
        rare = f" {rare}" if unknown.rare else ""
        st.caption(
            f":material/translate: {name}: no rule understands these words; rows with them wait.{rare}"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for word, count in unknown.words.items():
                proposed = unknown.proposed.get(word)
                st.selectbox(
                    f"{formats.verbatim(word)} ({count:,})",
                    [LEAVE, *unknown.allowed],
                    index=unknown.allowed.index(proposed) + 1 if proposed else 0,
                    key=keys[word],
                    width=170,
                )
            st.button(
                "Read them so",
                key=f"words_so_{file.tray_id}_{unknown.column}",
                icon=":material/check:",
                on_click=_state,
                args=(file.tray_id, unknown.column, keys, file.reading.words or ()),
            )
        if unknown.proposed:
            st.caption(
                "Proposed by what the words mean elsewhere. Nothing is read so until you say it; then the next file of this sender is, too."
            )


def _state(tray_id: str, column: str, keys: dict[str, str], stated: value_words.Words) -> None:
    """A callback: note the chosen meanings beside what is stated already."""
    chosen = tuple(
        (column, word, value)
        for word, key in keys.items()
        if (value := st.session_state[key]) != LEAVE  # fmt: skip
    )
    if chosen:
        reading_form.decide(tray_id, "words", (*stated, *chosen))
