"""What a file asks before it can be loaded: the answers, the cells or lines that they read
differently, and one click that decides.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.upload import evidence
from pages.upload import reading as reading_form
from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pipeline.services.upload import answers
from pipeline.services.upload.answers import Answer
from pipeline.services.upload.tray import Question, Waiting

#: Name of the box with every choice of the reading.
READ_OTHERWISE = "Read it otherwise"
DIFFERING_LINES = "Lines that the answers read differently"
FIRST_LINES = "First lines, read so"
DIFFERING_ROWS = "First rows in which they differ"


def show(file: Waiting, question: Question) -> None:
    """The question with its answers, the likeliest first; a click reads the file so, and files of
    its sender from then on.
    """
    choices = session.cached(answers.compare, file, question)
    if not choices:
        return
    with st.container(border=True):
        if not any(answer.lines for answer in choices):
            st.markdown("The answers read it alike, so either will do.")
            _buttons(file, question, choices)
        elif question.field != "sheet" and len(choices) > 1 and _are_aligned(choices):
            st.markdown("**Cells that the answers read differently**")
            _table(_cells(question, choices), "Cells by answer")
            _buttons(file, question, choices)
        else:
            is_sheet = question.field == "sheet"
            heading = DIFFERING_ROWS if is_sheet else DIFFERING_LINES
            st.markdown(f"**{heading if len(choices) > 1 else FIRST_LINES}**")
            for answer in choices:
                _buttons(file, question, [answer])
                if answer.lines:
                    alt = f"{'Rows of' if is_sheet else 'Lines read as'} {_words(question, answer)}"
                    _table(_lines(answer), alt, "row" if is_sheet else "line")
        if question.more:
            st.caption(
                f"{formats.counted(question.more, 'more answer')} can be chosen below, under "
                f"{READ_OTHERWISE}."
            )
        st.caption("The next file of this sender is read the same way, until that is forgotten.")


def _buttons(file: Waiting, question: Question, choices: Sequence[Answer]) -> None:
    """A button for each answer that can be read, with what speaks for it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for answer in choices:
            value = answer.choice.value
            st.button(
                f"{'Read' if question.field == 'sheet' else 'Read it as'} "
                f"{formats.verbatim(_words(question, answer))}",
                key=f"answer_{file.tray_id}_{question.field}_{value}",
                disabled=bool(answer.refused),
                help=formats.verbatim(answer.refused) or None,
                on_click=reading_form.decide,
                args=(file.tray_id, question.field, value),
            )
            if len(choices) == 1 and answer.choice.evidence:
                st.caption(formats.verbatim(answer.choice.evidence), width="content")
    told = [
        f"{_words(question, answer)}: {answer.choice.evidence}"
        for answer in choices
        if answer.choice.evidence
    ]
    if len(choices) > 1 and told:
        st.caption(f"What speaks for them: {formats.verbatim('; '.join(told))}.")


def _are_aligned(choices: Sequence[Answer]) -> bool:
    """Whether the answers find the same columns in the same lines, so that their cells can stand
    side by side.
    """
    shapes = {
        tuple((line.number, line.kind, len(line.cells)) for line in answer.lines)
        for answer in choices
        if not answer.refused
    }
    return len(shapes) == 1


def _cells(question: Question, choices: Sequence[Answer]) -> pd.DataFrame:
    readable = [answer for answer in choices if not answer.refused]
    first = readable[0]
    return pd.DataFrame(
        [
            {
                "line": line.number,
                "column": first.names[at] if at < len(first.names) else None,
                **{_words(question, answer): answer.lines[row].cells[at] for answer in readable},
            }
            for row, line in enumerate(first.lines)
            for at, is_different in enumerate(line.differs)
            if is_different
        ]
    )


def _lines(answer: Answer) -> pd.DataFrame:
    """The lines of one answer under the names of its columns; a line that is no row has one
    cell.
    """
    return pd.DataFrame(
        [
            {
                "line": line.number,
                "is": line.kind,
                **dict(zip(answer.names, line.cells, strict=False)),
            }
            for line in answer.lines
        ]
    )


def _table(frame: pd.DataFrame, alt: str, place: str = "line") -> None:
    show_table(
        frame,
        alt=alt,
        as_stored=True,
        columns={name: st.column_config.Column(name) for name in frame.columns}
        | {
            "line": evidence.place_column(place),
            "column": st.column_config.TextColumn("Column"),
            "is": st.column_config.TextColumn("Is", width="small"),
        },
    )


def _words(question: Question, answer: Answer) -> str:
    return evidence.value_words(question.field, answer.choice.value)
