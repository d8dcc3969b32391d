"""How sure the order of candidates in quality is: the formulas of int_quality_rank, for any weights
and any number of candidates.

Quality is the weighted sum of the logarithms of outcome and cost, lower is better; its posterior is
taken for normal. Distance and volume are no quality.
"""

import math

import numpy as np
import pandas as pd

Z_95 = 1.959964
#: Chance from which one candidate of a pair is taken for the better.
SURE = 0.975
#: Steps of the trapezoid rule over a posterior, in standard deviations.
STEPS = np.arange(-3.6, 3.61, 0.4)
LEAST_ERROR = 1e-12
COEFFICIENTS = (1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530)
COLUMNS = [
    "quality_score",
    "quality_low",
    "quality_high",
    "rank_low",
    "rank_high",
    "best_probability",
    "best_three_probability",
]


def quality_ranks(quality: np.ndarray, error: np.ndarray) -> pd.DataFrame:
    """`COLUMNS` and is_apart of candidates with these qualities and standard errors.

    `rank_low` and `rank_high` leave out who is better or worse with a probability of 97.5 %;
    `is_apart` is 1 where the interval lies wholly beyond that of a better one.
    """
    error = np.maximum(error, LEAST_ERROR)
    low, high = quality - Z_95 * error, quality + Z_95 * error
    differences = (quality[:, None] - quality[None, :]) / np.hypot(error[:, None], error[None, :])
    other_is_better = _normal(differences)
    np.fill_diagonal(other_is_better, 0.5)
    best, best_three = _chances(quality, error)
    return pd.DataFrame(
        {
            "quality_score": quality,
            "quality_low": low,
            "quality_high": high,
            "rank_low": 1 + (other_is_better >= SURE).sum(axis=1),
            "rank_high": len(quality) - (other_is_better <= 1 - SURE).sum(axis=1),
            "best_probability": best,
            "best_three_probability": best_three,
            "is_apart": (low > high.min(initial=np.inf)).astype(int),
        }
    )


def _chances(quality: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability of being the best, and among the best three, of independent candidates."""
    weights = np.exp(-(STEPS**2) / 2)
    weights /= weights.sum()
    best, best_three = np.empty(len(quality)), np.empty(len(quality))
    for place, (own, spread) in enumerate(zip(quality, error, strict=True)):
        others = np.arange(len(quality)) != place
        at = own + spread * STEPS
        better = _normal((at[:, None] - quality[others]) / error[others]).clip(0, 1 - 1e-9)
        nobody = np.exp(np.log1p(-better).sum(axis=1))
        odds = better / (1 - better)
        pairs = (odds.sum(axis=1) ** 2 - (odds**2).sum(axis=1)) / 2
        best[place] = weights @ nobody
        best_three[place] = weights @ (nobody * (1 + odds.sum(axis=1) + pairs))
    return best.clip(0, 1), best_three.clip(0, 1)


def _normal(z: np.ndarray) -> np.ndarray:
    """The standard normal distribution function, as the macro normal_upper_tail works it out
    (Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8).
    """
    t = 1 / (1 + 0.2316419 * np.abs(z))
    tail = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * t * np.polyval(COEFFICIENTS, t)
    return np.where(z < 0, tail, 1 - tail)
