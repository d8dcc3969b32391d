"""When connectors are synced by themselves (`ops_connectors`): cron expression, time zone, the next
moment, and who asked for a sync now.
"""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.control import audit, connectors
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction


@dataclass(frozen=True)
class Schedule:
    """The schedule of a connector; `next_at` (UTC) is None while it has none or is paused,
    `asked_by` is who waits for a sync that comes before.
    """

    name: str
    cron: str | None
    timezone: str
    is_paused: bool
    next_at: str | None
    asked_by: str | None


def all_schedules(control: Connection) -> dict[str, Schedule]:
    """The schedule of every connector, by name."""
    rows = records(
        control,
        "select name, cron, timezone, is_paused, next_at, asked_by from ops_connectors order by name",
    )
    return {row["name"]: Schedule(**{**row, "is_paused": bool(row["is_paused"])}) for row in rows}


def schedule(
    control: Connection, name: str, cron: str | None, timezone: str, next_at: str | None
) -> None:
    """Give a connector a schedule, or none; raises InputRefused when there is no such connector."""
    _change(
        control,
        "connector schedule",
        name,
        "cron = ?, timezone = ?, next_at = ?, is_paused = 0",
        (cron, timezone, next_at),
        {"cron": cron, "timezone": timezone},
    )


def pause(control: Connection, name: str) -> None:
    """Let no sync come by itself until `resume`; raises as `schedule`."""
    _change(control, "connector pause", name, "is_paused = 1, next_at = null", (), {})


def resume(control: Connection, name: str, next_at: str | None) -> None:
    """Go on with the schedule; raises as `schedule`."""
    _change(control, "connector resume", name, "is_paused = 0, next_at = ?", (next_at,), {})


def _change(
    control: Connection,
    action: str,
    name: str,
    to: str,
    values: tuple[object, ...],
    facts: dict[str, object],
) -> None:
    with transaction(control):
        connectors.get(control, name)
        control.execute(f"update ops_connectors set {to} where name = ?", (*values, name))
        audit.append(control, action, name, facts)


def ask(control: Connection, name: str, by: str) -> None:
    """Have a sync come as soon as the worker looks; raises as `schedule`."""
    with transaction(control):
        connectors.get(control, name)
        control.execute("update ops_connectors set asked_by = ? where name = ?", (by, name))


def due(control: Connection) -> Schedule | None:
    """The connector whose sync is due: asked for, or by its schedule; the longest overdue first."""
    rows = records(
        control,
        "select name, cron, timezone, is_paused, next_at, asked_by from ops_connectors "
        "where asked_by is not null or next_at <= ? order by asked_by is null, next_at, name limit 1",
        (utc_now(),),
    )
    return next((Schedule(**{**row, "is_paused": bool(row["is_paused"])}) for row in rows), None)


def note_end(control: Connection, was: Schedule, next_at: str | None) -> None:
    """Record that the sync that was due has ended, and when the next one is; what somebody has
    changed meanwhile stays.
    """
    with transaction(control):
        control.execute(
            "update ops_connectors set asked_by = null where name = ? and asked_by is ?",
            (was.name, was.asked_by),
        )
        _come_at(control, was, next_at)


def bring_back(control: Connection, was: Schedule, next_at: str) -> None:
    """Have the next sync of a schedule come earlier than is on record."""
    with transaction(control):
        _come_at(control, was, next_at)


def _come_at(control: Connection, was: Schedule, next_at: str | None) -> None:
    control.execute(
        "update ops_connectors set next_at = ? where name = ? and next_at is ? and cron is ?",
        (next_at, was.name, was.next_at, was.cron),
    )


def is_any(control: Connection) -> bool:
    """Whether a sync will come by itself, or was asked for."""
    return (
        control.execute(
            "select 1 from ops_connectors where next_at is not null or asked_by is not null"
        ).fetchone()
        is not None
    )
