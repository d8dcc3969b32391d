"""The menu: every page under one key, which is its folder in `pages/`, and the links that lead to
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True)
class MenuEntry:
    """One page: its folder in `pages/`, the heading that it stands under, and how the menu and the
    address name it.

    `url_path` is what people have bookmarked; it stays when a folder is renamed.
    """

    key: str
    section: str
    title: str
    icon: str
    url_path: str

    @property
    def script(self) -> str:
        """The script of the page, from the folder of `streamlit_app.py`."""
        return f"pages/{self.key}/page.py"


ENTRIES = (
    MenuEntry("overview", "", "Overview", ":material/dashboard:", "overview"),
    MenuEntry("upload", "Load", "Upload", ":material/upload_file:", "upload"),
    MenuEntry("run", "Load", "Run", ":material/play_circle:", "run_pipeline"),
    MenuEntry("run_history", "Load", "Run history", ":material/history:", "run_history"),
    MenuEntry("quality", "Review", "Data quality", ":material/fact_check:", "data_quality"),
    MenuEntry("quarantine", "Review", "Quarantine", ":material/front_hand:", "quarantine"),
    MenuEntry("tables", "Explore", "Tables", ":material/table_view:", "gold"),
    MenuEntry("providers", "Explore", "Providers", ":material/stethoscope:", "providers"),
    MenuEntry("referrals", "Explore", "Referrals", ":material/assignment_ind:", "referrals"),
    MenuEntry("networks", "Explore", "Networks", ":material/hub:", "networks"),
    MenuEntry("features", "Explore", "Features", ":material/neurology:", "features"),
    MenuEntry("catalogue", "About", "Catalogue", ":material/menu_book:", "catalog"),
    MenuEntry("settings", "About", "Settings", ":material/settings:", "settings"),
)
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
        pages.setdefault(entry.section, []).append(page)
    return pages


def link(key: str, label: str, icon: str | None = None, **layout: Any) -> None:
    """A link to a page by its key; raises KeyError for a key that the menu does not have."""
    st.page_link(BY_KEY[key].script, label=label, icon=icon or BY_KEY[key].icon, **layout)


def go(key: str) -> None:
    """Leave this page for another one."""
    st.switch_page(BY_KEY[key].script)
