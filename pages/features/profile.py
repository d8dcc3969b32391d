"""What a feature table holds now: one feature in full, and all against all."""

import pandas as pd
import streamlit as st

from pages.widgets import address, charts, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.features import profile
from pipeline.services.features.profile import TableProfile

PAIRS = 10


def sample_size_text(table_profile: TableProfile) -> str:
    """How many entities the figures rest on, in words."""
    counted = formats.counted(table_profile.sample_size, "entity", "entities")
    return f"{counted}, taken evenly from all" if table_profile.is_sample else counted


def range_text(bounds: str) -> str:
    """`[0, null]` as people write it: `from 0`."""
    if not bounds.startswith("["):
        return "any"
    low, high = (part.strip() for part in bounds.strip("[]").split(","))
    if "null" in (low, high):
        return f"from {low}" if high == "null" else f"up to {high}"
    return f"{low} to {high}"


def distribution(table, table_profile: TableProfile) -> None:
    """One feature: what it means, how often it is missing, how it spreads, what lies outside its
    range.
    """
    features = {
        feature.name: feature for feature in table.features if feature.name in table_profile.values
    }
    name = address.select("Feature", list(features), session.FEATURE, width=340)
    feature, values = features[name], table_profile.values[name]
    summary = next(summary for summary in table_profile.summaries if summary.feature == name)
    st.markdown(feature.definition)
    with st.container(horizontal=True):
        st.metric(
            "Missing",
            formats.share(summary.missing),
            border=True,
            help=f"Empty means: {feature.null_meaning}.",
        )
        st.metric("Distinct values", formats.number(summary.distinct), border=True)
        if summary.median is not None:
            st.metric("Median", formats.number(summary.median), border=True)
            st.metric("Mean", formats.number(summary.mean), border=True)
            st.metric(
                "Out of range",
                formats.number(summary.out_of_range),
                border=True,
                help=f"Range: {range_text(feature.valid_range)}.",
            )
    present_values = values.dropna()
    if present_values.empty:
        nothing_matches(
            "No value to draw", f"Every value is empty, which means: {feature.null_meaning}."
        )
    elif pd.api.types.is_numeric_dtype(present_values):
        charts.show(
            charts.histogram(present_values, formats.words(name), "entities"),
            "feature_spread",
            f"Spread of {formats.words(name)}",
        )
    else:
        counts = profile.categories(present_values, table_profile.is_of_people)
        charts.show(
            charts.bars(counts, "value", "entities", "entities"),
            "feature_counts",
            f"Entities by {formats.words(name)}",
        )
    st.caption(
        f"Empty means: {feature.null_meaning}. {sample_size_text(table_profile).capitalize()}. {_hidden(table_profile, name)}"
    )


def _hidden(table_profile: TableProfile, name: str) -> str:
    hidden_share, missing = (
        table_profile.values[name].isna().mean(),
        next(summary.missing for summary in table_profile.summaries if summary.feature == name),
    )
    return (
        "Outcomes of fewer than eleven encounters are not drawn."
        if hidden_share > (missing or 0) + 1e-9
        else ""
    )


def correlation(table_profile: TableProfile) -> None:
    """Rank correlation of every pair of numbers, and the closest pairs by name."""
    matrix = profile.correlation(table_profile)
    if len(matrix) < 2 or len(table_profile.values) < 3:
        nothing_matches(
            "Too little to correlate",
            "At least two features that vary over three entities are needed.",
        )
        return
    charts.show(
        charts.heatmap(matrix, "rank correlation", around_zero=True),
        "correlation",
        "Rank correlation of every pair of numeric features",
    )
    pairs = pd.DataFrame(
        [
            (one, other, matrix.loc[one, other])
            for place, one in enumerate(matrix)
            for other in matrix.columns[place + 1 :]
        ],
        columns=["one", "other", "correlation"],
    ).dropna()
    closest = pairs.reindex(pairs["correlation"].abs().sort_values(ascending=False).index).head(
        PAIRS
    )
    st.markdown("**Closest pairs**")
    show_table(
        closest,
        alt="The pairs of features with the strongest rank correlation",
        headings={"one": "Feature", "other": "And", "correlation": "Rank correlation"},
    )
    st.caption(
        f"Spearman's rank correlation over {sample_size_text(table_profile)}. A pair near 1 or −1 says the same thing twice. "
        "A cell without colour: one of the two does not vary where both are known."
    )
