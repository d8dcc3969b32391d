"""What a page says of sources that nobody delivered: unknown is not zero."""

import streamlit as st

from pages.widgets import formats, session
from pipeline.services.tables import absent_sources, missing_files


def note(*tables: str) -> None:
    """A warning for each absent source on which one of these tables rests."""
    _show(session.cached(absent_sources.of_tables, *tables))


def note_of_page(page: str) -> None:
    """A warning for each absent source on which what the page shows rests."""
    _show(session.cached(absent_sources.of_page, page))


def way_out() -> str:
    """What lets a load that waits at the gate pass: a file that its rows wait for comes before a
    decision.
    """
    missing = session.cached(missing_files.first_of)
    decide = "Release it or undo it on the upload page."
    if missing is None:
        return decide
    upload = f"{missing.why} Upload {missing.name}."
    return upload if missing.is_whole else f"{upload} Or: {decide[0].lower()}{decide[1:]}"


def _show(absent: tuple[absent_sources.AbsentSource, ...]) -> None:
    for source in absent_sources.roots(absent):
        st.warning(formats.verbatim(source.sentence), icon=":material/unknown_document:")
