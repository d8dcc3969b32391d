"""When a connector is synced: a cron expression in a time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import FORMAT


def next_time(cron: str, timezone: str, after: datetime) -> str:
    """The next moment of an expression after another, as UTC text. In the night when clocks go
    forward a time that does not exist is taken as soon as the gap is over; when they go back, a
    time that exists twice counts once.

    Raises InputRefused for an expression or a zone that is none.
    """
    try:
        from cronsim import CronSim, CronSimError
    except ModuleNotFoundError:
        raise InputRefused(
            "takes the package cronsim, which is not installed",
            "schedule",
            "pip install 'icon-health-workbench[connect]'",
        ) from None
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputRefused(
            "is no time zone", timezone, "name one of the IANA list, such as Europe/Berlin"
        ) from None
    try:
        moment = next(CronSim(cron, after.astimezone(zone)))
    except CronSimError:
        raise InputRefused(
            "is no cron expression", cron, "minute hour day month weekday, such as '15 */2 * * *'"
        ) from None
    except StopIteration:
        raise InputRefused("never comes", cron, "check day and month") from None
    return moment.astimezone(UTC).strftime(FORMAT)
