"""What a page says of sources that nobody delivered: unknown is not zero."""

import streamlit as st

from pages.widgets import formats, session
from pipeline.services.tables import absent_sources


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
    missing = absent_sources.upload_first(session.cached(absent_sources.of_subject, "ledger"))
    if missing:
        return f"{missing.what_waits} Upload {missing.file_name}."
    return "Release it or undo it on the upload page."


def _show(absent: tuple[absent_sources.AbsentSource, ...]) -> None:
    for source in absent_sources.roots(absent):
        st.warning(formats.verbatim(source.sentence), icon=":material/unknown_document:")
