"""The lease on the warehouse (`ops_leases` in the control file): one owner at a time writes it.

An owner is a process; it beats as long as it lives. It has lost the lease when its process is gone
(told at once on the same machine), or when it has not beaten for the seconds of its lease. Nobody
compares clocks for that: who looks remembers at which of its machine's own seconds it first saw a
beat (`ops_lease_watches`), so a clock that is set changes nothing.

Each lease has a number, higher than all before. An owner that stood still and wakes may not know
that it has lost the lease, so a commit to the warehouse asks (`Lease.publishing`): while it holds
the write transaction of the control file, in which alone a lease can be taken, the lease must be
its own; and the number goes into the warehouse with the commit, which a lower one cannot follow.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pipeline.config import Settings
from pipeline.errors import LeaseLost, PipelineError
from pipeline.store.control import process_identity
from pipeline.store.control.control_file import open_control
from pipeline.store.control.process_identity import Process
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation, records, transaction

NAME = "warehouse"


@dataclass(frozen=True)
class Owner:
    """Who holds the lease: what it does, since when (UTC text), its process, and the number and
    the secret of the lease.
    """

    who: str
    since: str
    process: Process
    number: int
    secret: str
    beats: int
    seconds: float

    @property
    def pid(self) -> int:
        """The number of its process, on its own machine."""
        return self.process.pid

    @property
    def is_here(self) -> bool:
        """Whether its process number means the same process here."""
        return self.process.place == process_identity.this_process().place


@dataclass(frozen=True)
class Lease:
    """A lease that this process has taken."""

    settings: Settings
    number: int
    secret: str

    @contextmanager
    def publishing(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Commit the write transaction of a warehouse inside; raises LeaseLost, and nothing is
        published, when another has taken the lease.
        """
        with open_control(self.settings) as control, transaction(control):
            if not _is_owned(control, self.secret):
                raise lost()
            _pass_fence(connection, self.number)
            yield

    def is_held(self) -> bool:
        """Whether the lease is still its own."""
        with open_control(self.settings, durable=False) as control:
            return _is_owned(control, self.secret)

    def beat(self) -> bool:
        """Show that the owner lives; False when the lease is not its own any more."""
        with open_control(self.settings, durable=False) as control:
            changed = control.execute(
                "update ops_leases set beats = beats + 1 where name = ? and secret = ?",
                (NAME, self.secret),
            )
            return changed.rowcount == 1

    def let_go(self) -> None:
        """Give the lease back."""
        with open_control(self.settings, durable=False) as control:
            control.execute(
                "update ops_leases set secret = null where name = ? and secret = ?",
                (NAME, self.secret),
            )


def lost() -> LeaseLost:
    """What a writer is told whose lease another has taken."""
    return LeaseLost(
        "another process has taken over, since this one had stood still; nothing of it is published",
        "pipeline lock",
        "the same again may succeed",
    )


def take(settings: Settings, control: sqlite3.Connection, who: str) -> Lease | None:
    """The lease, None while another has it."""
    # a look costs no write transaction, which would be in the way of the owner
    if owner(control) is not None:
        return None
    process, secret = process_identity.this_process(), uuid.uuid4().hex
    with transaction(control):
        newest = records(control, "select secret, number from ops_leases where name = ?", (NAME,))
        if newest and newest[0]["secret"] is not None:
            return None
        number = 1 + max(newest[0]["number"] if newest else 0, _number_of_warehouse(settings))
        control.execute("delete from ops_lease_watches where name = ?", (NAME,))
        control.execute(
            "insert or replace into ops_leases (name, number, secret, who, since, host, boot, place, pid, start, beats, seconds) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (
                NAME,
                number,
                secret,
                who,
                utc_now(),
                process.host,
                process.boot,
                process.place,
                process.pid,
                process.start,
                settings.lease_seconds,
            ),
        )
    return Lease(settings, number, secret)


def owner(control: sqlite3.Connection) -> Owner | None:
    """Who holds the lease. One whose process is gone, or that has stood still for too long, is
    taken the lease away by this look, so that it cannot publish after it was told dead.
    """
    rows = records(
        control, "select * from ops_leases where name = ? and secret is not null", (NAME,)
    )
    if not rows:
        return None
    present = _owner(rows[0])
    is_dead = process_identity.lives(present.process) is False
    if not is_dead and not _stands_still(control, present):
        return present
    taken = control.execute(
        "update ops_leases set secret = null where name = ? and secret = ? and (? or beats = ?)",
        (NAME, present.secret, is_dead, present.beats),
    )
    # it has beaten between the two statements, or somebody else was faster: look again
    return None if taken.rowcount else owner(control)


def forget(control: sqlite3.Connection) -> None:
    """Take the lease from whoever has it, in a copy of a control file, which nobody works on."""
    if has_relation(control, "ops_leases"):
        control.execute("update ops_leases set secret = null")


def _owner(row: dict[str, Any]) -> Owner:
    process = Process(row["host"], row["boot"], row["place"], row["pid"], row["start"])
    return Owner(
        row["who"],
        row["since"],
        process,
        row["number"],
        row["secret"],
        row["beats"],
        row["seconds"],
    )


def _stands_still(control: sqlite3.Connection, present: Owner) -> bool:
    """Whether this machine has seen the same beat for the seconds of the lease."""
    boot, now = process_identity.this_process().boot, process_identity.seconds_of_machine()
    watch = control.execute(
        "select secret, beats, seen_at from ops_lease_watches where name = ? and boot = ?",
        (NAME, boot),
    ).fetchone()
    if watch is not None and watch[:2] == (present.secret, present.beats):
        return now - watch[2] >= present.seconds
    control.execute(
        "insert or replace into ops_lease_watches (name, boot, secret, beats, seen_at) values (?, ?, ?, ?, ?)",
        (NAME, boot, present.secret, present.beats, now),
    )
    return False


def _is_owned(control: sqlite3.Connection, secret: str) -> bool:
    owned = control.execute(
        "select 1 from ops_leases where name = ? and secret = ?", (NAME, secret)
    )
    return owned.fetchone() is not None


def _pass_fence(warehouse: sqlite3.Connection, number: int) -> None:
    """Leave the number in the warehouse, in the transaction that is about to be committed; raises
    LeaseLost when a higher one has been there.
    """
    if not has_relation(warehouse, "ops_fence"):
        return  # the transaction that creates the bookkeeping itself
    (newest,) = warehouse.execute("select coalesce(max(number), 0) from ops_fence").fetchone()
    if newest > number:
        raise lost()
    # what changed no row leaves no trace: whoever has read the file still knows it
    if newest < number and warehouse.total_changes:
        warehouse.execute("delete from ops_fence")
        warehouse.execute("insert into ops_fence values (?)", (number,))


def _number_of_warehouse(settings: Settings) -> int:
    """The highest number that has published; a control file that was lost or put back knows less.
    None that can be read, none that can be published into: 0.
    """
    if not warehouse_exists(settings):
        return 0
    try:
        with open_warehouse(settings) as warehouse:
            if not has_relation(warehouse, "ops_fence"):
                return 0
            return warehouse.execute("select coalesce(max(number), 0) from ops_fence").fetchone()[0]
    except (PipelineError, sqlite3.DatabaseError):
        return 0
