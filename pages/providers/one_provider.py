"""One provider in words, by procedure, and its patients beside those of all providers."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.providers import charts as provider_charts
from pages.widgets import address, charts, formats, session, table_link
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.providers import provider_profile

BY_PROCEDURE = [
    "plain_label",
    "cpt",
    "encounter_count",
    "mature_encounter_count",
    "meets_minimum",
    "adverse_event_count",
    "expected_adverse_event_count",
    "observed_to_expected",
    "observed_to_expected_low",
    "observed_to_expected_high",
    "shrunken_ratio",
    "shrunken_ratio_low",
    "shrunken_ratio_high",
    "reliability",
    "paid_median_usd",
    "cost_index_shrunk",
    "cost_reliability",
]


def show(scores: pd.DataFrame, headings: Mapping[str, str]) -> None:
    """Choose a provider of the scorecard and read about it."""
    st.subheader("One provider")
    names = dict(zip(scores["npi"], scores["provider_name"], strict=True))
    if (
        st.query_params.get(session.PROVIDER, "") not in ("", *names)
        and session.PROVIDER not in st.session_state
    ):
        st.warning(
            "The provider of this link has no encounter in this data.", icon=":material/person_off:"
        )
    npi = address.select(
        "Provider",
        list(names),
        session.PROVIDER,
        lambda value: f"{names[value]} · {value}",
        optional=True,
        placeholder="click a point, or choose here",
    )
    own = session.cached(provider_profile.profile, npi) if npi else None
    if own is not None:
        _show_profile(own, headings)


def _show_profile(own: provider_profile.ProviderProfile, headings: Mapping[str, str]) -> None:
    place = f", ZIP {own.zip5}" if own.zip5 else ""
    st.markdown(f"**{formats.verbatim(own.name)}** · {formats.verbatim(own.npi)}{place}")
    st.markdown("\n".join(f"- {formats.verbatim(sentence)}" for sentence in own.sentences))
    table_link.show("fct_encounter", "Show the encounters", npi=own.npi)
    procedures, mix = st.tabs(["By procedure", "Patients beside those of all providers"])
    with procedures:
        _show_procedures(own, headings)
    with mix:
        _show_mix(own)


def _show_procedures(own: provider_profile.ProviderProfile, headings: Mapping[str, str]) -> None:
    labels = own.procedures["plain_label"].tolist()
    picked = st.selectbox("Procedure", labels, key="provider_procedure")
    row = own.procedures.iloc[labels.index(picked)]
    st.markdown(
        "\n".join(
            f"- {formats.verbatim(row[column])}"
            for column in ("words", "cost_words", "volume_words")
        )
    )
    table_link.show(
        "fct_encounter", "Show the encounters of this procedure", npi=own.npi, cpt=row["cpt"]
    )
    show_table(
        own.procedures[BY_PROCEDURE],
        catalogue.meanings("provider_procedure_scorecard"),
        headings=headings,
        alt=f"Scorecard of {own.name} by procedure",
    )
    st.caption(
        "Outcomes and costs of fewer than 11 encounters stay empty, and those with which a smaller number could be worked out."
    )


def _show_mix(own: provider_profile.ProviderProfile) -> None:
    if not own.mix:
        nothing_matches(
            "Too few encounters",
            "The mix of fewer than 11 encounters is not shown.",
            rests_on=("provider_scorecard",),
        )
    else:
        by = st.segmented_control(
            "By", list(own.mix), default="Age", required=True, key="provider_mix"
        )
        charts.show(
            provider_charts.beside_all(own.mix[by], "group", "own", "everybody"),
            "mix",
            f"Encounters of {own.name} by {by.lower()} beside those of all providers",
        )
