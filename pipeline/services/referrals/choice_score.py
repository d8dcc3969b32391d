"""The choice score of candidates at any weights and for any place: the formula of
network_candidate, on the parts that gold keeps.

With the weights of the project this gives the order and the scores of referral_recommendation (a
test compares them all); the page needs it for other weights and for people who have no referral.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.declared.variables import load_variables
from pipeline.services.referrals.quality_rank import COLUMNS, Z_95, quality_ranks

EARTH_MILES = 3958.7613
#: Groups of candidates: nobody can tell them apart from the best in quality; worse than the best by
#: more than chance; not measured.
TOGETHER, APART, UNMEASURED = 1, 2, 3
NEAR_MILES = 25


@dataclass(frozen=True)
class Weights:
    """How much each part of the score counts."""

    outcome: float
    cost: float
    distance: float
    volume: float


def standard_weights() -> Weights:
    """The weights that the tables use."""
    return Weights(**load_variables()["choice_weights"])


def miles_from(
    place: tuple[float, float] | None, latitudes: pd.Series, longitudes: pd.Series
) -> pd.Series:
    """Great-circle miles (haversine) from a place to each other one; missing where a place is
    unknown.
    """
    if place is None:
        return pd.Series(np.nan, index=latitudes.index, dtype="float64")
    latitude, longitude = (
        np.radians(latitudes.astype("float64")),
        np.radians(longitudes.astype("float64")),
    )
    here = tuple(map(math.radians, place))
    half = (
        np.sin((latitude - here[0]) / 2) ** 2
        + math.cos(here[0]) * np.cos(latitude) * np.sin((longitude - here[1]) / 2) ** 2
    )
    return 2 * EARTH_MILES * np.arcsin(np.sqrt(half.clip(upper=1)))


def ranked(options: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Candidates (rows of network_option with `miles`) in the order of the score, with
    distance_score, score, score_low, score_high, the columns of `quality_ranks` (null when not
    measured) and `group`.

    The lower the score the better; those who are not measured come last; equal scores by NPI.
    """
    unknown = float(load_variables()["unknown_miles"])
    scored = options.assign(distance_score=np.log(1 + options["miles"].fillna(unknown) / 10))
    scored["score"] = (
        weights.outcome * scored["outcome_score"]
        + weights.cost * scored["cost_score"]
        + weights.distance * scored["distance_score"]
        + weights.volume * scored["volume_score"]
    )
    spread = Z_95 * np.sqrt(
        (weights.outcome * scored["outcome_standard_error"]) ** 2
        + (weights.cost * scored["cost_standard_error"]) ** 2
    )
    scored["score_low"], scored["score_high"] = scored["score"] - spread, scored["score"] + spread
    scored = scored.sort_values(
        ["is_measured", "score", "npi"], ascending=[False, True, True], ignore_index=True
    )
    return _with_quality(scored, weights)


def for_people(scored: pd.DataFrame) -> pd.DataFrame:
    """The same candidates as they are offered: nobody is put before another for a score. By group,
    then the nearest first.
    """
    return scored.sort_values(["group", "miles", "npi"], ignore_index=True)


def by_distance(options: pd.DataFrame) -> pd.DataFrame:
    """Candidates (rows of network_option with `miles`) whose outcomes are unknown, with the columns
    of `ranked`: the nearest first, those who are not measured last, every score missing.
    """
    unranked = options.sort_values(
        ["is_measured", "miles", "npi"], ascending=[False, True, True], ignore_index=True
    )
    unknown = float(load_variables()["unknown_miles"])
    unranked["distance_score"] = np.log(1 + unranked["miles"].fillna(unknown) / 10)
    unranked[["score", "score_low", "score_high", *COLUMNS]] = np.nan
    unranked["group"] = unranked["is_measured"].map({1: TOGETHER, 0: UNMEASURED})
    return unranked


def _with_quality(scored: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    measured = scored["is_measured"] == 1
    quality = weights.outcome * scored["outcome_score"] + weights.cost * scored["cost_score"]
    error = np.hypot(
        weights.outcome * scored["outcome_standard_error"],
        weights.cost * scored["cost_standard_error"],
    )
    ranks = quality_ranks(quality[measured].to_numpy(float), error[measured].to_numpy(float))
    joined = scored.join(ranks.set_index(scored.index[measured]))
    joined["group"] = joined.pop("is_apart").map({0: TOGETHER, 1: APART}).fillna(UNMEASURED)
    return joined.astype({"group": int})
