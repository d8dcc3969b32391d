"""The warehouse as screens and exports may read it: cells that are small, or would give a small one away, are empty.

Every service that lets people look at tables opens it here, so what one page hides no other shows.
"""

from functools import lru_cache

from pipeline.config import Settings
from pipeline.privacy import SMALLEST_CELL
from pipeline.privacy_cells import ALL_ROWS, PROVIDER_CELL, RISK_CELL, HiddenCells, emptied, hide
from pipeline.services.settings import data_stamp
from pipeline.store.database import Database, open_scratch, open_warehouse
from pipeline.store.shown_cells import Emptying, cells, empty_cells
from pipeline.store.tables import column_types, relation_names


def open_shown(settings: Settings, *tables: str, for_export: bool = False) -> Database:
    """A connection that reads `tables` with hidden cells empty; the others as they are. Unknown names are left alone."""
    connection = open_scratch(settings)
    known = relation_names(connection)
    for table in tables:
        found = emptied(column_types(connection, table), for_export) if table in known else ()
        if found:
            hidden = hidden_cells(settings)
            empty_cells(connection, table, [
                Emptying(each.columns, each.only_where,
                         *(() if each.grain == ALL_ROWS else (each.grain, hidden.of(each.grain), each.count, SMALLEST_CELL)))
                for each in found])
    return connection


def hidden_cells(settings: Settings) -> HiddenCells:
    """The cells that no screen shows and no export holds, of the published tables."""
    return _hidden(data_stamp(settings, "explore"), settings)


@lru_cache(maxsize=4)
def _hidden(stamp: tuple, settings: Settings) -> HiddenCells:
    with open_warehouse(settings) as connection:
        return hide(cells(connection, "provider_procedure_scorecard", (*PROVIDER_CELL, "n", "suppressed")),
                    cells(connection, "volume_outcome", ("cpt", "tertile", "volume_from", "volume_to")),
                    cells(connection, "case_mix_reference", (*RISK_CELL, "n")))
