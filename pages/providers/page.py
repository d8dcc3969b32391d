"""Providers beside what their case mix predicts: funnel, estimates, cost, scorecard, what these
rest on, trends, peers, one provider in words and by procedure.
"""

import streamlit as st

from pages.providers import charts as provider_charts
from pages.providers import one_provider, peers, sensitivity, side_by_side, trends, variation
from pages.widgets import address, charts, downloads, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import no_data_yet, nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.providers import chance_worlds, explain_providers, providers

LIMITS = {"998": "99.8 %", "95": "95 %"}
DRAWN = 40
SCORES = [
    "npi",
    "provider_name",
    "encounter_count",
    "mature_encounter_count",
    "patients",
    "adverse_event_count",
    "expected_adverse_event_count",
    "observed_to_expected",
    "observed_to_expected_low",
    "observed_to_expected_high",
    "shrunken_ratio",
    "shrunken_ratio_low",
    "shrunken_ratio_high",
    "reliability",
    "case_mix_index",
    "paid_sum_usd",
    "paid_median_usd",
    "cost_index_shrunk",
    "cost_reliability",
    "employer_network_count",
    "funnel_verdict_95",
    "funnel_verdict_998",
    "q_value",
    "double_odds_power_95",
    "display_status",
]
HEADINGS = {
    "encounter_count": "Encounters",
    "mature_encounter_count": "Old enough to count",
    "shrunken_ratio": "O/E shrunk",
    "shrunken_ratio_low": "from",
    "shrunken_ratio_high": "to",
    "observed_to_expected_low": "O/E from",
    "observed_to_expected_high": "O/E to",
    "adverse_event_count": "Adverse events",
    "expected_adverse_event_count": "Expected",
    "provider_name": "Provider",
    "plain_label": "Procedure",
    "employer_network_count": "Networks",
    "display_status": "Shown as",
    "funnel_verdict_95": "At 95 %",
    "funnel_verdict_998": "At 99.8 %",
    "q_value": "q",
    "double_odds_power_95": "Double odds found",
    "meets_minimum": "Volume minimum",
}


def choose_the_clicked(chart: str) -> None:
    """A click on a point chooses that provider, in the list and in the address."""
    npi = charts.selected_point(chart)
    if npi:
        st.session_state[session.PROVIDER] = npi


st.title("Providers")
st.caption(
    "Adverse events beside what age, sex and procedure of the patients predict. A point outside the funnel is more than "
    "chance; a point inside is not evidence of anything."
)
comparison = session.cached(providers.comparison)
if comparison is None:
    no_data_yet("provider_scorecard")
    st.stop()
scores = comparison.scorecard
with_ratio = scores[scores["observed_to_expected"].notna()]
if scores.empty:
    nothing_matches(
        "No provider has an encounter yet",
        "Load encounters with their patients and providers.",
        "upload",
        "Upload the files",
        rests_on=("provider_scorecard",),
    )
    st.stop()
if with_ratio.empty and not comparison.outcomes_unknown:
    nothing_matches(
        "No provider has eleven encounters that count yet",
        f"Rates of smaller numbers are not shown. {comparison.maturity}".strip(),
        rests_on=("provider_scorecard",),
    )
    st.stop()

st.info(formats.verbatim(comparison.evidence), icon=":material/balance:")
if comparison.maturity:
    st.caption(formats.verbatim(comparison.maturity))
with st.container(horizontal=True, vertical_alignment="bottom"):
    limits = address.segments("Limits", list(LIMITS), session.LIMITS, LIMITS.__getitem__)
    overdispersed = st.toggle(
        "Allow for over-dispersion",
        key=session.OVERDISPERSED,
        bind="query-params",
        help="Widens the limits by the spread that providers have beside chance, such as patients' risks that no "
        "file tells. It takes flags away and adds none.",
    )
verdict = f"{'overdispersed' if overdispersed else 'funnel'}_verdict_{limits}"
outside = (
    None if comparison.outcomes_unknown else int(with_ratio[verdict].isin(("high", "low")).sum())
)
chance = comparison.parameters.get("heterogeneity_p")
with st.container(horizontal=True):
    st.metric(
        "Providers drawn",
        formats.number(None if comparison.outcomes_unknown else len(with_ratio)),
        border=True,
    )
    st.metric(
        f"Outside {LIMITS[limits]} limits",
        formats.number(outside),
        border=True,
        help="By the mid-P of what chance can give each provider: the events of each risk cell dealt at random to its encounters.",
    )
    st.metric(
        "Too few to show",
        formats.number(comparison.suppressed),
        border=True,
        help="Fewer than 11 encounters, or hidden because with it a smaller number could be worked out.",
    )
    st.metric(
        "Chance alone gives this spread",
        formats.share(chance),
        border=True,
        help="How often providers without any true difference would differ as much as these (p-value of the "
        "heterogeneity test). Below 5 % is taken as evidence that they differ.",
    )
st.caption(providers.flags_by_chance(comparison, limits))
worlds = session.cached(chance_worlds.chance_worlds)
if worlds and not overdispersed:
    st.caption(
        explain_providers.chance_worlds(
            worlds.worlds,
            worlds.providers,
            worlds.as_spread,
            LIMITS[limits],
            worlds.outside[limits],
            worlds.as_many_outside[limits],
        )
    )
provider = st.session_state.get(session.PROVIDER) or st.query_params.get(session.PROVIDER)
largest = with_ratio.nlargest(DRAWN, "encounter_count")
large_enough = scores[scores["is_large_enough"]] if comparison.outcomes_unknown else with_ratio
compared_in_cost = large_enough.nlargest(DRAWN, "encounter_count")


def no_outcome() -> None:
    """What stands where outcomes would be drawn."""
    nothing_matches(
        "Outcomes are unknown", comparison.outcomes_unknown, "upload", "Upload the files"
    )


def draw_funnel() -> None:
    if comparison.outcomes_unknown:
        return no_outcome()
    charts.show(
        provider_charts.funnel(with_ratio, comparison.funnel, verdict, provider, overdispersed),
        "funnel",
        f"Funnel plot of {len(with_ratio)} providers, {outside} outside the {LIMITS[limits]} limits",
        lambda: choose_the_clicked("funnel"),
    )
    st.caption(
        "Click a point to read about it below. The dashes above and below it are its own limits, from what chance can give its own "
        "patients: a point on or beyond one is outside."
        + (
            " Allowing for over-dispersion, it has to lie beyond the line too."
            if overdispersed
            else ""
        )
    )


def draw_estimates() -> None:
    if comparison.outcomes_unknown:
        return no_outcome()
    charts.show(
        provider_charts.estimates(
            largest.sort_values("shrunken_ratio"),
            "observed_to_expected",
            "shrunken_ratio",
            "reliability",
            "observed / expected",
            verdict,
            ("shrunken_ratio_low", "shrunken_ratio_high"),
            provider,
        ),
        "estimates",
        f"Observed over expected of {len(largest)} providers, as counted and shrunk, with 95 % intervals",
        lambda: choose_the_clicked("estimates"),
    )
    st.caption(
        f"The {len(largest)} providers with the most encounters, by estimate so that overlap is seen; the order is no judgement: "
        "neighbours cannot be told apart. At the right: reliability, the share of the estimate that is the provider's own "
        "experience. The line at 1 is the mean of all providers."
    )


def draw_cost() -> None:
    st.markdown(formats.verbatim(providers.cost_reliance(scores)))
    charts.show(
        provider_charts.estimates(
            compared_in_cost.sort_values("cost_index_shrunk"),
            "cost_index",
            "cost_index_shrunk",
            "cost_reliability",
            "cost index (1 = as elsewhere)",
            limits=("cost_index_low", "cost_index_high"),
            provider=provider,
        ),
        "cost",
        f"Cost index of {len(compared_in_cost)} providers, as counted and shrunk, with 95 % intervals",
        lambda: choose_the_clicked("cost"),
    )
    st.caption(
        "Cost beside that of the same procedures elsewhere. Amounts are compared within a procedure only; the "
        "basis of payment is unknown. At the right: reliability; below 70 % an index says little about the provider."
    )


def draw_scorecard() -> None:
    columns = [column for column in SCORES if column in scores]
    show_table(
        scores[columns],
        catalogue.meanings("provider_scorecard"),
        headings=HEADINGS,
        height=460,
        alt="Provider scorecard",
    )
    downloads.shown(scores[columns], "provider_scorecard")


address.views(
    {
        "Funnel": draw_funnel,
        "Estimates": draw_estimates,
        "Cost": draw_cost,
        "Scorecard": draw_scorecard,
        "Side by side": lambda: side_by_side.show(
            comparison, HEADINGS, [name for name in SCORES[2:] if name in scores]
        ),
        "Sensitivity": lambda: (
            no_outcome() if comparison.outcomes_unknown else sensitivity.show(comparison)
        ),
        "Variation": lambda: no_outcome() if comparison.outcomes_unknown else variation.show(),
        "Trends": lambda: (
            no_outcome() if comparison.outcomes_unknown else trends.show(comparison, provider)
        ),
        "Peers": lambda: (
            no_outcome() if comparison.outcomes_unknown else peers.show(comparison, provider)
        ),
    },
    session.PROVIDER_VIEW,
)

one_provider.show(scores, HEADINGS)
