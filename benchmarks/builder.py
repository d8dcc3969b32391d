"""What a build costs when dbt carries it out, when the recorded plan does, and when nothing is new.

    python -m benchmarks.builder [--rows 0] [--repeats 5]

The shipped sample, or a synthetic delivery of `rows` encounters, in a home of its own for each
side; all layers, in one process that has built before (warm). The sides take turns in one run.
`everything` builds by another day each time, so nothing can be skipped. Seconds, medians of
`repeats`; the ratio is to dbt.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from pipeline.config import Settings, load_settings
from pipeline.services.run import runs
from pipeline.synthetic.generator import generate

DAYS = ("2031-01-01", "2031-01-02")


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and by the processor (this process, all threads)."""
    clock, processor = perf_counter(), process_time()
    action()
    return perf_counter() - clock, process_time() - processor


def sides(by_dbt: Settings, by_plan: Settings) -> dict[str, Callable[[int], object]]:
    """What is compared: name -> an action that gets the number of the round."""

    def everything(settings: Settings) -> Callable[[int], object]:
        return lambda turn: runs.run_now(settings, verb="build", as_of=DAYS[turn % 2])

    def one_layer(settings: Settings) -> Callable[[int], object]:
        return lambda turn: runs.run_now(settings, verb="build", layers=["enterprise_datasets"])

    def nothing_new(turn: int) -> object:
        return runs.run_now(by_plan, verb="build", as_of=DAYS[turn % 2])

    return {
        "everything, dbt": everything(by_dbt),
        "everything, plan": everything(by_plan),
        "nothing new": nothing_new,
        "gold alone, dbt": one_layer(by_dbt),
        "gold alone, plan": one_layer(by_plan),
    }


def main(arguments: Sequence[str]) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.builder", description=__doc__)
    parser.add_argument("--rows", type=int, default=0, help="encounters; 0: the shipped sample")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        delivery = runs.SAMPLE_DIR
        if options.rows:
            delivery = Path(folder) / "delivery"
            generate(options.rows, 7, delivery)
        homes = {
            builder: replace(load_settings(home=Path(folder) / builder), builder=builder)
            for builder in ("dbt", "plan")
        }
        for settings in homes.values():
            runs.run_now(settings, verb="run", paths=[delivery])
        compared = sides(homes["dbt"], homes["plan"])
        for turn in (0, 1, 0):  # what a plan does not know yet is recorded
            for action in compared.values():
                action(turn)
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in compared}
        for turn in range(options.repeats):
            for name, action in compared.items():
                seconds[name].append(measured(lambda: action(turn + 1)))  # noqa: B023
    print("| build | clock | processor | processor, ratio to dbt |")
    print("|---|---:|---:|---:|")
    for name, pairs in seconds.items():
        clock, processor = (median(pair[at] for pair in pairs) for at in (0, 1))
        base = median(pair[1] for pair in seconds[_side_of_dbt(name)])
        print(f"| {name} | {clock:.2f} | {processor:.2f} | {processor / base:.3f} |")
    return 0


def _side_of_dbt(name: str) -> str:
    return "gold alone, dbt" if name.startswith("gold") else "everything, dbt"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
