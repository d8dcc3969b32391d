"""Where the differences between the rates of providers come from: chance, case mix, provider, place
and delivery, over all procedures and for each.

Only what the page shows goes in: events of a provider at a procedure, and by steps of deliveries
(`delivery_steps`). So a share tells nothing of a hidden cell. `variance_components` has the method.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.services.providers.delivery_steps import with_steps
from pipeline.services.providers.explain_providers import percent
from pipeline.services.providers.shown_encounters import shown_encounters
from pipeline.services.providers.variance_components import Component, components, units_of
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

NEEDED = ("provider_scorecard", "std_providers", "dim_procedure")
#: What the totals of a provider are called in the scorecard, and here.
TOTALS = {
    "npi": "npi",
    "mature_encounter_count": "encounters",
    "adverse_event_count": "observed",
    "expected_adverse_event_count": "expected",
}
OVERALL, BY_DELIVERY = "All procedures", "All procedures, by delivery"
#: Providers from which a procedure is told apart from others.
LEAST_PROVIDERS = 5
#: Units that are compared: those with the most encounters.
MOST_UNITS = 400


@dataclass(frozen=True)
class Variation:
    """A row a scope (all procedures, then each) and source: share, low, high, None where the data
    cannot tell; `providers` says of how many providers a scope is made.
    """

    rows: pd.DataFrame
    providers: dict[str, int]


def variation(settings: Settings) -> Variation:
    """The shares of this home; no row where fewer than five providers are shown."""
    encounters = shown_encounters(settings)
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return Variation(pd.DataFrame(), {})
        totals = tables.table_page(
            connection, "provider_scorecard", columns=list(TOTALS), limit=tables.MAX_PAGE_ROWS
        )
        places = tables.table_page(
            connection, "std_providers", columns=("npi", "zip5"), limit=tables.MAX_PAGE_ROWS
        )
        labels = tables.table_page(connection, "dim_procedure", columns=("cpt", "plain_label"))
    area = dict(zip(places["npi"], places["zip5"].str[:3], strict=True))
    label = dict(zip(labels["cpt"], labels["plain_label"], strict=True))
    return shares(totals.rename(columns=TOTALS).dropna(), encounters, area, label)


def shares(
    totals: pd.DataFrame, encounters: pd.DataFrame, area: dict[str, str], label: dict[str, str]
) -> Variation:
    """From the totals of providers (npi, encounters, observed, expected), `shown_encounters`, the
    area of each provider and the name of each procedure.
    """
    spread = 1 - totals["expected"] / totals["encounters"]
    scopes = {OVERALL: totals.assign(chance=totals["expected"] * spread, delivery=pd.NA)}
    if encounters["delivery"].nunique() > 1:
        stepped = _sums(with_steps(encounters), ["npi", "step"])
        alone = stepped["deliveries"] == 1
        scopes[BY_DELIVERY] = stepped.assign(delivery=stepped["step"].where(alone))
    for cpt, own in encounters.groupby("cpt", sort=True):
        scopes[f"{label.get(cpt, cpt)} · {cpt}"] = _sums(own, ["npi"]).assign(delivery=pd.NA)
    rows, providers = [], {}
    for scope, frame in scopes.items():
        if frame["npi"].nunique() < LEAST_PROVIDERS or not frame["observed"].sum():
            continue
        providers[scope] = int(frame["npi"].nunique())
        rows += [
            {"scope": scope, "source": each.source, "share": each.share, "low": each.low, "high": each.high}
            for each in _components(frame, area)
        ]  # fmt: skip
    return Variation(pd.DataFrame(rows), providers)


def in_words(found: Variation) -> str:
    """What the shares of all procedures say, in a sentence; empty where there are none."""
    rows = found.rows[found.rows["scope"] == OVERALL].set_index("source")
    if rows.empty:
        return ""
    chance, provider = rows.loc["chance"], rows.loc["provider"]
    words = f"Of the differences between the rates of {found.providers[OVERALL]} providers {percent(chance['share'])} are chance"
    if pd.isna(provider["share"]):
        return f"{words}; what providers add cannot be told."
    told = (
        f"{words}, {percent(rows.loc['case mix', 'share'])} case mix and {percent(provider['share'])} the provider "
        f"(95 % interval from {percent(provider['low'])} to {percent(provider['high'])})."
    )
    return told + (
        " Nothing may be left for the provider." if round(provider["low"], 2) <= 0 else ""
    )


def _sums(encounters: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    units = encounters.assign(
        expected=encounters["encounters"] * encounters["risk"],
        chance=encounters["encounters"] * encounters["risk"] * (1 - encounters["risk"]),
    )
    return units.groupby(by, as_index=False).agg(
        encounters=("encounters", "sum"),
        observed=("events", "sum"),
        expected=("expected", "sum"),
        chance=("chance", "sum"),
        deliveries=("delivery", "nunique"),
    )


def _components(frame: pd.DataFrame, area: dict[str, str]) -> list[Component]:
    units = frame[frame["expected"] > 0].nlargest(MOST_UNITS, "encounters")
    return components(units_of(units.assign(provider=units["npi"], place=units["npi"].map(area))))
