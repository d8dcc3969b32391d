"""The search box that every page has: Ctrl+K, some words, and a link to what is meant."""

from collections.abc import Callable

import streamlit as st

from pages.widgets import formats, menu, session
from pipeline.services.catalogue import search
from pipeline.services.catalogue.search import Target

SHOWN = 12
#: Letters of a description that stand beside a name.
ONE_LINE = 110
#: Kind -> the page that shows it, and the address parameters by its key.
LINKS: dict[str, tuple[str, Callable[[Target], dict[str, str]]]] = {
    "provider": ("providers", lambda target: {session.PROVIDER: target.key[0]}),
    "employer": ("networks", lambda target: {session.EMPLOYER: target.key[0]}),
    "procedure": ("networks", lambda target: {session.PROCEDURE: target.key[0]}),
    "table": ("catalogue", lambda target: {session.MODEL: target.key[0]}),
    "column": ("catalogue", lambda target: {session.MODEL: target.key[0]}),
    "feature": (
        "features",
        lambda target: {
            session.FEATURE_TABLE: target.key[0],
            session.FEATURE: target.key[1],
            session.FEATURE_VIEW: "Distribution",
        },
    ),
    "rule": ("quality", lambda target: {session.RULE: target.key[0]}),
    "run": ("run_history", lambda target: {session.RUN: target.key[0]}),
    "load": ("upload", lambda target: {session.LOAD: target.key[0]}),
}


def button() -> None:
    """Open the search from the menu, or by the keyboard."""
    if st.button(
        "Search",
        icon=":material/search:",
        key="search_everything",
        shortcut="Ctrl+K",
        width="stretch",
    ):
        _dialog()


@st.dialog("Search", width="medium")
def _dialog() -> None:
    asked = st.text_input(
        "Words of a name, a label or a definition",
        placeholder="a provider, distance, O/E, ENC-06, R000001…",
        key="search_words",
        max_chars=80,
    )
    if not asked.strip():
        st.caption(
            "Pages, providers, employers, procedures, tables, columns, features, rules, runs, loads."
        )
        return
    everything = session.cached(search.targets)
    hits = search.find(everything, asked, SHOWN + 1)
    if not hits:
        st.info(
            "Nothing is called that or described with these words.", icon=":material/search_off:"
        )
        return
    for hit in hits[:SHOWN]:
        page, parameters = _place(hit)
        menu.link(
            page,
            label=f"**{formats.verbatim(hit.name)}** · {hit.kind}{_short(hit)}",
            query_params=parameters,
        )
    if len(hits) > SHOWN:
        st.caption("More follow; add a word.")


def _place(hit: Target) -> tuple[str, dict[str, str]]:
    if hit.kind == "page":
        return hit.key[0], {}
    page, parameters = LINKS[hit.kind]
    return page, parameters(hit)


def _short(hit: Target) -> str:
    text = f"in {hit.within}: {hit.text}" if hit.within else hit.text
    cut = text if len(text) <= ONE_LINE else f"{text[:ONE_LINE].rstrip()}…"
    return f" · {formats.verbatim(cut)}" if cut else ""
