"""Which columns of a table are shown: all, one of each kind with names beside ids, or some of
one's choice. The choice stands in the link.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.widgets import address, session
from pages.widgets.formats import words
from pipeline.services.tables import names
from pipeline.services.tables.table_list import TableInfo

ALL, SHORT, OWN = "all", "short", "own"
TITLES = {
    ALL: "All columns",
    SHORT: "One of each, named",
    OWN: "My columns",
}
#: Other scales of a number that stands in a column of its own.
SCALES = ("ln_", "winsorised_", "_cents", "_variance", "_standard_error")


def choose() -> str:
    """The set that is chosen."""
    return address.select(
        "Columns",
        list(TITLES),
        session.COLUMN_SET,
        TITLES.__getitem__,
        default=ALL,
        label_visibility="collapsed",
        width=180,
    )


def of(info: TableInfo, chosen: str) -> list[str] | None:
    """The columns of the set, None for all of them as they are."""
    columns = [column.name for column in info.columns]
    if chosen == SHORT:
        return one_of_each(columns)
    if chosen == OWN:
        return (
            address.several(
                st.container(),
                "Columns",
                columns,
                session.COLUMNS,
                words,
                placeholder="choose columns; none shows all",
                label_visibility="collapsed",
            )
            or columns
        )
    return None


def one_of_each(columns: Sequence[str]) -> list[str]:
    """The columns without bookkeeping, and without other scales of the same number."""
    return [
        name
        for name in columns
        if not name.startswith(("_", *SCALES)) and not name.endswith(SCALES)
    ] or list(columns)


def named(
    columns: Sequence[str] | None, rows: pd.DataFrame, clear: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The columns of the rows (of those in clear where somebody may see them), with the names of
    ids beside them; all columns as they stand without `columns`.
    """
    source = rows if clear is None else clear
    return source if columns is None else with_names(source[list(columns)])


def with_names(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the name of a provider, procedure or employer beside its id."""
    shown = rows.copy()
    for column, (_, name) in names.NAMED_BY.items():
        if column in shown.columns and name not in shown.columns:
            ids = tuple(sorted({str(value) for value in shown[column].dropna()}))
            known = session.cached(names.names_of, column, ids)
            if known:
                told = shown[column].map(lambda value, known=known: known.get(str(value)))
                shown.insert(int(shown.columns.get_loc(column)) + 1, name, told)
    return shown
