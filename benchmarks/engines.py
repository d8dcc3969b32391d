"""What a copy to another engine takes, beside a full build by SQLite on the same home.

    python -m benchmarks.engines [--rows 100000] [--home DIR] [--seed 7]

Each line is a process of its own: seconds by the clock, of the processor, and the most memory.
`sqlite build` is a full refresh by the recorded plan; `duckdb build` is dbt, which takes some
twenty seconds of the processor whatever the rows. Without `--home` a home of `rows` encounters is
built first; with it, a copy of that home is built anew.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from pipeline.config import PROJECT_DIR, Settings, load_settings
from pipeline.orchestrate.engine_copy import FILE_VARIABLE
from pipeline.services.run import runs
from pipeline.synthetic.generator import generate

STEPS = ("copy", "build", "compare")


def measured(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor and MB at most of one process.

    Raises CalledProcessError when it fails.
    """
    started = perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    return perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def lines(settings: Settings, file: Path) -> dict[str, Callable[[], tuple[float, float, float]]]:
    """Name of a line -> the process that is measured."""
    python = [sys.executable, "-m"]
    environment = {"ICON_HEALTH_HOME": str(settings.home), FILE_VARIABLE: str(file)}
    build = [*python, "pipeline", "build", "--full-refresh"]
    return {"sqlite build": lambda: measured(build, environment)} | {
        f"duckdb {step}": lambda step=step: measured(
            [*python, "pipeline.orchestrate.engine_copy", step, str(file)], environment
        )
        for step in STEPS
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.home:
            shutil.copytree(asked.home, folder / "home")
            settings = load_settings(home=folder / "home")
        else:
            generate(asked.rows, asked.seed, folder / "delivered")
            settings = load_settings(home=folder / "home")
            runs.run_now(settings, verb="run", paths=[folder / "delivered"])
        print(f"{'':16} {'seconds':>8} {'cpu s':>8} {'MB':>8}")
        for line, measure in lines(settings, folder / "copy.duckdb").items():
            seconds, processor, memory = measure()
            print(f"{line:16} {seconds:8.1f} {processor:8.1f} {memory:8.0f}", flush=True)
        size = (folder / "copy.duckdb").stat().st_size / settings.warehouse_path.stat().st_size
        print(f"the file of DuckDB has {size:.0%} of the bytes of SQLite's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
