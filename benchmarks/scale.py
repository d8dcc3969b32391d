"""What one machine carries: how long a large delivery, a small one after it and a build without any
take, and how much room.

    python -m benchmarks.scale [--rows 1000000] [--delta 1000] [--seed 7] [--home DIR]

Each run is `python -m pipeline run` in a process of its own, as a person or a scheduler starts it.
Cells are seconds by the clock of one run; `processor` is what its process took of the processor,
start included; `peak memory` is the largest process of the run, `warehouse` its file afterwards,
both in MB. With `--home` the built warehouse stays there. A home of a few rows lives through the
same first, so that the plan of the build is known and dbt's own time is in no cell.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.incremental import write_delta
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.layers import Layer
from pipeline.synthetic.generator import generate

LINES = (
    "ingest",
    *(layer.label for layer in Layer),
    "whole run",
    "processor",
    "peak memory, MB",
    "warehouse, MB",
)
CASES = ("first load", "delivery", "nothing new")
#: Encounters of the home that teaches the plan, and of its delivery.
TAUGHT_WITH, DELIVERED_TO_TEACH = 2_000, 20


def timed_run(home: Path, *paths: Path) -> dict[str, float]:
    """One run by the command line: line of the table -> seconds or MB. Raises RuntimeError with
    what it said when it fails.
    """
    command = [
        sys.executable,
        "-m",
        "pipeline",
        "--home",
        str(home),
        "run",
        "--json",
        *map(str, paths),
    ]
    started = perf_counter()
    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=answer, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = perf_counter() - started
        answer.seek(0)
        output.seek(0)
        if process.returncode:
            raise RuntimeError(output.read())
        outcome = json.load(answer)
    return {
        "ingest": sum(load["seconds"] for load in outcome["loads"]),
        **{layer["name"]: layer["duration_seconds"] for layer in outcome["layers"]},
        "whole run": took,
        "processor": used.ru_utime + used.ru_stime,
        "peak memory, MB": used.ru_maxrss / 1024,
        "warehouse, MB": load_settings(home=home).warehouse_path.stat().st_size / 1e6,
    }


def measure(
    folder: Path, home: Path, rows: int, delta: int, seed: int
) -> dict[str, dict[str, float]]:
    """The table by case and line; deliveries are written into `folder`, and `home` is built."""
    lived_through(folder / "taught", folder / "teacher", TAUGHT_WITH, DELIVERED_TO_TEACH, seed)
    return lived_through(folder, home, rows, delta, seed)


def lived_through(
    folder: Path, home: Path, rows: int, delta: int, seed: int
) -> dict[str, dict[str, float]]:
    """A first load of `rows` encounters, a delivery of `delta` and a build without any, measured by
    case and line.
    """
    generate(rows, seed, folder / "base")
    write_delta(folder / "base", folder / "delta", delta)
    return {
        case: timed_run(home, *paths)
        for case, paths in zip(CASES, ([folder / "base"], [folder / "delta"], []), strict=True)
    }


def as_table(results: dict[str, dict[str, float]]) -> str:
    """The measurements as a markdown table; the last column is the share of the first load that the
    delivery took.
    """
    lines = [
        f"| seconds | {' | '.join(CASES)} | delivery / first load |",
        f"|---{'|---:' * (len(CASES) + 1)}|",
    ]
    for line in LINES:
        values = [results[case].get(line, 0.0) for case in CASES]
        cells = [f"{value:,.{0 if 'MB' in line else 1}f}" for value in values]
        first, delivery, _ = values
        cells.append("" if "MB" in line or not first else f"{delivery / first:.0%}")
        lines.append(f"| {line} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="encounters of the first delivery"
    )
    parser.add_argument(
        "--delta", type=int, default=1_000, help="encounters of the delivery after it"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, help="where to build, and leave, the warehouse")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(
            as_table(
                measure(
                    Path(folder),
                    options.home or Path(folder) / "home",
                    options.rows,
                    options.delta,
                    options.seed,
                )
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
