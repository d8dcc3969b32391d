"""Killed at any moment, the next sync neither repeats nor skips a file or a row."""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from pipeline.connect import staging
from pipeline.connect.folder import Folder
from pipeline.connect.tables import Table
from pipeline.orchestrate import sync_loads
from pipeline.store.control import connectors
from pipeline.store.control.control_file import open_control
from pipeline.store.warehouse import load_evidence, loads
from tests.unit.connect.conftest import patients

FILES = 6
#: Places where a sync dies: before or after the call, at which of its calls.
SEAMS = [
    (Folder, "fetch", "before", 2),
    (Folder, "fetch", "after", 2),
    (staging.Staging, "arrived", "after", 3),
    (connectors, "note_fetched", "after", 2),
    (sync_loads, "ingest_brought", "before", 1),
    (loads, "open_load", "after", 2),
    (load_evidence, "add_findings", "after", 3),
    (connectors, "note_done", "before", 2),
    (connectors, "note_done", "after", 2),
    (staging.Staging, "drop", "before", 1),
    (connectors, "end_sync", "before", 1),
]


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(place, owner, name, when, nth) -> None:
    """A sync in a process of its own that dies at a call."""
    call, calls = getattr(owner, name), iter(range(1, 10_000))

    def deadly(*arguments, **named):
        is_the_one = next(calls) == nth
        if is_the_one and when == "before":
            die()
        answer = call(*arguments, **named)
        if is_the_one:
            die()
        return answer

    process = os.fork()
    if process == 0:
        try:
            setattr(owner, name, deadly)
            place.sync()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), f"the sync ended before {name} was called {nth} times"


def each_once(place, count) -> bool:
    return place.patients() == [f"P{number:06d}" for number in range(count)]


@pytest.mark.parametrize(
    ("owner", "name", "when", "nth"), SEAMS, ids=[f"{when} {name}" for _, name, when, _ in SEAMS]
)
def test_a_sync_that_dies_is_finished_by_the_next(place, owner, name, when, nth):
    for number in range(FILES):
        place.put(f"in/{number}.csv", patients(10 * number, 10 * number + 10))
    place.add(str(place.source))
    killed_at(place, owner, name, when, nth)
    place.sync()
    assert each_once(place, 10 * FILES) and len(place.loads()) == FILES
    assert place.sync().known == FILES and len(place.loads()) == FILES
    left = [path.name for path in (place.settings.home / "connect" / "source").iterdir()]
    assert left == ["sync.lock"]
    with open_control(place.settings) as control:
        assert connectors.syncs(control)[-1]["status"] == "died"


@pytest.mark.parametrize(
    ("owner", "name", "when", "nth"),
    [
        (Table, "fetch", "after", 1),
        (connectors, "note_fetched", "after", 1),
        (load_evidence, "add_findings", "after", 1),
        (connectors, "note_done", "before", 1),
        (connectors, "note_done", "after", 1),
    ],
    ids=["fetched", "noted", "loading", "loaded", "done"],
)
def test_rows_of_a_table_come_once_though_more_came_meanwhile(
    place, tmp_path, owner, name, when, nth
):
    path = tmp_path / "source.db"

    def insert(first, last):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executemany(
                "insert into patients values (?, 'female', '1950-01-02', ?)",
                [(f"P{number:06d}", number // 4) for number in range(first, last)],
            )

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table patients (patient_id, gender, birth_date, moment)")
    insert(0, 10)
    place.add(f"sqlite:///{path}", table="patients", cursor="moment")
    killed_at(place, owner, name, when, nth)
    insert(10, 15)
    place.sync()
    place.sync()
    assert each_once(place, 15)


def test_random_moments(place):
    place.add(str(place.source))
    chance, kills, files = random.Random(20), 0, 10
    for number in range(files):
        place.put(f"in/{number}.csv", patients(100 * number, 100 * number + 100))
        process = os.fork()
        if process == 0:
            try:
                place.sync()
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0.0, 0.12))
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        kills += os.WIFSIGNALED(status)
    place.sync()
    assert kills and each_once(place, 100 * files) and len(place.loads()) == files
    assert place.sync().known == files
