"""How long a reader waits: on a screen a query is stopped after some seconds, or at once when nobody waits for it any more.

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
class Patience:
    """Seconds for all queries of one connection, and whether somebody still waits for the answer."""

    seconds: float
    is_awaited: Callable[[], bool]


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def limited(seconds: float, is_awaited: Callable[[], bool]) -> Iterator[None]:
    """Connections opened for reading inside the block are stopped after `seconds`, or when `is_awaited` says no."""
    token = _patience.set(Patience(seconds, is_awaited))
    try:
        yield
    finally:
        _patience.reset(token)


class Watch:
    """The limit of one connection; `stopped` says why a query of it was cut, None when none was."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.stopped: PipelineError | None = None
        self._patience = _patience.get()
        if self._patience is not None:
            self._until = time.monotonic() + self._patience.seconds
            connection.set_progress_handler(self._look, STEPS)

    def _look(self) -> bool:
        if time.monotonic() > self._until:
            self.stopped = PipelineError(
                f"took longer than {self._patience.seconds:g} seconds and was stopped", "This question to the database",
                "take a filter or a sort away, or choose a smaller table; ICON_HEALTH_QUERY_SECONDS allows more time")
        elif not self._patience.is_awaited():
            self.stopped = PipelineError("was stopped, because something else was asked for", "This question to the database")
        return self.stopped is not None
