"""How a provider is chosen for a referral, worked out a second time in plain Python: nothing here
reads the tables it checks.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from benchmarks import savings
from tests.dbt.insight_oracle import centroids, miles

WEIGHTS = {"outcome": 0.4, "cost": 0.3, "distance": 0.2, "volume": 0.1}
#: What the tables of choice are made of, and they themselves.
TABLES = (
    "std_referrals",
    "std_providers",
    "std_employer_networks",
    "std_encounters",
    "provider_procedure_scorecard",
    "model_parameter",
    "int_provider_procedure_disclosure",
    "provider_case_mix",
    "procedure_benchmark",
    "fct_encounter",
    "network_option",
    "int_zip_distance",
    "network_candidate",
    "network_expected_cost",
    "referral_recommendation",
    "referral_access",
    "employer_savings_opportunity",
)
DEMAND = ["employer_id", "cpt", "zip5"]
UNKNOWN_MILES, SMALLEST_CELL, Z_95 = 50, 11, 1.959964
AGE_BANDS = ("0-64", "65-74", "75-84", "85+")


@dataclass(frozen=True)
class Option:
    """One provider for one procedure: what the score takes from him, wherever the patient lives."""

    npi: str
    zip5: str | None
    shown: bool
    encounter_count: int
    outcome: float
    cost: float
    volume: float
    cost_index: float
    cost_sd: float
    sd: float

    @property
    def quality(self) -> float:
        """Outcome and cost alone, lower is better."""
        return WEIGHTS["outcome"] * self.outcome + WEIGHTS["cost"] * self.cost

    @property
    def merit(self) -> float:
        return (
            WEIGHTS["outcome"] * self.outcome
            + WEIGHTS["cost"] * self.cost
            + WEIGHTS["volume"] * self.volume
        )


@dataclass(frozen=True)
class Ranked:
    """An option at its distance; `miles` is None when a place is unknown."""

    option: Option
    miles: float | None
    score: float


def options(tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str], list[Option]]:
    """(employer, cpt) -> known listed providers with an encounter of the procedure."""
    parameter = tables["model_parameter"].set_index("name").loc["provider_procedure"]
    hidden = tables["int_provider_procedure_disclosure"].set_index(["npi", "cpt"]).is_suppressed
    providers = tables["std_providers"]
    zips = dict(zip(providers.npi, providers.zip5.where(providers.zip5.notna(), None), strict=True))
    per_provider: dict[str, list[tuple[str, Option]]] = {}
    for row in tables["provider_procedure_scorecard"].itertuples():
        if row.npi not in zips:
            continue
        is_shown = not hidden[row.npi, row.cpt]
        count = row.encounter_count if is_shown else 0
        variance = row.cost_standard_error**2 if is_shown else parameter.cost_tau2_used
        shape = row.shrunken_ratio**2 / row.shrunken_ratio_variance if is_shown else parameter.alpha
        outcome_variance = special.polygamma(1, shape)
        per_provider.setdefault(row.npi, []).append(
            (
                row.cpt,
                Option(
                    row.npi,
                    zips[row.npi],
                    is_shown,
                    count,
                    math.log(row.shrunken_ratio) if is_shown else 0.0,
                    math.log(row.cost_index_shrunk) if is_shown else 0.0,
                    -math.log(1 + count),
                    row.cost_index_shrunk,
                    math.sqrt(variance),
                    math.hypot(
                        WEIGHTS["outcome"] * math.sqrt(outcome_variance),
                        WEIGHTS["cost"] * math.sqrt(variance),
                    ),
                ),
            )
        )
    by_group: dict[tuple[str, str], list[Option]] = {}
    for listed in tables["std_employer_networks"].itertuples():
        for cpt, option in per_provider.get(listed.npi, ()):
            by_group.setdefault((listed.employer_id, cpt), []).append(option)
    return by_group


def ranking(offered: list[Option], zip5: str | None, places: dict | None = None) -> list[Ranked]:
    """All options of a demand, the first to offer first: unshown ones last, ties by npi."""
    places = places or centroids()
    ranked = []
    for option in offered:
        distance = miles(places.get(zip5), places.get(option.zip5))
        away = math.log(1 + (UNKNOWN_MILES if distance is None else distance) / 10)
        ranked.append(Ranked(option, distance, option.merit + WEIGHTS["distance"] * away))
    return sorted(
        ranked,
        key=lambda option: (not option.option.shown, round(option.score, 9), option.option.npi),
    )


def near_bands(age_band: str) -> set[str]:
    """The band and those beside it."""
    if age_band not in AGE_BANDS:
        return {age_band}
    place = AGE_BANDS.index(age_band)
    return set(AGE_BANDS[max(place - 1, 0) : place + 2])


def saving(
    offered: list[Option], demands: list[tuple[str | None, int]], mean: float, places: dict
) -> tuple[float, float] | None:
    """Dollars saved by sending referrals to the first three shown, and the standard deviation; None
    when none is shown.
    """
    shown_options = [option for option in offered if option.shown]
    if not shown_options:
        return None
    total, volume = (
        sum(count for _, count in demands),
        sum(option.encounter_count for option in shown_options),
    )
    moved = {option.npi: total * option.encounter_count / volume for option in shown_options}
    for zip5, count in demands:
        first = [
            option.option for option in ranking(offered, zip5, places)[:3] if option.option.shown
        ]
        for option in first:
            moved[option.npi] -= count / len(first)
    index = {option.npi: option for option in shown_options}
    middle, deviation = savings.saving(
        np.array(list(moved.values())),
        np.array([index[npi].cost_index for npi in moved]),
        np.array([index[npi].cost_sd for npi in moved]),
    )
    return mean * middle, mean * deviation
