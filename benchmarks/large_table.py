"""How the page Tables reads a table of ten million rows: until the rows are there, and until they
are counted and added up.

    python -m benchmarks.large_table [--rows 1000000] [--home HOME] [--times 10] [--repeats 3]
    [--seed 7]

In a copy of a built home the facts are written `times` times; without `--home` a home of `rows`
encounters is built first. Cells are milliseconds by the clock, medians of `repeats`: `rows` reads
the page, `number` counts what meets the filters and adds up the paid amount, `both` does the two at
once, as the page does; rows are seen as soon as they are read.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from pipeline.config import Settings, load_settings
from pipeline.services.run import runs
from pipeline.services.tables import browse
from pipeline.services.tables.browse import Filter
from pipeline.store.sqlite.database import open_warehouse
from pipeline.synthetic.generator import generate

FACTS, MEASURE, SIZE = "fct_encounter", "paid_amount_usd", 100


@dataclass(frozen=True)
class Look:
    """What somebody asks of the table."""

    action: str
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    descending: bool = False
    page: int = 1


LOOKS = (
    Look("open it"),
    Look("page 50,000", page=50_000),
    Look("filter on a column with an index", (Filter("cpt", "is", "27130"),)),
    Look("filter on a column without one", (Filter("winsorised_paid_usd", "at least", 900),)),
    Look("a filter that nothing meets", (Filter("sex", "is", "neither"),)),
    Look("order by a column without an index", sort="winsorised_paid_usd", descending=True),
    Look(
        "filter and order without an index",
        (Filter("winsorised_paid_usd", "at least", 900),),
        "expected_paid_usd",
    ),
    Look("page 50,000 of an order", sort="winsorised_paid_usd", page=50_000),
)


def multiply(settings: Settings, times: int) -> int:
    """Write the facts of a warehouse `times` times, each copy under encounter ids of its own; the
    number of rows.
    """
    with open_warehouse(settings, write=True) as connection:
        columns = [
            name
            for (name,) in connection.execute("select name from pragma_table_info(?)", (FACTS,))
        ]
        copied = ", ".join(
            "encounter_id || '-' || copies.value" if name == "encounter_id" else name
            for name in columns
        )
        connection.execute(
            "with recursive copies(value) as (select 2 union all select value + 1 from copies where value < ?) "
            f"insert into {FACTS} select {copied} from {FACTS}, copies",
            (times,),
        )
        (rows,) = connection.execute(f"select count(*) from {FACTS}").fetchone()
        connection.execute("update ops_table_rows set rows = ? where table_name = ?", (rows, FACTS))
        connection.commit()
    return rows


def measure(settings: Settings, look: Look, repeats: int) -> dict[str, float]:
    """Milliseconds of one line of the table."""

    def rows() -> None:
        browse.page(
            settings,
            FACTS,
            look.filters,
            look.sort,
            look.descending,
            SIZE,
            (look.page - 1) * SIZE,
            counts=False,
        )

    def number() -> None:
        browse.totals(settings, FACTS, look.filters, MEASURE)

    def both() -> None:
        with ThreadPoolExecutor(2) as threads:
            for future in [threads.submit(rows), threads.submit(number)]:
                future.result()

    return {
        call.__name__: median(_milliseconds(call) for _ in range(repeats))
        for call in (rows, number, both)
    }


def _milliseconds(call: Callable[[], None]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large_table", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="encounters of the home that is built"
    )
    parser.add_argument("--home", type=Path, help="a built home; it is copied, not changed")
    parser.add_argument("--times", type=int, default=10, help="how often the facts are written")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.home and options.home.parent) as folder:
        settings = load_settings(home=Path(folder) / "home")
        if options.home:
            shutil.copytree(options.home, settings.home)
        else:
            generate(options.rows, options.seed, Path(folder) / "delivery")
            runs.run_now(settings, verb="run", paths=[Path(folder) / "delivery"])
        print(
            f"| {multiply(settings, options.times):,} rows | rows | number | both |\n|---|---:|---:|---:|"
        )
        for look in LOOKS:
            results = measure(settings, look, options.repeats)
            print(
                f"| {look.action} | {results['rows']:,.0f} | {results['number']:,.0f} | {results['both']:,.0f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
