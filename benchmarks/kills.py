"""Kill the pipeline at random moments, and count what is lost.

    python -m benchmarks.kills [--kills 300] [--seed 1]

A home lives a history: deliveries are loaded and built, a row is corrected, a load is taken back,
everything is built by another day. Each verb is a process of its own that gets SIGKILL at a random
moment of the time that it takes, and is then called again. A twin lives the same history without
kills. Meanwhile a reader reads the published tables without a pause.

The report: kills by verb; reads that were locked out; reads that saw tables of two builds; loads,
rows, kept bytes and decisions that a verb had said were stored and that are gone; files of a home
that SQLite finds damaged; and tables that differ from the twin at the end of a history.
"""

import argparse
import hashlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import load_contracts
from pipeline.services.quarantine import decisions
from pipeline.store.sqlite.database import open_reader, open_snapshot, warehouse_exists

DELIVERIES = PROJECT_DIR / "data" / "deliveries"
DAYS = ("2031-01-01", "2032-01-01")
#: Columns that say when something happened: a verb that was called twice has another time there.
CLOCKS = ("event_timestamp", "created_at", "features_known_at", "_loaded_at", "loaded_at")
CLOCKS += ("_source_high_watermark", "first_seen_at", "last_seen_at", "last_seen", "row_hash")


@dataclass
class Report:
    """What happened over all histories."""

    kills: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One verb, and whether it was done before it was killed (then it is not called again)."""

    name: str
    words: tuple[str, ...]
    is_done: Callable[[Settings], bool] = lambda settings: False


def history(chance: random.Random) -> list[Step]:
    """Every kind of verb, in an order that chance decides as far as it may."""

    def correction(at: int) -> Step:
        reason = f"correction {at}"
        words = ("quarantine", "correct", "--entity", "encounters", "--reason", reason)
        words += ("--row", f"L00003-{at + 2}", "--set", "paid_amount=12.5")
        return Step("correct", words, lambda settings: _is_decided(settings, reason))

    steps = [Step("run", ("run", str(DELIVERIES / "delivery_1")))]
    others = [
        Step("run", ("run", str(DELIVERIES / "delivery_2"))),
        Step("ingest", ("ingest", str(DELIVERIES / "delivery_3"))),
        Step("build", ("build", "--as-of", chance.choice(DAYS))),
        Step("build", ("build", "--full-refresh", "--as-of", chance.choice(DAYS))),
        correction(chance.randrange(100)),
        Step("undo", ("undo", "L00005"), lambda settings: _is_undone(settings, "L00005")),
    ]
    chance.shuffle(others)
    return [*steps, *others, Step("build", ("build", "--as-of", DAYS[0]))]


def _is_decided(settings: Settings, reason: str) -> bool:
    trail = decisions.audit(settings)
    return bool((trail["reason"] == reason).any()) if len(trail) else False


def _is_undone(settings: Settings, load_id: str) -> bool:
    with open_reader(settings.warehouse_path) as warehouse:
        query = "select status from ops_loads where load_id = ?"
        return warehouse.execute(query, (load_id,)).fetchone() == ("undone",)


def start(settings: Settings, words: Sequence[str]) -> subprocess.Popen[str]:
    """One verb in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", "--home", str(settings.home), *words, "--json"],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def finish(process: subprocess.Popen[str], step: Step, report: Report) -> dict:
    """The answer of a verb that was left alone; what is refused was done before it was killed."""
    out, _ = process.communicate()
    if process.returncode not in (0, 2, 3):
        report.faults.append(f"{' '.join(step.words)} ended with {process.returncode}: {out[:300]}")
    return json.loads(out) if out.strip() else {}


def live(settings: Settings, steps: Sequence[Step], report: Report) -> list[float]:
    """The history without kills; how long each step takes (seconds)."""
    seconds = []
    for step in steps:
        started = time.perf_counter()
        finish(start(settings, step.words), step, report)
        seconds.append(time.perf_counter() - started)
    return seconds


def live_with_kills(
    settings: Settings,
    steps: Sequence[Step],
    seconds: Sequence[float],
    chance: random.Random,
    report: Report,
    kills: int,
) -> None:
    """The history, each step killed up to `kills` times before it may end."""
    promised: set[str] = set()
    for step, usual in zip(steps, seconds, strict=True):
        for _ in range(kills):
            process = start(settings, step.words)
            time.sleep(chance.uniform(0, usual))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                report.kills[step.name] += 1
            process.communicate()
            check(settings, promised, report)
            if step.is_done(settings):
                break
        else:
            answer = finish(start(settings, step.words), step, report)
            promised |= {load["load_id"] for load in answer.get("loads", ()) if load.get("load_id")}
            check(settings, promised, report)


def check(settings: Settings, promised: set[str], report: Report) -> None:
    """Count what is gone of what was stored."""
    if not warehouse_exists(settings):
        return
    with open_reader(settings.warehouse_path) as warehouse:
        if warehouse.execute("pragma quick_check(1)").fetchone() != ("ok",):
            report.counts["damaged files"] += 1
        if not _has_loads(warehouse):
            return
        query = "select load_id, entity, sha256, accepted, rejected from ops_loads"
        loads = warehouse.execute(query).fetchall()
        report.counts["loads lost"] += len(promised - {load[0] for load in loads})
        for load_id, source, sha256, accepted, rejected in loads:
            raw = load_contracts()[source].raw_table
            rows = _count(warehouse, f"{raw} where _load_id = '{load_id}'")
            rejects = _count(warehouse, f"raw_rejects where _load_id = '{load_id}'")
            report.counts["rows lost"] += abs(rows - accepted) + abs(rejects - rejected)
            kept = settings.delivered_dir / sha256
            if not kept.exists() or hashlib.sha256(kept.read_bytes()).hexdigest() != sha256:
                report.counts["kept bytes lost"] += 1


def _has_loads(warehouse: sqlite3.Connection) -> bool:
    return _count(warehouse, "sqlite_master where name = 'ops_loads'") > 0


def _count(connection: sqlite3.Connection, what: str) -> int:
    return connection.execute(f"select count(*) from {what}").fetchone()[0]


@contextmanager
def reading(settings: Settings, report: Report) -> Iterator[None]:
    """A reader that never pauses: it may neither be locked out nor see tables of two builds."""
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                if warehouse_exists(settings):
                    report.counts["reads"] += 1
                    report.counts["reads of a mix"] += _is_mixed(settings)
            except sqlite3.OperationalError as error:
                report.counts["reads locked out"] += "locked" in str(error)
            time.sleep(0.02)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _is_mixed(settings: Settings) -> bool:
    with open_snapshot(settings) as snapshot:
        names = [
            name
            for (name,) in snapshot.execute(
                "select name from sqlite_master as tables where type = 'table' and name not glob 'feat_*' "
                "and name not glob 'training_*' and exists "
                "(select 1 from pragma_table_info(tables.name) where name = '_build_id')"
            )
        ]
        builds = {
            build
            for name in names
            for (build,) in snapshot.execute(f'select _build_id from "{name}" limit 1')
        }
    return len(builds) > 1


def differences(one: Settings, other: Settings) -> list[str]:
    """Tables that two homes do not have alike, clocks left out."""
    with open_reader(one.warehouse_path) as here, open_reader(other.warehouse_path) as there:
        contents = [_contents(here), _contents(there)]
    names = sorted(set(contents[0]) | set(contents[1]))
    return [name for name in names if contents[0].get(name) != contents[1].get(name)]


def _contents(connection: sqlite3.Connection) -> dict[str, list[tuple]]:
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' and name not glob 'ops_*'"
    ).fetchall()
    contents = {}
    for (name,) in tables:
        columns = [
            column
            for _, column, *_ in connection.execute(f"pragma table_info('{name}')")
            if column not in CLOCKS
        ]
        rows = connection.execute(f"select {', '.join(columns)} from '{name}'").fetchall()
        contents[name] = sorted(rows, key=repr)
    return contents


def main(arguments: Sequence[str]) -> int:
    """Print the report; the exit code is 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance, report, histories = random.Random(options.seed), Report(), 0
    while sum(report.kills.values()) < options.kills and not report.faults:
        histories += 1
        with tempfile.TemporaryDirectory() as folder:
            killed, twin = (load_settings(home=Path(folder) / name) for name in ("killed", "twin"))
            steps = history(chance)
            seconds = live(twin, steps, report)
            with reading(killed, report):
                live_with_kills(killed, steps, seconds, chance, report, kills=4)
            unlike = differences(killed, twin)
            report.counts["tables unlike the twin's"] += len(unlike)
            report.faults += [f"{name} differs from the twin's" for name in unlike]
    print(f"{sum(report.kills.values())} kills in {histories} histories (seed {options.seed})")
    for verb, kills in sorted(report.kills.items()):
        print(f"  {verb:<10}{kills:>6}")
    lost = ("reads locked out", "reads of a mix", "loads lost", "rows lost", "kept bytes lost")
    lost += ("damaged files", "tables unlike the twin's")
    for what in ("reads", *lost):
        print(f"{what:<28}{report.counts[what]:>8,}")
    for fault in report.faults:
        print(fault)
    return int(bool(report.faults) or any(report.counts[what] for what in lost))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
