"""How much of badly written CSV files is read right: the Pollock benchmark for our reader and, if
installed, others.

    python benchmarks/csv_front_door.py pollock_polluted.tar.xz [--systems ours,csv,...] [--json]

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
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

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


def main() -> None:
    """Print a table (or JSON) of the systems asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "corpus", type=Path, help="pollock_polluted.tar.xz or the folder unpacked from it"
    )
    parser.add_argument("--systems", default="ours,csv,pandas", help=f"any of {', '.join(SYSTEMS)}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.corpus
        if folder.is_file():
            with tarfile.open(folder) as archive:
                archive.extractall(scratch, filter="data")
            folder = next(path.parent for path in Path(scratch).rglob("weights.json"))
        results = []
        for system in options.systems.split(","):
            try:
                results.append(measure(folder, system))
            except ImportError as error:
                print(f"{system}: not installed ({error.name})", file=sys.stderr)
    if options.json:
        print(json.dumps(results, indent=2))
        return
    print(
        f"{'system':<12} {'simple':>7} {'weighted':>9} {'perfect':>8} {'errors':>7} {'seconds':>8}"
    )
    for result in results:
        print(
            f"{result['system']:<12} {result['simple']:>7.3f} {result['weighted']:>9.3f} {result['perfect_files']:>8} "
            f"{result['errors']:>7} {result['seconds']:>8.1f}"
        )


if __name__ == "__main__":
    main()
