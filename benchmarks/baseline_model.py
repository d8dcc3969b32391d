"""What provider features add to a baseline model of adverse events, on a world without and one with
provider differences.

    python -m benchmarks.baseline_model [--rows 20000] [--seeds 11 12 13] [--worlds null signal]

Each world is generated in several deliveries and built; a logistic regression is trained on the
mature rows of the training set with a group split by provider (five folds, a provider is never on
both sides), once on the patient's own risk (procedure, age, sex, case-mix rate) and once with what
was known of the provider before the delivery beside it. Rows of the first delivery have no history
and are left out. The AUC is that of the predictions out of fold; its
interval and that of the difference come from resampling whole providers.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

LABEL, GROUP = "has_adverse_event", "provider_group"
FOLDS, RESAMPLES, DELIVERIES = 5, 500, 5


@dataclass(frozen=True)
class Result:
    """AUC of both models out of fold and their difference, each as (value, low, high)."""

    world: str
    seed: int
    rows: int
    events: int
    providers: int
    patient: tuple[float, float, float]
    provider: tuple[float, float, float]
    difference: tuple[float, float, float]


def own_risk(rows: pd.DataFrame) -> pd.DataFrame:
    """What is known of the patient and the procedure; the rate on the scale of the model."""
    rate = rows["case_mix_rate"].clip(1e-4, 1 - 1e-4)
    return pd.get_dummies(rows[["cpt", "sex"]], dtype=float).assign(
        age=rows["age"], logit_rate=np.log(rate / (1 - rate))
    )


def with_provider(rows: pd.DataFrame) -> pd.DataFrame:
    """The same with what was known of the provider before the delivery."""
    return own_risk(rows).assign(
        ln_oe=np.log(rows["provider_shrunken_ratio"]), ln_volume=rows["provider_ln_volume"]
    )


def predicted(features: pd.DataFrame, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Probability of each row from a model that has seen no row of its provider."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))
    return cross_val_predict(
        model,
        features.to_numpy(float),
        labels,
        groups=groups,
        cv=GroupKFold(FOLDS),
        method="predict_proba",
    )[:, 1]


def auc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Chance that a row with an event scores above one without, ties half, rows weighted."""
    order = np.argsort(scores, kind="stable")
    labels, weights = labels[order], weights[order]
    _, place = np.unique(scores[order], return_inverse=True)
    quiet = np.bincount(place, weights * (1 - labels))
    events = np.bincount(place, weights * labels)
    below = np.cumsum(quiet) - quiet
    return float((events * (below + quiet / 2)).sum() / (events.sum() * quiet.sum()))


def evaluate(rows: pd.DataFrame, world: str = "", seed: int = 0) -> Result:
    """Both models on the rows of a training set."""
    labels, groups = rows[LABEL].to_numpy(int), rows[GROUP].to_numpy()
    scores = [
        predicted(features, labels, groups) for features in (own_risk(rows), with_provider(rows))
    ]
    _, member = np.unique(groups, return_inverse=True)
    chance = np.random.default_rng(seed)
    resampled = []
    for _ in range(RESAMPLES):
        times = np.bincount(
            chance.integers(0, member.max() + 1, member.max() + 1), minlength=member.max() + 1
        )
        weights = times[member].astype(float)
        resampled.append([auc(labels, score, weights) for score in scores])
    measures = np.array([[auc(labels, score, np.ones(len(rows))) for score in scores], *resampled])
    columns = np.column_stack([measures, measures[:, 1] - measures[:, 0]])
    intervals = [
        (float(column[0]), *(float(limit) for limit in np.quantile(column[1:], (0.025, 0.975))))
        for column in columns.T
    ]
    return Result(world, seed, len(rows), int(labels.sum()), int(member.max() + 1), *intervals)


def measure(rows: int, seeds: Sequence[int], worlds: Sequence[str]) -> Iterator[Result]:
    """Generate, build, train: one result a world and seed."""
    from pipeline.config import load_settings
    from pipeline.services.features import training
    from pipeline.services.run import runs
    from pipeline.synthetic import generate

    for world in worlds:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                generate(
                    rows,
                    seed,
                    Path(folder) / "out",
                    world=world,
                    deliveries=DELIVERIES,
                    defects=False,
                )
                settings = load_settings(home=Path(folder) / "home")
                runs.run_now(
                    settings, verb="run", paths=sorted((Path(folder) / "out").glob("delivery_*"))
                )
                rows_known = training.training_set(settings, mature_only=True)
                yield evaluate(
                    rows_known.dropna(subset="case_mix_rate").reset_index(drop=True), world, seed
                )


HEADINGS = (
    "world",
    "seed",
    "rows",
    "events",
    "providers",
    "AUC, own risk",
    "AUC, with provider",
    "difference",
)


def cells(result: Result) -> tuple[str, ...]:
    """A result as the cells of a table row."""

    def told(value: tuple[float, float, float], form: str) -> str:
        return f"{value[0]:{form}} ({value[1]:{form}} to {value[2]:{form}})"

    return (
        result.world,
        str(result.seed),
        f"{result.rows:,}",
        f"{result.events:,}",
        str(result.providers),
        told(result.patient, ".3f"),
        told(result.provider, ".3f"),
        told(result.difference, "+.3f"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.baseline_model", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=20_000, help="encounters of a world")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument(
        "--worlds", nargs="+", default=["null", "signal"], choices=("null", "signal")
    )
    options = parser.parse_args(arguments)
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for result in measure(options.rows, options.seeds, options.worlds):
        print(f"| {' | '.join(cells(result))} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
