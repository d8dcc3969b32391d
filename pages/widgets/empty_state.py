"""What a page says when there is nothing to show yet: why, and the one thing to do."""

import streamlit as st

from pages.widgets import menu, session
from pipeline.services.overview import overview
from pipeline.services.tables import absent_sources


def nothing_matches(
    what: str,
    todo: str,
    page: str | None = None,
    button: str = "",
    rests_on: tuple[str, ...] = (),
) -> None:
    """A calm empty state; `page` (a key of the menu) and `button` lead to the place where it is
    mended.

    Where a source is absent on which one of the tables `rests_on` rests, nobody knows whether there
    is something: the source is named instead.
    """
    if absent := session.cached(absent_sources.of_tables, *rests_on):
        what, todo = "Not known", absent_sources.reasons(absent)
        page, button = "upload", "Upload the files"
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.markdown(f"#### :material/inbox: {what}", width="content")
        st.markdown(todo, width="content")
        if page:
            menu.link(page, label=button, icon=":material/arrow_forward:", width="content")


def no_data_yet() -> None:
    """The empty state of every page that needs built tables: load first, or build what is
    loaded.
    """
    if not session.cached(overview.overview).is_empty:
        nothing_matches(
            "Not built yet",
            "The files are loaded; this page fills by itself once the layers that it shows are built.",
            "run",
            "Go to the build",
        )
        return
    nothing_matches(
        "Nothing is built yet",
        "Upload a delivery and run the pipeline; this page fills by itself.",
        "upload",
        "Upload the first files",
    )


def all_done(what: str, why: str) -> None:
    """An empty state that is good news."""
    st.success(f"**{what}** {why}", icon=":material/check_circle:")
