"""Attacks on outcomes of small cells: relations joined on whatever joins, all published numbers as
one linear system, versions of one cell subtracted from each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

from benchmarks.disclosure.identity import joined
from benchmarks.disclosure.published import SCREEN, Published, Result
from pipeline.config import Settings
from pipeline.declared.classes import load_classes
from pipeline.privacy.column_meaning import meaning
from pipeline.services.tables import visible
from pipeline.store.sqlite.database import open_warehouse

CELL = ("npi", "cpt")
#: Columns that name the events of a row as such: a visit's own outcome, or their number.
EVENTS = (
    "has_adverse_event",
    "adverse_event_count",
    "adverse_event_count_to_date",
    "observed_count",
)
#: What the same rows of two relations never share by being of one person.
NO_KEY = ("technical", "outcome")
LEAST_DISTINCT = 3


def truth(settings: Settings) -> dict[tuple[str, str], tuple[int, int]]:
    """Hidden cell (npi, cpt) -> encounters and adverse events."""
    hidden = visible.hidden_cells(settings).of(CELL)
    with open_warehouse(settings) as connection:
        rows = connection.execute(
            "select npi, cpt, encounter_count, adverse_event_count from provider_procedure_scorecard"
        ).fetchall()
    return {(npi, cpt): (n, events) for npi, cpt, n, events in rows if (npi, cpt) in hidden}


def plain(published: Iterable[Published], secret: dict) -> Result:
    """Any cell of class outcome in a row of a hidden cell."""
    seen: set[tuple[str, str]] = set()
    where = ""
    for one in published:
        if not set(CELL) <= set(one.rows.columns):
            continue
        outcomes = _columns(one, "outcome")
        rows = one.rows[[key in secret for key in zip(*(one.rows[c] for c in CELL), strict=True)]]
        for column in outcomes:
            # the risk of a visit by procedure, age and sex is no outcome of its provider
            if column == "expected_adverse_event_count" and "encounter_id" in one.rows.columns:
                continue
            told = rows[rows[column] != ""]
            # one word for all of them says that they are hidden, and nothing else
            if told[column].nunique() > 1:
                where = where or f"{one.name}.{column}"
                seen |= set(zip(*(told[c] for c in CELL), strict=True))
    return Result("outcomes of hidden cells in clear", len(seen), len(secret), where)


def by_join(published: Sequence[Published], secret: dict) -> Result:
    """Rows of hidden cells joined with rows that tell an outcome, on all columns that both have."""
    with_cells = [one for one in published if set(CELL) <= set(one.rows.columns)]
    with_outcome = [one for one in published if set(EVENTS) & set(one.rows.columns)]
    seen: set[tuple[str, str]] = set()
    where = ""
    usable = {one.name: _usable(one) for one in published}
    for one in with_cells:
        rows = one.rows[[key in secret for key in zip(*(one.rows[c] for c in CELL), strict=True)]]
        for other in with_outcome:
            on = [name for name in usable[one.name] if name in usable[other.name]]
            if one is other or not on or rows.empty:
                continue
            outcome = next(name for name in EVENTS if name in other.rows.columns)
            told = other.rows[other.rows[outcome] != ""]
            cells = _joined_cells(rows, told, on)
            counts = [
                f"{name}_other" if name in rows.columns and name not in on else name
                for name in told.columns
                if name.startswith("encounter_count")
            ]
            if outcome in rows.columns:
                outcome = f"{outcome}_other"
            right = {c for c in cells if _is_right(cells[c], outcome, counts, secret[c])}
            by_chance = [
                _share_right(told, outcome, secret[c])
                for c in cells
                if _has_its_visits(cells[c], outcome, counts, secret[c])
            ]
            if _is_beyond_chance(len(right), by_chance):
                where = where or f"{one.name} with {other.name} on {', '.join(on)}"
                seen |= right
    return Result("hidden cells by joining every pair of relations", len(seen), len(secret), where)


def _joined_cells(
    rows: pd.DataFrame, told: pd.DataFrame, on: Sequence[str]
) -> dict[tuple[str, str], pd.DataFrame]:
    """Cell -> the rows that were matched one to one."""
    filled = [name for name in on if (rows[name] != "").any() and (told[name] != "").any()]
    if len(filled) < 2 or told.empty or set(CELL) <= set(filled):
        return {}
    unique = joined(rows, told, filled)
    unique = unique[(unique[filled] != "").all(axis=1)]
    return {(npi, cpt): matched for (npi, cpt), matched in unique.groupby(list(CELL))}


def _has_its_visits(
    matched: pd.DataFrame, outcome: str, counts: Sequence[str], truth: tuple[int, int]
) -> bool:
    """Whether rows that match a cell are of as many visits as it has, which anybody can see: only
    then would one believe them.
    """
    if outcome.startswith("has_"):
        return len(matched) == truth[0]
    return any((pd.to_numeric(matched[name], errors="coerce") == truth[0]).any() for name in counts)


def _share_right(told: pd.DataFrame, outcome: str, truth: tuple[int, int]) -> float:
    """How often any row would say the events of a cell."""
    named = outcome.removesuffix("_other")
    if named.startswith("has_"):
        return 0.0
    return float((pd.to_numeric(told[named], errors="coerce") == truth[1]).mean())


def _is_beyond_chance(right: int, by_chance: Sequence[float]) -> bool:
    """Whether a pair of relations is right more often than rows that have nothing to do with each
    other: by three standard errors and half a cell.
    """
    expected = sum(by_chance)
    spread = sum(share * (1 - share) for share in by_chance)
    return right > expected + 3 * spread**0.5 + 0.5


def _is_right(
    matched: pd.DataFrame, outcome: str, counts: Sequence[str], truth: tuple[int, int]
) -> bool:
    """Whether what was matched says the events of the cell: all its visits, or its number."""
    encounters, events = truth
    told = pd.to_numeric(matched[outcome], errors="coerce")
    if outcome.startswith("has_"):
        return len(matched) == encounters and told.sum() == events
    return any(
        ((pd.to_numeric(matched[name], errors="coerce") == encounters) & (told == events)).any()
        for name in counts
    )


def by_totals(settings: Settings, published: Sequence[Published], secret: dict) -> Result:
    """Bounds of the events of every hidden cell by all published numbers together (HiGHS)."""
    shown = {one.table: one.rows for one in published if one.reader == SCREEN}
    variables: dict[tuple, int] = {}
    system = _System(variables)
    rows = shown["fct_encounter"]
    groups: dict[tuple[str, str], dict[tuple, int]] = defaultdict(lambda: defaultdict(int))
    known: dict[tuple, float] = defaultdict(float)
    # totals are of the mature encounters alone, which every row says of itself
    mature = rows[pd.to_numeric(rows["is_outcome_counted"], errors="coerce") == 1]
    for npi, cpt, band, sex, event in mature[
        [*CELL, "age_band", "sex", "has_adverse_event"]
    ].itertuples(index=False):
        if event != "":
            for total in (("npi", npi), ("cpt", cpt), ("risk", cpt, band, sex)):
                known[total] += float(event)
        else:
            groups[npi, cpt][band, sex] += 1
    for (npi, cpt), parts in groups.items():
        for (band, sex), n in parts.items():
            system.add_variable((npi, cpt, band, sex), n)
    for table, key, of in (
        ("provider_scorecard", ("npi",), "npi"),
        ("procedure_benchmark", ("cpt",), "cpt"),
        ("case_mix_reference", ("cpt", "age_band", "sex"), "risk"),
    ):
        count = "observed_count" if table == "case_mix_reference" else "adverse_event_count"
        for _, row in shown[table].iterrows():
            if row[count] != "":
                total = (of, *(row[name] for name in key))
                system.add_total(
                    of, tuple(row[name] for name in key), float(row[count]) - known[total]
                )
    fixed = [cell for cell in groups if cell in secret and system.is_fixed(cell)]
    return Result(
        "hidden cells by all published totals", len(fixed), len(secret), str(fixed[:1] or "")
    )


class _System:
    """Unknown events by (npi, cpt, band, sex); band and sex are empty where they are not told."""

    def __init__(self, variables: dict[tuple, int]) -> None:
        self.variables, self.upper = variables, []
        self.totals: list[tuple[list[int], float]] = []

    def add_variable(self, key: tuple, n: int) -> None:
        self.variables[key] = len(self.variables)
        self.upper.append(n)

    def add_total(self, of: str, key: tuple, value: float) -> None:
        """A published total, less what is known; one of a risk cell cannot be used where rows say
        neither age nor sex.
        """
        if of == "risk":
            unknown = any(name[1] == key[0] and "" in name[2:] for name in self.variables)
            places = [p for name, p in self.variables.items() if name[1:] == key]
            if unknown:
                return
        else:
            at = 0 if of == "npi" else 1
            places = [p for name, p in self.variables.items() if name[at] == key[0]]
        if places:
            self.totals.append((places, value))

    def is_fixed(self, cell: tuple[str, str]) -> bool:
        """Whether the events of a cell can only be one number."""
        places = [p for name, p in self.variables.items() if name[:2] == cell]
        aim = np.zeros(len(self.variables))
        aim[places] = 1
        matrix = lil_matrix((max(len(self.totals), 1), len(self.variables)))
        values = np.zeros(max(len(self.totals), 1))
        for line, (parts, value) in enumerate(self.totals):
            matrix[line, parts] = 1
            values[line] = value
        bounds = [(0, n) for n in self.upper]
        ends = []
        for sign in (1, -1):
            solved = linprog(
                sign * aim, A_eq=matrix.tocsr(), b_eq=values, bounds=bounds, method="highs"
            )
            if solved.status:
                return False
            ends.append(sign * solved.fun)
        return bool(np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < 1)


def by_versions(published: Iterable[Published]) -> Result:
    """Two versions of one cell whose difference is one to ten encounters, with both outcomes."""
    found = tried = 0
    where = ""
    for one in published:
        columns = set(one.rows.columns)
        counts = [name for name in _columns(one, "count") if name.startswith("encounter")]
        events = [name for name in EVENTS if name in columns]
        if "row_version" not in columns or not counts or not events:
            continue
        keys = list(meaning(one.table).versions_of)
        if not keys or not set(keys) <= columns:
            continue
        for _, versions in one.rows[one.rows.duplicated(keys, keep=False)].groupby(keys):
            told = versions[(versions[events[0]] != "") & (versions[counts[0]] != "")]
            tried += max(len(versions) - 1, 0)
            steps = pd.to_numeric(told[counts[0]]).sort_values().diff().dropna()
            if steps.between(1, 10).any():
                found, where = found + 1, where or one.name
    return Result("small steps between versions", found, tried, where)


def _columns(one: Published, *classes: str) -> list[str]:
    told = load_classes().get(one.table, {})
    return [name for name in one.rows.columns if told.get(name) in classes]


def _usable(one: Published) -> frozenset[str]:
    """Columns by which rows of one relation may be told apart and found in another."""
    told = load_classes().get(one.table, {})
    return frozenset(
        name
        for name in one.rows.columns
        if told.get(name) not in NO_KEY and one.rows[name].nunique() >= LEAST_DISTINCT
    )
