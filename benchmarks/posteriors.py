"""What the product believes of units, by numpy and scipy: the formulas of int_cost_unit,
int_variance_posterior and int_shrunken_unit without a database.

Quick enough for hundreds of worlds; `tests/dbt/test_gold_cost.py`, `test_gold_statistics.py` and
`test_coverage_benchmark.py` prove that the SQL gives the same.
"""

import numpy as np
import pandas as pd
from scipy import special, stats

GRID = 40


def grid_of(estimate: float, error: float) -> np.ndarray:
    """Standard deviations between units that are thought possible around a moment estimate."""
    low = np.sqrt(max(0, estimate - 5 * error))
    high = np.sqrt(max(0, estimate) + 8 * error)
    return low + (high - low) * (np.arange(GRID) + 0.5) / GRID


def weights_of(ln_likelihood: np.ndarray, tau: np.ndarray, share: float) -> np.ndarray:
    """Posterior of the grid under a prior uniform in the variance; `share` of independence."""
    ln_weight = np.log(tau) + share * ln_likelihood
    weight = np.exp(ln_weight - ln_weight.max())
    return weight / weight.sum()


def outcome_posterior(
    observed: np.ndarray, expected: np.ndarray, tau: np.ndarray, share: float, spread: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Posterior mean, variance and reliability of each unit's O/E, and the mean of tau squared: a
    negative binomial likelihood by scipy, a gamma posterior at each standard deviation.
    """
    shape = tau**-2.0
    o, e = observed[:, None] / spread, expected[:, None] / spread
    likelihood = (
        special.gammaln(o + shape)
        - special.gammaln(shape)
        + shape * np.log(shape / (shape + e))
        - o * np.log(shape + e)
    ).sum(axis=0)
    weight = weights_of(likelihood, tau, share)
    mean = (observed[:, None] + shape) / (expected[:, None] + shape)
    variance = mean / (expected[:, None] + shape)
    total = (weight * mean).sum(axis=1)
    return (
        total,
        (weight * (variance + mean**2)).sum(axis=1) - total**2,
        (weight * expected[:, None] / (expected[:, None] + shape)).sum(axis=1),
        float((weight * tau**2).sum()),
    )


def cost_posterior(
    mean: np.ndarray, sampling: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """The same for the mean of ln(paid) beyond that of the procedure, with a normal likelihood."""
    precision = 1 / sampling
    beyond_own = precision.sum() - (precision**2).sum() / precision.sum()
    centre = (precision * mean).sum() / precision.sum()
    estimate = ((precision * mean**2).sum() - centre**2 * precision.sum() - len(mean) + 1) / (
        beyond_own
    )
    error = np.sqrt(2 * ((1 + max(estimate, 0) * precision) ** 2).sum()) / beyond_own
    tau = grid_of(estimate, error)
    spread = sampling[:, None] + tau**2
    likelihood = stats.norm.logpdf(mean[:, None], 0, np.sqrt(spread)).sum(axis=0)
    weight = weights_of(likelihood, tau, share)
    effect = mean[:, None] * tau**2 / spread
    total = (weight * effect).sum(axis=1)
    second = (weight * (sampling[:, None] * tau**2 / spread + effect**2)).sum(axis=1)
    return (
        total,
        second - total**2,
        (weight * tau**2 / spread).sum(axis=1),
        float((weight * tau**2).sum()),
    )


def residual_variances(amounts: pd.DataFrame, borrowed: int = 10) -> pd.Series:
    """Variance of ln(paid) around the means of a procedure's providers, by procedure; each borrows
    degrees of freedom from all.
    """
    own = amounts.groupby(["cpt", "npi"]).deviation.transform("mean")
    squares = ((amounts.deviation - own) ** 2).groupby(amounts.cpt).sum()
    freedom = amounts.groupby("cpt").size() - amounts.groupby("cpt").npi.nunique()
    pooled = squares.sum() / freedom.sum()
    return (squares + borrowed * pooled) / (freedom + borrowed)
