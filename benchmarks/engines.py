"""What a copy to another engine takes, beside a full build by SQLite on the same home.

    python -m benchmarks.engines [--rows 100000] [--seed 7]

Each line is a process of its own: seconds by the clock, of the processor, and the most memory.
`sqlite build` is a full refresh by the recorded plan; `duckdb build` is dbt, which takes some
twenty seconds of the processor whatever the rows. A home of `rows` encounters is built first. After
them comes a delivery of 1 % more, and the same for what follows from it. The last line of each part
says how many relations differ.
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
from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.orchestrate.engine_steps import FILE_VARIABLE
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.store.engines.parity import RelationParity
from pipeline.synthetic.generator import generate

DELTA_SHARE = 0.01


def measured(line: str, command: Sequence[str], environment: dict[str, str], answer: Path) -> None:
    """Print seconds by the clock, seconds of the processor and MB at most of one process, whose
    output goes to `answer`.

    Raises CalledProcessError when it fails.
    """
    started = perf_counter()
    with answer.open("w") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=PROJECT_DIR, stdout=output
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    seconds, processor = perf_counter() - started, usage.ru_utime + usage.ru_stime
    print(f"{line:16} {seconds:8.1f} {processor:8.1f} {usage.ru_maxrss / 1024:8.0f}", flush=True)


def measure(settings: Settings, file: Path, first_step: str, build: Sequence[str]) -> None:
    """Measure and print a build by SQLite, and the steps of a copy or an update of `file`."""
    python = [sys.executable, "-m"]
    environment = {"ICON_HEALTH_HOME": str(settings.home), FILE_VARIABLE: str(file)}
    answer = file.with_suffix(".json")
    measured("sqlite build", [*python, "pipeline", "build", *build], environment, answer)
    for step in (first_step, "build", "compare"):
        command = [*python, "pipeline.orchestrate.engine_steps", step, str(file)]
        measured(f"duckdb {step}", command, environment, answer)
    relations = [
        RelationParity(**relation) for relation in json.loads(answer.read_text())["result"]
    ]
    different = [relation.relation for relation in relations if not relation.is_equal]
    print(f"{len(different)} of {len(relations)} relations differ {' '.join(different)}".rstrip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(asked.rows, asked.seed, folder / "delivered")
        write_delta(folder / "delivered", folder / "delta", int(asked.rows * DELTA_SHARE))
        settings, file = load_settings(home=folder / "home"), folder / "copy.duckdb"
        runs.run_now(settings, verb="run", paths=[folder / "delivered"])
        print(f"{'':16} {'seconds':>8} {'cpu s':>8} {'MB':>8}")
        measure(settings, file, "copy", ["--full-refresh"])
        size = file.stat().st_size / settings.warehouse_path.stat().st_size
        print(f"the file of DuckDB has {size:.0%} of the bytes of SQLite's")
        loads.ingest(settings, [folder / "delta"])
        print(f"after {DELTA_SHARE:.0%} more")
        measure(settings, file, "update", [])
    return 0


if __name__ == "__main__":
    sys.exit(main())
