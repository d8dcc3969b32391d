"""One delivered file: its name, where its bytes are, and how they are opened, unpacked and kept."""

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from pipeline.errors import InputRefused, printable
from pipeline.ingest.damage import refusing_damage
from pipeline.ingest.limits import DEFAULT_LIMITS, Growth, Limits
from pipeline.store.sqlite.clock import FORMAT, utc_now

CHUNK_BYTES = 1024 * 1024
#: What reading a damaged gzip stream raises.
OF_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Delivery:
    """One delivered file: the name it came under (printable), where its bytes are, what is
    uncertain about its order among the files that came with it, and how large it may be.

    `refusal` says what is wrong and what to do where its bytes were not even taken in. `origin`
    names the messages of a stream that its bytes are, one JSON object a line; the same bytes from
    another origin are another delivery. `brought_as` is the key under which a connector brought it.
    """

    name: str
    source: Path | bytes
    note: str = ""
    limits: Limits = DEFAULT_LIMITS
    refusal: tuple[str, str] | None = None
    origin: str | None = None
    brought_as: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", printable(self.name))

    @property
    def size(self) -> int:
        """Bytes as delivered."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @property
    def delivered_at(self) -> str:
        """When the file was last written (UTC); now for bytes that never were a file."""
        if isinstance(self.source, bytes):
            return utc_now()
        return datetime.fromtimestamp(self.source.stat().st_mtime, UTC).strftime(FORMAT)

    @property
    def growth(self) -> Growth:
        """A new count of what the file becomes by unpacking."""
        return Growth(self.limits, self.name, self.size)

    def open(self) -> io.BufferedIOBase:
        """The bytes as delivered; raises InputRefused when the file cannot be read."""
        if self.refusal:
            raise InputRefused(self.refusal[0], self.name, self.refusal[1])
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        try:
            return self.source.open("rb")
        except OSError as error:
            raise InputRefused(
                f"cannot be read: {error.strerror}", self.name, "check the path and its permissions"
            ) from error


def chunks(stream: IO[bytes] | io.BufferedIOBase) -> Iterator[bytes]:
    """The stream in pieces of a megabyte."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def refusing_broken_gzip(name: str) -> AbstractContextManager[None]:
    """Turn the errors of a truncated or damaged gzip stream into InputRefused."""
    return refusing_damage(
        "is cut off: the gzip stream ends early or is damaged", name, errors=OF_GZIP
    )


@contextmanager
def unpacked(
    delivery: Delivery, is_gzip: bool, progress: Progress | None = None
) -> Iterator[io.BufferedIOBase]:
    """The bytes of the table, decompressed; `progress` hears (bytes done, bytes total) of what was
    delivered.
    """
    with delivery.open() as raw:
        counted = (
            io.BufferedReader(_Counted(raw, delivery.size, progress), CHUNK_BYTES)
            if progress
            else raw
        )
        yield gzip.GzipFile(fileobj=counted) if is_gzip else counted


def keep(delivery: Delivery, sha256: str, folder: Path) -> tuple[Path, bool]:
    """Keep the bytes as `<folder>/<sha256>`, whole or not at all; returns the path and whether it
    is new.

    Raises InputRefused when the file changed since it was inspected.
    """
    kept = folder / sha256
    if kept.exists():
        return kept, False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=folder, prefix=".incoming-", delete=False) as copy:
        try:
            with delivery.open() as stream:
                for chunk in chunks(stream):
                    digest.update(chunk)
                    copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
            if digest.hexdigest() != sha256:
                raise InputRefused(
                    "changed while it was read",
                    delivery.name,
                    "wait until it is written, then load it",
                )
            os.replace(copy.name, kept)
        except BaseException:
            os.unlink(copy.name)
            raise
    return kept, True


def remove_strays(folder: Path, known: Collection[str]) -> list[str]:
    """Remove what a killed process left among the kept bytes: half a copy, or bytes that became no
    load (`known` holds the SHA-256 of all that did). Returns the names.
    """
    strays = [file for file in folder.iterdir() if file.is_file() and file.name not in known]
    for file in strays:
        file.unlink()
    return [file.name for file in strays]


class _Counted(io.RawIOBase):
    """A raw stream that tells how far it was read."""

    def __init__(self, stream: io.BufferedIOBase, total: int, progress: Progress) -> None:
        self._stream = stream
        self._total = total
        self._progress = progress
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._stream.readinto(buffer) or 0
        self._done += count
        self._progress(self._done, self._total)
        return count
