"""The formulas of gold in plain Python, and the gold tables as frames."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

TABLES = (
    "std_encounters", "std_patients", "std_adverse_events", "std_referrals", "std_employer_networks", "std_providers",
    "dim_procedure", "all_time_patients", "fct_encounter", "case_mix_reference", "model_parameter", "procedure_benchmark",
    "provider_case_mix", "provider_procedure_scorecard", "provider_scorecard", "employer_network_coverage", "network_candidate",
    "referral_access",
)  # fmt: skip
Z_95 = 1.959964


def read_gold(home: Path) -> dict[str, pd.DataFrame]:
    """Silver, gold and feature tables of a home, by name; the home is only read."""
    connection = sqlite3.connect(f"file:{home / 'icon_health.db'}?mode=ro", uri=True)
    try:
        store = connection.execute(
            "select name from sqlite_master where type in ('table', 'view') and substr(name, 1, 5) = 'feat_'"
        )
        names = (*TABLES, *(name for (name,) in store))
        return {name: pd.read_sql(f'select * from "{name}"', connection) for name in names}
    finally:
        connection.close()


def wilson(events: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """95 % score limits of a proportion."""
    rate = events / trials
    centre = rate + Z_95**2 / (2 * trials)
    half = Z_95 * np.sqrt(rate * (1 - rate) / trials + Z_95**2 / (4 * trials**2))
    return (centre - half) / (1 + Z_95**2 / trials), (centre + half) / (1 + Z_95**2 / trials)


def chance_moments(cells: pd.DataFrame, keys: list[str]) -> tuple[float, float]:
    """Mean and variance of the sum of (O - E)^2 / E over units of `keys` when each risk cell deals
    its events at random.

    By the whole covariance matrix of the units' events, one hypergeometric covariance a cell.
    """
    cells = cells.assign(
        unit=cells[keys].agg(" ".join, axis=1),
        cell=cells[["cpt", "age_band", "sex"]].agg(" ".join, axis=1),
    )
    expected = cells.groupby("unit").expected_adverse_event_count.sum()
    counts = cells.pivot_table(index="unit", columns="cell", values="encounters", fill_value=0).loc[
        expected.index
    ]
    covariance, fourth = np.zeros((len(expected), len(expected))), np.zeros(len(expected))
    for cell, group in cells.groupby("cell"):
        n, o, own = (
            group.encounters.sum(),
            group.adverse_event_count.sum(),
            counts[cell].to_numpy(float),
        )
        rate = o / n
        fourth += own * rate * (1 - rate) * (1 - 6 * rate * (1 - rate))
        if n > 1:
            covariance += rate * (1 - rate) * n / (n - 1) * (np.diag(own) - np.outer(own, own) / n)
    scaled = covariance / np.sqrt(np.outer(expected, expected))
    return np.trace(scaled), 2 * (scaled**2).sum() + (fourth / expected**2).sum()


def moment_variance(
    observed: pd.Series, expected: pd.Series, chance: tuple[float, float]
) -> tuple[float, float]:
    """Variance of true O/E between units by the method of moments, which may be negative, and its
    standard error.
    """
    beyond_own = expected.sum() - (expected**2).sum() / expected.sum()
    variance = (((observed - expected) ** 2 / expected).sum() - chance[0]) / beyond_own
    assumed = max(variance, 0)
    error = np.sqrt(chance[1] + 2 * ((1 + expected * assumed) ** 2 - 1).sum()) / beyond_own
    return variance, error


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


def cost_variances(units: pd.Series, deviations: pd.Series) -> tuple[float, float]:
    """Variance of ln(paid) within and between units, by one-way analysis of variance; the second
    may be negative.
    """
    groups = deviations.groupby(units).agg(["size", "mean"])
    total, count, sizes = len(deviations), len(groups), groups["size"]
    between = (sizes * groups["mean"] ** 2).sum()
    within = ((deviations**2).sum() - between) / (total - count)
    per_unit = (total - (sizes**2).sum() / total) / (count - 1)
    return within, (between / (count - 1) - within) / per_unit
