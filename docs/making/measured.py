"""Figures of benchmarks, measured anew."""

import tarfile
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from benchmarks import chance
from benchmarks.csv_front_door import measure
from docs.making.marked import table

SYSTEMS = {
    "ours": "this project",
    "csv": "Python csv with its Sniffer",
    "pandas": "pandas, python engine, inferred separator",
}
WORST = 8
#: The worlds of the baseline model.
ROWS, SEEDS, WORLDS = 20_000, (11,), ("null", "signal")
CHANCE_SEEDS, CHANCE_ROWS = 100, (1_000, 5_000)


def makers(archive: Path) -> dict[str, Callable[[], str]]:
    """The two blocks of the page, measured on this copy of the corpus."""

    @lru_cache(maxsize=1)
    def found() -> tuple[dict, ...]:
        with tempfile.TemporaryDirectory() as scratch, tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
            folder = next(path.parent for path in Path(scratch).rglob("weights.json"))
            return tuple(measure(folder, system) for system in SYSTEMS)

    return {"pollock": lambda: _scores(found()), "pollock-worst": lambda: _worst(found()[0])}


def chance_makers() -> dict[str, Callable[[], str]]:
    """The tables of `python -m benchmarks.chance`, all from one measurement."""

    @lru_cache(maxsize=1)
    def found() -> list[dict]:
        return chance.run(CHANCE_ROWS, CHANCE_SEEDS)

    return {
        f"chance-{name}": lambda headings=headings, rows_of=rows_of: table(
            headings, rows_of(found())
        )
        for name, (headings, rows_of) in chance.TABLES.items()
    }


def baseline_makers() -> dict[str, Callable[[], str]]:
    """The block of the baseline model: worlds generated, built and trained on, about a minute
    each.
    """

    def results() -> str:
        from benchmarks import baseline_model  # scikit-learn takes a while to import

        return table(
            baseline_model.HEADINGS,
            [
                baseline_model.cells(result)
                for result in baseline_model.measure(ROWS, SEEDS, WORLDS)
            ],
        )

    return {"baseline": results}


def _scores(results: tuple[dict, ...]) -> str:
    rows = [
        (
            SYSTEMS[result["system"]],
            f"{result['simple']:.3f}",
            f"{result['weighted']:.3f}",
            result["perfect_files"],
            result["errors"],
        )
        for result in results
    ]
    return f"{results[0]['files']:,} files.\n\n" + table(
        (
            "reader",
            "mean score",
            "weighted score",
            "files with the full score",
            "files that end in an error",
        ),
        rows,
    )


def _worst(result: dict) -> str:
    kinds = sorted(result["by_pollution"].items(), key=lambda pair: pair[1])[:WORST]
    return table(
        ("pollution", "our score of 10"),
        [(f"`{kind}`", f"{score:.3f}") for kind, score in kinds if score < 9.9],
    )
