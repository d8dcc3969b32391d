"""Which run published what readers see, and as of when its figures are."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class Published:
    """The run of the published tables, and the day (ISO) as of which their figures are."""

    run_id: str
    as_of: str | None


def published(settings: Settings) -> Published | None:
    """What readers see; None before the first run that published."""
    if not warehouse_exists(settings):
        return None
    with open_control(settings) as control:
        run = runs.last_published(control)
    if run is None:
        return None
    with open_bookkeeping(settings) as warehouse:
        stamp = state.build_stamp(warehouse)
    return Published(run.run_id, stamp["as_of"] if stamp else None)
