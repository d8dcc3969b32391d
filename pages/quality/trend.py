"""How the checks came out over time, with the deliveries and decisions in between."""

import pandas as pd
import streamlit as st

from pages.quality import charts as quality_charts
from pages.widgets import charts, formats, session
from pages.widgets.empty_state import nothing_matches
from pipeline.services.quality import over_time
from pipeline.services.quality import rules as quality_rules


def show() -> None:
    """Checks by state a run, and the share of rows that fail by source over dates."""
    trend, states = session.cached(quality_rules.trend), session.cached(quality_rules.states_by_run)
    if trend.empty:
        nothing_matches(
            "No run has been measured yet",
            "Build the layers; each run adds a point.",
            "run",
            "Go to the build",
            rests_on=("ledger",),
        )
        return
    if trend["run_id"].nunique() == 1:
        nothing_matches(
            "One run so far",
            "A trend needs two; the next build adds a point.",
            "run",
            "Go to the build",
        )
        return
    st.markdown("**Checks by state, run by run**")
    charts.show(quality_charts.rule_states(states), "states_by_run", "Checks by state, run by run")
    st.markdown("**Share of the rows looked at that fail a check, by source**")
    shares = _shares(trend)
    marks = session.cached(over_time.marks)
    charts.show(
        quality_charts.shares_over_time(shares, _local(marks)),
        "trend",
        "Share of rows that fail, by source over dates, with deliveries and decisions",
    )
    st.caption(
        "Every check of a source counts its rows once. Dotted lines are deliveries, dashed ones "
        "decisions."
    )


def _shares(trend: pd.DataFrame) -> pd.DataFrame:
    """A row a run and source: when the run ended, and the share of looks at rows that failed."""
    sums = trend.groupby(["run_id", "finished_at", "entity"], as_index=False)[
        ["failing_rows", "rows_checked"]
    ].sum()
    checked = sums[sums["rows_checked"] > 0]
    return _local(
        checked.assign(
            at=checked["finished_at"],
            share=100 * checked["failing_rows"] / checked["rows_checked"],
            entity=checked["entity"].map(formats.words),
        )
    )


def _local(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `at` as the clock shows it where the browser is."""
    moments = pd.to_datetime(frame["at"], format="%Y-%m-%dT%H:%M:%SZ", errors="coerce", utc=True)
    return frame.assign(at=moments.dt.tz_convert(formats.zone()).dt.tz_localize(None))
