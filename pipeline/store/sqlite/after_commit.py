"""What is told to somebody else once a transaction stands, and never when it does not."""

from collections.abc import Callable
from sqlite3 import Connection
from typing import Any


class News:
    """The newest value that a transaction leaves for `tell`, which is called after the commit."""

    def __init__(self, tell: Callable[[Any], object]) -> None:
        self._tell = tell
        self._values: list[Any] = []

    def leave(self, value: Any) -> None:
        """Tell this, in place of what was left before in the same transaction."""
        self._values[:] = [value]

    def committed(self) -> None:
        """The transaction stands."""
        if self._values:
            self._tell(self._values.pop())

    def rolled_back(self) -> None:
        """The transaction never was."""
        self._values.clear()


def news_of(connection: Connection) -> News | None:
    """The news of a connection that has any."""
    return getattr(connection, "news", None)
