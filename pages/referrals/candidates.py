"""Candidates for a patient: groups that nobody can tell apart, each candidate with reasons, the
scores, a small map.
"""

from collections.abc import Callable

import streamlit as st

from pages.networks import charts as network_charts
from pages.networks.us_states import SOURCE
from pages.widgets import charts, downloads, formats, menu, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.referrals import handout
from pipeline.services.referrals.explain_choices import CONFIDENCE
from pipeline.services.referrals.referrals import Choice, Weights, standard_weights

FIRST = 5
MEANINGS = {
    "outcome": "Adverse events beside those expected, shrunken to the evidence.",
    "cost": "Amounts paid beside the same procedures elsewhere, shrunken to the evidence.",
    "distance": "Miles between the middles of the ZIP codes.",
    "volume": "Encounters of the procedure to date.",
}
PARTS = [
    "provider_name",
    "npi",
    "rank_low",
    "rank_high",
    "best_probability",
    "best_three_probability",
    "quality_score",
    "score",
    "score_low",
    "score_high",
    "outcome_score",
    "cost_score",
    "distance_score",
    "volume_score",
    "volume_band",
    "confidence",
    "miles",
]
HEADINGS = {
    "provider_name": "Provider",
    "rank_low": "Rank from",
    "rank_high": "Rank to",
    "best_probability": "Best of all",
    "best_three_probability": "Among the best three",
    "quality_score": "Outcome and cost",
    "score_low": "Score from",
    "score_high": "to",
    "outcome_score": "Outcome part",
    "cost_score": "Cost part",
    "distance_score": "Distance part",
    "volume_score": "Volume part",
    "volume_band": "Done to date",
}


def weights() -> Weights:
    """Sliders for what counts how much; they are part of the link."""
    standard = standard_weights()
    with st.expander("What counts how much", icon=":material/tune:"):
        with st.container(horizontal=True):
            values = {
                part: st.slider(
                    part.capitalize(),
                    0.0,
                    1.0,
                    float(getattr(standard, part)),
                    0.05,
                    key=key,
                    help=MEANINGS[part],
                    bind="query-params",
                    width=220,
                )
                for part, key in session.WEIGHTS.items()
            }
        st.button(
            "Standard weights",
            icon=":material/restart_alt:",
            on_click=_reset,
            key="standard_weights",
        )
    return Weights(**values)


def _reset() -> None:
    for part, key in session.WEIGHTS.items():
        st.session_state[key] = float(getattr(standard_weights(), part))


def show(choice: Choice, printed: Callable[[str], bytes]) -> None:
    """Everything about the candidates of one patient; `printed` makes the hand-out."""
    st.markdown(
        f":material/pin_drop: {formats.verbatim(choice.access)}  \n:material/payments: {formats.verbatim(choice.cost)}"
    )
    if choice.candidates.empty:
        return
    first = choice.candidates.head(FIRST)
    left, right = st.columns([3, 2])
    with left:
        for group, rows in first.groupby("group"):
            with st.container(border=True):
                st.markdown(f":material/groups: **{formats.verbatim(choice.headings[group])}**")
                for row in rows.itertuples():
                    _candidate(row)
        if choice.total > len(first):
            st.caption(f"{choice.total - len(first):,} more below.")
        downloads.made(printed, "whom_to_choose.html", "Hand-out to print", mime="text/html")
        st.caption(
            "The hand-out names no patient; its distances are from the middle of the three-digit area."
        )
    with right:
        if choice.places.empty:
            nothing_matches("No place is known", "A map needs the ZIP of a practice.")
        else:
            charts.show(
                network_charts.place_map(choice.places, choice.home, "the patient's area"),
                "candidate_map",
                f"Map of {len(choice.places)} candidates and the area of the patient",
            )
            st.caption(
                f"The square is the middle of the patient's three-digit area, not the home. {choice.unplaced} {SOURCE}"
            )
    with st.expander("Side by side", icon=":material/table_rows:"):
        show_table(
            handout.table(choice), headings=handout.HEADINGS, alt="The candidates in a table"
        )
    if choice.candidates["score"].isna().all():
        return
    with st.expander("Scores and their parts", icon=":material/functions:"):
        top_candidates = choice.candidates.dropna(subset=["quality_score"]).head(20)
        charts.show(
            network_charts.ranges(
                top_candidates["provider_name"] + " · " + top_candidates["npi"].str[-4:],
                top_candidates["quality_low"],
                top_candidates["quality_score"],
                top_candidates["quality_high"],
                "outcome and cost with 95 % interval, lower is better",
            ),
            "scores",
            f"Outcome and cost of {len(top_candidates)} candidates with their intervals",
        )
        show_table(
            choice.candidates.sort_values("score", kind="stable")[PARTS],
            headings=HEADINGS,
            alt="Score of every candidate and its parts",
        )
        st.caption(
            "Intervals that overlap cannot be told apart. Ranks and probabilities are those in outcome and cost among all measured "
            "candidates; distance and volume are no quality. The score adds all four parts and orders this table, "
            "not what is offered."
        )


def _candidate(row) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
    ):
        st.markdown(
            f"**{formats.verbatim(row.provider_name)}** · {formats.verbatim(row.npi)}",
            width="content",
        )
        menu.link("providers", label="About", query_params={session.PROVIDER: row.npi})
    st.markdown(
        formats.verbatim(" · ".join(row.reasons))
        + f"  \n*Confidence {CONFIDENCE[row.confidence or 'unknown']}*"
    )
