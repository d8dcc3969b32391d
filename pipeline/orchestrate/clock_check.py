"""A wrong clock of the machine: nothing is stored under a time that the home says is impossible."""

from sqlite3 import Connection

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import days_ago, utc_now
from pipeline.store.warehouse import judged_loads


def refuse_loads_from_the_future(connection: Connection) -> None:
    """Raises InputRefused when a load in force came later than this machine's clock can say: one of
    the two clocks is wrong, and the day of every build would follow it.
    """
    loads = judged_loads.loads_from_the_future(connection)
    if loads:
        load_id, loaded_at = loads[0]
        raise InputRefused(
            f"load {load_id} came at {loaded_at}, and this machine's clock says {utc_now()}",
            "clock",
            f"set the clock if it is wrong; else take the load back (icon-health undo {load_id}) "
            "and load the file again",
        )


def refuse_a_leap(connection: Connection, settings: Settings) -> None:
    """Raises InputRefused when this machine's clock is further ahead of the newest load in force
    than a home is left alone (setting `clock_leap_days`).
    """
    newest, _ = judged_loads.last_load_change(connection)
    if newest is not None and newest < days_ago(settings.clock_leap_days):
        raise InputRefused(
            f"this machine's clock says {utc_now()}, and the newest load came at {newest}",
            "clock",
            "set the clock; if it is right, say so once with a larger ICON_HEALTH_CLOCK_LEAP_DAYS",
        )
