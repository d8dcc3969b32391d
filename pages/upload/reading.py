"""How one file of the tray is read: what was inferred and why, each of it open to another choice,
and its first rows.
"""

from collections.abc import Callable

import streamlit as st

from pages.upload import evidence, report, sender_profile
from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pipeline.services.catalogue import catalogue
from pipeline.services.upload import line_account, tray
from pipeline.services.upload.tray import Look, Waiting

INFERRED = "inferred"
#: Lines to choose as the header.
HEADER_LINES = 30
QUOTE_NAMES = {'"': "double quotes", "'": "single quotes"}


def show(file: Waiting, look: Look) -> None:
    """A choice for each step of the reading that is open for this kind of file, with what is in
    force, why and how sure that is, then the first rows as they would be loaded.
    """
    sender_profile.show_recalled(file)
    has_delimiter = look.delimiter is not None
    has_rows = bool(look.sheets) and not look.is_json
    choices = st.columns(4 if has_delimiter else 3 if has_rows else 1 + bool(look.sheets))
    with choices[0]:
        choice(
            file,
            "Source",
            "entity",
            [contract.entity for contract in catalogue.sources()],
            look.entity,
            formats.words,
            look,
        )
    if look.sheets:
        with choices[1]:
            sheet = next((step["value"] for step in look.readings if step["what"] == "sheet"), None)
            choice(
                file,
                "List" if look.is_json else "Sheet",
                "sheet",
                list(look.sheets),
                sheet,
                formats.verbatim,
                look,
            )
    if has_delimiter:
        with choices[1]:
            choice(file, "Encoding", "encoding", list(tray.ENCODINGS), look.encoding, str, look)
        with choices[2]:
            choice(
                file,
                "Delimiter",
                "delimiter",
                list(tray.DELIMITERS),
                look.delimiter,
                formats.delimiter_name,
                look,
            )
    if has_delimiter or has_rows:
        with choices[-1]:
            choice(
                file,
                "Header is on line" if has_delimiter else "Header is in row",
                "header_line",
                list(range(HEADER_LINES + 1)),
                look.header_line or None,
                lambda line: str(line) if line else "no header",
                look,
            )
            choice(
                file,
                "Rows of the header",
                "header_rows",
                list(range(1, tray.MAX_HEADER_ROWS + 1)),
                None,
                str,
                look,
            )
    if has_delimiter or file.reading.positions:
        _positions(file, look)
    if has_delimiter:
        st.caption(
            f"Quotes: {QUOTE_NAMES.get(look.quotechar or '', 'none')}, line ends: {look.line_ending or 'none'}."
        )
    place = line_account.unit_of(look.readings)
    if len(look.rows):
        st.caption(
            f"First rows as delivered, patient values masked; the {place} is that of the file."
            if look.entity
            else "The shape of the first rows (9 a digit, a a letter): values are shown once it is known what they are."
        )
        show_table(
            look.rows.head(10),
            alt=f"First rows of {file.name}",
            columns={"line": evidence.place_column(place)},
        )
    report.show_rejects(look.rejects, place)


def choice(
    file: Waiting,
    label: str,
    what: str,
    options: list,
    in_force: object,
    name: Callable,
    look: Look,
) -> None:
    """A select box of one field of the reading; its first option leaves it as inferred."""
    key = f"read_{what}_{file.tray_id}"
    value = getattr(file.reading, what)
    st.session_state[key] = value if value in options else INFERRED
    inferred = (
        f"inferred: {name(in_force)}" if in_force is not None and value is None else "infer it"
    )
    st.selectbox(
        label,
        [INFERRED, *options],
        key=key,
        format_func=lambda value: inferred if value == INFERRED else name(value),
        on_change=_choose_option,
        args=(file.tray_id, what, key, tuple(options)),
    )
    step = next((step for step in look.readings if step["what"] == what), None)
    if step and (told := evidence.sentence(step, line_account.unit_of(look.readings))):
        st.caption(told)


def _positions(file: Waiting, look: Look) -> None:
    """A box for the columns of a text of fixed width; empty leaves it to what is inferred."""
    key = f"read_positions_{file.tray_id}"
    st.session_state[key] = file.reading.positions or ""
    step = next((step for step in look.readings if step["what"] == "positions"), None)
    st.text_input(
        "Columns of fixed width",
        key=key,
        placeholder=step["value"] if step else "1-12,13-20,21-",
        help="First and last character of each column, counted from 1; the last column may end with "
        "the line. Empty for a file whose cells are parted by a sign.",
        on_change=_choose,
        args=(file.tray_id, "positions", key),
    )
    if step:
        st.caption(evidence.sentence(step, line_account.unit_of(look.readings)))


def _choose(tray_id: str, what: str, key: str) -> None:
    """A callback: note what was taken in a select box."""
    decide(tray_id, what, st.session_state[key])


def _choose_option(tray_id: str, what: str, key: str, options: tuple) -> None:
    """A callback: note what was taken in a select box, if it is one of its options. The browser
    sends what an option reads; one that read otherwise when the page was drawn last is no choice.
    """
    if st.session_state[key] == INFERRED or st.session_state[key] in options:
        _choose(tray_id, what, key)


def decide(tray_id: str, what: str, value: object) -> None:
    """A callback: note the choice, and neither draw nor fail.

    A timer of the page that still knows an older state of it can bring it about too, and then
    nothing of the page is drawn after it: what a callback writes then lands on the page's first
    elements, and the browser can no longer place what comes next.
    """
    st.session_state.setdefault(session.READING_CHOICES, []).append((tray_id, what, value))


def carry_out() -> None:
    """Read the files of the tray as was chosen since the page was drawn last; a file that has left
    the tray needs no choice.
    """
    choices = st.session_state.pop(session.READING_CHOICES, [])
    waiting = (
        {file.tray_id: file.reading for file in tray.waiting(session.settings())} if choices else {}
    )
    for tray_id, what, value in choices:
        value = None if value in (INFERRED, "") else value
        if tray_id in waiting and getattr(waiting[tray_id], what) != value:
            extra = {"mapping": None, "is_remembered": False} if what == "entity" else {}
            tray.read_as(session.settings(), tray_id, **{what: value}, **extra)
