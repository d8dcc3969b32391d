"""Providers beside what their case mix predicts: funnel, shrinkage, scorecard, one provider by procedure."""

import streamlit as st

from pages.components import charts, formats, linked, state
from pages.components.empty import no_data_yet, nothing_here
from pages.components.tables import download, show_table
from pipeline.services import catalog, providers

VERDICTS = {"funnel_998": "99.8 %", "funnel_95": "95 %"}
SCORES = ["npi", "provider_name", "n", "patients", "ae_count", "expected_ae", "oe", "oe_lo", "oe_hi", "eb_oe", "eb_lo", "eb_hi",
          "reliability", "paid_sum", "paid_median", "cost_index_shrunk", "cost_reliability", "n_employers_in_network",
          "funnel_95", "funnel_998", "display_status"]
HEADINGS = {"n": "Encounters", "eb_oe": "O/E shrunk", "eb_lo": "from", "eb_hi": "to", "oe_lo": "O/E from", "oe_hi": "O/E to",
            "ae_count": "Adverse events", "expected_ae": "Expected", "provider_name": "Provider",
            "n_employers_in_network": "Networks", "display_status": "Shown as"}

st.title("Providers")
st.caption("Adverse events beside what age, sex and procedure of the patients predict. A point outside the funnel is more than "
           "chance; a point inside is not evidence of anything.")
seen = state.answer(providers.comparison)
if seen is None:
    no_data_yet()
    st.stop()
scores = seen.scorecard
shown = scores[scores["oe"].notna()]
if shown.empty:
    nothing_here("No provider has eleven encounters yet", "Rates of smaller numbers are not shown.")
    st.stop()

verdict = linked.segments("Limits", list(VERDICTS), state.LIMITS, VERDICTS.get)
outside = int(shown[verdict].isin(("high", "low")).sum())
with st.container(horizontal=True):
    st.metric("Providers drawn", formats.number(len(shown)), border=True)
    st.metric(f"Outside {VERDICTS[verdict]} limits", formats.number(outside), border=True,
              help="By the exact mid-P of the Poisson distribution, not by the line on the chart.")
    st.metric("Too few to show", formats.number(seen.suppressed), border=True, help="Fewer than 11 encounters.")
    chance = seen.parameters.get("heterogeneity_p")
    st.metric("Chance alone gives this spread", formats.share(chance), border=True,
              help="How often providers without any true difference would differ as much as these (p-value of the "
                   "heterogeneity test). Below 5 % is taken as evidence that they differ.")
if seen.parameters.get("has_evidence_of_difference") == 0:
    st.info("There is no evidence here that providers differ: chance alone spreads them this much. Do not rank them.",
            icon=":material/balance:")

funnel, shrinkage, table, one = st.tabs(["Funnel", "Shrinkage", "Scorecard", "One provider"])
with funnel:
    charts.show(charts.funnel(shown, seen.funnel, verdict), "funnel",
                f"Funnel plot of {len(shown)} providers, {outside} outside the {VERDICTS[verdict]} limits")
with shrinkage:
    largest = shown.nlargest(30, "n")
    charts.show(charts.intervals(largest, "provider_name", "oe", "eb_oe", "eb_lo", "eb_hi", "observed / expected"), "shrinkage",
                "Observed over expected of the 30 largest providers, as counted and shrunk, with 95 % intervals")
with table:
    columns = [column for column in SCORES if column in scores]
    show_table(scores[columns], catalog.meanings("provider_scorecard"), headings=HEADINGS, height=460, alt="Provider scorecard")
    download(scores[columns], "provider_scorecard")
with one:
    names = dict(zip(scores["npi"], scores["provider_name"], strict=True))
    npi = linked.select("Provider", list(names), state.PROVIDER, lambda value: f"{names[value]} · {value}")
    own = state.answer(providers.by_procedure, npi)
    if own.empty:
        nothing_here("This provider has no encounter", "Choose another one.")
    else:
        labels = own["plain_label"].fillna(own["cpt"])
        charts.show(charts.bars(own.assign(procedure=labels), "procedure", "n", "encounters"), "mix",
                    f"Encounters of {names[npi]} by procedure")
        show_table(own[[c for c in ("cpt", "plain_label", *SCORES[2:17]) if c in own]],
                   catalog.meanings("provider_procedure_scorecard"), headings=HEADINGS, alt="Scorecard by procedure")
        st.caption("Rates of fewer than 11 encounters stay empty.")
