"""Run every benchmark that needs no file from elsewhere: `python -m benchmarks [--list]`."""

import sys
from collections.abc import Sequence

from benchmarks import (
    baseline_model,
    builder,
    chance,
    csv_front_door,
    csv_load,
    foreign_tables,
    hidden_cells,
    incremental,
    large_table,
    pages,
    preflight,
    scale,
)
from benchmarks.disclosure import __main__ as disclosure

#: Command line of each; `csv_front_door` leaves out the corpus that is not part of the project.
BENCHMARKS = {
    "baseline_model": (baseline_model.main, ["--rows", "20000", "--seeds", "11"]),
    "builder": (builder.main, ["--repeats", "3"]),
    "chance": (chance.main, ["--seeds", "20"]),
    "csv_front_door": (csv_front_door.main, ["--step", "50", "--broken", "30"]),
    "disclosure": (disclosure.main, []),
    "csv_load": (csv_load.main, ["--rows", "20000", "--repeats", "1"]),
    "foreign_tables": (foreign_tables.main, ["--files", "100"]),
    "hidden_cells": (hidden_cells.main, []),
    "incremental": (incremental.main, ["--rows", "20000", "--repeats", "1"]),
    "large_table": (large_table.main, ["--rows", "20000"]),
    "pages": (pages.main, ["--rows", "20000", "--repeats", "3"]),
    "preflight": (preflight.main, ["--rows", "20000"]),
    "scale": (scale.main, ["--rows", "20000"]),
}


def main(arguments: Sequence[str]) -> int:
    """Run or list the benchmarks; returns the exit code."""
    for name, (run, options) in BENCHMARKS.items():
        print(f"## python -m benchmarks.{name} {' '.join(options)}\n", flush=True)
        if "--list" not in arguments:
            run(options)
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
