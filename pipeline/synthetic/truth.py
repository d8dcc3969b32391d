"""`_truth.csv`: what is really true of every provider, which no delivered file tells.

`true_ratio` is the provider's expected adverse events over those of an average provider with the
same encounters (1 in the world `null`); `observed_ratio` is what happened over the latter.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.synthetic.distributions import RISK_ONE
from pipeline.synthetic.population import Population

COLUMNS = (
    "npi",
    "provider_name",
    "effect_log_odds",
    "encounters",
    "adverse_events",
    "expected_adverse_events",
    "true_ratio",
    "observed_ratio",
)


def write_truth(population: Population, path: Path, chunk_rows: int) -> None:
    """Writes one line a provider, over all encounters of the population, defects not counted."""
    roster = population.roster
    count = len(roster.npis)
    encounters, events, own, average = (np.zeros(count, np.int64) for _ in range(4))
    for first in range(0, population.rows, chunk_rows):
        index = np.arange(first, min(first + chunk_rows, population.rows), dtype=np.int64)
        provider = population.provider_of(index)
        encounters += np.bincount(provider, minlength=count)
        events += np.bincount(provider[population.has_adverse_event(index)], minlength=count)
        # sums of whole numbers below 2**53: exact in float64, so equal on every platform
        own += np.bincount(provider, population.risk_of(index), count).astype(np.int64)
        average += np.bincount(provider, population.risk_of(index, average=True), count).astype(
            np.int64
        )
    lines = [",".join(COLUMNS)]
    for k in range(count):
        expected = int(average[k]) / RISK_ONE
        ratios = (
            (int(own[k]) / int(average[k]), int(events[k]) / expected) if average[k] else (1.0, 1.0)
        )
        numbers = (
            f"{roster.effects[k]:.6f}",
            str(encounters[k]),
            str(events[k]),
            f"{expected:.6f}",
        )
        lines.append(
            ",".join(
                [roster.npis[k], f'"{roster.names[k]}"', *numbers, *(f"{r:.6f}" for r in ratios)]
            )
        )
    path.write_bytes(("\n".join(lines) + "\n").encode())
