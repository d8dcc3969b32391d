"""The menu: every page under one key, which is its folder in `pages/`, and the links that lead to
it.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pipeline.declared.screens import SECTIONS, load_screens

#: The pages in the order of the menu, as `page.yml` in their folders declares them.
ENTRIES = load_screens()
BY_KEY = {entry.key: entry for entry in ENTRIES}


def sections() -> Mapping[str, list[StreamlitPage]]:
    """The pages by heading, for `st.navigation`; the first one is the start page."""
    pages: dict[str, list[StreamlitPage]] = {}
    for entry in ENTRIES:
        is_first = entry is ENTRIES[0]
        page = st.Page(
            entry.script,
            title=entry.title,
            icon=entry.icon,
            url_path=None if is_first else entry.url_path,
            default=is_first,
        )
        pages.setdefault("" if entry.section == SECTIONS[0] else entry.section, []).append(page)
    return pages


def key_of(page: StreamlitPage) -> str:
    """The key of a page; that of the start page for one that the menu does not have."""
    return next((entry.key for entry in ENTRIES if entry.url_path == page.url_path), ENTRIES[0].key)


def link(key: str, label: str, icon: str | None = None, **layout: Any) -> None:
    """A link to a page by its key; raises KeyError for a key that the menu does not have."""
    st.page_link(BY_KEY[key].script, label=label, icon=icon or BY_KEY[key].icon, **layout)


def go(key: str) -> None:
    """Leave this page for another one."""
    st.switch_page(BY_KEY[key].script)
