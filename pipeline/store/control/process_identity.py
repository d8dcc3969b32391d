"""Which process this is, so that another one can tell whether it still lives."""

import os
import socket
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

#: Where the kernel says when it booted, and which numbers of processes belong together.
BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), "/proc/self/ns/pid"
#: States of a process that runs no more: a zombie that its parent has not asked about, and dead.
ENDED = ("Z", "X", "x")


@dataclass(frozen=True)
class Process:
    """A process by its number, its start (ticks since boot), and the machine and container in which
    that number means it. `boot` names one boot of one machine.
    """

    host: str
    boot: str
    place: str
    pid: int
    start: str


def this_process() -> Process:
    """The process that asks."""
    host, pid = socket.gethostname(), os.getpid()
    boot = _boot() or host
    return Process(host, boot, f"{host} {boot} {_namespace()}", pid, _state(pid)[1])


def lives(process: Process) -> bool | None:
    """Whether a process runs; None when it belongs to another machine or container, where its
    number says nothing here.
    """
    if process.place != this_process().place:
        return None
    state, start = _state(process.pid)
    if start:
        return state not in ENDED and start == process.start
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs, as somebody else's
    return True


def seconds_of_machine() -> float:
    """Seconds that go on evenly whatever the clock is set to, the same for all processes of one
    boot; they stand still while the machine sleeps.
    """
    return time.monotonic()


@lru_cache(maxsize=1)
def _boot() -> str:
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return os.readlink(NAMESPACE)
    except OSError:
        return ""


def _state(pid: int) -> tuple[str, str]:
    """State and start of a process, empty where the system has no such files."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "", ""
    # the name of the program stands in brackets and may hold anything
    fields = text.rpartition(")")[2].split()
    return fields[0], fields[19]
