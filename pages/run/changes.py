"""What one run changed in the tables, against the run that published before it."""

import pandas as pd
import streamlit as st

from pages.widgets import causes_between, formats, session
from pages.widgets.data_table import show_table
from pipeline.services.quarantine.what_if import row_words
from pipeline.services.run import results

HEADINGS = {
    "table_name": "Table",
    "before": "Before",
    "after": "After this run",
    "change": "Change",
}


def show(run) -> None:
    """A sentence a source whose rows changed their fate, then the tables with another number of
    rows.
    """
    if run.status in ("queued", "running"):
        st.caption(
            "Readers see the tables of the run before until this one has succeeded; then the difference stands here."
        )
        return
    if run.status in ("failed", "cancelled"):
        st.caption("This run published nothing: every table is as it was.")
        return
    comparison = session.cached(results.since_last, run.run_id)
    if comparison is None:
        st.caption("The first run that published: everything is new.")
        return
    before, difference = comparison
    causes_between.show(before, run.run_id)
    changes = sentences(difference.ledger)
    if changes:
        st.markdown("\n".join(f"- {change}" for change in changes))
    differs = difference.rows[
        difference.rows["before"].fillna(-1) != difference.rows["after"].fillna(-1)
    ]
    if differs.empty:
        st.caption(f"No table has more or fewer rows than after {before}.")
        return
    st.caption(
        f"{len(differs):,} of {len(difference.rows):,} tables have another number of rows than after {before}."
    )
    ordered = differs.reindex(
        differs["change"].abs().sort_values(ascending=False, na_position="first").index
    )
    show_table(ordered, headings=HEADINGS, alt="Tables whose number of rows changed")


def summary(run_id: str) -> list[str]:
    """A sentence a source whose rows changed their fate since the run that published before; none
    for the first.
    """
    comparison = session.cached(results.since_last, run_id)
    return sentences(comparison[1].ledger) if comparison else []


def promoted(run_id: str) -> int | None:
    """How many more rows are promoted than after the run that published before; None for the
    first.
    """
    comparison = session.cached(results.since_last, run_id)
    if comparison is None:
        return None
    ledger = comparison[1].ledger
    return int(ledger.loc[ledger["fate"] == "promoted", "change"].sum())


def sentences(ledger: pd.DataFrame) -> list[str]:
    """`Encounters: 1 more encounter promoted, 62 fewer encounters quarantined`, a line a source
    that changed.
    """
    lines = []
    for entity, rows in ledger.groupby("entity", sort=False):
        one, many = row_words(entity)
        parts = [
            f"{formats.counted(int(abs(row.change)), f'{way} {one}', f'{way} {many}')} {row.fate}"
            for row in rows.itertuples()
            if row.change and row.change == row.change
            for way in ["more" if row.change > 0 else "fewer"]
        ]
        if parts:
            lines.append(f"**{formats.words(entity)}:** {', '.join(parts)}")
    return lines
