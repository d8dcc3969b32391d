"""Two runs side by side: what changed in tables, ledger and rules, and how long each model took."""

import pandas as pd
import streamlit as st

from pages.widgets import address, causes_between, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.run import results

NUMBERS = {"before": "Then", "after": "This run", "change": "Change"}


def show(run_id: str, states: dict[str, str]) -> None:
    """Choose the run to compare with (`states`: run id -> its state, newest first), then what
    differs.
    """
    others = [other_id for other_id in states if other_id != run_id]
    if not others:
        nothing_matches(
            "Only one run yet",
            "The next build can be compared with this one.",
            "run",
            "Go to the build",
        )
        return
    earlier = [
        other_id for other_id in others if other_id < run_id and states[other_id] == "succeeded"
    ]
    against = address.select(
        "Compare with",
        others,
        session.RUN_BEFORE,
        lambda other_id: f"{other_id} · {states[other_id]}",
        default=earlier[0] if earlier else None,
        width=260,
    )
    causes_between.show(*sorted((against, run_id)))
    comparison = results.compare(session.settings(), against, run_id)
    _changed("Row ledger", "source and fate", comparison.ledger, {"entity": "Source"})
    _changed(
        "Failing rows",
        "rule",
        comparison.rules,
        {"entity": "Source", "rule_id": "Rule", "rule_name": "Name"},
    )
    _changed("Rows by table", "table", comparison.rows, {"table_name": "Table"})
    _seconds(comparison.seconds)


def _changed(title: str, unit: str, frame: pd.DataFrame, headings: dict[str, str]) -> None:
    """The lines that differ, or that none does."""
    st.markdown(f"**{title}**")
    differs = frame[frame["before"].fillna(-1) != frame["after"].fillna(-1)]
    if differs.empty:
        st.caption(f"No difference, by {unit}.")
        return
    st.caption(f"{len(differs):,} of {len(frame):,} differ, by {unit}.")
    show_table(differs, headings=headings | NUMBERS, alt=f"{title}: the lines that differ")


def _seconds(frame: pd.DataFrame) -> None:
    st.markdown("**Seconds by model**")
    if frame.empty:
        st.caption("Neither run has timings.")
        return
    one, other = frame["before"].sum(), frame["after"].sum()
    st.caption(
        f"All models: {formats.span(one)} then, {formats.span(other)} in this run. Largest difference first."
    )
    slowest = frame.reindex(
        frame["change"].abs().sort_values(ascending=False, na_position="last").index
    )
    form = {
        name: st.column_config.NumberColumn(title, format="%.2f s")
        for name, title in NUMBERS.items()
        if name != "change"
    }
    show_table(
        slowest,
        headings={"name": "Model"} | NUMBERS,
        columns=form,
        alt="Seconds by model in both runs",
        number_formats={"change": lambda value: formats.change(value, 2, "s")},
    )
