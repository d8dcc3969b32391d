"""How many providers the 95 % limits flag where none differs, beside how many chance flags.

    python -m benchmarks.null_flags [--seeds 400] [--first-seed 50001] [--rows 5000]

Encounters of the generator without files, events counted in cells of procedure and age band; the
chance of each count is a sum of hypergeometric ones, as in the scorecard. Hundreds of worlds take
minutes, so a difference that a table of a hundred shows can be looked at.
"""

import argparse

import numpy as np

from pipeline.services.providers.count_chance import hypergeometric
from pipeline.synthetic.population import DAYS_A_YEAR, Population

BANDS = (65, 75, 85)


def shares(seed: int, rows: int) -> tuple[float, float]:
    """The share of providers of a world that is flagged, and the share that chance flags."""
    population, index = Population(rows, seed, "null"), np.arange(rows, dtype=np.int64)
    provider, happened = population.provider_of(index), population.has_adverse_event(index)
    days = population._age_days(population.patient_of(index))
    band = np.digitize((days / DAYS_A_YEAR).astype(int), BANDS)
    cell = population.procedure_of(index) * (len(BANDS) + 1) + band
    sizes = np.bincount(cell)
    events = np.bincount(cell, happened, minlength=len(sizes)).astype(int)
    flagged, by_chance = [], []
    for number in np.unique(provider):
        own = np.bincount(cell[provider == number], minlength=len(sizes))
        whole = np.ones(1)
        for place in np.flatnonzero(own * events):
            part = hypergeometric(int(own[place]), int(sizes[place]), int(events[place]))
            whole = np.convolve(whole, part)
        low = np.cumsum(whole) - whole / 2
        is_flagged = np.minimum(low, 1 - low) < 0.025
        flagged.append(is_flagged[int(happened[provider == number].sum())])
        by_chance.append(whole[is_flagged].sum())
    return float(np.mean(flagged)), float(np.mean(by_chance))


def main() -> None:
    """Print both shares and the error of their difference."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=400)
    arguments.add_argument("--first-seed", type=int, default=50_001)
    arguments.add_argument("--rows", type=int, default=5_000)
    chosen = arguments.parse_args()
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    found = np.array([shares(seed, chosen.rows) for seed in seeds])
    gap = found[:, 0] - found[:, 1]
    error = gap.std(ddof=1) / len(gap) ** 0.5
    print(
        f"{found[:, 0].mean():.2%} flagged, {found[:, 1].mean():.2%} by chance, difference "
        f"{gap.mean():.2%} with standard error {error:.2%}, {len(gap)} worlds"
    )


if __name__ == "__main__":
    main()
