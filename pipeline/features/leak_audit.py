"""Attacks on training rows whose labels are chance: whatever predicts such labels has seen them.

The labels of an audit are permuted among the rows of a stratum, so within it every arrangement is
as likely as any other. The sum of the ranks that the events have among the scores of their stratum
then has a known mean and variance, whatever the scores are, as long as no score has seen the
labels of its own stratum. So an AUC away from one half is a leak, with a false-alarm rate that the
caller chooses.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

TREES = ("boosted trees", "random forest")
FOLDS = 3


@dataclass(frozen=True)
class Attack:
    """One attacker under one split: `auc` of its scores for chance labels within the strata,
    `standard_error` of that AUC by chance, `p` two-sided; `pairs` of an event and another row.
    """

    attacker: str
    split: str
    auc: float
    standard_error: float
    pairs: int

    @property
    def p(self) -> float:
        """Chance of an AUC as far from one half; 1 where no pair tells anything."""
        if not self.standard_error:
            return 1.0
        return math.erfc(abs(self.auc - 0.5) / self.standard_error / math.sqrt(2))


@dataclass(frozen=True)
class Moments:
    """Wins of events over others in all strata (ties half), beyond one half, and their chance
    variance; sums of several audits add up.
    """

    excess: float = 0.0
    variance: float = 0.0
    pairs: int = 0

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.excess + other.excess, self.variance + other.variance, self.pairs + other.pairs
        )

    def attack(self, attacker: str, split: str) -> Attack:
        """The moments as an AUC."""
        pairs = max(self.pairs, 1)
        return Attack(
            attacker, split, 0.5 + self.excess / pairs, math.sqrt(self.variance) / pairs, self.pairs
        )


def rank_moments(scores: np.ndarray, labels: np.ndarray, strata: np.ndarray) -> Moments:
    """Rank sum of the events within each stratum against its exact permutation moments."""
    frame = pd.DataFrame({"score": scores, "label": labels, "stratum": strata})
    # models add up trees in floating point: what differs in the last digits is a tie
    frame["score"] = frame["score"].round(12)
    frame["rank"] = frame.groupby("stratum")["score"].rank(method="average")
    frame["won"] = frame["rank"] * frame["label"]
    groups = frame.groupby("stratum").agg(
        size=("label", "size"), events=("label", "sum"), won=("won", "sum"), spread=("rank", "var")
    )
    groups = groups[(groups["events"] > 0) & (groups["events"] < groups["size"])]
    others = groups["size"] - groups["events"]
    return Moments(
        float((groups["won"] - groups["events"] * (groups["size"] + 1) / 2).sum()),
        float((groups["events"] * others / groups["size"] * groups["spread"]).sum()),
        int((groups["events"] * others).sum()),
    )


def as_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column as a number: text by its place in the alphabet, empty below all others."""
    numbers = {}
    for name, column in rows.items():
        if pd.api.types.is_numeric_dtype(column):
            number = column.astype(float)
        else:
            number = pd.Series(pd.factorize(column, sort=True)[0], rows.index, dtype=float)
            number = number.where(number >= 0)
        numbers[name] = number.fillna(number.min() - 1).fillna(0.0)
    return pd.DataFrame(numbers, index=rows.index)


def provider_folds(groups: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to train on and to judge, no group on both sides: the split that the docs prescribe."""
    _, member = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(member.max() + 1)[member] % FOLDS
    for judged in range(FOLDS):
        yield np.flatnonzero(fold != judged), np.flatnonzero(fold == judged)


def delivery_folds(deliveries: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each delivery judged by a model of the earlier ones: the split in time."""
    for delivery in np.unique(deliveries)[1:]:
        yield np.flatnonzero(deliveries < delivery), np.flatnonzero(deliveries == delivery)


def _scores(
    name: str, seed: int, features: np.ndarray, labels: np.ndarray, judged: np.ndarray
) -> np.ndarray:
    """Probabilities of the rows of `judged`; one thread, since small data only waits for more."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        if name == "boosted trees":
            model = HistGradientBoostingClassifier(
                max_iter=50, max_leaf_nodes=15, min_samples_leaf=5, random_state=seed
            )
        else:
            model = RandomForestClassifier(60, min_samples_leaf=3, random_state=seed)
        return model.fit(features, labels).predict_proba(judged)[:, 1]


def tree_moments(
    rows: pd.DataFrame, label: str, strata: Sequence[str], group: str, delivery: str, seed: int
) -> dict[tuple[str, str], Moments]:
    """Boosted trees and a forest on every column under both splits; needs scikit-learn."""
    labels, deliveries = rows[label].to_numpy(int), rows[delivery].to_numpy(str)
    features = as_numbers(rows.drop(columns=label)).to_numpy(float)
    risk = rows.groupby(list(strata), dropna=False).ngroup().to_numpy()
    moments = {}
    for split, folds in (
        ("by provider", list(provider_folds(rows[group].to_numpy(), seed))),
        ("in time", list(delivery_folds(deliveries))),
    ):
        for name in TREES:
            total = Moments()
            for trained, judged in folds:
                if len(set(labels[trained])) < 2:
                    continue
                scores = _scores(name, seed, features[trained], labels[trained], features[judged])
                total += rank_moments(scores, labels[judged], risk[judged])
            moments[name, split] = total
    return moments


def column_moments(
    rows: pd.DataFrame, label: str, strata: Sequence[str]
) -> dict[tuple[str, str], Moments]:
    """The one-line adversary: each column alone as a score within the strata, nothing fitted."""
    risk = rows.groupby(list(strata), dropna=False).ngroup().to_numpy()
    labels = rows[label].to_numpy(int)
    return {
        (name, "none, within risk cells"): rank_moments(column.to_numpy(), labels, risk)
        for name, column in as_numbers(rows.drop(columns=label)).items()
    }


def leaks(attacks: Sequence[Attack], false_alarm: float) -> tuple[Attack, ...]:
    """The attacks that chance explains in less than `false_alarm` of all audits (Bonferroni)."""
    return tuple(attack for attack in attacks if attack.p * len(attacks) < false_alarm)
