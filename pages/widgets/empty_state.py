"""What a page says when there is nothing to show yet: why, and the one thing to do."""

import streamlit as st

from pages.widgets import formats, menu, session
from pipeline.services.why import emptiness


def nothing_matches(
    what: str,
    todo: str,
    page: str | None = None,
    button: str = "",
    rests_on: tuple[str, ...] = (),
) -> None:
    """A calm empty state; `page` (a key of the menu) and `button` lead to the place where it is
    mended.

    Where the tables `rests_on` show nothing at all, or rest on a source that is absent, the cause
    is named instead; where rows of their sources wait for a file, that file is named too.
    """
    if rests_on and (cause := session.cached(emptiness.of_tables, *rests_on)):
        what, todo = cause.what, formats.verbatim(cause.why)
        page, button = cause.page, cause.button
    elif rests_on and (shortfall := session.cached(emptiness.shortfall, *rests_on)):
        todo = f"{todo} {shortfall.sentence}".strip()
        where = "upload" if shortfall.upload else "quarantine"
        page, button = page or where, button or ("Upload it" if shortfall.upload else "See why")
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.markdown(f"#### :material/inbox: {what}", width="content")
        st.markdown(todo, width="content")
        if page:
            menu.link(page, label=button, icon=":material/arrow_forward:", width="content")


def no_data_yet(*tables: str) -> None:
    """The empty state of a page whose `tables` are not built."""
    nothing_matches(
        "Not built yet", "Load files and build the layers.", "run", "Go to the build", tables
    )


def all_done(what: str, why: str) -> None:
    """An empty state that is good news."""
    st.success(f"**{what}** {why}", icon=":material/check_circle:")
