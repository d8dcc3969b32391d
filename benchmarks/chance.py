"""What the scorecards say about providers on worlds whose truth is known, beside what chance gives
and what naive methods say.

    python -m benchmarks.chance [--seeds 100] [--first-seed 9001] [--rows 1000 5000] [--json]

`null`: no provider differs, so whoever is marked is marked by chance. `signal`: log odds of
providers differ with sd 0.4. A world is a seed of the generator without defects, its scorecards
come from the product's own SQL (benchmarks/worlds.py). benchmarks/coverage.py adds the intervals
of cost and the size of the test of a difference.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.chance_tables import TABLES
from benchmarks.coverage import cost_coverage, size_of_test
from benchmarks.worlds import Replay, built_home, scorecards

LIMITS = {"95": 0.05, "998": 0.002}
#: Encounters of a provider: lower bounds of the bands in which accuracy is shown.
BANDS = {
    "1-24": (1, 24),
    "25-49": (25, 49),
    "50-99": (50, 99),
    "100+": (100, 10**9),
    "all": (1, 10**9),
}
#: Seeds that nobody looked at while the formulas were made.
FIRST_SEED = 9_001
#: Worlds in which the events are dealt again and again.
WORLDS_OF_TEST = 20
#: A provider truly differs from this ratio on, or below its inverse.
TRULY_DIFFERENT = 1.5


def mid_p_outside(observed: np.ndarray, expected: np.ndarray, alpha: float) -> np.ndarray:
    """Whether a count is outside limits by exact mid-P."""
    low = stats.poisson.cdf(observed - 1, expected) + stats.poisson.pmf(observed, expected) / 2
    return np.minimum(low, 1 - low) < alpha / 2


def root_outside(observed: np.ndarray, expected: np.ndarray, alpha: float) -> np.ndarray:
    """Whether a count is outside limits by z = 2 (sqrt O - sqrt E)."""
    return np.abs(2 * (np.sqrt(observed) - np.sqrt(expected))) > stats.norm.isf(alpha / 2)


def share_by_chance(outside: Callable, expected: np.ndarray, alpha: float) -> float:
    """Share outside if every count were Poisson with its expected mean: summed over all counts, not
    approximated.
    """
    counts = np.arange(int(expected.max() + 12 * np.sqrt(expected.max()) + 40))[:, None]
    return float(
        (stats.poisson.pmf(counts, expected) * outside(counts, expected, alpha)).sum(axis=0).mean()
    )


def quarters(frame: pd.DataFrame, column: str) -> pd.Series:
    """Quarter of the providers of its seed, 1 the lowest ratio, by point estimate."""
    return frame.groupby("seed")[column].transform(
        lambda ratios: np.ceil(4 * ratios.rank(method="first") / len(ratios))
    )


def null_results(frame: pd.DataFrame) -> dict:
    """How often somebody is marked although nobody differs."""
    observed, expected, seeds = (
        frame["adverse_event_count"].to_numpy(),
        frame["expected_adverse_event_count"].to_numpy(),
        frame["seed"].nunique(),
    )
    methods = []
    for limit, alpha in LIMITS.items():
        for method, marked, outside in (
            (
                "hypergeometric mid-P (ours)",
                frame[f"funnel_verdict_{limit}"].isin(["high", "low"]),
                None,
            ),
            (
                "Poisson mid-P",
                pd.Series(mid_p_outside(observed, expected, alpha), frame.index),
                mid_p_outside,
            ),
            (
                "2(√O − √E)",
                pd.Series(root_outside(observed, expected, alpha), frame.index),
                root_outside,
            ),
        ):
            methods.append(
                {
                    "method": method,
                    "limits": limit,
                    "share": float(marked.mean()),
                    "by_chance": share_by_chance(outside, expected, alpha)
                    if outside
                    else float(frame[f"flag_probability_{limit}"].mean()),
                    "seeds_with_any": frame[marked]["seed"].nunique(),
                }
            )
    tiers = quarters(frame, "observed_to_expected").isin([1, 4])
    methods.append(
        {
            "method": "best and worst quarter",
            "limits": None,
            "share": float(tiers.mean()),
            "by_chance": None,
            "seeds_with_any": frame[tiers]["seed"].nunique(),
        }
    )
    return {
        "seeds": seeds,
        "providers": len(frame),
        "methods": methods,
        "seeds_with_evidence": int(frame.groupby("seed")["evidence"].first().sum()),
    }


def signal_results(frame: pd.DataFrame) -> dict:
    """How near the estimates come to the truth, by volume, and how many of those who differ are
    found.
    """
    bands = []
    for band, (least, most) in BANDS.items():
        part = frame[frame["encounter_count"].between(least, most)]
        truth, different = (
            part["truth"],
            part[(part["truth"] >= TRULY_DIFFERENT) | (part["truth"] <= 1 / TRULY_DIFFERENT)],
        )
        bands.append(
            {
                "band": band,
                "providers": len(part),
                "rmse_raw": float(np.sqrt(((part["observed_to_expected"] - truth) ** 2).mean())),
                "rmse_shrunk": float(np.sqrt(((part["shrunken_ratio"] - truth) ** 2).mean())),
                "covered_raw": float(
                    truth.between(
                        part["observed_to_expected_low"], part["observed_to_expected_high"]
                    ).mean()
                ),
                "covered_shrunk": float(
                    truth.between(part["shrunken_ratio_low"], part["shrunken_ratio_high"]).mean()
                ),
                "different": len(different),
                **{
                    f"found_{limit}": float(
                        different[f"funnel_verdict_{limit}"].isin(["high", "low"]).mean()
                    )
                    for limit in LIMITS
                },
                "found_poisson_95": float(
                    mid_p_outside(
                        different["adverse_event_count"].to_numpy(),
                        different["expected_adverse_event_count"].to_numpy(),
                        LIMITS["95"],
                    ).mean()
                ),
            }
        )
    worst = frame[quarters(frame, "observed_to_expected") == 4]
    return {
        "seeds": frame["seed"].nunique(),
        "providers": len(frame),
        "bands": bands,
        "seeds_with_evidence": int(frame.groupby("seed")["evidence"].first().sum()),
        "worst_quarter_really": float((quarters(frame, "truth")[worst.index] == 4).mean()),
        "worst_quarter_below_average": float((worst["truth"] < 1).mean()),
    }


def measure(
    replay: Replay, rows: Sequence[int], seeds: int, first_seed: int = FIRST_SEED
) -> list[dict]:
    """One result a size: both worlds, intervals of cost, the test of a difference, and the seconds
    that they took.
    """
    chosen = range(first_seed, first_seed + seeds)
    results = []
    for size in rows:
        started = perf_counter()
        null, signal = (scorecards(replay, size, world, chosen) for world in ("null", "signal"))
        results.append(
            {
                "rows": size,
                "null": null_results(null),
                "signal": signal_results(signal),
                "cost": cost_coverage(size, chosen),
                "test": size_of_test(replay, size, chosen[:WORLDS_OF_TEST]),
                "seconds": round(perf_counter() - started, 1),
            }
        )
    return results


def run(rows: Sequence[int], seeds: int, first_seed: int = FIRST_SEED) -> list[dict]:
    """Build a home, replay all worlds, measure."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(Replay(built_home(Path(folder))), rows, seeds, first_seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chance", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=100, help="worlds of each kind and size")
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1_000, 5_000], help="encounters of a world"
    )
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    results = run(options.rows, options.seeds, options.first_seed)
    if options.json:
        print(json.dumps(results, indent=2))
        return 0
    for headings, rows_of in TABLES.values():
        for line in (headings, ("---",) * len(headings), *rows_of(results)):
            print(f"| {' | '.join(map(str, line))} |")
        print()
    print(f"{sum(result['seconds'] for result in results):.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
