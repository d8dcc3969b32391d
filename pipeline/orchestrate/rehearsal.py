"""Try a build without a load, a line or a cell, to find what makes a step of it fail.

A rehearsal is the build itself, in its one transaction, and is always rolled back: the connection
refuses to commit. So it costs what the build costs up to the step, and nobody sees it.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts
from pipeline.errors import RunFailed
from pipeline.orchestrate import cause_search
from pipeline.orchestrate.build import BuildListener, BuildRequest, TakenBack, build
from pipeline.orchestrate.cause_search import OutOfTime
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import suspects
from pipeline.store.warehouse.suspects import Change, Suspect
from pipeline.transform.records import NodeResult


def cause_of(
    settings: Settings,
    request: BuildRequest,
    failed: NodeResult,
    build_seconds: float,
    check: Callable[[int], None],
) -> FailureCause:
    """Why a step of a build failed, found within the setting `cause_seconds`; call it under the
    pipeline lock.

    `build_seconds` is how long the build took to fail, which is what a rehearsal takes; `check`
    hears how many have been made and may raise RunCancelled.
    """
    started = time.monotonic()
    rehearsals = _Rehearsals(settings, request, failed, build_seconds, check)
    contracts = load_contracts()
    with open_control(settings) as control:
        decided = decisions.in_force(control, request.as_of or "")
    with open_warehouse(settings) as warehouse:
        known = suspects.in_force(
            warehouse, {name: each.raw_table for name, each in contracts.items()}, decided
        )
    known = [one for one in known if one.entity in contracts]
    cause = cause_search.search(rehearsals, known, contracts, FailureCause(failed.name))
    return replace(cause, rehearsals=rehearsals.count, seconds=round(time.monotonic() - started, 3))


class _Rehearsals:
    """The warehouse as the search sees it."""

    def __init__(
        self,
        settings: Settings,
        request: BuildRequest,
        failed: NodeResult,
        build_seconds: float,
        check: Callable[[int], None],
    ) -> None:
        self._settings = settings
        self._request = request
        self._failed = failed
        self._last_seconds = build_seconds
        self._ends = time.monotonic() + settings.cause_seconds
        self._check = check
        self.count = 0

    def fails(self, change: Change, anew: bool) -> bool:
        """Whether the step fails, or is not reached, when the build is tried after a change.

        Raises OutOfTime when a rehearsal is likely to take longer than what is left.
        """
        if time.monotonic() + self._last_seconds > self._ends:
            raise OutOfTime(
                f"one more trial takes about {self._last_seconds:.0f} s, and the setting "
                f"cause_seconds allows {self._settings.cause_seconds:g} s"
            )
        self.count += 1
        self._check(self.count)
        started = time.monotonic()
        ended: dict[str, str] = {}

        def note(node: NodeResult) -> None:
            if node.status != "running" and ended.get(node.node) != "error":
                ended[node.node] = node.status

        def begin(connection: sqlite3.Connection) -> Layer:
            connection.set_authorizer(_no_commit)
            suspects.apply(connection, change)
            return next(layer for layer in Layer if layer.label == self._failed.layer)

        request = replace(self._request, full_refresh=self._request.full_refresh or anew)
        listener = BuildListener(
            lambda nodes: None, note, lambda: self._check(self.count), lambda outcome: {}
        )
        with suppress(TakenBack, RunFailed):
            build(self._settings, request, listener, begin)
        self._last_seconds = time.monotonic() - started
        return ended.get(self._failed.node) not in ("success", "warn")

    def lines_of(self, load: Suspect) -> list[int]:
        """The lines of a load that are rows, last first."""
        with open_warehouse(self._settings) as warehouse:
            return suspects.lines_of(warehouse, load.table, load.name)

    def place_of(self, decision: Suspect) -> tuple[str, str, int] | None:
        """Load, file and line of the row of a decision."""
        if decision.row_id is None:
            return None
        table = load_contracts()[decision.entity].raw_table
        with open_warehouse(self._settings) as warehouse:
            return suspects.place_of(warehouse, table, decision.row_id)

    def usual_value(self, load: Suspect, line: int, column: str) -> str | None:
        """The commonest other value of a column."""
        with open_warehouse(self._settings) as warehouse:
            return suspects.usual_value(warehouse, load.table, load.name, line, column)


def _no_commit(action: int, statement: str | None, *_: object) -> int:
    """What a rehearsal did never reaches the file."""
    is_commit = action == sqlite3.SQLITE_TRANSACTION and statement == "COMMIT"
    return sqlite3.SQLITE_DENY if is_commit else sqlite3.SQLITE_OK
