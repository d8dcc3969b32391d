"""Providers in groups of their like: by volume, by main procedure, by area, each with a benchmark
that is shrunk to the evidence.

Sums of the providers that are shown, nothing else. Between groups ratios have a gamma distribution
with mean 1, whose variance is averaged over what it may be, as for providers in gold.
"""

from dataclasses import dataclass
from math import lgamma

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

NEEDED = ("provider_scorecard", "std_providers", "provider_case_mix", "dim_procedure")
SCORES = ["npi", "mature_encounter_count", "adverse_event_count", "expected_adverse_event_count"]
VOLUME, PROCEDURE, AREA = "Volume", "Main procedure", "Area"
UNKNOWN = "unknown"
#: Standard deviations between groups, as a share of what is expected.
SIZES = np.linspace(0.02, 1.5, 60)
LOG_GAMMA = np.vectorize(lgamma, otypes=[float])


@dataclass(frozen=True)
class Peers:
    """`groups`: a row a kind and group (providers, encounters, observed, expected, ratio,
    benchmark, low, high); `of`: the group of each provider (npi) in each kind.
    """

    groups: pd.DataFrame
    of: pd.DataFrame


def peers(settings: Settings) -> Peers | None:
    """The groups of this home; None where fewer than two providers are shown."""
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None
        limit = tables.MAX_PAGE_ROWS
        scores = tables.table_page(connection, "provider_scorecard", columns=SCORES, limit=limit)
        places = tables.table_page(
            connection, "std_providers", columns=("npi", "zip5"), limit=limit
        )
        done = pd.read_sql_query(
            "select npi, cpt, sum(encounters) as encounters from provider_case_mix group by 1, 2",
            connection,
        )
        labels = tables.table_page(connection, "dim_procedure", columns=("cpt", "plain_label"))
    scores = scores.dropna().set_index("npi").astype(float)
    if len(scores) < 2:
        return None
    main = done.sort_values(["encounters", "cpt"]).drop_duplicates("npi", keep="last")
    label = labels.set_index("cpt")["plain_label"]
    area = places.set_index("npi")["zip5"].str[:3]
    of = pd.DataFrame(
        {
            VOLUME: thirds(scores["mature_encounter_count"]),
            PROCEDURE: main.set_index("npi")["cpt"].map(label).reindex(scores.index),
            AREA: ("ZIP " + area + "**").reindex(scores.index),
        }
    ).fillna(UNKNOWN)
    return Peers(pd.concat([_groups(scores, of[kind]) for kind in of], ignore_index=True), of)


def thirds(encounters: pd.Series) -> pd.Series:
    """The third of each provider by encounters, in words; equal counts stay together."""
    place = encounters.rank(method="min").astype(int) - 1
    third = 3 * place // len(encounters)
    bounds = encounters.groupby(third).agg(["min", "max"]).astype(int)
    names = [f"{row['min']:,} to {row['max']:,} encounters" for _, row in bounds.iterrows()]
    return third.map(dict(zip(bounds.index, names, strict=True)))


def _groups(scores: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    sums = scores.groupby(group).agg(
        providers=("mature_encounter_count", "size"),
        encounters=("mature_encounter_count", "sum"),
        observed=("adverse_event_count", "sum"),
        expected=("expected_adverse_event_count", "sum"),
    )
    sums = sums[sums["expected"] > 0].sort_values("encounters", ascending=False)
    sums = sums.rename_axis("group").reset_index()
    sums.insert(0, "kind", group.name)
    mean = sums["observed"].sum() / sums["expected"].sum() if len(sums) else 1.0
    sums["ratio"] = sums["observed"] / sums["expected"]
    shrunk = benchmarks(sums["observed"].to_numpy(), (sums["expected"] * mean).to_numpy())
    sums["benchmark"], sums["low"], sums["high"] = (each * mean for each in shrunk)
    return sums


def benchmarks(
    observed: np.ndarray, expected: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The shrunken ratio of each group, and the ends of its 95 % interval: of the log-normal
    distribution with the mean and variance of the posterior.
    """
    shape = 1 / SIZES[:, None] ** 2
    logs = LOG_GAMMA(shape + observed) - LOG_GAMMA(shape)
    logs = logs + shape * np.log(shape) - (shape + observed) * np.log(shape + expected)
    # a prior uniform in the variance, on steps of equal standard deviations
    weights = logs.sum(axis=1) + np.log(SIZES)
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    means = (observed + shape) / (expected + shape)
    mean = weights @ means
    variance = weights @ (means / (expected + shape) + means**2) - mean**2
    spread = np.sqrt(np.log1p(variance / mean**2))
    middle = np.log(mean) - spread**2 / 2
    return mean, np.exp(middle - 1.959964 * spread), np.exp(middle + 1.959964 * spread)
