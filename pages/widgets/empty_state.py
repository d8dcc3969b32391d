"""What a page says when there is nothing to show yet: why, and the one thing to do."""

import streamlit as st

from pages.widgets import menu, session
from pipeline.services.overview import overview


def nothing_matches(what: str, todo: str, page: str | None = None, button: str = "") -> None:
    """A calm empty state; `page` (a key of the menu) and `button` lead to the place where it is
    mended.
    """
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
