"""Runs and their outcomes (`ops_runs` in the control file)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.control import audit
from pipeline.store.sqlite.clock import seconds_between, utc_now
from pipeline.store.sqlite.statements import records, transaction

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """One run; times are UTC text, `layers` the labels it builds, `result` what it published (empty
    until then).

    `selection` names the models asked for when it does not build whole layers; `request_id` is
    the caller's own name for what it asked for, `request_digest` tells what that was, `lease` the
    number of the lease under which it runs.
    """

    run_id: str
    verb: str
    layers: tuple[str, ...]
    as_of: str | None
    full_refresh: bool
    paths: tuple[str, ...]
    requested_by: str
    status: str
    requested_at: str
    started_at: str | None = None
    finished_at: str | None = None
    pid: int | None = None
    cancel_requested: bool = False
    error: str | None = None
    result: dict[str, Any] = field(default_factory=dict, hash=False)
    selection: tuple[str, ...] = ()
    request_id: str | None = None
    request_digest: str | None = None
    lease: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ACTIVE

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from its start to its end, None before the end."""
        return seconds_between(self.started_at, self.finished_at)


def _run(row: dict[str, Any]) -> Run:
    return Run(
        **{
            **row,
            "layers": tuple(json.loads(row["layers"])),
            "paths": tuple(json.loads(row["paths"])),
            "full_refresh": bool(row["full_refresh"]),
            "cancel_requested": bool(row["cancel_requested"]),
            "result": json.loads(row["result"] or "{}"),
            "selection": tuple(json.loads(row["selection"] or "[]")),
        }
    )


def request(
    connection: Connection,
    verb: str,
    layers: Sequence[str],
    as_of: str | None,
    full_refresh: bool,
    paths: Sequence[str],
    requested_by: str,
    pid: int | None = None,
    selection: Sequence[str] = (),
    request_id: str | None = None,
    request_digest: str | None = None,
    lease: int | None = None,
) -> tuple[Run, bool]:
    """Add a run unless one is active or answers this `request_id`; returns the run and whether it
    is new.

    With `pid` it runs at once in that process, under `lease`; without, it waits for the worker.
    """
    with transaction(connection):
        present = answering(connection, request_id) or active(connection)
        if present:
            return present, False
        (number,) = connection.execute(
            "select coalesce(max(cast(substr(run_id, 2) as integer)), 0) from ops_runs"
        ).fetchone()
        run_id, now = f"R{number + 1:06d}", utc_now()
        connection.execute(
            "insert into ops_runs (run_id, verb, layers, as_of, full_refresh, paths, requested_by, status, requested_at, "
            "started_at, pid, selection, request_id, request_digest, lease) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run_id,
                verb,
                json.dumps(list(layers)),
                as_of,
                int(full_refresh),
                json.dumps(list(paths)),
                requested_by,
                "running" if pid else "queued",
                now,
                now if pid else None,
                pid,
                json.dumps(list(selection)),
                request_id,
                request_digest,
                lease,
            ),
        )
        facts = {
            "verb": verb,
            "layers": list(layers),
            "selection": list(selection),
            "as_of": as_of,
            "full_refresh": full_refresh,
            "paths": len(paths),
            "requested_by": requested_by,
        }
        audit.append(connection, "run", run_id, facts)
        run = get(connection, run_id)
        assert run is not None  # inserted above, in this transaction
        return run, True


def get(connection: Connection, run_id: str) -> Run | None:
    """The run of this id."""
    rows = records(connection, "select * from ops_runs where run_id = ?", (run_id,))
    return _run(rows[0]) if rows else None


def recorded(connection: Connection, run_id: str) -> Run:
    """The run of this id; raises InputRefused when there is none."""
    run = get(connection, run_id)
    if run is None:
        raise InputRefused("there is no such run", run_id)
    return run


def is_to_be_cancelled(connection: Connection, run_id: str) -> bool:
    """Whether somebody has asked to cancel the run."""
    return recorded(connection, run_id).cancel_requested


def answering(connection: Connection, request_id: str | None) -> Run | None:
    """The run that was made for this request, whether it waits, runs or has ended."""
    rows = records(connection, "select * from ops_runs where request_id = ?", (request_id,))
    return _run(rows[0]) if rows else None


def leave_unanswered(connection: Connection, run_id: str) -> None:
    """Take its request from a run that came to no end of its own, so that the request may be made
    again.
    """
    connection.execute("update ops_runs set request_id = null where run_id = ?", (run_id,))


def active(connection: Connection) -> Run | None:
    """The run that waits or runs; there is never more than one."""
    rows = records(
        connection,
        "select * from ops_runs where status in ('queued', 'running') order by run_id limit 1",
    )
    return _run(rows[0]) if rows else None


def recent(connection: Connection, limit: int) -> list[Run]:
    """The newest runs first."""
    return [
        _run(row)
        for row in records(
            connection, "select * from ops_runs order by run_id desc limit ?", (limit,)
        )
    ]


def listed(connection: Connection, limit: int) -> list[Run]:
    """The newest runs first, each without its result, which is long."""
    columns = ", ".join(
        "null as result" if name == "result" else name for name in Run.__dataclass_fields__
    )
    return [
        _run(row)
        for row in records(
            connection, f"select {columns} from ops_runs order by run_id desc limit ?", (limit,)
        )
    ]


def last_published(connection: Connection) -> Run | None:
    """The newest run that published tables."""
    rows = records(
        connection,
        "select * from ops_runs where status in ('succeeded', 'held') order by run_id desc limit 1",
    )
    return _run(rows[0]) if rows else None


def start(connection: Connection, run_id: str, pid: int, lease: int | None = None) -> bool:
    """Mark a queued run as running in process `pid` under `lease`; False when it is no longer
    queued (cancelled meanwhile).
    """
    changed = connection.execute(
        "update ops_runs set status = 'running', started_at = ?, pid = ?, lease = ? "
        "where run_id = ? and status = 'queued'",
        (utc_now(), pid, lease, run_id),
    )
    return changed.rowcount == 1


def note_as_of(connection: Connection, run_id: str, as_of: str) -> None:
    """Store the day that the run judges by."""
    connection.execute("update ops_runs set as_of = ? where run_id = ?", (as_of, run_id))


def note_layers(connection: Connection, run_id: str, layers: Sequence[str]) -> None:
    """Store the layers in which a run of chosen models builds something."""
    connection.execute(
        "update ops_runs set layers = ? where run_id = ?", (json.dumps(list(layers)), run_id)
    )


def note_loading(connection: Connection, run_id: str, path: str, percent: int) -> None:
    """Store how much of a file is loaded, in whole percent; what the run came to replaces it at its
    end.
    """
    connection.execute(
        "update ops_runs set result = json_patch(coalesce(result, '{}'), json_object('loading', json_object(?, ?))) "
        "where run_id = ? and finished_at is null",
        (path, percent, run_id),
    )


def note_search(connection: Connection, run_id: str, step: str, trials: int) -> None:
    """Store that what makes a step fail is looked for, and how many trials were begun."""
    connection.execute(
        "update ops_runs set result = json_patch(coalesce(result, '{}'), json_object('search', "
        "json_object('step', ?, 'trials', ?))) where run_id = ? and finished_at is null",
        (step, trials, run_id),
    )


def finish(
    connection: Connection,
    run_id: str,
    status: str,
    error: str | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Store how a run ended; a run that has ended already stays as it is."""
    with transaction(connection):
        ended = connection.execute(
            "update ops_runs set status = ?, finished_at = ?, error = ?, result = ? where run_id = ? and finished_at is null",
            (status, utc_now(), error, json.dumps(result) if result is not None else None, run_id),
        )
        if ended.rowcount:
            build_id = (result or {}).get("build_id")
            audit.append(connection, "run ended", run_id, {"status": status, "build_id": build_id})


def ask_to_cancel(connection: Connection, run_id: str) -> None:
    """Raise the flag that the process of the run watches."""
    with transaction(connection):
        asked = connection.execute(
            "update ops_runs set cancel_requested = 1 where run_id = ? and finished_at is null",
            (run_id,),
        )
        if asked.rowcount:
            audit.append(connection, "cancel", run_id, {})


def cancel_if_queued(connection: Connection, run_id: str) -> bool:
    """Cancel a run that has not started; False when it had."""
    with transaction(connection):
        changed = connection.execute(
            "update ops_runs set status = 'cancelled', finished_at = ?, cancel_requested = 1, error = 'cancelled before it started' "
            "where run_id = ? and status = 'queued'",
            (utc_now(), run_id),
        )
        if changed.rowcount:
            audit.append(connection, "cancel", run_id, {})
    return changed.rowcount == 1
