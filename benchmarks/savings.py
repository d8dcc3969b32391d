"""How often the 95 % interval of a saving holds the true saving, on worlds whose cost effects are
known.

    python -m benchmarks.savings [--seeds 100] [--first-seed 9001] [--rows 1000 5000]

Amounts are those of `benchmarks/coverage.py`: generated worlds, multiplied by a drawn effect of
each provider. In every procedure networks of three in five providers are drawn; referrals go today
as the volumes say, and would go in equal parts to the three cheapest estimates. Nothing but the
estimate chooses, so the winners are as lucky as they can be: harder than the product, whose order
also weighs outcomes, distance and volume.
"""

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from benchmarks.coverage import DEVIATIONS, Z_95, cost_units, null_amounts, shifted
from pipeline.privacy.masking import SMALLEST_CELL

FIRST_SEED = 9_001
#: Networks drawn for each procedure of a world, and the share of all providers in one.
NETWORKS, MEMBERS = 2, 0.6
#: To how many providers referrals would go.
RECOMMENDED = 3


def saving(moved: np.ndarray, index: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """What is saved, and its standard deviation, in mean amounts of the procedure. One each a
    provider: referrals that would go elsewhere, shrunken cost index, its standard error (ln).
    """
    parts = moved * index
    return float(parts.sum()), float(np.sqrt(((parts * error) ** 2).sum()))


def drawn_networks(units: pd.DataFrame, generator: np.random.Generator) -> Iterable[pd.DataFrame]:
    """The measured providers of each network, a row each; `moved` is the share of all referrals
    that goes to it today and would not.
    """
    npis = units.npi.unique()
    for _, procedure in units[units.n >= SMALLEST_CELL].groupby("cpt"):
        for _ in range(NETWORKS):
            members = generator.choice(npis, int(MEMBERS * len(npis)), replace=False)
            network = procedure[procedure.npi.isin(members)]
            if len(network) > RECOMMENDED:
                cheapest = network.effect.rank(method="first") <= RECOMMENDED
                yield network.assign(moved=network.n / network.n.sum() - cheapest / RECOMMENDED)


def savings_of(amounts: pd.DataFrame, deviation: float, seed: int) -> list[dict]:
    """Estimate, half-width and truth of the saving of each network of one world."""
    moved, effects = shifted(amounts, deviation, seed)
    units = cost_units(moved)["provider_procedure"]
    own = units.npi.map(effects)
    mean = (own * units.n).groupby(units.cpt).transform("sum") / units.n.groupby(units.cpt).transform("sum")  # fmt: skip
    found = []
    indices = {"index": np.exp(units.effect), "true_index": np.exp(own - mean)}
    for network in drawn_networks(units.assign(**indices), np.random.default_rng(seed)):
        shares, index, error = (
            network[column].to_numpy() for column in ("moved", "index", "error")
        )
        estimate, deviation_of_it = saving(shares, index, error)
        truth = float((shares * network.true_index).sum())
        found.append({"estimate": estimate, "half": Z_95 * deviation_of_it, "truth": truth})
    return found


def savings_coverage(rows: int, seeds: Iterable[int]) -> list[dict]:
    """Per true deviation: how many savings, the share whose interval holds the truth, the mean of
    estimate minus truth, and the share said to differ from zero whose truth has the other sign.
    """
    worlds = [(seed, null_amounts(rows, seed)) for seed in seeds]
    results = []
    for deviation in DEVIATIONS:
        found = pd.DataFrame(
            row for seed, amounts in worlds for row in savings_of(amounts, deviation, seed)
        )
        told = found[found.estimate.abs() > found.half]
        results.append(
            {
                "deviation": deviation,
                "savings": len(found),
                "covered": float(((found.truth - found.estimate).abs() <= found.half).mean()),
                "excess": float((found.estimate - found.truth).mean()),
                "told": len(told) / len(found),
                "wrong_sign": int((told.truth * told.estimate < 0).sum()),
            }
        )
    return results


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a size and true deviation."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.savings", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 5_000])
    options = parser.parse_args(arguments)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    print(
        "| encounters | true sd | savings | covered | estimate minus truth | told from zero | of these of the other sign |"
    )
    print("|---|---|---|---|---|---|---|")
    for rows in options.rows:
        for found in savings_coverage(rows, seeds):
            print(
                f"| {rows:,} | {found['deviation']:g} | {found['savings']:,} | {found['covered']:.1%} | "
                f"{found['excess']:+.3f} | {found['told']:.1%} | {found['wrong_sign']} |"
            )


if __name__ == "__main__":
    main()
