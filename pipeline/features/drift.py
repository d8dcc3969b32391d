"""How far the values of one feature moved between two snapshots, and whether chance explains it.

Population stability index over bins of the reference snapshot, two-sample Kolmogorov-Smirnov,
missing rate, shift of the mean. Each is shown beside what chance gives for samples of this size: on
twenty entities a PSI of 0.3 is nothing.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Bins by quantiles of the reference; fewer where there are fewer entities to fill them.
BINS, FEW_BINS, MANY = 10, 5, 200
#: Categories of a text feature that count separately, largest first; the others are one.
CATEGORIES = 20
#: Chance allows more than the limit shown in one comparison of a thousand.
CHANCE, Z_CHANCE = 0.001, 3.0902
VERDICTS = ("drifted", "stable", "too few to tell")


@dataclass(frozen=True)
class Gate:
    """Above what a feature is said to have drifted; every limit must also be beyond chance."""

    psi: float
    ks: float
    missing: float
    min_entities: int


@dataclass(frozen=True)
class FeatureDrift:
    """One feature of two snapshots. Without values, or for a text, the numbers that make no sense
    are None.

    `psi_by_chance` is the PSI that two samples of these sizes have on average when nothing changed,
    `psi_chance_limit` and `ks_chance_limit` what chance exceeds in one comparison of a thousand.
    `mean_shift` is in standard deviations of the reference.
    """

    feature: str
    dtype: str
    entities_before: int
    entities_now: int
    missing_before: float | None
    missing_now: float | None
    psi: float | None
    psi_by_chance: float | None
    psi_chance_limit: float | None
    ks: float | None
    ks_p: float | None
    ks_chance_limit: float | None
    mean_before: float | None
    mean_now: float | None
    mean_shift: float | None
    verdict: str
    reasons: tuple[str, ...]


def feature_drift(
    name: str, dtype: str, before: pd.Series, now: pd.Series, gate: Gate
) -> FeatureDrift:
    """Compare the values of a feature in the reference snapshot (`before`) and in the current one
    (`now`).
    """
    known_before, known_now = before.dropna(), now.dropna()
    missing = tuple(
        float(values.isna().mean()) if len(values) else None for values in (before, now)
    )
    index = chance = limit = ks = p = ks_limit = None
    means: tuple[float | None, float | None, float | None] = (None, None, None)
    if len(known_before) and len(known_now):
        old, new = counts(known_before, known_now, dtype)
        index = psi(old, new)
        chance, limit = chance_of_psi(len(old), len(known_before), len(known_now))
        if dtype != "text":
            first, second = (
                np.sort(values.to_numpy(float)) for values in (known_before, known_now)
            )
            ks = ks_statistic(first, second)
            p = ks_p_value(ks, len(first), len(second))
            ks_limit = math.sqrt(-math.log(CHANCE / 2) / 2) * math.sqrt(
                1 / len(first) + 1 / len(second)
            )
            spread = float(first.std())
            means = (
                float(first.mean()),
                float(second.mean()),
                float((second.mean() - first.mean()) / spread) if spread else None,
            )
    reasons = _reasons(index, limit, ks, ks_limit, missing, (len(before), len(now)), gate)
    if min(len(before), len(now)) < gate.min_entities:
        verdict, reasons = "too few to tell", (f"fewer than {gate.min_entities} entities",)
    else:
        verdict = "drifted" if reasons else "stable"
    return FeatureDrift(
        name,
        dtype,
        len(before),
        len(now),
        *missing,
        index,
        chance,
        limit,
        ks,
        p,
        ks_limit,
        *means,
        verdict,
        reasons,
    )


def _reasons(
    index: float | None,
    limit: float | None,
    ks: float | None,
    ks_limit: float | None,
    missing: tuple[float | None, float | None],
    sizes: tuple[int, int],
    gate: Gate,
) -> tuple[str, ...]:
    reasons = []
    if index is not None and index > gate.psi and index > limit:
        reasons.append(f"PSI {index:.2f} is above {gate.psi:g} (chance: up to {limit:.2f})")
    if ks is not None and ks > gate.ks and ks > ks_limit:
        reasons.append(f"KS {ks:.2f} is above {gate.ks:g} (chance: up to {ks_limit:.2f})")
    if None not in missing:
        pooled = sum(rate * size for rate, size in zip(missing, sizes, strict=True)) / sum(sizes)
        by_chance = Z_CHANCE * math.sqrt(pooled * (1 - pooled) * sum(1 / size for size in sizes))
        if abs(missing[1] - missing[0]) > max(gate.missing, by_chance):
            reasons.append(f"missing {missing[0]:.1%}, now {missing[1]:.1%}")
    return tuple(reasons)


def counts(before: pd.Series, now: pd.Series, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Values a bin in both snapshots; the bins are those of the reference alone, so that they do
    not move with what is judged.
    """
    if dtype == "text":
        ordered_values = list(
            before.value_counts()
            .sort_index(kind="stable")
            .sort_values(ascending=False, kind="stable")
            .index[:CATEGORIES]
        )
        codes = {value: place for place, value in enumerate(ordered_values)}
        places = [
            values.map(codes).fillna(len(ordered_values)).to_numpy(int) for values in (before, now)
        ]
        size = len(ordered_values) + 1
        bin_counts = [np.bincount(positions, minlength=size) for positions in places]
    else:
        reference = before.to_numpy(float)
        bins = BINS if len(reference) >= MANY else FEW_BINS
        edges = np.unique(np.quantile(reference, np.arange(1, bins) / bins))
        if len(edges) == 1:  # nearly constant: below, at and above the value
            edges = np.array([np.nextafter(edges[0], -np.inf), edges[0]])
        bin_counts = [
            np.bincount(
                np.searchsorted(edges, values.to_numpy(float), side="left"),
                minlength=len(edges) + 1,
            )
            for values in (before, now)
        ]
    used = (bin_counts[0] + bin_counts[1]) > 0
    return bin_counts[0][used], bin_counts[1][used]


def psi(before: np.ndarray, now: np.ndarray) -> float:
    """Population stability index of two lists of counts; half a count is added to each bin, so that
    an empty one is no infinity.
    """
    old = (before + 0.5) / (before.sum() + 0.5 * len(before))
    new = (now + 0.5) / (now.sum() + 0.5 * len(now))
    return float(((new - old) * np.log(new / old)).sum())


def chance_of_psi(bins: int, before: int, now: int) -> tuple[float, float]:
    """Mean and upper limit of the PSI of two samples from one distribution: (1/n + 1/m) chi-square
    with bins - 1 degrees.
    """
    degrees, scale = bins - 1, 1 / before + 1 / now
    if degrees == 0:
        return 0.0, 0.0
    # Wilson-Hilferty quantile of chi-square
    limit = degrees * (1 - 2 / (9 * degrees) + Z_CHANCE * math.sqrt(2 / (9 * degrees))) ** 3
    return degrees * scale, limit * scale


def ks_statistic(before: np.ndarray, now: np.ndarray) -> float:
    """Largest distance between the distribution functions of two sorted samples."""
    every = np.concatenate([before, now])
    first = np.searchsorted(before, every, side="right") / len(before)
    second = np.searchsorted(now, every, side="right") / len(now)
    return float(np.abs(first - second).max())


def ks_p_value(statistic: float, before: int, now: int) -> float:
    """Chance of a distance at least this large when nothing changed (asymptotic, Stephens 1970);
    too large when values repeat.
    """
    root = math.sqrt(before * now / (before + now))
    scaled = (root + 0.12 + 0.11 / root) * statistic
    if scaled < 0.2:
        return 1.0
    terms = ((-1) ** (place - 1) * math.exp(-2 * place**2 * scaled**2) for place in range(1, 101))
    return float(min(1.0, max(0.0, 2 * sum(terms))))
