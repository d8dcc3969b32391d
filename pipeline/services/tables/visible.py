"""The warehouse as screens and exports may read it: cells that are small, or would give a small one
away, are empty.

Every service that lets people look at tables opens it here, so what one page hides no other shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.registry import TIME
from pipeline.privacy import cells_of_build
from pipeline.privacy.cell_fit import (
    LIST_FUNCTION,
    SHAPE_FUNCTION,
    fitting,
    list_or_shape,
    shape_of_cell,
)
from pipeline.privacy.cell_policy import VERSION, Emptied, HiddenCells, emptied
from pipeline.privacy.column_meaning import ALL_ROWS, meaning
from pipeline.privacy.masking import SMALLEST_CELL, is_hidden, mask_of
from pipeline.privacy.small_counts import COUNT, SHARE, is_few, row_tells_few
from pipeline.services.settings.settings import data_stamp
from pipeline.services.tables import bookkeeping
from pipeline.store.browse import questions
from pipeline.store.browse.emptied_cells import Emptying, newest_versions
from pipeline.store.browse.masked_views import authorize, hidden_name, mask_table
from pipeline.store.sqlite.database import Database, open_scratch, open_warehouse
from pipeline.store.sqlite.statements import column_types, quoted, relation_names
from pipeline.store.warehouse.state import build_stamp

#: The SQL function that says whether a row of counts tells one to ten people.
FEW_FUNCTION = "row_tells_few"


def open_visible(
    settings: Settings,
    *tables: str,
    for_export: bool = False,
    masked: bool = True,
    in_files: bool = True,
) -> Database:
    """A connection that reads `tables` with hidden cells empty, and for screens masked; of other
    tables it reads nothing but bookkeeping of the build. Unknown names are left alone.

    For an export cells are not masked here, its profile treats them; without `in_files` it is for a
    screen that shows as little of hidden cells. `masked=False` is for reading a key that leaves no
    service.
    """
    connection = open_scratch(settings)
    is_screen = masked and not for_export
    names = relation_names(connection)
    as_of = (build_stamp(connection) or {}).get("as_of")
    hidden_views = {}
    for table in tables:
        if table not in names:
            continue
        columns = column_types(connection, table)
        hidden_columns = [
            column
            for column in emptied(table, columns, for_export)
            if in_files or not column.in_files
        ]
        expressions = _expressions(connection, table, columns, as_of) if is_screen else {}
        if for_export:
            expressions = _without_few(connection, table, columns)
        if hidden_columns or expressions or is_screen:
            hidden_views[table] = hidden_name(table)
            mask_table(
                connection,
                table,
                [_emptying(settings, column) for column in hidden_columns],
                expressions,
                hidden_views[table],
            )
    if is_screen and tables:
        authorize(connection, hidden_views, bookkeeping.columns())
        # a common table of the same name would pass for the view, and the schema tells the name
        connection.unspoken = tuple(name.lower() for name in hidden_views.values())
    return connection


def open_for_questions(
    settings: Settings, columns_of: Mapping[str, Sequence[str]], for_export: bool = False
) -> Database:
    """A connection on which a person's own statements read these columns of these tables as a
    screen shows them (for an export: with the cells empty that no export holds), and nothing else
    in any way.
    """
    connection = open_scratch(settings)
    as_of = (build_stamp(connection) or {}).get("as_of")
    hidden_views = {}
    for table, only in columns_of.items():
        columns = column_types(connection, table)
        hidden_views[table] = hidden_name(table)
        mask_table(
            connection,
            table,
            [_emptying(settings, column) for column in emptied(table, columns, for_export)],
            _expressions(connection, table, columns, as_of)
            | (_without_few(connection, table, columns) if for_export else {}),
            hidden_views[table],
            only,
        )
    shown = {table: frozenset(only) for table, only in columns_of.items()}
    questions.guard(connection, shown, hidden_views, frozenset(relation_names(connection)))
    connection.unspoken = tuple(name.lower() for name in hidden_views.values())
    return connection


def refuse_masked(table: str, columns: Iterable[str | None]) -> None:
    """Raise InputRefused where a masked column would be compared, ordered, counted or drawn."""
    for column in columns:
        if column and column in meaning(table).classes and is_hidden(table, column):
            raise InputRefused(
                f"{column} is masked, so it can be neither filtered, ordered, counted nor drawn",
                table,
                "choose another column",
            )


def _emptying(settings: Settings, column: Emptied) -> Emptying:
    if column.grain == ALL_ROWS or isinstance(column.grain, str):
        return Emptying(column.columns, column.only_where)
    hidden = hidden_cells(settings).of(column.grain, column.in_files)
    return Emptying(
        column.columns,
        column.only_where,
        column.grain,
        hidden,
        column.count,
        SMALLEST_CELL,
        column.versions_of,
        "_in_files" if column.in_files else "",
    )


def _expressions(
    connection: Database, table: str, columns: Iterable[str], as_of: str | None
) -> dict[str, str]:
    """Column -> SQL of what a screen shows of it; makes the functions that it calls."""
    for name, function in ((SHAPE_FUNCTION, shape_of_cell), (LIST_FUNCTION, list_or_shape)):
        connection.create_function(name, 1, function, deterministic=True)
    expressions = dict(fitting(table))
    for place, column in enumerate(columns):
        mask = mask_of(table, column, as_of)
        if mask is not None:
            name = f"mask_{table}_{place}"
            connection.create_function(name, 1, mask, deterministic=True)
            expressions[column] = f"{quoted(name)}({{0}})"
    return expressions


def _without_few(connection: Database, table: str, columns: Iterable[str]) -> dict[str, str]:
    """Column -> SQL of a number of people as a file may hold it: the parts of a row that tells one
    to ten are empty, and so is each share; bands stay. Makes the function that it calls.
    """
    total, *parts = _counts(table, columns)
    connection.create_function(FEW_FUNCTION, -1, row_tells_few, deterministic=True)
    row = ", ".join(quoted(column) if column else "null" for column in (total, *parts))
    told = dict.fromkeys(parts, f"typeof({{0}}) <> 'text' and {FEW_FUNCTION}({row})")
    if total in meaning(table).of_classes(COUNT):
        told[total] = f"{FEW_FUNCTION}(null, {{0}})"
    told |= dict.fromkeys(_shares(table, columns), "{0} <> 0")
    return {
        column: f"case when {condition} then null else {{0}} end"
        for column, condition in told.items()
    }


def _counts(table: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that count people: the number of people of the row, which may be
    missing (an empty name), and then the others.
    """
    told, columns = meaning(table), set(columns)
    counts = [name for name in told.of_classes(COUNT) if name in columns]
    total = told.count if told.count in columns else next(iter(counts), "")
    return (total, *(name for name in counts if name != total))


def _shares(table: str, columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in meaning(table).of_classes(SHARE) if name in set(columns))


def without_hidden_cells(
    settings: Settings,
    rows: pd.DataFrame,
    table: str,
    for_export: bool = False,
    earlier_versions: bool = False,
) -> pd.DataFrame:
    """Rows of `table` that were read otherwise, with the same cells empty; they hold the columns
    that name their cell, and where rows are versions, `event_timestamp`: when they became known, or
    the moment at which they were asked for.

    Outcomes of earlier versions are empty but with `earlier_versions`, for statistics over many
    entities of which no row is shown.
    """
    visible = rows.copy()
    superseded = (
        pd.Series(False, index=rows.index)
        if earlier_versions
        else _superseded(settings, rows, table)
    )
    for hidden_column in emptied(table, rows.columns, for_export):
        grain = hidden_column.grain
        small = superseded | (grain == ALL_ROWS)
        if not isinstance(grain, str):
            hidden = hidden_cells(settings).of(grain, hidden_column.in_files)
            keys = zip(*(rows[column] for column in grain), strict=True)
            small |= np.fromiter((key in hidden for key in keys), dtype=bool, count=len(rows))
        if hidden_column.count:
            small |= rows[hidden_column.count].astype(float) < SMALLEST_CELL
        if hidden_column.only_where:
            small &= rows[hidden_column.only_where] == 1
        for column in hidden_column.columns:
            visible[column] = visible[column].mask(small)
    if for_export:
        total, *parts = _counts(table, rows.columns)
        numbers = rows.reindex(columns=[total, *parts]).apply(pd.to_numeric, errors="coerce")
        tells = (row_tells_few(*row) for row in numbers.itertuples(index=False, name=None))
        few = np.fromiter(tells, dtype=bool, count=len(rows))
        for column in parts:
            visible[column] = visible[column].mask(numbers[column].notna() & few)
        if total in meaning(table).of_classes(COUNT):
            visible[total] = visible[total].mask(numbers[total].map(is_few))
        for column in _shares(table, rows.columns):
            visible[column] = visible[column].mask(rows[column] != 0)
    return visible


def _superseded(settings: Settings, rows: pd.DataFrame, table: str) -> pd.Series:
    """Whether a newer version of a row stands in `table`, where its rows are versions: two versions
    of a large cell may be few encounters apart. Rows that do not say when they are of count as old.
    """
    key = list(meaning(table).versions_of)
    if not key or rows.empty:
        return pd.Series(False, index=rows.index)
    if not {*key, TIME} <= set(rows.columns):
        return pd.Series(True, index=rows.index)
    newest = {}
    with open_warehouse(settings) as connection:
        if table in relation_names(connection):
            newest = newest_versions(connection, table, key, TIME, VERSION)
    known = [newest.get(each) for each in rows[key].itertuples(index=False, name=None)]
    last = pd.to_datetime([each and each[0] for each in known], utc=True)
    is_old = pd.to_datetime(rows[TIME], utc=True) < pd.Series(last, index=rows.index)
    if VERSION in rows.columns:
        number = pd.Series([each and each[1] for each in known], index=rows.index, dtype="float64")
        is_old |= rows[VERSION].astype(float) < number
    return is_old


def hidden_cells(settings: Settings) -> HiddenCells:
    """The cells that no screen shows and no export holds, of the published tables."""
    return _hidden(data_stamp(settings, of_warehouse_alone=True), settings)


@lru_cache(maxsize=4)
def _hidden(stamp: tuple, settings: Settings) -> HiddenCells:
    with open_warehouse(settings) as connection:
        return cells_of_build.hidden_cells(connection)
