"""Ends a build in which nothing moves, or in which an error got lost: whoever waits for it is woken
with the cause.

dbt waits for its threads without end, and an exception that ends one of them (a disk that is full,
a bug in who listens) reaches nobody: the run would stand for ever, with the lock in its hand.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.errors import RunFailed
from pipeline.transform.one_transaction import SharedTransaction
from pipeline.transform.records import NodeResult

#: Steps of SQLite's machine after which a statement says that it is alive; some hundredths of a
#: second.
STEPS = 1_000_000
#: How often the watch looks, and calls again whoever it has woken in vain.
LOOK_SECONDS, CALL_AGAIN_SECONDS = 0.1, 5.0


class BuildStopped(KeyboardInterrupt):
    """Wakes the thread that waits for a build, whatever it waits for. dbt ends its threads for a
    KeyboardInterrupt and for nothing else.
    """


class ProgressWatch:
    """Knows when something moved last, and the first error that ends the build."""

    def __init__(self, transaction: SharedTransaction, patience: float) -> None:
        self._transaction, self._patience = transaction, patience
        self._moved, self._at = time.monotonic(), "before the first step"
        self._left = threading.Event()
        #: Why the build has to end.
        self.cause: BaseException | None = None

    def moved(self, node: NodeResult | None = None) -> None:
        """Something went on: a step began or ended, or a statement works."""
        self._moved = time.monotonic()
        if node is not None:
            self._at = ("in " if node.status == "running" else "after ") + node.name

    def end_for(self, cause: BaseException) -> None:
        """Let nothing more into the transaction, and wake whoever waits. The first cause counts."""
        if self.cause is None:
            self.cause = cause
            self._transaction.refuse()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Watch while the block runs. When the build has to end, raises its cause here, whatever
        the block made of being woken.
        """
        waiting, is_main = threading.get_ident(), _is_main()
        self._left = threading.Event()
        stock = signal.signal(signal.SIGALRM, self._wake) if is_main else None
        watcher = threading.Thread(
            target=self._look, args=(waiting if is_main else None,), name="watch", daemon=True
        )
        self.moved()
        self._transaction.connection.set_progress_handler(self._tick, STEPS)
        watcher.start()
        try:
            try:
                yield
            finally:
                self._left.set()
        except BaseException as error:
            if self.cause is None:
                raise
            raise self.cause from error
        finally:
            self._left.set()
            watcher.join()
            if is_main:
                signal.signal(signal.SIGALRM, stock)
            self._transaction.connection.set_progress_handler(None, 0)
        if self.cause is not None:
            raise self.cause

    def _tick(self) -> int:
        self.moved()
        return 0

    def _look(self, waiting: int | None) -> None:
        called = 0.0
        while not self._left.wait(LOOK_SECONDS):
            now = time.monotonic()
            if self.cause is None and now - self._moved > self._patience:
                self.end_for(
                    RunFailed(
                        f"nothing moved for {self._patience:g} s, {self._at}",
                        hint="the published tables are unchanged; look at the disk and the machine, then run it again",
                    )
                )
            if self.cause is not None and waiting and now - called > CALL_AGAIN_SECONDS:
                called = now
                signal.pthread_kill(waiting, signal.SIGALRM)

    def _wake(self, number: int, frame: FrameType | None) -> None:
        if self.cause is not None and not self._left.is_set():
            raise BuildStopped


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
