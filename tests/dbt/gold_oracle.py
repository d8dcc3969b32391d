"""The formulas of gold in plain Python, and the gold tables as frames."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd

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
    observed: pd.Series, expected: pd.Series, chance: tuple[float, float], floor: float
) -> tuple[float, float]:
    """Variance of true O/E between units by the method of moments, which may be negative, and its
    standard error.
    """
    beyond_own = expected.sum() - (expected**2).sum() / expected.sum()
    variance = (((observed - expected) ** 2 / expected).sum() - chance[0]) / beyond_own
    assumed = max(variance, floor)
    error = np.sqrt(chance[1] + 2 * ((1 + expected * assumed) ** 2 - 1).sum()) / beyond_own
    return variance, error


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
