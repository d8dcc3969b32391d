"""The delivered bytes: read in one pass, hashed, decompressed when gzipped, kept under their
SHA-256.
"""

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from pipeline.errors import InputRefused
from pipeline.ingest.encoding import EncodingScan, TextEncoding
from pipeline.store.sqlite.clock import FORMAT, utc_now

CHUNK_BYTES = 1024 * 1024
#: No table packs so well; counted once so many bytes are unpacked.
MAX_RATIO, RATIO_COUNTS_FROM = 200, 16 * 1024**2
GZIP_MAGIC = b"\x1f\x8b"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Delivery:
    """One delivered file: the name it came under, where its bytes are, and what is uncertain about
    its order among the files that came with it.
    """

    name: str
    source: Path | bytes
    note: str = ""

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

    def open(self) -> io.BufferedIOBase:
        """The bytes as delivered; raises InputRefused when the file cannot be read."""
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        try:
            return self.source.open("rb")
        except OSError as error:
            raise InputRefused(
                f"cannot be read: {error.strerror}", self.name, "check the path and its permissions"
            ) from error


@dataclass(frozen=True)
class Inspection:
    """What one pass over the bytes told: their SHA-256 (hex), whether they are gzipped, and the
    encoding.
    """

    sha256: str
    is_gzip: bool
    encoding: TextEncoding


def chunks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """The stream in pieces of a megabyte."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def inspect(delivery: Delivery) -> Inspection:
    """Hash the bytes and infer their encoding. Raises InputRefused for empty, binary or cut off
    bytes.
    """
    digest, scan = hashlib.sha256(), EncodingScan(delivery.name)
    with delivery.open() as stream:
        is_gzip = stream.read(2) == GZIP_MAGIC
        stream.seek(0)
        for chunk in chunks(stream):
            digest.update(chunk)
            if not is_gzip:
                scan.feed(chunk)
    if is_gzip:
        size = 0
        with unpacked(delivery, is_gzip) as stream, refusing_broken_gzip(delivery.name):
            for chunk in chunks(stream):
                size += len(chunk)
                if size > RATIO_COUNTS_FROM and size > MAX_RATIO * delivery.size:
                    raise InputRefused(
                        f"is unpacked more than {MAX_RATIO} times as large",
                        delivery.name,
                        "unpack it, look at it, and deliver the table in it",
                    )
                scan.feed(chunk)
    return Inspection(digest.hexdigest(), is_gzip, scan.result())


@contextmanager
def refusing_broken_gzip(name: str) -> Iterator[None]:
    """Turn the errors of a truncated or damaged gzip stream into InputRefused."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputRefused(
            "is cut off: the gzip stream ends early or is damaged",
            name,
            "deliver the whole file again",
        ) from error


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


class _Counted(io.RawIOBase):
    """A raw stream that tells how far it was read."""

    def __init__(self, stream: io.BufferedIOBase, total: int, progress: Progress) -> None:
        self._stream = stream
        self._total = total
        self._progress = progress
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        count = self._stream.readinto(buffer) or 0
        self._done += count
        self._progress(self._done, self._total)
        return count
