"""What taking loads back would do to the promoted rows, said before anybody does it."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.quality import undoing, what_if
from pipeline.quality.told_events import ENCOUNTERS, EVENTS
from pipeline.quality.what_if import Free, Released
from pipeline.services.quarantine.shown_effect import events_of_loads
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import loads


@dataclass(frozen=True)
class Undone:
    """`own` rows of the loads would be promoted no longer, `orphans` (by source, with dollars and
    events) would wait for them; `waiting` rows of the loads wait now and leave.
    """

    own: Released = Released()
    orphans: Released = Released()
    waiting: int = 0


def undone(settings: Settings, *load_ids: str) -> Undone:
    """The effect of taking loads back together, as the last build judged their rows; nothing is
    written.
    """
    if not warehouse_exists(settings):
        return Undone()
    with open_warehouse(settings) as connection:
        by_source: dict[str, list[str]] = {}
        for load_id in load_ids:
            by_source.setdefault(loads.get(connection, load_id)["entity"], []).append(load_id)
        own, orphans = undoing.lost(connection, load_contracts(), by_source)
        waiting = undoing.waiting(connection, by_source)
    told = events_of_loads(own, orphans)
    both: Free = {
        name: [*own.get(name, ()), *orphans.get(name, ())] for name in (ENCOUNTERS, EVENTS)
    }
    counted = {row["_row_id"] for row in told.counted(both)[EVENTS]}
    own, orphans = (_with(rows, counted) for rows in (own, orphans))
    return Undone(what_if.released(own, told), what_if.released(orphans, told), waiting)


def _with(rows: Free, events: set[str]) -> Free:
    """The rows with these events alone."""
    return {**rows, EVENTS: [row for row in rows.get(EVENTS, ()) if row["_row_id"] in events]}
