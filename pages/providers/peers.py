"""Providers in groups of their like, and what encounters with an adverse event cost."""

import pandas as pd
import streamlit as st

from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.providers import event_cost, explain_peers, peers
from pipeline.services.providers.providers import ProviderComparison

HEADINGS = {
    "group": "Group",
    "providers": "Providers",
    "encounters": "Encounters",
    "observed": "Adverse events",
    "expected": "Expected",
    "ratio": "O/E",
    "benchmark": "Benchmark",
    "low": "from",
    "high": "to",
}
COSTS = {
    "procedure": "Procedure",
    "events": "With an event",
    "others": "Without",
    "ratio": "Times as dear",
    "low": "from",
    "high": "to",
}


def show(comparison: ProviderComparison, provider: str | None) -> None:
    """A table a kind of group, the chosen provider in words, and the cost of events."""
    found = session.cached(peers.peers)
    if found is None:
        nothing_matches("Nobody to compare with", "Two providers have to be shown.")
        return
    scores = comparison.scorecard.set_index("npi")
    if provider and provider in found.of.index:
        told = explain_peers.beside(found, provider, scores.loc[provider])
        st.markdown("\n".join(f"- {formats.verbatim(each)}" for each in told))
    kind = st.segmented_control(
        "Groups by", list(found.of.columns), default=peers.VOLUME, required=True, key="peers"
    )
    rows = found.groups[found.groups["kind"] == kind]
    show_table(
        rows[list(HEADINGS)], headings=HEADINGS, alt=f"Providers by {kind}", height="content"
    )
    st.caption(formats.verbatim(explain_peers.METHOD))
    st.markdown("**Cost of encounters with and without an adverse event** (exploratory)")
    _costs(session.cached(event_cost.event_cost))


def _costs(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption(explain_peers.NO_COST)
        return
    show_table(rows[list(COSTS)], headings=COSTS, alt="Cost with and without an event", height="content")  # fmt: skip
    st.caption(formats.verbatim(explain_peers.EXPLORATORY))
