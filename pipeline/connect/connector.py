"""What every kind of connector answers: what lies there, its bytes, and how far one has read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import printable


@dataclass(frozen=True)
class RemoteFile:
    """One file at the source: its path below the address, what tells this content of it from
    another (`version`), bytes and when it was written (seconds since 1970), each None when the
    source does not say, and the name that its delivery gets (by default the last of the path).

    `left_out` says why it is none to be delivered, `unread` why it could not be looked at.
    """

    name: str
    version: str
    size: int | None = None
    modified: float | None = None
    deliver_as: str = ""
    left_out: str = ""
    unread: str = ""

    @property
    def shown(self) -> str:
        """The path without signs that are not visible."""
        return printable(self.name)

    def key(self, connector: str) -> str:
        """What names this content of this file of a connector, and tells nothing of it."""
        parts = "\0".join((connector, self.name, self.version))
        return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:24]


@dataclass(frozen=True)
class Fetched:
    """What a fetch came to: how far the source is read now (`cursor`, None where files tell it),
    and rows for a table, None for a file.
    """

    cursor: str | None = None
    rows: int | None = None


class Connector(Protocol):
    """One source. Any call may raise SourceFailed, whose text holds no secret."""

    #: Whether a file can be seen there before it is whole.
    shows_half_files: bool

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """What lies there; `cursor` is how far it was read before."""

    def look(self, file: RemoteFile) -> RemoteFile:
        """The same file as it is now."""

    def fetch(self, file: RemoteFile, to: Path, cursor: str | None) -> Fetched:
        """Write to `to` what it lacks of the file; it may hold its beginning already."""

    def close(self) -> None:
        """End the connection."""
