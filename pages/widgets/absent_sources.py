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


def _show(absent: tuple[absent_sources.AbsentSource, ...]) -> None:
    for source in absent:
        st.warning(formats.verbatim(source.sentence), icon=":material/unknown_document:")
