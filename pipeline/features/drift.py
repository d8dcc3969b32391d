"""How far the values of one feature moved between two snapshots, and whether chance explains it.

Population stability index over bins of the reference snapshot, two-sample Kolmogorov-Smirnov,
missing rate, shift of the mean, the entities of both snapshots one by one, and the few values that
moved out of all proportion. Each is shown beside what chance gives for samples of this size: on
twenty entities a PSI of 0.3 is nothing. Few entities are never enough to say that nothing changed,
but what is beyond chance on them is said.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.features.drift_chance import (
    EXACT,
    categories_p_value,
    far_changes,
    far_values,
    ks_p_value,
    sign_p,
    slipped_points,
    two_shares_p,
)

#: Bins by quantiles of the reference; fewer where there are fewer entities to fill them.
BINS, FEW_BINS, MANY = 10, 5, 200
#: Categories of a text feature that count separately, largest first; the others are one.
CATEGORIES = 20
#: Chance allows more than the limit shown in one comparison of a thousand.
CHANCE, Z_CHANCE = 0.001, 3.0902
#: Shares of the values between which some that moved out of all proportion are drift; PSI and KS
#: see more.
OUTLYING, MOST_OUTLYING = 0.005, 0.25
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
    `mean_shift` is in standard deviations of the reference. `rose` and `fell` count the entities
    that both snapshots know, `sign_p` is the chance of such a majority. `outlying` is how many
    values moved out of all proportion, `outlying_p` the chance of it.
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
    rose: int | None
    fell: int | None
    sign_p: float | None
    outlying: int | None
    outlying_p: float | None
    verdict: str
    reasons: tuple[str, ...]


def feature_drift(
    name: str, dtype: str, before: pd.Series, now: pd.Series, gate: Gate
) -> FeatureDrift:
    """Compare the values of a feature in the reference snapshot (`before`) and in the current one
    (`now`), both indexed by entity.
    """
    known_before, known_now = before.dropna(), now.dropna()
    missing = tuple(
        float(values.isna().mean()) if len(values) else None for values in (before, now)
    )
    index = chance = limit = ks = p = ks_limit = None
    means: tuple[float | None, float | None, float | None] = (None, None, None)
    moved: tuple[int | None, int | None, float | None] = (None, None, None)
    outlying: tuple[int | None, float | None] = (None, None)
    categories_p = 1.0
    if len(known_before) and len(known_now):
        old, new = counts(known_before, known_now, dtype)
        index = psi(old, new)
        chance, limit = chance_of_psi(len(old), len(known_before), len(known_now))
        if dtype == "text":
            categories_p = categories_p_value(old, new)
        else:
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
            pairs = _pairs(known_before, known_now)
            rose, fell = int((pairs[1] > pairs[0]).sum()), int((pairs[1] < pairs[0]).sum())
            moved = (rose, fell, sign_p(rose, fell))
            outlying = _outlying(first, second, pairs)
    sizes = (len(before), len(now))
    reasons = [
        *_shape_reasons((index, limit, ks, ks_limit), moved, categories_p, sizes, gate),
        *_missing_reasons(missing, sizes, gate),
    ]
    if outlying[0] and outlying[1] is not None:
        share = outlying[0] / len(known_now)
        if outlying[1] < CHANCE and OUTLYING <= share <= MOST_OUTLYING:
            reasons.append(
                f"{outlying[0]:,} of {len(known_now):,} values moved out of all proportion "
                f"(chance: p {outlying[1]:.0e})"
            )
    verdict = "drifted" if reasons else "stable"
    if min(sizes) < gate.min_entities and not reasons:
        verdict, reasons = "too few to tell", [f"fewer than {gate.min_entities} entities"]
    return FeatureDrift(
        name,
        dtype,
        sizes[0],
        sizes[1],
        missing[0],
        missing[1],
        index,
        chance,
        limit,
        ks,
        p,
        ks_limit,
        *means,
        *moved,
        *outlying,
        verdict,
        tuple(reasons),
    )


def _shape_reasons(
    distances: tuple[float | None, float | None, float | None, float | None],
    moved: tuple[int | None, int | None, float | None],
    categories_p: float,
    sizes: tuple[int, int],
    gate: Gate,
) -> list[str]:
    """Why the distribution moved: the size is above the gate, and two samples or the entities one
    by one are beyond chance. The limit of PSI is that of large samples, so few entities have none.
    """
    index, limit, ks, ks_limit = distances
    reasons = []
    is_far = index is not None and index > gate.psi
    if is_far and limit is not None and index is not None:
        if min(sizes) >= gate.min_entities:
            if index > limit:
                reasons.append(f"PSI {index:.2f} is above {gate.psi:g} (chance: up to {limit:.2f})")
        elif categories_p < CHANCE:
            reasons.append(f"PSI {index:.2f} is above {gate.psi:g} (chance: p {categories_p:.0e})")
    if ks is not None and ks_limit is not None and ks > gate.ks:
        is_far = True
        if ks > ks_limit:
            reasons.append(f"KS {ks:.2f} is above {gate.ks:g} (chance: up to {ks_limit:.2f})")
    rose, fell, p = moved
    if is_far and not reasons and p is not None and p < CHANCE:
        more, word = (rose, "rose") if (rose or 0) > (fell or 0) else (fell, "fell")
        reasons.append(
            f"{more:,} of {(rose or 0) + (fell or 0):,} entities that moved {word} "
            f"(chance: p {p:.0e}), KS {ks:.2f}, PSI {index:.2f}"
        )
    return reasons


def _missing_reasons(
    missing: tuple[float | None, ...], sizes: tuple[int, int], gate: Gate
) -> list[str]:
    before, now = missing
    if before is None or now is None or abs(now - before) <= gate.missing:
        return []
    if sum(sizes) <= EXACT:
        marked = [round(rate * size) for rate, size in zip((before, now), sizes, strict=True)]
        is_beyond = two_shares_p(marked[0], sizes[0], marked[1], sizes[1]) < CHANCE
    else:
        pooled = (before * sizes[0] + now * sizes[1]) / sum(sizes)
        by_chance = Z_CHANCE * math.sqrt(pooled * (1 - pooled) * sum(1 / size for size in sizes))
        is_beyond = abs(now - before) > by_chance
    return [f"missing {before:.1%}, now {now:.1%}"] if is_beyond else []


def _pairs(before: pd.Series, now: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Values of the entities that both snapshots know, in one order; none where an index names an
    entity twice.
    """
    if not (before.index.is_unique and now.index.is_unique):
        return np.empty(0), np.empty(0)
    both = before.index.intersection(now.index)
    return before.loc[both].to_numpy(float), now.loc[both].to_numpy(float)


def _outlying(
    before: np.ndarray, now: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]
) -> tuple[int, float]:
    """Values out of all proportion by the least likely of three looks, its chance times three."""
    looks = (far_values(before, now), far_changes(*pairs), slipped_points(*pairs))
    count, p = min((look for look in looks), key=lambda look: look[1])
    return count, min(1.0, len(looks) * p)


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
