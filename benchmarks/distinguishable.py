"""How many referrals the product marks as offering somebody who can be told apart in quality, on
worlds in which nobody can.

    python -m benchmarks.distinguishable [--seeds 20] [--first-seed 12001] [--rows 1000] [--json]

A world is a seed of the generator without defects in which no provider differs in outcomes; each is
run through the whole pipeline in a home of its own. A referral is marked when one of its
candidates is (`is_distinguishable`). The goal is at most 1 % of referrals.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Settings, load_settings
from pipeline.services.run import runs
from pipeline.store.sqlite.database import open_warehouse
from pipeline.synthetic import generate

AS_OF = "2025-06-30"
LAYERS = ["landing_zone", "standard_model", "enterprise_datasets"]
#: Seeds that nobody looked at while the marks were made.
FIRST_SEED = 12_001
GOAL = 0.01


def marks(rows: int, seed: int, world: str = "null") -> tuple[int, int]:
    """Referrals that have a marked candidate, and all that have a candidate, in one world."""
    with tempfile.TemporaryDirectory() as folder:
        generate(rows, seed, Path(folder) / "delivery", world=world, defects=False)
        settings = load_settings(home=Path(folder) / "home")
        runs.run_now(
            settings,
            verb="run",
            paths=[Path(folder) / "delivery"],
            as_of=AS_OF,
            layers=LAYERS,
        )
        return marked_referrals(settings)


def marked_referrals(settings: Settings) -> tuple[int, int]:
    """Referrals of a home that have a marked candidate, and all that have a candidate."""
    with open_warehouse(settings) as warehouse:
        marked, referrals = warehouse.execute(
            "select count(distinct case when is_distinguishable = 1 then referral_id end), "
            "count(distinct referral_id) from referral_recommendation"
        ).fetchone()
    return marked, referrals


def measure(rows: int, seeds: Sequence[int], world: str = "null") -> dict[str, Any]:
    """Shares over all worlds of one size, and in the worst of them."""
    counts = [marks(rows, seed, world) for seed in seeds]
    marked, referrals = (sum(column) for column in zip(*counts, strict=True))
    return {
        "world": world,
        "rows": rows,
        "seeds": len(counts),
        "first_seed": seeds[0],
        "referrals": referrals,
        "marked": marked,
        "share": marked / referrals,
        "worlds_with_a_mark": sum(1 for own, _ in counts if own),
        "worst": max(own / whole for own, whole in counts),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when more referrals are marked than the goal allows."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.distinguishable", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--rows", type=int, default=1_000, help="encounters of a world")
    parser.add_argument("--world", choices=("null", "signal"), default="null")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    result = measure(options.rows, seeds, options.world)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print(
            f"{result['marked']:,} of {result['referrals']:,} referrals marked ({result['share']:.2%}) in "
            f"{result['seeds']} worlds of {result['rows']:,} encounters ({result['world']}, seeds from "
            f"{result['first_seed']}); {result['worlds_with_a_mark']} worlds with a mark, worst {result['worst']:.1%}"
        )
    return int(options.world == "null" and result["share"] > GOAL)


if __name__ == "__main__":
    sys.exit(main())
