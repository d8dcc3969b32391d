"""One line of the page benchmark: a page opened by address, then what a person's action leaves."""

from dataclasses import dataclass, field

from streamlit.util import AttributeDictionary

from pages.widgets import menu, session


def _script(key: str) -> str:
    return menu.BY_KEY[key].script


RUN, QUALITY, QUARANTINE = _script("run"), _script("quality"), _script("quarantine")
TABLES, PROVIDERS = _script("tables"), _script("providers")
REFERRALS, NETWORKS = _script("referrals"), _script("networks")
FEATURES, CATALOGUE, SETTINGS = _script("features"), _script("catalogue"), _script("settings")


GOLD, SILVER, BRONZE = "enterprise_datasets", "standard_model", "landing_zone"


FACTS, WIDE, DELIVERED, SCORES, CLEAN = (
    "fct_encounter",
    "row_verdicts_encounters",
    "raw_encounters",
    "provider_scorecard",
    "std_encounters",
)


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
