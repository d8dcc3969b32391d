"""What taking a load back would do to the promoted rows, said before anybody does it."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.quality import undoing, what_if
from pipeline.quality.what_if import Released
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists


@dataclass(frozen=True)
class Undone:
    """`own` rows of the load would be promoted no longer, `orphans` (by source, with dollars and
    events) would wait for them; `waiting` rows of it wait now and leave.
    """

    entity: str
    own: Released = Released()
    orphans: Released = Released()
    waiting: int = 0


def undone(settings: Settings, entity: str, load_id: str) -> Undone:
    """The effect of taking a load back, as the last build judged its rows; nothing is written."""
    if not warehouse_exists(settings):
        return Undone(entity)
    contracts = load_contracts()
    with open_warehouse(settings) as connection:
        gone = undoing.lost(connection, contracts, entity, load_id)
        waiting = undoing.waiting(connection, entity, load_id)
    own = {entity: gone.pop(entity, [])}
    return Undone(entity, what_if.released(own), what_if.released(gone), waiting)
