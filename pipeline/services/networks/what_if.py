"""What becomes of an employer's network when a provider leaves it or joins it: coverage, distance,
expected adverse events and cost, before and after.

Everything rests on what an export may hold: a provider's procedure that is hidden has no volume, no
outcome and no cost here, and patients stand in the middle of their three-digit area. So no change
that somebody tries can tell what no screen shows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.privacy.masking import masked_values
from pipeline.services.networks import moved_referrals
from pipeline.services.networks.moved_referrals import Network
from pipeline.services.referrals.choice_score import NEAR_MILES, miles_from
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.marts import networks as network_marts
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

CELLS = ("provider_procedure_scorecard", "procedure_benchmark")
PLACES = (
    "std_employer_networks",
    "std_providers",
    "std_referrals",
    "zip_centroid",
    "dim_procedure",
)
CELL = ["npi", "cpt", "encounter_count", *moved_referrals.MEASURE_COLUMNS]
BENCHMARK = ["cpt", "adverse_event_rate", "winsorised_mean_usd"]


@dataclass(frozen=True)
class Change:
    """One provider less, one more, and who takes the referrals of the one less: None stands for all
    others, as patients choose among them today.
    """

    employer: str
    removed: str | None = None
    added: str | None = None
    taker: str | None = None


@dataclass(frozen=True)
class Choices:
    """Npi -> name of those whom a network lists and the directory knows, and of all others who
    performed anything; nobody where no encounter or no referral of the employer is known.
    """

    listed: dict[str, str]
    others: dict[str, str]


@dataclass(frozen=True)
class Supply:
    """Names of the providers that the directory knows, who is listed, what each performs, and what
    is asked for from where: `asked` has cpt, zip3, referrals; `miles` areas x providers.
    """

    names: dict[str, str]
    listed: frozenset[str]
    cells: pd.DataFrame
    benchmark: pd.DataFrame
    asked: pd.DataFrame
    miles: pd.DataFrame
    procedures: dict[str, str]


def choices(settings: Settings, employer: str) -> Choices:
    """Who can leave the network of an employer, and who can join it."""
    supply = supply_of(settings, employer)
    if supply is None or supply.cells.empty or supply.asked.empty:
        return Choices({}, {})
    others = set(supply.cells["npi"]) - supply.listed
    return Choices(
        {npi: name for npi, name in supply.names.items() if npi in supply.listed},
        {npi: name for npi, name in supply.names.items() if npi in others},
    )


def what_if(settings: Settings, change: Change) -> pd.DataFrame:
    """A row for each procedure: what `compared` says. Raises InputRefused for a provider who cannot
    leave, join or take over.
    """
    supply = supply_of(settings, change.employer)
    if supply is None:
        raise InputRefused("is not built yet", "gold", "build the layers on the page Run")
    return applied(supply, change)


def applied(supply: Supply, change: Change) -> pd.DataFrame:
    """The same, of what was read before."""
    known = supply.listed & supply.names.keys()
    joins = {change.added} if change.added else set()
    after = {npi for npi in known | joins if npi != change.removed}
    if change.removed and change.removed not in known:
        raise InputRefused("is not in this network", "the provider to remove", "choose another one")
    if joins and (joins & known or not joins <= set(supply.cells["npi"])):
        raise InputRefused("cannot join this network", "the provider to add", "choose another one")
    if change.taker and change.taker not in after:
        raise InputRefused("would not be in this network", "who takes over", "choose another one")
    return compared(supply, change, frozenset(known), frozenset(after))


def compared(
    supply: Supply, change: Change, before: frozenset[str], after: frozenset[str]
) -> pd.DataFrame:
    """cpt, procedure, referrals; before and after: performing (providers), shown (those of them
    with shown numbers), near (referrals with one within 25 miles), miles (median to the nearest);
    what `moved_referrals.moved` says of events and cost.
    """
    lines = []
    rates = supply.benchmark.set_index("cpt")
    moves = Network(before, after, change.removed, change.added, change.taker)
    for cpt, procedure in supply.procedures.items():
        cells = supply.cells[supply.cells["cpt"] == cpt].set_index("npi")
        asked = supply.asked[supply.asked["cpt"] == cpt]
        referrals = int(asked["referrals"].sum())
        line: dict[str, object] = {"cpt": cpt, "procedure": procedure, "referrals": referrals}
        for when, network in (("before", before), ("after", after)):
            performing = cells.index[cells.index.isin(network)]
            line[f"performing_{when}"] = len(performing)
            line[f"shown_{when}"] = int(cells.loc[performing, "encounter_count"].notna().sum())
            nearest = supply.miles.reindex(index=asked["zip3"], columns=performing).min(axis=1)
            line[f"near_{when}"], line[f"miles_{when}"] = _distances(nearest, asked["referrals"])
        rate, mean_usd = (float(number) for number in rates.reindex([cpt]).iloc[0])
        line |= moved_referrals.moved(cells, moves, referrals, rate, mean_usd)
        lines.append(line)
    return pd.DataFrame(lines)


def _distances(nearest: pd.Series, referrals: pd.Series) -> tuple[int, float]:
    """How many referrals have a provider within 25 miles, and the median miles to the nearest; an
    unknown place is never near.
    """
    each = np.repeat(nearest.to_numpy(dtype=float), referrals.to_numpy(dtype=int))
    each = each[~np.isnan(each)]
    return int((each <= NEAR_MILES).sum()), float(np.median(each)) if len(each) else float("nan")


def supply_of(settings: Settings, employer: str) -> Supply | None:
    """What a change of the network of an employer rests on; None until gold is built."""
    if not warehouse_exists(settings):
        return None
    limit = tables.MAX_PAGE_ROWS
    with open_visible(settings, *CELLS, for_export=True, in_files=False) as connection:
        if not set(CELLS + PLACES) <= set(relation_names(connection)):
            return None
        cells = network_marts.columns_of(connection, CELLS[0], CELL)
        benchmark = network_marts.columns_of(connection, CELLS[1], BENCHMARK)
    with open_visible(settings, *PLACES, masked=False) as connection:
        asked = network_marts.asked_from(connection, employer)
        asked["zip3"] = [
            str(zip5)[:3] for zip5 in masked_values(asked["zip5"], "std_referrals", "zip5")
        ]
        asked = asked.groupby(["cpt", "zip3"], as_index=False)["referrals"].sum()
        areas = network_marts.places_of_areas(connection, sorted(set(asked["zip3"])))
        providers = network_marts.directory(connection).set_index("npi")
        listed = network_marts.listed_npis(connection, employer)
    with open_visible(settings, *PLACES) as connection:
        labels = tables.table_page(
            connection, "dim_procedure", columns=("cpt", "plain_label"), sort="cpt", limit=limit
        )
    cells = cells[cells["npi"].isin(providers.index)]
    numbers = [name for name in CELL if name not in ("npi", "cpt")]
    cells[numbers] = cells[numbers].apply(pd.to_numeric)
    miles = {
        row.zip3: miles_from(
            (row.latitude, row.longitude), providers["latitude"], providers["longitude"]
        )
        for row in areas.itertuples()
    }
    return Supply(
        {str(npi): str(name) for npi, name in providers["provider_name"].items()},
        frozenset(listed),
        cells,
        benchmark,
        asked,
        pd.DataFrame(miles, index=providers.index).T,
        dict(labels.itertuples(index=False, name=None)),
    )
