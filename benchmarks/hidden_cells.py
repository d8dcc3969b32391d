"""How long it takes to work out which small cells stay hidden, by the size of a made-up house.

    python -m benchmarks.hidden_cells [--seed 1]

Providers and procedures have volumes that differ a thousandfold, each provider performs some of the
procedures. Of each size: cells of provider and procedure, how many are below the smallest cell, how
many stay hidden, and processor seconds.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np

from pipeline.privacy.cell_policy import PROVIDER_CELL, hide
from pipeline.privacy.masking import SMALLEST_CELL

#: Encounters, providers, procedures, share of the procedures that a provider performs.
SIZES = (
    (10_000, 100, 60, 0.3),
    (100_000, 300, 60, 0.3),
    (1_000_000, 1_000, 60, 0.2),
    (1_000_000, 5_000, 5, 1.0),
)
Row = tuple[str, str, int, int, int, int]


def house(
    encounters: int, providers: int, procedures: int, performed: float, seed: int
) -> tuple[list[Row], list[tuple[str, int, int, int]]]:
    """Providers by procedure and the thirds by volume, as `hide` takes them."""
    chance = np.random.default_rng(seed)
    performs = chance.random((providers, procedures)) < performed
    performs[np.arange(providers), chance.integers(0, procedures, providers)] = True
    volumes = (chance.pareto(1.2, providers) + 0.1)[:, None] * (
        chance.pareto(0.8, procedures) + 0.05
    )
    weights = (volumes * performs).ravel()
    counts = chance.multinomial(encounters, weights / weights.sum()).reshape(volumes.shape)
    events = chance.binomial(counts, chance.beta(2, 20, procedures)[None, :])
    rows = [
        (f"p{npi}", f"c{cpt}", int(counts[npi, cpt]), int(events[npi, cpt]), 0, int(counts[npi, cpt]))
        for npi, cpt in zip(*np.nonzero(counts), strict=True)
    ]  # fmt: skip
    thirds = []
    for cpt in range(procedures):
        volume = np.sort(counts[:, cpt][counts[:, cpt] > 0])
        place = np.searchsorted(volume, volume)
        for third in range(3):
            own = volume[3 * place // max(len(volume), 1) == third]
            if len(own):
                thirds.append((f"c{cpt}", third + 1, int(own[0]), int(own[-1])))
    return rows, thirds


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hidden_cells")
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args(arguments).seed
    print("| encounters | providers | procedures | cells | small | hidden | processor s |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for size in SIZES:
        rows, thirds = house(*size, seed)
        small = sum(row[5] < SMALLEST_CELL for row in rows)
        begin = time.process_time()
        hidden = hide(rows, thirds, []).of(PROVIDER_CELL)
        seconds = time.process_time() - begin
        print(
            f"| {size[0]:,} | {size[1]:,} | {size[2]} | {len(rows):,} | {small:,} | "
            f"{len(hidden):,} | {seconds:.2f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
