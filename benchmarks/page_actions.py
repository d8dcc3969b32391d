"""What people do on the pages, as lines of the benchmark: each a page opened by address, then
session values as an action leaves them.

Names of providers, employers and procedures are those that the home holds; nothing of a patient is
asked for.
"""

from dataclasses import dataclass, field

from streamlit.util import AttributeDictionary

from pages.widgets import menu, session
from pipeline.config import Settings
from pipeline.services.providers import providers
from pipeline.services.referrals import referrals

(
    OVERVIEW,
    UPLOAD,
    RUN,
    HISTORY,
    QUALITY,
    QUARANTINE,
    TABLES,
    PROVIDERS,
    REFERRALS,
    NETWORKS,
    FEATURES,
    CATALOGUE,
    SETTINGS,
) = (entry.script for entry in menu.ENTRIES)
GOLD, SILVER, BRONZE = "enterprise_datasets", "standard_model", "landing_zone"
FACTS, WIDE, DELIVERED, SCORES, CLEAN = (
    "fct_encounter",
    "checked_encounters",
    "raw_encounters",
    "provider_scorecard",
    "std_encounters",
)
VIEWS = ("Distribution", "Correlation", "Drift", "As known at")


@dataclass(frozen=True)
class Visit:
    """One line of the table: a page opened with address parameters, then session values as a
    person's action leaves them.
    """

    script: str
    action: str = ""
    address: dict[str, str | list[str]] = field(default_factory=dict)
    session: dict[str, object] = field(default_factory=dict)


def filtered(table: str, column: str, operator: str, value: str) -> dict[str, object]:
    """Session values of the page Tables after one filter."""
    return {session.FILTERS: {table: [[column, operator, value]]}}


def at(name: str, layer: str, **more: str | list[str]) -> dict[str, str | list[str]]:
    """Address of the page Tables on one table."""
    return {session.LAYER: layer, session.TABLE: name, **more}


def chart(kind: str, **more: str | list[str]) -> dict[str, str | list[str]]:
    """Address of a chart of the facts."""
    return at(FACTS, GOLD, **{session.TABLE_TAB: "Chart", session.CHART: kind, **more})


def selected(key: str, row: int = 0) -> dict[str, object]:
    """Session values after a row of a table was selected."""
    return {key: {"selection": {"rows": [row], "columns": [], "cells": []}}}


def clicked(key: str, place: int = 3) -> dict[str, object]:
    """Session values after a point of a chart was clicked."""
    return {
        key: AttributeDictionary(
            {"selection": {"points": [{"customdata": place, "point_index": place}]}}
        )
    }


def suggested(table: str, column: str) -> dict[str, object]:
    """Session values after a column was chosen in the form that adds a filter."""
    return {f"filter_add_{table}": True, f"filter_column_{table}": column}


def actions(settings: Settings) -> tuple[Visit, ...]:
    """Every action, on a home that has been built."""
    npi = providers.comparison(settings).scorecard["npi"].iloc[0]
    choices = referrals.lists(settings)
    employer, procedure = choices.employers[0], next(iter(choices.procedures))
    return (
        *_tables(),
        *_charts(),
        *_quarantine(),
        *_explore(npi, employer, procedure),
        *_features(),
        *_others(),
    )


def _tables() -> tuple[Visit, ...]:
    long_text = {session.SORT: "_source_file", session.PAGE: 5_000}
    return (
        Visit(TABLES, "open the largest table of gold", at(FACTS, GOLD)),
        Visit(
            TABLES,
            "filter on a column without an index",
            at(FACTS, GOLD),
            filtered(FACTS, "paid_winsor", "at least", "900"),
        ),
        Visit(
            TABLES,
            "a filter that nothing meets",
            at(FACTS, GOLD),
            filtered(FACTS, "sex", "is", "neither"),
        ),
        Visit(
            TABLES,
            "search within a text",
            at(WIDE, BRONZE),
            filtered(WIDE, "_source_file", "contains", "no such file"),
        ),
        Visit(
            TABLES,
            "sort by a column without an index",
            at(FACTS, GOLD),
            {session.SORT: "paid_winsor", session.DESCENDING: True},
        ),
        Visit(
            TABLES,
            "filter and sort without an index",
            at(FACTS, GOLD),
            {**filtered(FACTS, "paid_winsor", "at least", "900"), session.SORT: "expected_paid"},
        ),
        Visit(TABLES, "page 5,000", at(FACTS, GOLD), {session.PAGE: 5_000}),
        Visit(
            TABLES,
            "page 5,000 of an order",
            at(FACTS, GOLD),
            {session.PAGE: 5_000, session.SORT: "paid_winsor"},
        ),
        Visit(
            TABLES,
            "the last page of an order",
            at(FACTS, GOLD),
            {session.PAGE: 999_999, session.SORT: "paid_winsor"},
        ),
        Visit(TABLES, "page 5,000 in the order of a long text", at(WIDE, BRONZE), long_text),
        Visit(
            TABLES,
            "page 5,000 of few values, largest first",
            at(FACTS, GOLD),
            {session.PAGE: 5_000, session.SORT: "age_band", session.DESCENDING: True},
        ),
        Visit(
            TABLES,
            "page 3,000 of an order under a filter",
            at(FACTS, GOLD),
            {
                **filtered(FACTS, "sex", "is", "female"),
                session.PAGE: 3_000,
                session.SORT: "paid_winsor",
            },
        ),
        Visit(
            TABLES,
            "add up a column with hidden cells",
            at(FACTS, GOLD),
            {session.MEASURE: "ae_flag"},
        ),
        Visit(TABLES, "open the delivered rows", at(DELIVERED, BRONZE)),
        Visit(TABLES, "open the widest table", at(WIDE, BRONZE)),
        Visit(
            TABLES, "values to filter a number by", at(FACTS, GOLD), suggested(FACTS, "paid_amount")
        ),
        Visit(TABLES, "values to filter a text by", at(FACTS, GOLD), suggested(FACTS, "sex")),
        Visit(
            TABLES,
            "values to filter the widest table by",
            at(WIDE, BRONZE),
            suggested(WIDE, "_source_file"),
        ),
        Visit(TABLES, "select an encounter", at(FACTS, GOLD), selected(f"rows_{FACTS}", 7)),
        Visit(
            TABLES, "select an encounter of silver", at(CLEAN, SILVER), selected(f"rows_{CLEAN}", 7)
        ),
        Visit(TABLES, "select a judged row", at(WIDE, BRONZE), selected(f"rows_{WIDE}", 7)),
        Visit(
            TABLES,
            "select a delivered row",
            at(DELIVERED, BRONZE),
            selected(f"rows_{DELIVERED}", 7),
        ),
        Visit(TABLES, "select a provider", at(SCORES, GOLD), selected(f"rows_{SCORES}")),
        Visit(
            TABLES,
            "select on page 5,000 of an order",
            at(FACTS, GOLD, **{session.SORT: "paid_winsor", session.PAGE: "5000"}),
            selected(f"rows_{FACTS}", 7),
        ),
        Visit(TABLES, "the columns", at(FACTS, GOLD), {session.TABLE_TAB: "Columns"}),
        Visit(TABLES, "the export form", at(FACTS, GOLD), {session.TABLE_TAB: "Export"}),
    )


def _charts() -> tuple[Visit, ...]:
    only = {session.WHERE: ["paid_winsor:ge:900"]}
    by, how, of, across = (
        session.CHART_BY,
        session.CHART_HOW,
        session.CHART_OF,
        session.CHART_ACROSS,
    )
    return (
        Visit(TABLES, "link to bars", chart("Bars")),
        Visit(
            TABLES,
            "bars: a sum by a text without an index",
            chart("Bars"),
            {by: "age_band", how: "sum", of: "paid_winsor"},
        ),
        Visit(
            TABLES, "bars: rows by a number", chart("Bars"), {by: "is_cost_outlier", how: "rows"}
        ),
        Visit(
            TABLES,
            "bars: distinct values",
            chart("Bars"),
            {by: "sex", how: "distinct values", of: "paid_cents"},
        ),
        Visit(
            TABLES,
            "bars: an outcome with hidden cells",
            chart("Bars"),
            {by: "cpt", how: "mean", of: "ae_flag"},
        ),
        Visit(
            TABLES,
            "bars: under a filter",
            chart("Bars", **only),
            {by: "age_band", how: "mean", of: "ln_paid"},
        ),
        Visit(TABLES, "bars: click one", chart("Bars"), clicked(f"bars_{FACTS}")),
        Visit(TABLES, "link to a line", chart("Line")),
        Visit(
            TABLES,
            "line: along a whole number",
            chart("Line"),
            {across: "paid_cents", how: "mean", of: "ln_paid"},
        ),
        Visit(TABLES, "line: along a text", chart("Line"), {across: "age_band", how: "rows"}),
        Visit(
            TABLES,
            "line: under a filter",
            chart("Line", **only),
            {across: "paid_winsor", how: "mean", of: "expected_paid"},
        ),
        Visit(TABLES, "link to a histogram", chart("Histogram")),
        Visit(TABLES, "histogram: under a filter", chart("Histogram", **only), {of: "ln_paid"}),
        Visit(
            TABLES,
            "histogram: click a bin",
            chart("Histogram", of="paid_amount"),
            clicked(f"bins_{FACTS}"),
        ),
        Visit(TABLES, "link to a scatter", chart("Scatter")),
        Visit(
            TABLES, "scatter: under a filter", chart("Scatter", **only), {across: "expected_paid"}
        ),
        Visit(TABLES, "link to boxes", chart("Box")),
    )


def _quarantine() -> tuple[Visit, ...]:
    return (
        Visit(QUARANTINE, "switch to encounters", session={session.ENTITY: "encounters"}),
        Visit(QUARANTINE, "switch to adverse events", session={session.ENTITY: "adverse_events"}),
        Visit(
            QUARANTINE,
            "one rule of encounters",
            {session.ENTITY: "encounters"},
            {session.RULE: "ENC-06"},
        ),
        Visit(
            QUARANTINE,
            "page 100 of encounters",
            {session.ENTITY: "encounters"},
            {session.PAGE: 100},
        ),
        Visit(QUALITY, "select a rule", session=selected("rules")),
        Visit(QUALITY, "rules that failed", session={session.RULE_STATES: ["failed", "warned"]}),
        *(
            Visit(QUALITY, f"the {name.lower()}", session={session.QUALITY_TAB: name})
            for name in ("Grades", "Trend", "Row ledger")
        ),
    )


def _explore(npi: str, employer: str, procedure: str) -> tuple[Visit, ...]:
    nobody = {session.PATIENT_AGE: 68, session.PATIENT_SEX: "female", session.PATIENT_ZIP: "60601"}
    return (
        Visit(PROVIDERS, "choose a provider", session={session.PROVIDER: npi}),
        Visit(
            PROVIDERS,
            "another procedure of a provider",
            {session.PROVIDER: npi},
            {"provider_mix": "Sex"},
        ),
        Visit(PROVIDERS, "allow for over-dispersion", session={session.OVERDISPERSED: True}),
        Visit(REFERRALS, "choose an employer", session={session.EMPLOYER: employer}),
        Visit(REFERRALS, "those with a gap", session={session.GAP: "none_nearby"}),
        Visit(REFERRALS, "page 100", session={session.REFERRAL_PAGE: 100}),
        Visit(REFERRALS, "select a referral", session=selected("referrals_None_None_None_0")),
        Visit(
            REFERRALS,
            "move a slider",
            session={**selected("referrals_None_None_None_0"), session.WEIGHTS["cost"]: 0.9},
        ),
        Visit(REFERRALS, "somebody without a referral", {session.REFERRAL_MODE: "anybody"}, nobody),
        Visit(NETWORKS, "choose an employer", session={session.EMPLOYER: employer}),
        Visit(NETWORKS, "choose a procedure", session={session.PROCEDURE: procedure}),
        *(
            Visit(NETWORKS, f"the {name.lower()}", session={session.NETWORK_VIEW: name})
            for name in ("Map", "Roster", "Prices", "Savings")
        ),
    )


def _features() -> tuple[Visit, ...]:
    largest = {session.FEATURE_TABLE: "feat_patient"}
    return (
        Visit(FEATURES, "the largest feature table", session=largest),
        *(
            Visit(FEATURES, f"{view.lower()} of the largest", largest, {session.FEATURE_VIEW: view})
            for view in VIEWS
        ),
        Visit(
            FEATURES,
            "another feature of the largest",
            {**largest, session.FEATURE_VIEW: "Distribution"},
            {session.FEATURE: "prior_paid_td"},
        ),
        Visit(
            FEATURES,
            "page 3,000 as known at",
            {**largest, session.FEATURE_VIEW: "As known at"},
            {session.PAGE: 3_000},
        ),
        Visit(
            FEATURES,
            "providers by procedure",
            session={session.FEATURE_TABLE: "feat_provider_procedure"},
        ),
        *(
            Visit(FEATURES, f"providers: {view.lower()}", session={session.FEATURE_VIEW: view})
            for view in VIEWS
        ),
    )


def _others() -> tuple[Visit, ...]:
    return (
        Visit(RUN, "choose a model", {session.NODE: FACTS}),
        Visit(CATALOGUE, "choose a table", session={session.MODEL: FACTS}),
        Visit(CATALOGUE, "the lineage", session={session.CATALOGUE_TAB: "Lineage"}),
        Visit(CATALOGUE, "the rules", session={session.CATALOGUE_TAB: "Rules"}),
    )
