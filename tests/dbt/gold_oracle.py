"""The formulas of gold in plain Python, and the gold tables as frames."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd

TABLES = (
    "std_encounters", "std_patients", "std_adverse_events", "std_referrals", "std_employer_networks", "std_providers",
    "dim_procedure", "all_time_patients", "fct_encounter", "case_mix_reference", "model_parameter", "procedure_benchmark",
    "provider_case_mix", "provider_procedure_scorecard", "provider_scorecard", "employer_network_coverage",
)  # fmt: skip
Z_95 = 1.959964


def read_gold(home: Path) -> dict[str, pd.DataFrame]:
    """Silver, gold and feature tables of a home, by name; the home is only read."""
    connection = sqlite3.connect(f"file:{home / 'icon_health.db'}?mode=ro", uri=True)
    try:
        store = connection.execute("select name from sqlite_master where type in ('table', 'view') and substr(name, 1, 5) = 'feat_'")
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


def moment_variance(observed: pd.Series, expected: pd.Series) -> float:
    """Variance of true O/E between units by the method of moments; may be negative."""
    mu = observed.sum() / expected.sum()
    spread = (expected * (observed / expected - mu) ** 2).sum() - (len(observed) - 1) * mu
    return spread / (expected.sum() - (expected**2).sum() / expected.sum())


def cost_variances(units: pd.Series, deviations: pd.Series) -> tuple[float, float]:
    """Variance of ln(paid) within and between units, by one-way analysis of variance; the second may be negative."""
    groups = deviations.groupby(units).agg(["size", "mean"])
    total, count, sizes = len(deviations), len(groups), groups["size"]
    between = (sizes * groups["mean"] ** 2).sum()
    within = ((deviations**2).sum() - between) / (total - count)
    per_unit = (total - (sizes**2).sum() / total) / (count - 1)
    return within, (between / (count - 1) - within) / per_unit
