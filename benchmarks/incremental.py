"""How long a small delivery takes beside the first load and beside a full refresh of the same
warehouse.

    python -m benchmarks.incremental --rows 100000 [--delta 1000] [--repeats 3] [--seed 7]

A synthetic base of `rows` encounters is built, then a delivery of `delta` encounters: every second
one a new version of a known encounter, the others new. `nothing new` is a build without a delivery,
`full refresh` builds the same warehouse from its raw rows. Cells are seconds, the median of
`repeats` runs; the last columns compare with the delivery.
"""

import argparse
import base64
import csv
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from pipeline.config import load_settings
from pipeline.declared.layers import Layer
from pipeline.services.run import runs
from pipeline.synthetic.generator import generate

ENCOUNTERS = "encounters_details.csv"
STAGES = ("ingest", *(layer.label for layer in Layer), "whole run")
CASES = ("first load", "delivery", "nothing new", "full refresh")


def write_delta(base: Path, out: Path, rows: int) -> None:
    """A delivery of `rows` encounters made from those in `base`: new versions and new keys in
    turns.
    """
    out.mkdir(parents=True)
    with (
        (base / ENCOUNTERS).open(newline="") as source,
        (out / ENCOUNTERS).open("w", newline="") as target,
    ):
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, reader.fieldnames)
        writer.writeheader()
        for number, row in enumerate(islice(reader, rows)):
            if number % 2:
                digest = hashlib.sha256(f"delta {number}".encode()).digest()
                row["encounter_id"] = base64.b32encode(digest[:16]).decode()
            writer.writerow(row | {"paid_amount": str(500 + number % 1000)})


def measured(
    home: Path, paths: Sequence[Path] = (), full_refresh: bool = False
) -> dict[str, float]:
    """Seconds of one run by stage."""
    started = perf_counter()
    result = runs.run_now(
        load_settings(home=home), verb="run", paths=list(paths), full_refresh=full_refresh
    )
    seconds = {layer.name: layer.duration_seconds for layer in result.layers}
    return {
        "ingest": sum(load.seconds for load in result.loads),
        **seconds,
        "whole run": perf_counter() - started,
    }


def measure(
    folder: Path, rows: int, delta: int, repeats: int, seed: int
) -> dict[str, dict[str, float]]:
    """Median seconds by case and stage; works in `folder`."""
    generate(rows, seed, folder / "base")
    write_delta(folder / "base", folder / "delta", delta)
    samples: dict[str, list[dict[str, float]]] = {case: [] for case in CASES}
    for _ in range(repeats):
        home = folder / "home"
        samples["first load"].append(measured(home, [folder / "base"]))
        samples["delivery"].append(measured(home, [folder / "delta"]))
        samples["nothing new"].append(measured(home))
        samples["full refresh"].append(measured(home, full_refresh=True))
        shutil.rmtree(home)
    return {
        case: {stage: median(sample.get(stage, 0.0) for sample in case_samples) for stage in STAGES}
        for case, case_samples in samples.items()
    }


def table(seconds: dict[str, dict[str, float]]) -> str:
    """The measurements as a markdown table."""
    lines = [
        f"| seconds | {' | '.join(CASES)} | first load / delivery | full refresh / delivery |",
        "|---" + "|---:" * 6 + "|",
    ]
    for stage in STAGES:
        cells = [f"{seconds[case][stage]:.1f}" for case in CASES]
        delivery = max(seconds["delivery"][stage], 0.01)
        cells += [
            f"{seconds[case][stage] / delivery:.1f}" if seconds[case][stage] else ""
            for case in ("first load", "full refresh")
        ]
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.incremental", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=100_000, help="encounters of the base")
    parser.add_argument(
        "--delta", type=int, default=1_000, help="encounters of the delivery after it"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(
            table(measure(Path(folder), options.rows, options.delta, options.repeats, options.seed))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
