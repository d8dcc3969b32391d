"""How long it takes to work out which small cells stay hidden, by the size of a made-up house, and
to read what the build kept.

    python -m benchmarks.hidden_cells [--seed 1] [--home DIR]

Providers and procedures have volumes that differ a thousandfold, each provider performs some of the
procedures. Of each size: cells of provider and procedure, how many are below the smallest cell, how
many stay hidden, and processor seconds: of the build, that works them out for screens and files,
and of the first visitor after it. With `--home`, of a home as it is instead: seconds of its last
build by the clock, seconds by the clock that hiding takes of it, done anew here, and the share.
"""

import argparse
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from pipeline.config import load_settings
from pipeline.privacy import cells_of_build
from pipeline.privacy.cell_policy import PROVIDER_CELL, hide
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.store.browse.emptied_cells import cells
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse

#: Encounters, providers, procedures, share of the procedures that a provider performs.
SIZES = (
    (10_000, 100, 60, 0.3),
    (100_000, 300, 60, 0.3),
    (1_000_000, 1_000, 60, 0.2),
    (1_000_000, 5_000, 5, 1.0),
)
Row = tuple[str, str, int, int, int, int]


def house(
    encounters: int, providers: int, procedures: int, performed: float, seed: int
) -> tuple[list[Row], list[tuple[str, int, int, int]]]:
    """Providers by procedure and the thirds by volume, as `hide` takes them."""
    chance = np.random.default_rng(seed)
    performs = chance.random((providers, procedures)) < performed
    performs[np.arange(providers), chance.integers(0, procedures, providers)] = True
    volumes = (chance.pareto(1.2, providers) + 0.1)[:, None] * (
        chance.pareto(0.8, procedures) + 0.05
    )
    weights = (volumes * performs).ravel()
    counts = chance.multinomial(encounters, weights / weights.sum()).reshape(volumes.shape)
    events = chance.binomial(counts, chance.beta(2, 20, procedures)[None, :])
    rows = [
        (f"p{npi}", f"c{cpt}", int(counts[npi, cpt]), int(events[npi, cpt]), 0, int(counts[npi, cpt]))
        for npi, cpt in zip(*np.nonzero(counts), strict=True)
    ]  # fmt: skip
    thirds = []
    for cpt in range(procedures):
        volume = np.sort(counts[:, cpt][counts[:, cpt] > 0])
        place = np.searchsorted(volume, volume)
        for third in range(3):
            own = volume[3 * place // max(len(volume), 1) == third]
            if len(own):
                thirds.append((f"c{cpt}", third + 1, int(own[0]), int(own[-1])))
    return rows, thirds


@contextmanager
def warehouse(
    rows: list[Row], thirds: list[tuple[str, int, int, int]]
) -> Iterator[sqlite3.Connection]:
    """The tables that the hidden cells rest on, in memory, without risk cells and referrals."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for (table, columns), numbers in zip(cells_of_build.COUNTS, (rows, thirds), strict=False):
            connection.execute(f"create table {table} ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"insert into {table} values ({marks})", numbers)
        connection.execute("create table ops_kept_answers (question primary key, digest, answer)")
        yield connection


def share_of_build(home: Path) -> str:
    """A table of one row: what hiding takes of the last build of a home."""
    settings = load_settings(home=home)
    with open_control(settings) as control:
        published = runs.last_published(control)
    if published is None:
        raise SystemExit(f"{home} holds no build")
    built = sum(layer["duration_seconds"] for layer in published.result["layers"])
    with open_warehouse(settings) as connection:
        ((encounters,),) = connection.execute("select count(*) from fct_encounter")
        begin = time.perf_counter()
        counts = [cells(connection, *table) for table in cells_of_build.COUNTS]
        hide(*counts)
        took = time.perf_counter() - begin
    return (
        "| encounters | cells | build s | hiding s | share |\n|--:|--:|--:|--:|--:|\n"
        f"| {encounters:,} | {len(counts[0]):,} | {built:.1f} | {took:.2f} | {took / built:.1%} |"
    )


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hidden_cells")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args(arguments)
    if asked.home:
        print(share_of_build(asked.home))
        return 0
    seed = asked.seed
    print("| encounters | providers | procedures | cells | small | hidden | build s | visitor s |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in SIZES:
        rows, thirds = house(*size, seed)
        small = sum(row[5] < SMALLEST_CELL for row in rows)
        with warehouse(rows, thirds) as connection:
            begin = time.process_time()
            cells_of_build.keep(connection)
            kept = time.process_time()
            hidden = cells_of_build.hidden_cells(connection).of(PROVIDER_CELL)
            read = time.process_time()
        print(
            f"| {size[0]:,} | {size[1]:,} | {size[2]} | {len(rows):,} | {small:,} | "
            f"{len(hidden):,} | {kept - begin:.2f} | {read - kept:.2f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
