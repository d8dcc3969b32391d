"""How long every row of a large file takes to be judged before it is loaded, and with how much
memory.

    python -m benchmarks.preflight --rows 100000 [--seed 7] [--home DIR]

A synthetic base of `rows` encounters is built, or taken from `DIR` as it stands there (nothing of
it is written). Then two encounter files of as many rows are judged, each in a process of its own:
one with keys that are all new, one delivered again with an amount changed in every hundredth row.
Clock and processor are both told, since a busy machine stretches only the first.
"""

import argparse
import base64
import csv
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.run import runs
from pipeline.services.upload import preflight, tray
from pipeline.store.sqlite.database import open_warehouse
from pipeline.synthetic.generator import generate

HEADER = ("encounter_id", "npi", "patient_id", "cpt", "paid_amount")
FILES = {
    "all keys new": "encounters_new.csv",
    "delivered again, 1 % changed": "encounters_again.csv",
}


def write_files(home: Path, out: Path) -> int:
    """The two files, made from the encounters that stand promoted in `home`; returns their rows."""
    rows = 0
    with (
        open_warehouse(load_settings(home=home)) as connection,
        (out / FILES["all keys new"]).open("w", newline="") as new,
        (out / FILES["delivered again, 1 % changed"]).open("w", newline="") as again,
    ):
        to_new, to_again = csv.writer(new), csv.writer(again)
        to_new.writerow(HEADER)
        to_again.writerow(HEADER)
        for key, *rest, paid in _promoted(connection):
            to_new.writerow(
                (base64.b32encode(hashlib.sha256(key.encode()).digest()[:16]).decode(), *rest, paid)
            )
            to_again.writerow((key, *rest, 500 + rows % 1000 if rows % 100 == 0 else paid))
            rows += 1
    return rows


def _promoted(connection) -> Iterator[tuple]:
    return connection.execute(
        "select encounter_id, npi, patient_id, cpt, paid_amount_usd from promoted_encounters"
    )


def measure(home: Path, file: Path, folder: Path) -> tuple[float, float, int]:
    """Seconds by the clock and by the processor, and the peak of memory in MB, of judging one file
    in this process.

    The tray lies in `folder`, which reads the warehouse of `home` in place.
    """
    folder.mkdir()
    for name in ("icon_health.db", "dbt"):
        (folder / name).symlink_to(home.resolve() / name)
    settings = load_settings(home=folder)
    with file.open("rb") as stream:
        tray.keep(settings, file.name, stream)
    os.environ["SQLITE_TMPDIR"] = str(folder)
    started, before = perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    judgement = preflight.check(settings, tray.waiting(settings), None)
    used = resource.getrusage(resource.RUSAGE_SELF)
    if not all(report.is_whole for report in judgement.reports.values()) or not judgement.reports:
        raise SystemExit(f"not judged: {judgement.unjudged or file.name}")
    return (
        perf_counter() - started,
        used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        used.ru_maxrss // 1024,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.preflight", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--rows", type=int, default=100_000, help="encounters of the base, and of each file"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--home",
        type=Path,
        default=None,
        help="a home that is built already, instead of a synthetic base",
    )
    parser.add_argument("--one", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.one is not None:
            print(
                "| {:.1f} | {:.1f} | {:,} |".format(
                    *measure(options.home, options.one, folder / "home")
                )
            )
            return 0
        home = options.home or folder / "base"
        if options.home is None:
            generate(options.rows, options.seed, folder / "data")
            runs.run_now(load_settings(home=home), verb="run", paths=[folder / "data"])
        rows = write_files(home, folder)
        print(
            f"{rows:,} rows a file.\n\n| file | seconds by the clock | by the processor | peak memory in MB |\n|---|---:|---:|---:|"
        )
        for what, file in FILES.items():
            command = [
                sys.executable,
                "-m",
                "benchmarks.preflight",
                "--home",
                str(home),
                "--one",
                str(folder / file),
            ]
            print(f"| {what} ", end="", flush=True)
            subprocess.run(command, cwd=PROJECT_DIR, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
