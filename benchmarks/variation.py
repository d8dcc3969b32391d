"""How often the 95 % interval of each source of variation holds the truth, on worlds made here.

    python -m benchmarks.variation [--seeds 100] [--first-seed 7001]

Forty providers of 15 to some hundred encounters in eight areas and three deliveries; the risk of an
encounter is drawn, and multiplied by 1 + effects with the standard deviations of the row.
"""

import argparse

import numpy as np
import pandas as pd

from pipeline.services.providers import variance_components as parts

FIRST_SEED = 7_001
TRUTHS = (
    {"provider": 0.0, "place": 0.0, "delivery": 0.0},
    {"provider": 0.4, "place": 0.0, "delivery": 0.0},
    {"provider": 0.3, "place": 0.3, "delivery": 0.2},
)


def world(
    seed: int, sd: dict[str, float], providers: int = 40, places: int = 8, deliveries: int = 3
) -> pd.DataFrame:
    """Units (see `units_of`) with effects of these standard deviations."""
    generator = np.random.default_rng(seed)
    sizes = np.exp(generator.normal(4, 0.8, providers)).astype(int) + 15
    place = generator.integers(0, places, providers)
    effects = {
        name: generator.normal(0, sd[name], size)
        for name, size in (("provider", providers), ("place", places), ("delivery", deliveries))
    }
    rows = []
    for provider, size in enumerate(sizes):
        for delivery, n in enumerate(generator.multinomial(size, [1 / deliveries] * deliveries)):
            risk = np.clip(generator.beta(2, 18, n), 0.01, 0.5)
            times = 1 + effects["provider"][provider] + effects["place"][place[provider]] + effects["delivery"][delivery]  # fmt: skip
            observed = int((generator.random(n) < np.clip(risk * times, 0, 1)).sum())
            rows.append((n, observed, risk.sum(), (risk * (1 - risk)).sum(), provider, place[provider], delivery))  # fmt: skip
    names = ["encounters", "observed", "expected", "chance", *parts.EFFECTS]
    frame = pd.DataFrame(rows, columns=names)
    return frame[frame["encounters"] > 0]


def coverage(truth: dict[str, float], seeds: range) -> dict[str, tuple[float, float]]:
    """Effect -> share of worlds whose interval holds the truth, and the mean estimate."""
    held: dict[str, list[bool]] = {name: [] for name in truth}
    estimated: dict[str, list[float]] = {name: [] for name in truth}
    for seed in seeds:
        moments = parts.Moments(parts.units_of(world(seed, truth)))
        estimate = moments.variances()
        for name, sd in truth.items():
            sizes = parts.confidence_sizes(moments, estimate, name, np.random.default_rng(seed))
            low, high = np.quantile(sizes, [0.025, 0.975])
            held[name].append(bool(low - 1e-9 <= sd <= high + 1e-9))
            estimated[name].append(estimate[name] ** 0.5)
    return {name: (float(np.mean(held[name])), float(np.mean(estimated[name]))) for name in truth}


def main() -> None:
    """Print a row a truth and effect."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=100)
    arguments.add_argument("--first-seed", type=int, default=FIRST_SEED)
    chosen = arguments.parse_args()
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    print(
        "| provider | place | delivery | effect | covered | mean estimate |\n|---|---|---|---|---|---|"
    )
    for truth in TRUTHS:
        for name, (covered, mean) in coverage(truth, seeds).items():
            sizes = " | ".join(f"{sd:g}" for sd in truth.values())
            print(f"| {sizes} | {name} | {covered:.0%} | {mean:.2f} |")


if __name__ == "__main__":
    main()
