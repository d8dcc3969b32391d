"""The time as it is stored: UTC, whole seconds, `YYYY-MM-DDTHH:MM:SSZ`."""

from datetime import UTC, datetime, timedelta

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> str:
    """Now, as text."""
    return datetime.now(UTC).strftime(FORMAT)


def second_after(moment: str) -> str:
    """The stored time one second later."""
    return (datetime.strptime(moment, FORMAT) + timedelta(seconds=1)).strftime(FORMAT)


def seconds_between(started_at: str | None, finished_at: str | None) -> float | None:
    """Seconds from one stored time to another; None when one of them is missing."""
    if not started_at or not finished_at:
        return None
    return (
        datetime.strptime(finished_at, FORMAT) - datetime.strptime(started_at, FORMAT)
    ).total_seconds()
