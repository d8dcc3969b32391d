"""The formulas of gold in plain Python, and the gold tables as frames."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

from benchmarks.posteriors import (  # noqa: F401
    cost_posterior,
    grid_of,
    outcome_posterior,
    residual_variances,
)

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


def hypergeometric_counts(cells: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Encounters of each unit (row) in each risk group (column), and (size, events) of these."""
    cells = cells.assign(unit=cells[keys].agg(" ".join, axis=1))
    counts = cells.pivot_table(
        index="unit", columns="risk_group", values="encounters", fill_value=0, aggfunc="sum"
    )
    urns = cells.groupby("risk_group")[["encounters", "adverse_event_count"]].sum()
    return counts, urns.loc[counts.columns].to_numpy()


def pooled(units: list[tuple], least: int = 11) -> set:
    """Keys of the `units` (is small, outcomes, events, key) that are compared as one: the small
    ones and the next smallest until two of them have outcomes, `least` in sum, some events and not
    all.
    """
    if not any(small for small, *_ in units):
        return set()
    waiting = sorted(units, key=lambda unit: (not unit[0], unit[1], unit[3]))
    taken: list[tuple] = []
    while waiting:
        taken.append(waiting.pop(0))
        outcomes, events = sum(unit[1] for unit in taken), sum(unit[2] for unit in taken)
        if (
            not any(small for small, *_ in waiting)
            and sum(unit[1] > 0 for unit in taken) >= 2
            and outcomes >= least
            and 0 < events < outcomes
        ):
            break
    return {unit[3] for unit in taken}


def risk_groups(cells: pd.DataFrame) -> pd.DataFrame:
    """`cells` (cpt, age_band, sex, mature_encounter_count, observed_count) with the procedure group
    and the risk group of each.
    """
    counts = ["mature_encounter_count", "observed_count"]
    small = pooled(
        [
            (n < 11 or o == n or (o == 0 and n < 100), n, o, cpt)
            for cpt, n, o in cells.groupby("cpt")[counts].sum().itertuples()
        ]
    )
    cells = cells.assign(
        procedure_group=["small procedures" if cpt in small else cpt for cpt in cells["cpt"]]
    )
    groups = {}
    for procedure, own in cells.groupby("procedure_group"):
        strata = own.groupby(["age_band", "sex"])[counts].sum()
        units = [
            (n < 11 or (procedure == "small procedures" and o in (0, n)), n, o, key)
            for key, n, o in strata.itertuples()
        ]
        together = pooled(units)
        for *_, key in units:
            name = "small cells" if key in together else " ".join(key)
            groups[procedure, *key] = f"{procedure} {name}"
    keys = zip(cells["procedure_group"], cells["age_band"], cells["sex"], strict=True)
    return cells.assign(risk_group=[groups[key] for key in keys])


def with_rates(cells: pd.DataFrame, m: float) -> pd.DataFrame:
    """`cells` as above with their groups, the rate that each is `smoothed` to by `m` encounters of
    its procedure group, and that rate `calibrated` to the events there are.
    """
    cells = risk_groups(cells)
    counts = ["mature_encounter_count", "observed_count"]
    own = cells.groupby("risk_group")[counts].transform("sum")
    whole = cells.groupby("procedure_group")[counts].transform("sum")
    rate = whole.observed_count / whole.mature_encounter_count
    smoothed = (own.observed_count + m * rate) / (own.mature_encounter_count + m)
    factor = cells.observed_count.sum() / (cells.mature_encounter_count * smoothed).sum()
    return cells.assign(smoothed=smoothed, calibrated=smoothed * factor)


def _falling(numbers, most: int) -> list:
    """Falling factorial powers from 0 to `most`."""
    powers = [np.ones_like(numbers, dtype=float)]
    for step in range(most):
        powers.append(powers[-1] * (numbers - step))
    return powers


def chance_moments(cells: pd.DataFrame, keys: list[str]) -> tuple[float, float, float]:
    """Mean, variance and third moment of the sum of (O - E)^2 / E over units of `keys` when each
    risk cell deals its events at random.

    Every pair of units, by factorial moments of multivariate hypergeometric counts; a unit with
    itself by scipy's probabilities. The third moment takes units as independent and binomial.
    """
    counts, urns = hypergeometric_counts(cells, keys)
    unit = cells[keys].agg(" ".join, axis=1)
    expected = cells.groupby(unit).expected_adverse_event_count.sum().loc[counts.index].to_numpy()
    units = len(expected)
    second, third, fourth = (np.zeros((units, units)) for _ in range(3))
    mean = np.zeros(units)
    for own, (size, events) in zip(counts.to_numpy(float).T, urns, strict=True):
        n, f = (
            _falling(own, 2),
            [
                o / s if s else 0.0
                for o, s in zip(_falling(float(events), 4), _falling(float(size), 4), strict=True)
            ],
        )
        both = {
            (1, 1): f[2] * np.outer(n[1], n[1]),
            (2, 1): f[3] * np.outer(n[2], n[1]) + f[2] * np.outer(n[1], n[1]),
            (2, 2): f[4] * np.outer(n[2], n[2])
            + f[3] * (np.outer(n[2], n[1]) + np.outer(n[1], n[2]))
            + f[2] * np.outer(n[1], n[1]),
        }
        one, square = own * f[1], f[2] * n[2] + f[1] * n[1]
        u, v = one[:, None], one[None, :]
        covariance = both[1, 1] - u * v
        uuv = both[2, 1] - v * square[:, None] - 2 * u * both[1, 1] + 2 * u * u * v
        uuvv = (
            both[2, 2] - 2 * v * both[2, 1] - 2 * u * both[2, 1].T + v**2 * square[:, None]
            + u**2 * square[None, :] + 4 * u * v * both[1, 1] - 3 * u**2 * v**2
        )  # fmt: skip
        for place, drawn in enumerate(own.astype(int)):
            values = np.arange(drawn + 1)
            weight = stats.hypergeom.pmf(values, size, events, drawn)
            covariance[place, place], uuv[place, place], uuvv[place, place] = (
                (weight * (values - one[place]) ** power).sum() for power in (2, 3, 4)
            )
        variance = np.diag(covariance)
        second, third, mean = second + covariance, third + uuv, mean + one
        fourth += uuvv - np.outer(variance, variance) - 2 * covariance**2
    share = np.divide(1, expected, out=np.zeros(units), where=expected > 0)
    shift, variance = share * (mean - expected), np.diag(second)
    return (
        float((share * (variance + (mean - expected) ** 2)).sum()),
        float(
            share @ (fourth + 2 * second**2) @ share
            + 4 * share @ third @ shift
            + 4 * shift @ second @ shift
        ),
        float((share**3 * _third_moment_of_square(mean, variance)).sum()),
    )


def _third_moment_of_square(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Third central moment of squared deviations of binomial counts, by their cumulants."""
    total = np.zeros(len(mean))
    for place in np.nonzero(mean)[0]:
        p = 1 - variance[place] / mean[place]
        cumulant = np.polynomial.Polynomial([0, mean[place] / p]) if p else None
        kappa = []
        for _ in range(6):
            kappa.append(cumulant(p) if cumulant else variance[place])
            cumulant = cumulant.deriv() * np.polynomial.Polynomial([0, 1, -1]) if cumulant else None
        kappa[0], moments = 0.0, [1.0]
        for order in range(1, 7):
            moments.append(
                sum(
                    special.comb(order - 1, k - 1) * kappa[k - 1] * moments[order - k]
                    for k in range(1, order + 1)
                )
            )
        total[place] = moments[6] - 3 * moments[4] * moments[2] + 2 * moments[2] ** 3
    return total


def chance_of_counts(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Provider -> probability of 0, 1, 2, ... events when each risk cell deals its events at
    random: hypergeometric probabilities by scipy, convolved.
    """
    counts, urns = hypergeometric_counts(cells, ["npi"])
    distributions = {}
    for npi, own in zip(counts.index, counts.to_numpy(int), strict=True):
        total = np.ones(1)
        for drawn, (size, events) in zip(own, urns, strict=True):
            possible = np.arange(min(drawn, events) + 1)
            total = np.convolve(total, stats.hypergeom.pmf(possible, size, events, drawn))
        distributions[npi] = total
    return distributions


def moment_variance(
    observed: pd.Series, expected: pd.Series, chance: tuple[float, ...]
) -> tuple[float, float]:
    """Variance of true O/E between units by the method of moments, which may be negative, and its
    standard error.
    """
    beyond_own = expected.sum() - (expected**2).sum() / expected.sum()
    variance = (((observed - expected) ** 2 / expected).sum() - chance[0]) / beyond_own
    assumed = max(variance, 0)
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
