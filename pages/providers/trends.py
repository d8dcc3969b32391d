"""Whether adverse events became more or fewer over the deliveries: sums against their limits."""

import streamlit as st

from pages.providers import charts as provider_charts
from pages.widgets import charts, formats, waiting
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.providers import explain_trends, trends
from pipeline.services.providers.providers import ProviderComparison

DRAWN = 5
HEADINGS = {
    "provider_name": "Provider",
    "steps": "Steps",
    "encounters": "Encounters",
    "highest_more": "More: highest, of its limit",
    "highest_fewer": "Fewer: highest, of its limit",
    "alarm": "Reached",
    "by_chance": "By chance",
}


def show(comparison: ProviderComparison, provider: str | None) -> None:
    """The sums of those nearest to a limit and of the chosen one, and all in numbers."""
    found = waiting.answer(trends.trends)
    if found.providers.empty:
        nothing_matches("No trend yet", explain_trends.no_trend(found.deliveries))
        return
    names = dict(
        zip(comparison.scorecard["npi"], comparison.scorecard["provider_name"], strict=True)
    )
    st.markdown(formats.verbatim(explain_trends.finding(found)))
    rows = found.providers.assign(
        provider_name=[names.get(npi, npi) for npi in found.providers["npi"]],
        highest=found.providers[["highest_more", "highest_fewer"]].max(axis=1),
    ).sort_values(["highest", "npi"], ascending=[False, True])
    drawn = list(rows["npi"].head(DRAWN))
    if provider in names and provider in set(rows["npi"]) and provider not in drawn:
        drawn.append(provider)
    charts.show(
        provider_charts.trend_lines(found.paths, drawn, names),
        "trends",
        f"Cumulative sums of {len(drawn)} providers over the deliveries, as shares of their limits",
    )
    st.caption(formats.verbatim(explain_trends.method(found)))
    table = rows[["npi", *HEADINGS]]
    show_table(table, headings=HEADINGS, alt="Trends of providers", height=360)
