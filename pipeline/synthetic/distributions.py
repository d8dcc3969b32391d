"""What the numbers look like: procedure mix, paid amounts, ages, adverse-event odds.

Every table holds whole numbers made once from quantiles, so that a draw is a look-up and the last
bit of a platform's `exp` cannot change a file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

GRID = 16_384  # quantiles in a table
RISK_ONE = 1 << 24  # an adverse-event probability of 1, in the units of the risk tables
MAX_AGE_YEARS = 106
DAYS_A_YEAR = 365.2425


@dataclass(frozen=True)
class Procedure:
    """One CPT code: its share, paid mixture (weight, median USD, sd of ln), risk and clinical
    age.
    """

    cpt: str
    share: float
    paid: tuple[tuple[float, float, float], ...]
    log_odds: float
    clinical_age: tuple[float, float, int, int]  # mean, sd, lowest, highest, in years


PROCEDURES = (
    Procedure(
        "27130", 0.296, ((0.905, 1200, 0.693), (0.095, 7362, 0.081)), -1.99, (64, 10, 36, 95)
    ),
    Procedure(
        "29888",
        0.225,
        ((0.286, 3460, 0.551), (0.287, 5476, 0.035), (0.427, 10101, 0.701)),
        -2.26,
        (28, 9, 14, 60),
    ),
    Procedure(
        "29806",
        0.197,
        ((0.656, 8464, 0.179), (0.288, 17964, 0.243), (0.056, 76527, 0.320)),
        -2.06,
        (30, 10, 15, 65),
    ),
    Procedure(
        "24538",
        0.197,
        ((0.238, 826, 0.161), (0.305, 1711, 0.154), (0.457, 5064, 0.359)),
        -3.71,
        (8, 4, 1, 17),
    ),
    Procedure(
        "20610",
        0.085,
        ((0.506, 294, 0.0), (0.095, 95, 0.459), (0.399, 404, 0.293)),
        -3.55,
        (58, 13, 18, 95),
    ),
)
CPTS = tuple(procedure.cpt for procedure in PROCEDURES)
OBSERVED_AGE = (78.0, 11.2, 36, MAX_AGE_YEARS)
SIGMA_BY_WORLD = {"null": 0.0, "signal": 0.4}


@cache
def normal_quantiles() -> tuple[float, ...]:
    """GRID standard-normal quantiles at mid-points, rounded so that they are equal everywhere."""
    inverse = NormalDist().inv_cdf
    return tuple(round(inverse((i + 0.5) / GRID), 9) for i in range(GRID))


def shares_to_limits(shares: list[float]) -> np.ndarray:
    """Cumulative shares as uint64 limits on 2**32, the last one exactly 2**32; shape (n,)."""
    total, running, limits = sum(shares), 0.0, []
    for share in shares:
        running += share
        limits.append(round(running / total * 2**32))
    limits[-1] = 2**32
    return np.array(limits, np.uint64)


@cache
def paid_table() -> np.ndarray:
    """Paid USD, whole dollars, shape (procedures, GRID * 3): a uniform column is one draw."""
    rows = []
    for procedure in PROCEDURES:
        amounts: list[int] = []
        for position, (weight, median, spread) in enumerate(procedure.paid):
            last = position == len(procedure.paid) - 1
            count = GRID * 3 - len(amounts) if last else round(GRID * 3 * weight)
            inverse = NormalDist().inv_cdf
            amounts += [
                max(1, round(median * math.exp(spread * round(inverse((i + 0.5) / count), 9))))
                for i in range(count)
            ]
        rows.append(amounts)
    return np.array(rows, np.int32)


@cache
def age_days_table(mode: str) -> np.ndarray:
    """Age in days at the extract, shape (procedures, GRID), for mode `observed` or `clinical`."""
    rows = []
    for procedure in PROCEDURES:
        mean, spread, low, high = OBSERVED_AGE if mode == "observed" else procedure.clinical_age
        years = [min(max(mean + spread * z, low), high) for z in normal_quantiles()]
        rows.append([round(year * DAYS_A_YEAR) for year in years])
    return np.array(rows, np.int32)


def risk_table(effects: np.ndarray) -> np.ndarray:
    """Adverse-event risk in units of 1/RISK_ONE, int64, shape (procedures, ages in years,
    effects).
    """
    base = np.array([procedure.log_odds for procedure in PROCEDURES])[:, None, None]
    ages = np.arange(MAX_AGE_YEARS + 2)[None, :, None]
    logit = base + 0.45 * (ages - 75) / 10 + effects[None, None, :]
    return np.rint(RISK_ONE / (1 + np.exp(-logit))).astype(np.int64)
