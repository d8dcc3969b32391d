"""Look into any table: page, add up. Patient values leave here masked."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.cell_policy import emptied
from pipeline.privacy.masking import is_hidden, mask_for_screen, without_small_cells
from pipeline.services.tables.visible import open_visible, refuse_masked
from pipeline.store.browse import aggregates, chart_data
from pipeline.store.browse import tables as store_tables
from pipeline.store.browse.aggregates import AGGREGATES, ROWS
from pipeline.store.browse.chart_data import PROFILED_ROWS
from pipeline.store.browse.filters import OPERATORS, TO, Filter, bounds, groups
from pipeline.store.browse.tables import SORTED_REACH
from pipeline.store.sqlite.database import Database
from pipeline.store.sqlite.statements import column_types, one_state
from pipeline.store.warehouse import row_counts

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

__all__ = [
    "AGGREGATES",
    "OPERATORS",
    "PROFILED_ROWS",
    "SORTED_REACH",
    "TO",
    "Filter",
    "TablePage",
    "TableTotals",
    "bounds",
    "column_facts",
    "groups",
    "mask_delivered",
    "page",
    "summary",
    "totals",
]


@dataclass(frozen=True)
class TablePage:
    """One page of rows (masked) and the number of rows that meet the filters, None where nobody
    asked for it.

    `sensitive` names the masked columns. `offset` is the place of the first row: an ordered view
    begins its last page at most SORTED_REACH down. `numbers` are the numbers that the rows of an
    ordered page have in their table; empty where a row is found by its place.
    """

    rows: pd.DataFrame
    total: int | None
    sensitive: tuple[str, ...]
    offset: int
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class TableTotals:
    """Rows that meet the filters, rows without any, and totals of one column; `hidden` rows lack it
    for their cell is small.

    With `any_page` every page of an order can be read; without it those of the first `SORTED_REACH`
    rows.
    """

    rows: int
    everything: int
    of_column: dict[str, float | None]
    hidden: int
    any_page: bool


def page(
    settings: Settings,
    table: str,
    filters: Sequence[Filter] = (),
    sort: str | None = None,
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
    counts: bool = True,
) -> TablePage:
    """Rows `offset` to `offset + limit` of a table after filter and sort, masked; with `counts`
    also how many meet the filters.

    Raises InputRefused for an unknown table, column or comparison.
    """
    with open_visible(settings, table) as connection, one_state(connection):
        limit = min(limit, store_tables.MAX_PAGE_ROWS)
        rows, offset, numbers = page_of(connection, table, filters, sort, descending, limit, offset)
        total = _total(connection, table, filters, offset, len(rows), limit) if counts else None
    hidden = tuple(column for column in rows.columns if is_hidden(table, column))
    return TablePage(without_small_cells(rows, table), total, hidden, offset, numbers)


def page_of(
    connection: Database,
    table: str,
    filters: Sequence[Filter],
    sort: str | None,
    descending: bool,
    limit: int,
    offset: int,
) -> tuple[pd.DataFrame, int, tuple[int, ...]]:
    """The rows of a page as a connection shows them, the place of the first, and the numbers of
    those of an ordered page. Raises InputRefused where a masked column is asked about, whatever
    the connection shows.
    """
    refuse_masked(table, (sort, *(condition.column for condition in filters)))
    limit = min(limit, store_tables.MAX_PAGE_ROWS)
    if sort and store_tables.has_rowid(connection, table):
        numbers = tuple(
            store_tables.numbers_of(connection, table, filters, sort, descending, limit, offset)
        )
        return store_tables.rows_at(connection, table, numbers), offset, numbers
    offset = min(offset, max(SORTED_REACH - limit, 0)) if sort else offset
    rows = store_tables.table_page(connection, table, filters, sort, descending, limit, offset)
    return rows, offset, ()


def _total(
    connection, table: str, filters: Sequence[Filter], offset: int, page_rows: int, limit: int
) -> int:
    """Rows that meet the filters: known without counting when the page is the last one, or when no
    filter is set.
    """
    if 0 < page_rows < limit or (page_rows == 0 and offset == 0):
        return offset + page_rows
    return _counted(connection, table, filters)


def _counted(connection, table: str, filters: Sequence[Filter] = ()) -> int:
    recorded = None if filters else row_counts.recorded(connection).get(table)
    return store_tables.row_count(connection, table, filters) if recorded is None else recorded


def totals(
    settings: Settings, table: str, filters: Sequence[Filter] = (), measure: str | None = None
) -> TableTotals:
    """How many rows meet the filters and what they add up to: the same on every page and in every
    order.
    """
    refuse_masked(table, (measure, *(condition.column for condition in filters)))
    with open_visible(settings, table) as connection:
        of_column = chart_data.totals(connection, table, measure, filters) if measure else {}
        rows = int(of_column[ROWS]) if measure else _counted(connection, table, filters)
        everything = _counted(connection, table) if filters else rows
        may_hide = measure and any(
            measure in column.columns for column in emptied(table, column_types(connection, table))
        )
        return TableTotals(
            rows,
            everything,
            of_column,
            rows - int(of_column["filled"]) if may_hide else 0,
            store_tables.has_rowid(connection, table),
        )


def mask_delivered(rows: pd.DataFrame, entity: str) -> pd.DataFrame:
    """Rows of a file that is not loaded yet, masked by the contract of its source."""
    return mask_for_screen(rows, f"raw_{entity}")


def summary(
    settings: Settings, table: str, column: str, filters: Sequence[Filter] = ()
) -> dict[str, float | None]:
    """Sum, mean, minimum, maximum and distinct values of one column over the filtered rows."""
    refuse_masked(table, (column, *(condition.column for condition in filters)))
    with open_visible(settings, table) as connection:
        return aggregates.aggregates(connection, table, column, filters)


def column_facts(settings: Settings, table: str) -> dict[str, tuple[int, int]]:
    """Column -> filled rows and distinct values among the first rows of a table; masked columns are
    left out.
    """
    with open_visible(settings, table) as connection:
        columns = [name for name in column_types(connection, table) if not is_hidden(table, name)]
        return chart_data.profile(connection, table, columns)
