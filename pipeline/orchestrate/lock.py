"""The lock that lets one process at a time write the warehouse: worker, command line and scheduler
share it, on one machine or several.

It is a lease in the control file (`store/control/lease.py`), which a thread keeps up. What belongs
to one machine (its worker, a push of features) is held by an flock on a file: it goes with its
holder.
"""

import fcntl
import json
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import PipelineBusy, PipelineError
from pipeline.store.control import lease
from pipeline.store.control.control_file import open_control
from pipeline.store.control.lease import Lease, Owner
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.fence import present, writing_behind
from pipeline.store.sqlite.home_files import FILE_MODE
from pipeline.transform.interrupts import uninterrupted

#: Longer than somebody else's look at the lock takes, shorter than anybody minds.
WAIT_SECONDS = 1.0
#: How often who waits looks at the lock.
LOOK_SECONDS = 0.05
#: Signs of life that an owner gives in the seconds of its lease.
BEATS = 6


@dataclass(frozen=True)
class Holder:
    """Who holds the lock on a file: what it does, its process, since when (UTC text), and on which
    machine or container.
    """

    who: str
    pid: int
    since: str
    host: str = ""


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
                time.sleep(LOOK_SECONDS)
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


def _busy(holder: Holder | Owner | None) -> PipelineBusy:
    doing = (
        f"{holder.who} (process {holder.pid}) is at work since {holder.since}"
        if holder
        else "somebody is at work"
    )
    return PipelineBusy(doing, "pipeline lock", "wait for it to end, or cancel it")


@contextmanager
def hold_lock(
    settings: Settings, who: str, patience_seconds: float = WAIT_SECONDS
) -> Iterator[Lease]:
    """Hold the pipeline lock of this home for the block; raises PipelineBusy when it stays taken.

    Connections that the block opens to write the warehouse commit only while the lock is still
    held, and raise LeaseLost when another has taken it over.
    """
    deadline = time.monotonic() + patience_seconds
    with open_control(settings) as control:
        while (mine := lease.take(settings, control, who)) is None:
            if time.monotonic() >= deadline:
                raise _busy(lease.owner(control))
            time.sleep(LOOK_SECONDS)
    is_over = threading.Event()
    heart = threading.Thread(target=_beat, args=(mine, is_over), name="lease", daemon=True)
    try:
        heart.start()
        with writing_behind(mine):
            yield mine
    finally:
        with uninterrupted():
            is_over.set()
            heart.join()
            if settings.control_path.exists():
                mine.let_go()


def _beat(mine: Lease, is_over: threading.Event) -> None:
    """Show that the owner lives until `is_over`, or until another has its lease."""
    while not is_over.wait(mine.settings.lease_seconds / BEATS):
        if not mine.settings.control_path.exists():
            return
        try:
            if not mine.beat():
                return
        except (PipelineError, sqlite3.DatabaseError):
            # a disk that is full or a file that is in use: a beat that is left out is like one that
            # was not made, and the next one may succeed
            continue


def refuse_lost_lease() -> None:
    """Raises LeaseLost when another has the lease under which this context writes."""
    mine = present()
    if isinstance(mine, Lease) and not mine.is_held():
        raise lease.lost()


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


def lock_holder(settings: Settings) -> Owner | None:
    """Who holds the pipeline lock of this home, None when nobody does."""
    with open_control(settings) as control:
        return lease.owner(control)
