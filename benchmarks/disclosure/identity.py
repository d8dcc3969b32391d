"""Attacks on who somebody is: known values searched in every cell, questions to masked columns, the
order of rows, distances to providers.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks.disclosure.published import EXPORT, SCREEN, Published, Result, as_shown
from pipeline.config import Settings
from pipeline.declared.classes import load_classes
from pipeline.errors import InputRefused
from pipeline.privacy.masking import masked_value
from pipeline.services.tables import browse, chart_queries, visible
from pipeline.store.browse.filters import OPERATORS, Filter
from pipeline.store.sqlite.database import open_warehouse

TOKEN = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[A-Z2-7]{26}=*|[0-9]+)(?![0-9A-Za-z])"
)
#: Classes of numbers: a sum may look like an identifier by chance.
NUMBERS = ("amount", "count", "share", "outcome", "line_reference")
#: What a patient's column holds, by class.
OF_PATIENTS = ("direct_identifier", "date", "place")
LARGE = 20
#: Orders of chance that an order is compared with.
MIXES = 20


def known_values(settings: Settings) -> frozenset[str]:
    """Identifiers, dates of birth and ZIP codes of patients that stand in silver; without what a
    provider, an employer or a procedure is called, too.
    """
    with open_warehouse(settings) as connection:

        def column(table: str, name: str) -> set[str]:
            return {
                str(row[0]) for row in connection.execute(f"select {name} from {table}") if row[0]
            }

        secret = set()
        for table, classes in load_classes().items():
            if table.startswith("std_"):
                for name, told in classes.items():
                    if told in OF_PATIENTS:
                        secret |= column(table, name)
        public = column("row_verdicts_providers", "zip5") | column("std_providers", "npi")
        public |= column("cpt_code", "cpt") | column("contracted_employer", "employer_id")
    return frozenset(secret - public)


def search(published: Iterable[Published], known: frozenset[str]) -> Result:
    """Known values in cells of any column, whatever it is called."""
    seen: set[str] = set()
    where = ""
    for one in published:
        classes = load_classes().get(one.table, {})
        for column in one.rows.columns:
            if classes.get(column) in NUMBERS:
                continue
            for cell in one.rows[column].unique():
                hits = known & {cell, *TOKEN.findall(cell)}
                if hits and not where:
                    where = f"{one.name}.{column}"
                seen |= hits
    return Result(
        "known identifiers, dates and ZIP codes in any cell", len(seen), len(known), where
    )


def canaries(published: Iterable[Published], planted: Mapping[str, str]) -> Result:
    """Cells that were put into wrong columns: (where it was put) -> the value."""
    seen: dict[str, str] = {}
    for one in published:
        for column in one.rows.columns:
            for cell in one.rows[column].unique():
                for place, value in planted.items():
                    if value in cell:
                        seen.setdefault(place, f"{one.name}.{column}")
    first = next((f"{place} in {where}" for place, where in seen.items()), "")
    return Result("values delivered in wrong columns", len(seen), len(planted), first)


def questions(settings: Settings, tables: Sequence[str]) -> Result:
    """Every way to ask about a masked column that a page offers: each must be refused."""
    asked = answered = 0
    where = ""
    for table in tables:
        page = browse.page(settings, table, limit=1)
        for column in page.sensitive:
            for name, ask in _asks(settings, table, column).items():
                asked += 1
                try:
                    ask()
                except InputRefused:
                    continue
                answered += 1
                where = where or f"{name} of {table}.{column}"
    return Result("questions about masked columns", answered, asked, where)


def _asks(settings: Settings, table: str, column: str) -> dict[str, Callable[[], object]]:
    filters = {f"filter {operator!r}": [Filter(column, operator, "1")] for operator in OPERATORS}
    asks: dict[str, Callable[[], object]] = {}
    for name, conditions in filters.items():
        asks[name] = lambda conditions=conditions: browse.page(settings, table, conditions, limit=1)
        asks[f"{name}, total"] = lambda conditions=conditions: browse.totals(
            settings, table, conditions
        )
    return asks | {
        "order": lambda: browse.page(settings, table, sort=column, limit=1),
        "sum": lambda: browse.totals(settings, table, measure=column),
        "range": lambda: browse.summary(settings, table, column),
        "groups": lambda: chart_queries.grouped(settings, table, column),
        "line": lambda: chart_queries.in_order(settings, table, column),
        "bins": lambda: chart_queries.histogram(settings, table, column),
        "points": lambda: chart_queries.points(settings, table, [column]),
    }


def statements(settings: Settings, tables: Sequence[str]) -> Result:
    """Statements on the connection of a page, for somebody who got past the services: the value of
    a masked cell must be in none of the answers.
    """
    tried = leaked = 0
    where = ""
    with open_warehouse(settings) as plain:
        for table in tables:
            for column in browse.page(settings, table, limit=1).sensitive:
                found = plain.execute(
                    f'select "{column}" from "{table}" where length("{column}") > 6 limit 1'
                ).fetchone()
                if found is None or is_shown(table, column, str(found[0])):
                    continue
                value = str(found[0])
                for sql in SCHEMA:
                    tried += 1
                    if _opens_by_name(settings, table, column, sql.format(table=table)):
                        leaked += 1
                        where = where or sql
                for sql, values in _statements(table, column, value):
                    tried += 1
                    if _tells(settings, table, sql, values, value):
                        leaked += 1
                        where = where or sql
    return Result("statements on the connection of a page", leaked, tried, where)


def is_shown(table: str, column: str, value: str) -> bool:
    """Whether the mask of a value is the value, as of a file's name without anything of its own."""
    return masked_value(value, table, column) == value


def _statements(table: str, column: str, value: str) -> list[tuple[str, tuple[str, ...]]]:
    read = f'select "{column}" from main."{table}"'
    return [
        (f'select count(*) from "{table}" where "{column}" = ?', (value,)),
        (f'select count(*) from "{table}" where "{column}" like ?', (f"{value[:4]}%",)),
        (f'select "{column}" from "{table}" where "{column}" >= ? limit 1', (value,)),
        (f"{read} limit 1", ()),
        (f'with "{table}" as ({read}) select * from "{table}" limit 1', ()),
        (f"with newest as ({read}) select * from newest limit 1", ()),
        (f"create temporary table taken as {read}", ()),
    ]


#: Ways to learn how a connection calls what it hides.
SCHEMA = (
    "select name from sqlite_temp_master",
    "select name from temp.sqlite_schema",
    "select name from pragma_table_list",
    "pragma table_list",
    'explain query plan select * from "{table}"',
    'explain query plan select count(*) from "{table}" as a join "{table}" as b',
)
NAME = re.compile(r"\w*_[0-9a-f]{32}\w*")


def _opens_by_name(settings: Settings, table: str, column: str, sql: str) -> bool:
    """Whether a connection tells a name that it made up, and opens the file to who says it."""
    with visible.open_visible(settings, table) as connection:
        try:
            names = NAME.findall(str(connection.execute(sql).fetchall()))
        except sqlite3.DatabaseError:
            return False
        for name in dict.fromkeys(names):
            taken = (
                f'with "{name}" as (select "{column}" from main."{table}") select * from "{name}"'
            )
            try:
                if connection.execute(taken).fetchone():
                    return True
            except sqlite3.DatabaseError:
                continue
    return False


def _tells(settings: Settings, table: str, sql: str, values: Sequence[str], value: str) -> bool:
    with visible.open_visible(settings, table) as connection:
        try:
            rows = connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError:
            return False
    if sql.startswith("create"):
        return True
    if "count(*)" in sql:
        return rows != [(0,)]
    return any(str(cell) == value for row in rows for cell in row)


def order(settings: Settings, published: Iterable[Published]) -> Result:
    """Exports whose rows stand in the order of their table: line n of two of them is one person."""
    kept = exports = 0
    where = ""
    for one in published:
        if one.reader != EXPORT or len(one.rows) < LARGE:
            continue
        rows = as_shown(settings, one.table)
        shared = [
            name
            for name in one.rows.columns
            if name in rows.columns
            and one.rows[name].nunique() > 1
            and load_classes()[one.table].get(name) in ("code", "demographic", "provider_key")
        ]
        if not shared or len(rows) != len(one.rows):
            continue
        exports += 1
        left = rows[shared].astype(object).fillna("").astype(str)
        same = ((left == one.rows[shared]) | (one.rows[shared] == "")).all(axis=1).mean()
        by_chance = []
        for seed in range(MIXES):
            mixed = one.rows[shared].sample(frac=1, random_state=seed).reset_index(drop=True)
            by_chance.append(((left == mixed) | (mixed == "")).all(axis=1).mean())
        # few rows of few kinds stand where they stood often enough by chance
        if same > np.mean(by_chance) + max(0.2, 5 * np.std(by_chance)):
            kept, where = kept + 1, where or one.name
    return Result("exports in the order of their table", kept, exports, where)


def distances(settings: Settings, published: Iterable[Published]) -> Result:
    """Distances of patients' homes that are told more exactly than in bands: three of them give the
    ZIP code.
    """
    found = tried = 0
    where = ""
    for one in published:
        classes = load_classes().get(one.table, {})
        if one.reader not in (SCREEN, EXPORT):
            continue
        for column in one.rows.columns:
            cells = one.rows[column]
            in_words = cells.str.contains(r"(?<![0-9–-])[0-9]+ miles", regex=True).any()
            if classes.get(column) != "place" and not in_words:
                continue
            tried += 1
            # three digits are the first of a postal code
            if in_words or cells.str.fullmatch(r"[0-9]+\.[0-9]+|[0-9]{1,2}|[0-9]{4,}").any():
                found, where = found + 1, where or f"{one.name}.{column}"
    return Result("columns with exact distances of homes", found, tried, where)


def joined(one: pd.DataFrame, other: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    """Rows that stand once on each side, put together by equal cells."""
    left = one[~one.duplicated(list(on), keep=False)]
    right = other[~other.duplicated(list(on), keep=False)]
    return left.merge(right, on=list(on), suffixes=("", "_other"))
