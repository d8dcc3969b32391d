"""The warehouse as screens and exports may read it: cells that are small, or would give a small one
away, are empty.

Every service that lets people look at tables opens it here, so what one page hides no other shows.
"""

from functools import lru_cache

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.cell_policy import (
    PROVIDER_CELL,
    RISK_CELL,
    HiddenCells,
    emptied,
    hide,
)
from pipeline.privacy.column_meaning import ALL_ROWS
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.settings.settings import data_stamp
from pipeline.store.browse.emptied_cells import Emptying, cells, empty_cells
from pipeline.store.sqlite.database import Database, open_scratch, open_warehouse
from pipeline.store.sqlite.statements import column_types, relation_names


def open_visible(settings: Settings, *tables: str, for_export: bool = False) -> Database:
    """A connection that reads `tables` with hidden cells empty; the others as they are. Unknown
    names are left alone.
    """
    connection = open_scratch(settings)
    names = relation_names(connection)
    for table in tables:
        hidden_columns = (
            emptied(table, column_types(connection, table), for_export) if table in names else ()
        )
        if hidden_columns:
            hidden = hidden_cells(settings)
            empty_cells(
                connection,
                table,
                [
                    Emptying(
                        column.columns,
                        column.only_where,
                        *(
                            ()
                            if column.grain == ALL_ROWS
                            else (
                                column.grain,
                                hidden.of(column.grain),
                                column.count,
                                SMALLEST_CELL,
                            )
                        ),
                    )
                    for column in hidden_columns
                ],
            )
    return connection


def without_hidden_cells(
    settings: Settings, rows: pd.DataFrame, table: str, for_export: bool = False
) -> pd.DataFrame:
    """Rows of `table` that were read otherwise, with the same cells empty; they hold the columns
    that name their cell.
    """
    visible = rows.copy()
    for hidden_column in emptied(table, rows.columns, for_export):
        small = pd.Series(hidden_column.grain == ALL_ROWS, index=rows.index)
        if hidden_column.grain != ALL_ROWS:
            hidden = hidden_cells(settings).of(hidden_column.grain)
            small = pd.Series(
                [
                    key in hidden
                    for key in zip(*(rows[column] for column in hidden_column.grain), strict=True)
                ],
                index=rows.index,
                dtype=bool,
            )
        if hidden_column.count:
            small |= rows[hidden_column.count].astype(float) < SMALLEST_CELL
        for column in hidden_column.columns:
            visible[column] = visible[column].mask(small)
    return visible


def hidden_cells(settings: Settings) -> HiddenCells:
    """The cells that no screen shows and no export holds, of the published tables."""
    return _hidden(data_stamp(settings, of_warehouse_alone=True), settings)


@lru_cache(maxsize=4)
def _hidden(stamp: tuple, settings: Settings) -> HiddenCells:
    with open_warehouse(settings) as connection:
        return hide(
            cells(
                connection,
                "provider_procedure_scorecard",
                (*PROVIDER_CELL, "encounter_count", "is_suppressed"),
            ),
            cells(connection, "volume_outcome", ("cpt", "tertile", "volume_from", "volume_to")),
            cells(connection, "case_mix_reference", (*RISK_CELL, "encounter_count")),
        )
