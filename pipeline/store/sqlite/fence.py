"""What stands between a writer and its commit to the warehouse.

Who holds the right to write puts a fence around its work (`writing_behind`); every connection that
is opened for writing there commits through it, so a writer that lost the right cannot publish.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Fence(Protocol):
    """The right to write of one writer."""

    def publishing(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        """Nobody else comes to the right while the block commits; raises when somebody has it."""
        ...


_PRESENT: ContextVar[Fence | None] = ContextVar("fence", default=None)


def present() -> Fence | None:
    """The fence of who writes in this context."""
    return _PRESENT.get()


@contextmanager
def writing_behind(fence: Fence) -> Iterator[None]:
    """Connections to the warehouse that the block opens for writing commit through this fence."""
    token = _PRESENT.set(fence)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def fenced(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """Commit the transaction of the connection inside this block."""
    fence: Fence | None = getattr(connection, "fence", None)
    return fence.publishing(connection) if fence is not None else nullcontext()
