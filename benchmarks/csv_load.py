"""What loading a CSV file costs, beside SQLite's own import and pandas.

    python -m benchmarks.csv_load [--rows 100000,1000000] [--shapes plain,quoted,damaged]
    [--repeats 5] [--systems ours,sqlite,pandas] [--seed 7]

Each side loads the encounters of `icon-health generate --rows N` into a new SQLite file, in a
process of its own, one side after the other in each round. Ours infers encoding, dialect and
header, keeps the bytes, every row's lineage and what is no row, in one transaction. The others are
told the dialect and keep the cells: `.import` of the sqlite3 command, and `read_csv(dtype=str)`
with `to_sql`.

Shapes: `plain` as generated; `quoted`, every cell in quotes; `damaged`, one line of a thousand
lacks a cell, which pandas is told to skip.

Cells are processor seconds (user and system) of the whole process, medians of `repeats`; `start` is
the same for a file of a header alone. Factors are theirs divided by ours: above 1 we are cheaper;
`without start` compares what is left when the start is taken off.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pipeline.config.project import PROJECT_DIR
from pipeline.synthetic.generator import generate

FILE = "encounters_details.csv"
#: Line breaks of so many lines: one lacks its last cell.
DAMAGED_EVERY = 1000
OURS = """
import sys
from pathlib import Path
from pipeline.config import load_settings
from pipeline.orchestrate.intake import ingest_files
(result,) = ingest_files(load_settings(home=sys.argv[2]), [Path(sys.argv[1])])
if result.status != "loaded":
    sys.exit(result.reason)
"""
PANDAS = """
import sqlite3, sys
import pandas
connection = sqlite3.connect(sys.argv[2])
frame = pandas.read_csv(sys.argv[1], dtype=str, on_bad_lines="skip")
frame.to_sql("encounters", connection, index=False)
connection.commit()
"""


#: Starts a command and tells what it took; itself so small that it hides nobody's peak memory.
LAUNCH = """
import json, os, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class Cost:
    """Processor seconds, peak memory and size of the database, both in MB."""

    seconds: float
    memory: float
    size: float


def ours(file: Path, folder: Path) -> list[str]:
    """The command that loads a file into a new home of this project."""
    return [sys.executable, "-c", OURS, str(file), str(folder)]


def with_sqlite(file: Path, folder: Path) -> list[str]:
    """The command that imports a file with SQLite's shell."""
    return ["sqlite3", str(folder / "encounters.db"), ".mode csv", f".import {file} encounters"]


def with_pandas(file: Path, folder: Path) -> list[str]:
    """The command that reads a file with pandas and writes it with `to_sql`."""
    return [sys.executable, "-c", PANDAS, str(file), str(folder / "encounters.db")]


SYSTEMS: dict[str, Callable[[Path, Path], list[str]]] = {
    "ours": ours,
    "sqlite": with_sqlite,
    "pandas": with_pandas,
}


def quoted(lines: Iterator[str]) -> Iterator[str]:
    """Lines with every cell in quotes."""
    for row in csv.reader(lines):
        yield ",".join(f'"{cell}"' for cell in row) + "\n"


def damaged(lines: Iterator[str]) -> Iterator[str]:
    """Lines of which one in a thousand lacks its last cell."""
    for number, line in enumerate(lines):
        is_damaged = number and number % DAMAGED_EVERY == 0
        yield line.rpartition(",")[0] + "\n" if is_damaged else line


SHAPES: dict[str, Callable[[Iterator[str]], Iterator[str]]] = {
    "plain": iter,
    "quoted": quoted,
    "damaged": damaged,
}


def shaped(source: Path, shape: str, target: Path) -> Path:
    """The file of a shape, written to the folder `target`."""
    target.mkdir(exist_ok=True)
    with source.open(encoding="utf-8") as lines, (target / FILE).open("w") as file:
        file.writelines(SHAPES[shape](lines))
    return target / FILE


def cost(system: str, file: Path) -> Cost:
    """Load a file once; raises RuntimeError when the process fails."""
    with tempfile.TemporaryDirectory() as scratch:
        command = SYSTEMS[system](file, Path(scratch))
        launched = subprocess.run(
            [sys.executable, "-I", "-S", "-c", LAUNCH, *command],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        code, seconds, memory = json.loads(launched.stdout)
        # SQLite's shell complains of lines that lack a cell, and imports them
        if code and system != "sqlite":
            raise RuntimeError(f"{system}: {launched.stderr[-500:]}")
        size = sum(path.stat().st_size for path in Path(scratch).glob("*.db*"))
        return Cost(seconds, memory, size / 1024**2)


def compare(file: Path, systems: Sequence[str], repeats: int) -> dict[str, Cost]:
    """The medians of each side, taken in turn so that all meet the same neighbours."""
    rounds = [{system: cost(system, file) for system in systems} for _ in range(repeats)]
    return {
        system: Cost(
            *(
                median(getattr(each[system], what) for each in rounds)
                for what in ("seconds", "memory", "size")
            )
        )
        for system in systems
    }


def lines_of_table(rows: int, shape: str, costs: dict[str, Cost], starts: dict[str, Cost]):
    """Lines of the printed table, one a side."""
    for system, each in costs.items():
        whole = each.seconds / costs["ours"].seconds if "ours" in costs else float("nan")
        own = costs["ours"].seconds - starts["ours"].seconds if "ours" in costs else float("nan")
        rest = (each.seconds - starts[system].seconds) / own
        yield (
            f"| {rows:,} | {shape} | {system} | {each.seconds:.2f} | {starts[system].seconds:.2f} "
            f"| {whole:.2f} | {rest:.2f} | {each.memory:,.0f} | {each.size:,.0f} |"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    systems = [name for name in options.systems.split(",") if name in SYSTEMS]
    if "sqlite" in systems and shutil.which("sqlite3") is None:
        print("there is no sqlite3 command: that side is left out", file=sys.stderr)
        systems.remove("sqlite")
    print(
        "| encounters | shape | side | processor s | of these start | factor | without start | peak MB | database MB |"
    )
    print("|---:|---|---|---:|---:|---:|---:|---:|---:|")
    for rows in map(int, options.rows.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            generate(rows, options.seed, Path(scratch))
            for shape in options.shapes.split(","):
                file = shaped(Path(scratch) / FILE, shape, Path(scratch) / shape)
                alone = Path(scratch) / "header" / FILE
                alone.parent.mkdir(exist_ok=True)
                with file.open(encoding="utf-8") as lines:
                    alone.write_text(next(lines))
                starts = compare(alone, systems, options.repeats)
                costs = compare(file, systems, options.repeats)
                for line in lines_of_table(rows, shape, costs, starts):
                    print(line, flush=True)
                file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
