"""The lock that lets one process at a time write the warehouse: worker, command line and scheduler
share it.

It is an flock, so it goes with its holder: a process that died holds nothing.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import PipelineBusy
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import FILE_MODE, prepare_home

#: Longer than somebody else's look at the lock takes, shorter than anybody minds.
WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Holder:
    """Who works on the warehouse: what it does, its process, since when (UTC text), and on which
    machine or container.
    """

    who: str
    pid: int
    since: str
    host: str = ""

    @property
    def is_here(self) -> bool:
        """Whether its process number means the same process here: in another container it is
        somebody else's.
        """
        return self.host in ("", socket.gethostname())


def _open(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR, FILE_MODE)


def _read(descriptor: int) -> Holder | None:
    text = os.pread(descriptor, 4096, 0).decode("utf-8", "replace")
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return None


@contextmanager
def hold_file(path: Path, who: str, patience_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock on `path` for the block; raises PipelineBusy when it stays taken for
    `patience_seconds`.
    """
    descriptor = _open(path)
    try:
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise _busy(_read(descriptor)) from None
                time.sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.pwrite(
            descriptor,
            json.dumps(asdict(Holder(who, os.getpid(), utc_now(), socket.gethostname()))).encode(),
            0,
        )
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _busy(holder: Holder | None) -> PipelineBusy:
    doing = (
        f"{holder.who} (process {holder.pid}) is at work since {holder.since}"
        if holder
        else "somebody is at work"
    )
    return PipelineBusy(doing, "pipeline lock", "wait for it to end, or cancel it")


def hold_lock(settings: Settings, who: str, patience_seconds: float = WAIT_SECONDS):
    """Hold the pipeline lock of this home for a `with` block; raises PipelineBusy when it stays
    taken.
    """
    prepare_home(settings)
    return hold_file(settings.lock_path, who, patience_seconds)


def holder_of(path: Path) -> Holder | None:
    """Who holds the lock on `path` now, None when nobody does."""
    if not path.exists():
        return None
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor) or Holder("another process", 0, "")
    finally:
        os.close(descriptor)
    return None


def lock_holder(settings: Settings) -> Holder | None:
    """Who holds the pipeline lock of this home, None when nobody does."""
    return holder_of(settings.lock_path)
