"""Which statements survive other ways of counting."""

import streamlit as st

from pages.widgets import formats, session, waiting
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.providers import cost_cuts, explain_sensitivity, sensitivity
from pipeline.services.providers.providers import ProviderComparison


def show(comparison: ProviderComparison) -> None:
    """Sentences, and a row a provider whose verdict is no sure thing."""
    found = waiting.answer(sensitivity.sensitivity)
    if found is None:
        nothing_matches("Nothing to count in other ways", "Two providers have to be shown.")
        return
    scores = comparison.scorecard
    names = dict(zip(scores["npi"], scores["provider_name"], strict=True))
    told = [
        explain_sensitivity.flags(found),
        *explain_sensitivity.extremes(
            found.ratios, names, "Lowest shrunken ratio", "Highest shrunken ratio"
        ),
        *explain_sensitivity.extremes(
            session.cached(cost_cuts.cost_indices),
            names,
            "Lowest cost index, whatever is cut off the amounts",
            "Highest",
        ),
        explain_sensitivity.weights(found, names),
        explain_sensitivity.expectation(found),
    ]
    st.markdown("\n".join(f"- {formats.verbatim(each)}" for each in told if each))
    st.caption(formats.verbatim(explain_sensitivity.scope()))
    flagged = found.verdicts[found.verdicts.isin(("high", "low")).any(axis=1)]
    if flagged.empty:
        st.caption("No provider is outside the 95 % limits in any way of counting.")
        return
    table = flagged.fillna("left out").rename(columns=formats.words)
    table.insert(0, "Provider", [names.get(npi, npi) for npi in table.index])
    table.insert(1, "Holds", ["yes" if explain_sensitivity.holds(row) else "no" for _, row in flagged.iterrows()])  # fmt: skip
    show_table(table, alt="Verdicts at 95 % in each way of counting", as_stored=True)
