"""The time as it is stored: UTC, whole seconds, `YYYY-MM-DDTHH:MM:SSZ`."""

from datetime import UTC, datetime, timedelta

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
#: How far the clocks of two machines may differ.
CLOCK_TOLERANCE = timedelta(days=1)


def now() -> datetime:
    """Now, as this machine's clock says; the only place that asks it."""
    return datetime.now(UTC)


def utc_now() -> str:
    """Now, as text."""
    return now().strftime(FORMAT)


def at(seconds: float) -> str:
    """Seconds since 1970 as text."""
    return datetime.fromtimestamp(seconds, UTC).strftime(FORMAT)


def latest_believable() -> str:
    """The latest time that another machine's clock may have written by now; what was stored with a
    later one was stored under a wrong clock.
    """
    return (now() + CLOCK_TOLERANCE).strftime(FORMAT)


def days_ago(days: float) -> str:
    """The time that many days before now, as text."""
    return (now() - timedelta(days=days)).strftime(FORMAT)


def parsed(moment: str) -> datetime:
    """A stored time, with its zone."""
    return datetime.strptime(moment, FORMAT).replace(tzinfo=UTC)


def second_after(moment: str) -> str:
    """The stored time one second later."""
    return (datetime.strptime(moment, FORMAT) + timedelta(seconds=1)).strftime(FORMAT)


def second_before(moment: str) -> str:
    """The stored time one second earlier."""
    return (datetime.strptime(moment, FORMAT) - timedelta(seconds=1)).strftime(FORMAT)


def seconds_between(started_at: str | None, finished_at: str | None) -> float | None:
    """Seconds from one stored time to another; None when one of them is missing."""
    if not started_at or not finished_at:
        return None
    return (
        datetime.strptime(finished_at, FORMAT) - datetime.strptime(started_at, FORMAT)
    ).total_seconds()
