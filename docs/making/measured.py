"""Figures of benchmarks, measured anew."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from benchmarks import chance, csv_front_door, torture
from benchmarks.encodings import DETECTORS
from docs.making.marked import table

SYSTEMS = {
    "ours": "this project",
    "csv": "Python csv with its Sniffer",
    "pandas": "pandas, python engine, inferred separator",
}
WORST = 8
#: The worlds of the baseline model.
ROWS, SEEDS, WORLDS = 60_000, (11,), ("null", "signal")
CHANCE_SEEDS, CHANCE_ROWS = 100, (1_000, 5_000)


def makers(archive: Path) -> dict[str, Callable[[], str]]:
    """The blocks of the page, measured on this copy of the corpus."""

    @lru_cache(maxsize=1)
    def scores() -> list[dict]:
        return csv_front_door.scores_of(archive, list(SYSTEMS))

    def encodings() -> str:
        counts = csv_front_door.encoding_counts(list(DETECTORS), csv_front_door.STEP)
        return f"{counts[0]['files']:,} files.\n\n" + _as_table(
            csv_front_door.encodings_table(counts)
        )

    def broken() -> str:
        counts = torture.measure(csv_front_door.BROKEN)
        return _as_table(csv_front_door.broken_table(counts))

    return {
        "pollock": lambda: _scores(scores()),
        "pollock-worst": lambda: _worst(scores()[0]),
        "old-encodings": encodings,
        "broken-files": broken,
    }


def _as_table(rows: list[tuple]) -> str:
    return table(rows[0], rows[1:])


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


def disclosure_makers() -> dict[str, Callable[[], str]]:
    """The table of `python -m benchmarks.disclosure`, some minutes."""

    def results() -> str:
        from benchmarks.disclosure import __main__ as disclosure

        return disclosure.table(dict(disclosure.results([disclosure.HELD_BACK])))

    return {"disclosure": results}


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
