"""What employers' networks can do and where they have holes: coverage, places, roster, access,
prices, volume, savings.

Everything is read from gold. The number of referrals of an area is shown from eleven on; patients'
ZIP codes are three digits.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.networks import explain_networks
from pipeline.services.tables import names
from pipeline.services.tables.visible import open_visible
from pipeline.services.why import absent_sources
from pipeline.store.browse import tables
from pipeline.store.browse.filters import Filter
from pipeline.store.marts import networks as network_marts
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

NEEDED = (
    "employer_network_coverage",
    "network_roster_audit",
    "price_transparency",
    "volume_outcome",
    "provider_procedure_scorecard",
    "referral_access",
    "network_candidate",
    "employer_savings_opportunity",
    "std_providers",
    "zip_centroid",
    "dim_procedure",
)
COUNTS = [
    "listed",
    "known",
    "performing",
    "measurable_provider_count",
    "referrals",
    "referrals_without_option",
]


@dataclass(frozen=True)
class Networks:
    """What the page shows for one employer or all, and one procedure or all; `names` are those of
    employers, `headline` is the answer in one sentence.

    `coverage` employer x procedure; `statuses` and `roster` the audited lists; `gaps` referrals by
    what stands in their way; `prices` and `volumes` by procedure; `savings` with `words`.
    `providers` are places (one a ZIP) with `performing` and `words`; `demand` areas (one a ZIP3)
    with `words`; `unplaced` tells whom the map cannot show. `knows_gaps` and `knows_statuses` are
    False where a source is absent that these need.
    """

    employers: tuple[str, ...]
    names: dict[str, str]
    headline: str
    procedures: dict[str, str]
    coverage: pd.DataFrame
    statuses: pd.DataFrame
    roster: pd.DataFrame
    gaps: pd.DataFrame
    prices: pd.DataFrame
    volumes: pd.DataFrame
    savings: pd.DataFrame
    providers: pd.DataFrame
    demand: pd.DataFrame
    unplaced: str
    knows_gaps: bool
    knows_statuses: bool


def networks(
    settings: Settings, employer: str | None = None, cpt: str | None = None
) -> Networks | None:
    """Everything on networks; None until gold is built. Rows are cut at the most that a screen
    shows.
    """
    if not warehouse_exists(settings):
        return None
    limit = tables.MAX_PAGE_ROWS
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None

        def rows(table: str, *filters: Filter) -> pd.DataFrame:
            return tables.table_page(connection, table, filters, limit=limit)

        procedures = dict(
            rows("dim_procedure")[["cpt", "plain_label"]].itertuples(index=False, name=None)
        )
        by_procedure = (Filter("cpt", "is", cpt),) if cpt else ()
        coverage, savings = rows("employer_network_coverage"), rows("employer_savings_opportunity")
        # a count of which nothing is known is a missing number, not an object
        coverage[COUNTS] = coverage[COUNTS].apply(pd.to_numeric)
        prices, volumes = (
            rows("price_transparency", *by_procedure),
            rows("volume_outcome", *by_procedure),
        )
        statuses, roster = (
            network_marts.roster_counts(connection),
            network_marts.roster(connection, employer, limit),
        )
        gaps = network_marts.access_gaps(connection)
        places = network_marts.listed_providers(connection, employer, cpt, limit)
        demand = _demand(settings, employer, cpt)
        areas = network_marts.places_of_areas(connection, demand["zip3"])
        knows_gaps, knows_statuses, knows_encounters = (
            not absent_sources.of_sources(connection, names)
            for names in (
                ("employer_networks", "encounters", "referrals"),
                ("employer_networks", "encounters"),
                ("encounters",),
            )
        )
    employers = tuple(sorted(set(coverage["employer_id"])))
    called = names.names_of(settings, "employer_id", employers)
    selections = [_matching(frame, employer, cpt) for frame in (coverage, gaps, savings)]
    coverage, gaps, savings = (
        frame.assign(
            employer=frame["employer_id"].map(called).fillna(frame["employer_id"]),
            procedure=frame["cpt"].map(procedures),
        )
        for frame in selections
    )
    if employer:
        statuses = statuses[statuses["employer_id"] == employer]
    savings["words"] = [
        explain_networks.saving(
            row.saving_low_usd, row.saving_usd, row.saving_high_usd, row.verdict
        )
        for row in savings.itertuples()
    ]
    savings["in_short"] = [
        explain_networks.verdict(row.saving_low_usd, row.saving_high_usd, row.verdict)
        for row in savings.itertuples()
    ]
    for frame in (prices, volumes):
        frame["procedure"] = frame["cpt"].map(procedures)
    providers, demand, unplaced = _on_the_map(
        places, demand.merge(areas, on="zip3", how="left"), knows_encounters
    )
    return Networks(
        employers,
        called,
        explain_networks.together(savings),
        procedures,
        coverage,
        statuses,
        roster,
        gaps,
        prices,
        volumes,
        savings,
        providers,
        demand,
        unplaced,
        knows_gaps,
        knows_statuses,
    )


def _demand(settings: Settings, employer: str | None, cpt: str | None) -> pd.DataFrame:
    """Referrals by area; which of the candidates is the first is masked, and leaves no service."""
    with open_visible(settings, "network_candidate", masked=False) as connection:
        return network_marts.demand_by_area(connection, employer, cpt)


def _matching(frame: pd.DataFrame, employer: str | None, cpt: str | None) -> pd.DataFrame:
    matching = frame[
        ((frame["employer_id"] == employer) | (employer is None))
        & ((frame["cpt"] == cpt) | (cpt is None))
    ]
    return matching.reset_index(drop=True)


def _on_the_map(
    places: pd.DataFrame, demand: pd.DataFrame, knows_encounters: bool
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Providers by ZIP, demand by area, and whom neither shows because nobody knows where the place
    is.
    """
    lost_providers = int(places["latitude"].isna().sum())
    lost_referrals = int(demand.loc[demand["latitude"].isna(), "referrals"].sum())
    placed_providers = places.dropna(subset=["latitude", "longitude"]).assign(
        performing=lambda frame: frame["encounters"] > 0
    )
    providers = (
        placed_providers.sort_values("encounters", ascending=False)
        .groupby(["zip5", "latitude", "longitude", "performing"], as_index=False)
        .agg(
            providers=("npi", "size"),
            encounters=("encounters", "sum"),
            names=("provider_name", list),
        )
    )
    providers["words"] = [
        explain_networks.place(row.zip5, row.names, row.encounters if knows_encounters else None)
        for row in providers.itertuples()
    ]
    placed_demand = demand.dropna(subset=["latitude", "longitude"]).reset_index(drop=True)
    placed_demand["words"] = [
        f"ZIP {row.zip3}**: {explain_networks.referrals(row.referrals)}"
        for row in placed_demand.itertuples()
    ]
    placed_demand["referrals"] = placed_demand["referrals"].clip(lower=SMALLEST_CELL - 1)
    return providers, placed_demand, explain_networks.unplaced(lost_providers, lost_referrals)
