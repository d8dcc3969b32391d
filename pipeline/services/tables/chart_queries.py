"""What a chart of any table shows: groups, a line, bins, points; from a sample where there are many
rows, and it says so.

Up to `SAMPLED_FROM` rows, and where an index holds the answer, all rows that meet the filters are
looked at; above that a sample of some 50,000, from which rows and sums are scaled to all. With
`all_rows` all are looked at, however long it takes. `counted` is the number of rows that meet the
filters where the caller knows it. Patient columns are refused, and cells that may not be shown are
empty before anything is looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible, refuse_masked
from pipeline.store.browse import aggregates, chart_data, chart_sample, tables
from pipeline.store.browse.aggregates import GROUP_ROWS, GROUP_VALUE
from pipeline.store.browse.chart_data import LINE_VALUES
from pipeline.store.browse.filters import Filter
from pipeline.store.sqlite.database import Database
from pipeline.store.warehouse import row_counts

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

__all__ = [
    "GROUP_ROWS",
    "GROUP_VALUE",
    "LINE_VALUES",
    "SAMPLED_FROM",
    "Drawing",
    "group_table",
    "grouped",
    "histogram",
    "in_order",
    "points",
    "usual_values",
]

SAMPLED_FROM = 200_000
SCALED = ("rows", "sum")
#: Makes a frame of a relation under filters.
Draw = Callable[[Database, str, Sequence[Filter]], pd.DataFrame]


@dataclass(frozen=True)
class Drawing:
    """The numbers of a chart, made from `looked_at` of the `rows` that meet the filters; `looks`
    measures the work of it.
    """

    frame: pd.DataFrame
    rows: int
    looked_at: int
    looks: int = 0

    @property
    def is_sample(self) -> bool:
        """Whether the numbers rest on a part of the rows."""
        return self.looked_at < self.rows


def grouped(
    settings: Settings,
    table: str,
    by: str,
    measure: str | None = None,
    how: str = "rows",
    filters: Sequence[Filter] = (),
    limit: int = 50,
    counted: int | None = None,
    all_rows: bool = False,
) -> Drawing:
    """One row a value of `by`, largest first, with the number of rows or an aggregate of `measure`
    as `value`.
    """

    def query(connection: Database, source: str, conditions: Sequence[Filter]) -> pd.DataFrame:
        return aggregates.grouped(connection, source, by, measure, how, conditions, limit)

    return _drawing(
        settings,
        table,
        (by, measure),
        filters,
        counted,
        all_rows,
        query,
        ("value",) if how in SCALED or measure is None else (),
    )


def group_table(
    settings: Settings,
    table: str,
    by: tuple[str, ...],
    measure: str | None = None,
    how: str = "rows",
    filters: Sequence[Filter] = (),
    limit: int = 500,
    counted: int | None = None,
    all_rows: bool = False,
) -> Drawing:
    """One row a combination of values of the columns `by`, largest first: `GROUP_ROWS` and, with a
    measure, its aggregate as `GROUP_VALUE`.
    """

    def query(connection: Database, source: str, conditions: Sequence[Filter]) -> pd.DataFrame:
        return aggregates.group_table(connection, source, by, measure, how, conditions, limit)

    scaled = (GROUP_ROWS, GROUP_VALUE) if how == "sum" and measure else (GROUP_ROWS,)
    return _drawing(settings, table, (*by, measure), filters, counted, all_rows, query, scaled)


def in_order(
    settings: Settings,
    table: str,
    by: str,
    measure: str | None = None,
    how: str = "rows",
    filters: Sequence[Filter] = (),
    counted: int | None = None,
    all_rows: bool = False,
) -> Drawing:
    """One row a value of `by` in the order of the values, with the number of rows or an aggregate
    of `measure` as `value`.

    A number with very many values is put into bins: then `low` and `high` (not included) stand
    beside `by`, their middle.
    """

    def query(connection: Database, source: str, conditions: Sequence[Filter]) -> pd.DataFrame:
        return chart_data.in_order(connection, source, by, measure, how, conditions)

    return _drawing(
        settings,
        table,
        (by, measure),
        filters,
        counted,
        all_rows,
        query,
        ("value",) if how in SCALED or measure is None else (),
    )


def histogram(
    settings: Settings,
    table: str,
    column: str,
    filters: Sequence[Filter] = (),
    counted: int | None = None,
    all_rows: bool = False,
) -> Drawing:
    """Bins of one number: low, high (not included), rows."""

    def query(connection: Database, source: str, conditions: Sequence[Filter]) -> pd.DataFrame:
        return chart_data.histogram(connection, source, column, conditions)

    bins = _drawing(settings, table, (column,), filters, counted, all_rows, query, ("rows",))
    return Drawing(
        bins.frame.assign(rows=bins.frame["rows"].round().astype(int)),
        bins.rows,
        bins.looked_at,
        bins.looks,
    )


def points(
    settings: Settings,
    table: str,
    columns: Sequence[str],
    filters: Sequence[Filter] = (),
    counted: int | None = None,
    most: int = 20_000,
) -> Drawing:
    """Rows of a few columns from everywhere in the table, at most `most`, for a scatter or
    boxes.
    """
    _refuse(table, columns, filters)
    with open_visible(settings, table) as connection:
        rows = _rows(connection, table, filters) if counted is None else counted
        if rows <= most:
            return Drawing(aggregates.sampled(connection, table, columns, filters), rows, rows)
        looked_at = chart_sample.create(connection, table, columns, filters, rows, most)
        return Drawing(
            aggregates.sampled(connection, chart_sample.NAME, columns, limit=looked_at),
            rows,
            looked_at,
        )


def usual_values(settings: Settings, table: str, column: str, limit: int) -> Drawing:
    """Values of one column that many rows have, most frequent first; rare ones may be missing."""
    return grouped(settings, table, column, limit=limit)


def _drawing(
    settings: Settings,
    table: str,
    columns: Sequence[str | None],
    filters: Sequence[Filter],
    counted: int | None,
    all_rows: bool,
    draw: Draw,
    scaled: Sequence[str],
) -> Drawing:
    read_columns = tuple(dict.fromkeys(column for column in columns if column))
    _refuse(table, read_columns, filters)
    with open_visible(settings, table) as connection:
        rows = _rows(connection, table, filters) if counted is None else counted
        if (
            all_rows
            or rows <= SAMPLED_FROM
            or not filters
            and tables.is_covered(connection, table, read_columns)
        ):
            return Drawing(draw(connection, table, filters), rows, rows)
        looked_at = chart_sample.create(connection, table, read_columns, filters, rows)
        begun = connection.looks
        frame = draw(connection, chart_sample.NAME, ())
        looks = connection.looks - begun
    for column in scaled:
        frame[column] = frame[column] * (rows / max(looked_at, 1))
    return Drawing(frame, rows, looked_at, looks)


def _rows(connection: Database, table: str, filters: Sequence[Filter]) -> int:
    recorded = None if filters else row_counts.recorded(connection).get(table)
    return tables.row_count(connection, table, filters) if recorded is None else recorded


def _refuse(table: str, columns: Sequence[str], filters: Sequence[Filter]) -> None:
    refuse_masked(table, (*columns, *(condition.column for condition in filters)))
