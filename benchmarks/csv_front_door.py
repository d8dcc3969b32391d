"""How much of badly written files is read right: the Pollock benchmark, encodings from before
Unicode (`encodings`) and files broken at random (`torture`), for our reader and, if installed,
others.

    python -m benchmarks.csv_front_door [pollock_polluted.tar.xz] [--systems ours,csv,...]

The corpus holds `csv/` (one table, polluted in some way, a file each), `clean/` (what a reader
should return) and `weights.json` (how often each pollution was met in the wild). No reader is told
anything about a file. The score of a file is the sum of ten values from 0 to 1, as in the
benchmark's paper: success, then precision, recall and F1 of header, records and cells; 10 is best.
An error on a file without any row counts as a success that loaded nothing.
"""

import argparse
import csv
import json
import re
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks import encodings, torture

#: Every so manieth file of the set of encodings, and broken copies of each file.
STEP, BROKEN = 9, 200

Rows = list[list[str]]


def read_ours(path: Path) -> Rows:
    """This project's reader, with no known column names."""
    from pipeline.ingest.delivery import Delivery
    from pipeline.ingest.inspection import inspect
    from pipeline.ingest.reader import open_table

    delivery = Delivery(path.name, path)
    table = open_table(delivery, inspect(delivery), lambda name: False)
    return [table.header, *(row for batch in table.batches() for row in batch.rows)]


def read_csv_module(path: Path) -> Rows:
    """Python's csv module with its Sniffer."""
    with path.open(newline="", encoding="utf-8") as file:
        dialect = csv.Sniffer().sniff(file.read(64 * 1024))
        file.seek(0)
        return list(csv.reader(file, dialect))


def read_pandas(path: Path) -> Rows:
    """pandas with an inferred separator, everything as text, bad lines left out."""
    import pandas

    frame = pandas.read_csv(
        path, sep=None, engine="python", dtype=str, keep_default_na=False, on_bad_lines="skip"
    )
    return [list(map(str, frame.columns)), *frame.values.tolist()]


def read_duckdb(path: Path) -> Rows:
    """DuckDB's sniffer, everything as text, bad lines left out and short ones filled up."""
    import duckdb

    relation = duckdb.read_csv(str(path), all_varchar=True, ignore_errors=True, null_padding=True)
    return [
        relation.columns,
        *(["" if cell is None else cell for cell in row] for row in relation.fetchall()),
    ]


def read_clevercsv(path: Path) -> Rows:
    """CleverCSV's dialect detection."""
    import clevercsv

    return clevercsv.read_table(str(path))


SYSTEMS: dict[str, Callable[[Path], Rows]] = {
    "ours": read_ours,
    "csv": read_csv_module,
    "pandas": read_pandas,
    "duckdb": read_duckdb,
    "clevercsv": read_clevercsv,
}


def agreement(expected: Iterable, loaded: Iterable) -> tuple[float, float, float]:
    """Precision, recall and F1 of two bags; all 1 when nothing was wanted."""
    expected, loaded = Counter(expected), Counter(loaded)
    if not expected:
        return 1.0, 1.0, 1.0
    common = (expected & loaded).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / loaded.total(), common / expected.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def score(expected: Rows, loaded: Rows | None) -> list[float]:
    """The ten values of one file; `loaded` is None after an error."""
    if loaded is None:
        if len(expected) > 1:
            return [0.0] * 10
        loaded = []
    expected, loaded = (
        [[str(cell).strip() for cell in row] for row in rows] for rows in (expected, loaded)
    )
    return [
        1.0,
        *agreement(expected[0] if expected else [], loaded[0] if loaded else []),
        *agreement(map(tuple, expected[1:]), map(tuple, loaded[1:])),
        *agreement(
            (cell for row in expected[1:] for cell in row),
            (cell for row in loaded[1:] for cell in row),
        ),
    ]


def measure(folder: Path, system: str) -> dict:
    """Scores of one system over the corpus: simple and weighted mean, files read perfectly, and the
    total per pollution.
    """
    weights = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    scores, errors, started = {}, 0, perf_counter()
    for path in sorted((folder / "csv").glob("*.csv")):
        with (folder / "clean" / path.name).open(newline="", encoding="utf-8") as file:
            expected = list(csv.reader(file))
        try:
            loaded = SYSTEMS[system](path)
        except ImportError:
            raise
        except Exception:
            loaded, errors = None, errors + 1
        scores[path.name] = sum(score(expected, loaded))
    total = sum(weights[name] for name in scores)
    kinds: dict[str, list[float]] = {}
    for name, value in scores.items():
        kinds.setdefault(
            re.sub(r"_?\d.*|\.csv", "", name) if name.startswith("row") else name[:-4], []
        ).append(value)
    return {
        "system": system,
        "files": len(scores),
        "simple": round(sum(scores.values()) / len(scores), 3),
        "weighted": round(sum(value * weights[name] for name, value in scores.items()) / total, 3),
        "perfect_files": sum(value > 9.9999 for value in scores.values()),
        "errors": errors,
        "seconds": round(perf_counter() - started, 1),
        "by_pollution": {
            kind: round(sum(values) / len(values), 3) for kind, values in sorted(kinds.items())
        },
    }


def unpacked(corpus: Path, scratch: str) -> Path:
    """The folder of the corpus, unpacked into `scratch` where it is an archive."""
    if not corpus.is_file():
        return corpus
    with tarfile.open(corpus) as archive:
        archive.extractall(scratch, filter="data")
    return next(path.parent for path in Path(scratch).rglob("weights.json"))


def scores_of(corpus: Path, systems: Sequence[str]) -> list[dict]:
    """What each of the installed systems makes of the corpus."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = unpacked(corpus, scratch)
        return list(_of_installed(systems, lambda system: measure(folder, system)))


def encoding_counts(detectors: Sequence[str], step: int) -> list[dict]:
    """Outcomes of each installed detector of encodings over every `step`th file of the set."""
    files = list(encodings.corpus())[::step]

    def counted(detector: str) -> dict:
        counts, seconds = encodings.measure(detector, files)
        return {"detector": detector, "files": len(files), "seconds": round(seconds, 1), **counts}

    return list(_of_installed(detectors, counted))


def _of_installed(names: Sequence[str], measured: Callable[[str], dict]) -> Iterator[dict]:
    for name in names:
        try:
            yield measured(name)
        except ImportError as error:
            print(f"{name}: not installed ({error.name})", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or all of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "corpus",
        type=Path,
        nargs="?",
        help="pollock_polluted.tar.xz or the folder unpacked from it",
    )
    parser.add_argument("--systems", default="ours,csv,pandas", help=f"any of {', '.join(SYSTEMS)}")
    parser.add_argument("--detectors", default=",".join(encodings.DETECTORS))
    parser.add_argument("--step", type=int, default=STEP, help="of the files with old encodings")
    parser.add_argument("--broken", type=int, default=BROKEN, help="copies of each broken file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    scores = scores_of(options.corpus, options.systems.split(",")) if options.corpus else []
    counts = encoding_counts(options.detectors.split(","), options.step)
    broken = torture.measure(options.broken)
    if options.json:
        print(json.dumps({"polluted": scores, "encodings": counts, "broken": broken}, indent=2))
        return
    for name, table in (
        ("Polluted CSV", polluted_table(scores)),
        ("Encodings", encodings_table(counts)),
        ("Broken files", broken_table(broken)),
    ):
        print(f"{name}\n")
        rows = table if len(table) > 1 else [("no corpus given",)]
        widths = [max(len(str(row[at])) for row in rows) for at in range(len(rows[0]))]
        for row in rows:
            cells = zip(row, widths, strict=True)
            print("  ".join(f"{cell!s:<{width}}" for cell, width in cells).rstrip())
        print()


def polluted_table(scores: Sequence[dict]) -> list[tuple]:
    """A heading, then a row for each system."""
    rows = [
        (
            each["system"],
            f"{each['simple']:.3f}",
            f"{each['weighted']:.3f}",
            each["perfect_files"],
            each["errors"],
        )
        for each in scores
    ]
    return [("reader", "mean score", "weighted score", "full score", "errors"), *rows]


def encodings_table(counts: Sequence[dict]) -> list[tuple]:
    """A heading with the detectors, then a row for each outcome."""
    rows = [(outcome, *(each["all"][outcome] for each in counts)) for outcome in encodings.OUTCOMES]
    return [("outcome", *(each["detector"] for each in counts)), *rows]


def broken_table(broken: Mapping[str, Counter]) -> list[tuple]:
    """A heading with the fates, then a row for each file that was broken."""
    rows = [(name, *(fates[each] for each in torture.COUNTS)) for name, fates in broken.items()]
    return [("file", *torture.COUNTS), *rows]


if __name__ == "__main__":
    main()
