"""A build that cannot go on ends with its cause, whoever loses it: an error in who listens, in a
thread of dbt, or nothing at all that moves. The lock is free then and the published tables stand.
"""

import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.config import Settings
from pipeline.errors import RunFailed
from pipeline.orchestrate.lock import lock_holder
from pipeline.services.run import runs, status
from pipeline.store.control import run_nodes
from pipeline.transform import watch
from tests.factories import small_world, write_delivery
from tests.warehouse import contents

LAYERS = ["landing_zone"]
BUILDERS = ("dbt", "plan")
#: Longer than anything here takes that goes well; without the watch each of these waits for ever.
SECONDS = 90


def build(settings: Settings) -> None:
    runs.run_now(settings, verb="build", layers=LAYERS, full_refresh=True)


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Settings:
    """A home with a small world, whose plan of a full refresh is known."""
    runs.run_now(
        settings,
        verb="run",
        layers=LAYERS,
        paths=[write_delivery(tmp_path / "first", **small_world())],
    )
    build(settings)
    return settings


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """What a thread that is stuck waits for; it comes when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def ended(settings: Settings) -> str:
    """Why a build ended; fails when it does not end in time."""
    before = contents(settings.home)
    main = threading.main_thread().ident
    late = threading.Timer(SECONDS, lambda: signal.pthread_kill(main, signal.SIGINT))
    late.start()
    try:
        with pytest.raises(RunFailed) as failure:
            build(settings)
    finally:
        late.cancel()
    assert lock_holder(settings) is None
    assert contents(settings.home) == before
    last = status.status(settings).last_run
    assert last is not None and last["status"] == "failed"
    return str(failure.value)


def on_step(monkeypatch: pytest.MonkeyPatch, number: int, action) -> None:
    """Do something when the run notes a start or end of a step for the nth time."""
    stock, seen = run_nodes.upsert, []

    def upsert(*arguments, **columns):
        seen.append(1)
        if len(seen) == number:
            action()
        stock(*arguments, **columns)

    monkeypatch.setattr(run_nodes, "upsert", upsert)


def full_disk() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
    raise error


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("number", [3, 4])  # a start, an end
def test_a_disk_that_is_full_for_who_listens_ends_the_build(built, monkeypatch, builder, number):
    on_step(monkeypatch, number, full_disk)
    assert "disk is full" in ended(replace(built, builder=builder))
    monkeypatch.undo()
    build(built)


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_build_in_which_nothing_moves_ends(built, monkeypatch, released, builder):
    passed: list[float] = []

    def stand_still() -> None:
        passed.append(built.stall_seconds + 1)
        released.wait()

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(passed))
    monkeypatch.setattr(watch, "time", clock)
    monkeypatch.setattr(watch, "CALL_AGAIN_SECONDS", 0.5)
    on_step(monkeypatch, 5, stand_still)
    why = ended(replace(built, builder=builder))
    assert f"nothing moved for {built.stall_seconds:g} s, in " in why


def test_an_error_that_a_thread_of_dbt_keeps_to_itself_ends_the_build(built, monkeypatch):
    from dbt.task.runnable import GraphRunnableTask

    def fails(task, result):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(GraphRunnableTask, "_handle_result", fails)
    assert "ZeroDivisionError" in ended(replace(built, builder="dbt"))
