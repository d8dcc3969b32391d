"""What a page says of sources that nobody delivered: unknown is not zero."""

import streamlit as st

from pages.widgets import formats, session
from pipeline.services.why import absent_sources, missing_files


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
    missing = session.cached(missing_files.missing_now)
    decide = "Release it or undo it on the upload page."
    if not missing.files:
        return decide
    upload = f"{missing.why} {missing.upload}."
    return upload if missing.whole else f"{upload} Or: {decide[0].lower()}{decide[1:]}"


def still_missing() -> None:
    """Where files are dropped: those that are missing, and what waits for them."""
    missing = session.cached(missing_files.missing_now)
    said = [f"{each.why} **Upload {each.name}.**" for each in missing.whole]
    if missing.unasked:
        files = absent_sources.listed(each.file_name for each in missing.unasked)
        said.append(f"{absent_sources.reasons_together(missing.unasked)} **Upload {files}.**")
    if said:
        st.info("  \n".join(said), icon=":material/unknown_document:")


def _show(absent: tuple[absent_sources.AbsentSource, ...]) -> None:
    for source in absent_sources.roots(absent):
        st.warning(formats.verbatim(source.sentence), icon=":material/unknown_document:")
