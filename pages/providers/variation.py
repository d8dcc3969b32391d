"""Where the differences between rates come from, as one picture and in numbers."""

import pandas as pd
import streamlit as st

from pages.providers import charts as provider_charts
from pages.widgets import charts, formats, waiting
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.providers import variation

UNTOLD = "cannot be told"


def show() -> None:
    """A bar a scope, and each share with its interval."""
    found = waiting.answer(variation.variation)
    if found.rows.empty:
        nothing_matches(
            "Too few providers to compare",
            f"At least {variation.LEAST_PROVIDERS} providers have to be shown, with an adverse event among them.",
        )
        return
    st.markdown(formats.verbatim(variation.in_words(found)))
    charts.show(
        provider_charts.shares(found.rows),
        "variation",
        f"Where differences between rates come from, in {len(found.providers)} scopes",
    )
    st.caption(
        "A rate differs because chance is at work, because patients differ (age, sex, procedure), because of the provider, the "
        "area (first three digits of the ZIP code) or the delivery. Where an area has one provider, nobody can tell both apart. "
        "Only providers and procedures whose outcome is shown are in it; an interval from 0 % means that nothing may be there."
    )
    show_table(
        _table(found), alt="Shares with their 95 % intervals", height="content", as_stored=True
    )


def _table(found: variation.Variation) -> pd.DataFrame:
    texts = [
        UNTOLD
        if pd.isna(row.share)
        else f"{row.share * 100:.0f} % ({row.low * 100:.0f} to {row.high * 100:.0f} %)"
        for row in found.rows.itertuples()
    ]
    table = found.rows.assign(text=texts).pivot(index="scope", columns="source", values="text")
    table = table.loc[list(found.providers), list(provider_charts.SOURCES)].reset_index()
    table.insert(1, "providers", [str(found.providers[scope]) for scope in table["scope"]])
    return table
