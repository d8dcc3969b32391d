"""Every feature of every table: found by words of its name or its definition, opened as a card,
put into the basket.
"""

import pandas as pd
import streamlit as st

from pages.features import basket
from pages.features.profile import range_text
from pages.widgets import formats, menu, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.features import feature_card, profile
from pipeline.services.features.feature_card import Feature, FeatureCard, FeatureTable

HEADINGS = {
    "name": "Feature",
    "table": "Table",
    "dtype": "Type",
    "definition": "What it is",
    "owner": "Owner",
    "null_meaning": "Empty means",
    "valid_range": "Range",
    "version": "Version",
    "classification": "Privacy",
    "missing": "Missing",
    "spread": "Spread",
    "median": "Median",
}
ORDER = (
    "name",
    "table",
    "definition",
    "dtype",
    "spread",
    "missing",
    "median",
    "null_meaning",
    "valid_range",
    "classification",
    "owner",
    "version",
)
FORMS = {
    "spread": st.column_config.BarChartColumn(
        "Spread", help="Entities from the smallest to the largest value, or by category."
    ),
    "missing": st.column_config.NumberColumn(
        "Missing", format="%.1f %%", help="Share of entities without a value."
    ),
}


def show(tables: dict[str, FeatureTable], chosen: str, built: tuple[str, ...]) -> None:
    """The features of the chosen table, or with words those of all tables that words lead to."""
    words = st.text_input(
        "Find a feature",
        type="search",
        placeholder="distance, rate of adverse events, paid…",
        key=session.FEATURE_WORDS,
        max_chars=80,
        width=420,
    ).strip()
    found = list(session.cached(feature_card.matching, words) if words else tables[chosen].features)
    if not found:
        nothing_matches(
            "No feature of any table is called that or described with these words",
            "Take a word away, or use another one.",
        )
        return
    st.caption(
        f"{_counted(found, tables, chosen, bool(words))} Select one to see what it rests on."
    )
    picked = show_table(
        _frame(found, built, with_table=bool(words)),
        alt="Feature registry",
        height="auto",
        headings=HEADINGS,
        columns=FORMS,
        key="feature_registry",
        ids=[feature_card.reference(each) for each in found],
    )
    if picked or len(found) == 1:
        feature = found[picked[0] if picked else 0]
        _card(session.cached(feature_card.card, feature.table, feature.name))


def _counted(
    found: list[Feature], tables: dict[str, FeatureTable], chosen: str, by_words: bool
) -> str:
    if by_words:
        counted = formats.counted(len(found), "feature")
        return f"{counted} of all {len(tables)} tables, the nearest first."
    everything = sum(len(table.features) for table in tables.values())
    return (
        f"The {len(found)} of {chosen}; words look through all {everything} features of "
        f"{len(tables)} tables."
    )


def _frame(features: list[Feature], built: tuple[str, ...], with_table: bool) -> pd.DataFrame:
    frame = pd.DataFrame([vars(feature) for feature in features])
    frame["valid_range"] = frame["valid_range"].map(range_text)
    summaries: dict[tuple[str, str], profile.FeatureSummary] = {}
    for table in {feature.table for feature in features} & set(built):
        newest = session.cached(profile.profile, table)
        if newest is not None:
            summaries |= {(table, each.feature): each for each in newest.summaries}
    found = [summaries.get((feature.table, feature.name)) for feature in features]
    if summaries:
        frame["missing"] = [
            each.missing * 100 if each and each.missing is not None else None for each in found
        ]
        frame["median"] = [each.median if each else None for each in found]
        frame["spread"] = [list(each.spread) if each else [] for each in found]
    return frame[[name for name in ORDER if name in frame and (name != "table" or with_table)]]


def _card(card: FeatureCard) -> None:
    feature = card.feature
    with st.container(border=True):
        st.subheader(f"{formats.words(feature.name)} of {feature.table}")
        st.markdown(formats.verbatim(feature.definition))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Put into the basket",
                type="primary",
                icon=":material/add_shopping_cart:",
                key="basket_add",
                on_click=basket.put([card.reference]),
                disabled=card.reference in st.session_state.get(session.BASKET, []),
            )
            menu.link(
                "features",
                label="Its distribution",
                query_params={
                    session.FEATURE_TABLE: feature.table,
                    session.FEATURE: feature.name,
                    session.FEATURE_VIEW: "Distribution",
                    session.BASKET: st.session_state.get(session.BASKET, []),
                },
                width="content",
            )
            menu.link(
                "catalogue",
                label="In the catalogue",
                query_params={session.MODEL: feature.table},
                width="content",
            )
        for what, told in _facts(card):
            st.markdown(f"**{what}:** {told}")
        if card.statement:
            with st.expander(f"SQL of {feature.table}", icon=":material/code:"):
                st.code(card.statement, language="sql")


def _facts(card: FeatureCard) -> list[tuple[str, str]]:
    """What is known of a feature, a line each."""
    feature, quality = card.feature, card.quality
    loaded = ", ".join(
        f"{formats.words(source).lower()} {formats.moment(moment)}"
        for source, moment in card.loaded_at.items()
    )
    pages = ", ".join(menu.BY_KEY[page].title for page in card.pages)
    return [
        ("Called", f"`{card.reference}`, key {', '.join(card.key)}, {feature.dtype}"),
        ("Empty means", feature.null_meaning),
        ("Made of", _listed(card.made_of, "no other column")),
        (
            "Delivered values in it",
            _listed(card.delivered, "none: it counts rows, or comes from reference data"),
        ),
        (
            "Freshness",
            f"newest snapshot {formats.moment(card.known_at)}; newest load of {loaded or 'no source'}"
            if card.known_at
            else "never: the table is not built",
        ),
        (
            "Quality of what feeds it",
            f"{quality.grade}: {formats.verbatim(quality.reason)}" if quality else "not judged",
        ),
        ("Read by", _listed(card.readers, "no other table")),
        ("Shown on", pages or "no page"),
        ("In Feast", f"pushed {card.pushed}" if card.pushed else "not pushed"),
        (
            "Owner, version, privacy",
            f"{feature.owner or 'nobody'}, version {feature.version}, {feature.classification.replace('_', ' ')}",
        ),
    ]


def _listed(names: tuple[str, ...], none: str) -> str:
    return ", ".join(f"`{name}`" for name in names) or none
