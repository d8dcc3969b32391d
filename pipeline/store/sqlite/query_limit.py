"""How long a reader waits: on a screen a query is stopped after some seconds, or at once when
nobody waits for it any more.

Without `limited` (command line, worker) a query takes the time that it takes.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from pipeline.errors import PipelineError

#: Steps of SQLite's machine between two looks at the clock: well under a millisecond.
STEPS = 20_000


@dataclass(frozen=True)
class QueryLimit:
    """Seconds for all queries of one connection, whether somebody still waits for the answer, and
    a listener that each check calls.
    """

    seconds: float
    is_awaited: Callable[[], bool]
    on_look: Callable[[int], None] | None = None


_limit: ContextVar[QueryLimit | None] = ContextVar("patience", default=None)


@contextmanager
def limited(
    seconds: float, is_awaited: Callable[[], bool], on_look: Callable[[int], None] | None = None
) -> Iterator[None]:
    """Connections opened for reading inside the block are stopped after `seconds`, or when
    `is_awaited` says no.

    `on_look` hears how often a connection was looked at: that grows with the work done. What it
    raises ends the query and goes on.
    """
    token = _limit.set(QueryLimit(seconds, is_awaited, on_look))
    try:
        yield
    finally:
        _limit.reset(token)


@contextmanager
def bounded(seconds: float, on_look: Callable[[int], None]) -> Iterator[None]:
    """As `limited`, within the limit that holds already: the shorter time counts, and whoever waits
    for the answer is asked as before.
    """
    outer = _limit.get()
    if outer is not None:
        seconds = min(seconds, outer.seconds)
    with limited(seconds, outer.is_awaited if outer else lambda: True, on_look):
        yield


class Watch:
    """The limit of one connection; `stopped` says why a query of it was cut, None when none was.
    `looks` counts the work done.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.stopped: BaseException | None = None
        self.looks = 0
        limit = _limit.get()
        if limit is not None:
            until = time.monotonic() + limit.seconds
            connection.set_progress_handler(lambda: self._look(limit, until), STEPS)

    def _look(self, limit: QueryLimit, until: float) -> bool:
        self.looks += 1
        if time.monotonic() > until:
            self.stopped = PipelineError(
                f"took longer than {limit.seconds:g} seconds and was stopped",
                "This question to the database",
                "take a filter or a sort away, or choose a smaller table; ICON_HEALTH_QUERY_SECONDS allows more time",
            )
        elif not limit.is_awaited():
            self.stopped = PipelineError(
                "was stopped, because something else was asked for", "This question to the database"
            )
        elif limit.on_look is not None:
            try:
                limit.on_look(self.looks)
            except (
                BaseException
            ) as raised:  # SQLite would swallow it; the connection raises it when it closes
                self.stopped = raised
        return self.stopped is not None
