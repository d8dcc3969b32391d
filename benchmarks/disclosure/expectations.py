"""Outcomes of hidden risk cells and procedures by the expected events of providers that are shown.

Each expected number is a sum of encounters times rates of risk cells. Enough of these sums give the
rates; a rate gives the events of the cells that share it in sum, for anybody may know how rates are
smoothed. These sums and all shown totals together bound the events of each hidden cell.
"""

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from benchmarks.disclosure.published import Result, as_shown
from pipeline.config import Settings
from pipeline.store.sqlite.database import open_warehouse

CELL = ["cpt", "age_band", "sex"]
LABEL = "hidden risk cells and procedures by expected events"
COUNTS = ["mature_encounter_count", "observed_count"]
Cell = tuple[str, str, str]


def by_expectations(settings: Settings) -> Result:
    """How many hidden risk cells, and procedures, can have had one number of events alone by all
    that Tables shows.
    """
    shown = as_shown(settings, "case_mix_reference").set_index(CELL)
    rates = pd.to_numeric(shown["calibrated_rate"], errors="coerce")
    hidden = list(rates.index[rates.isna()])
    told = solved(_sums(settings), rates.dropna().to_dict(), hidden)
    with open_warehouse(settings) as connection:
        truth = pd.read_sql_query("select * from case_mix_reference", connection)
    cells = truth.set_index(CELL)[[*COUNTS, "risk_group"]].astype({name: float for name in COUNTS})
    procedures = as_shown(settings, "procedure_benchmark").set_index("cpt")["adverse_event_count"]
    shown_procedures = set(pd.to_numeric(procedures, errors="coerce").dropna().index)
    fixed = recovered(cells, hidden, set(told), shown_procedures)
    secret = len(hidden) + len({cpt for cpt, *_ in cells.index} - shown_procedures)
    return Result(LABEL, len(fixed), secret, str(fixed[:1] or ""))


def recovered(
    cells: pd.DataFrame, hidden: list[Cell], told: set[Cell], shown_procedures: set[str]
) -> list[Hashable]:
    """Hidden cells and procedures whose events are fixed. `cells` (mature_encounter_count,
    observed_count, risk_group by cell) is the truth; of it are known the counts of encounters, the
    events of cells that are not hidden, those of a risk group whose rate was `told`, of shown
    procedures, and of all together.
    """
    place = {cell: number for number, cell in enumerate(hidden)}
    events = cells["observed_count"]
    groups = cells["risk_group"]
    sums = [list(rows) for _, rows in groups[hidden].groupby(groups[hidden]).groups.items()]
    sums = [rows for rows in sums if set(rows) & told]
    sums += [[cell for cell in hidden if cell[0] == cpt] for cpt in shown_procedures]
    sums.append(list(hidden))
    lines = np.zeros((len(sums), len(hidden)))
    for line, rows in enumerate(sums):
        lines[line, [place[cell] for cell in rows]] = 1
    values = np.array([events[rows].sum() for rows in sums])
    upper = cells["mature_encounter_count"][hidden].to_numpy() if hidden else np.zeros(0)
    aims: dict[Hashable, list[Cell]] = {
        cell: [cell] for cell in hidden if cells["mature_encounter_count"][cell] > 0
    }
    for cpt in {cell[0] for cell in hidden} - shown_procedures:
        aims[cpt] = [cell for cell in hidden if cell[0] == cpt]
    return [
        key
        for key, rows in aims.items()
        if _is_fixed([place[cell] for cell in rows], lines, values, upper)
    ]


def _is_fixed(aim: list[int], lines: np.ndarray, values: np.ndarray, upper: np.ndarray) -> bool:
    weights = np.zeros(len(upper))
    weights[aim] = 1
    ends = []
    for sign in (1, -1):
        bounds = [(0, n) for n in upper]
        answer = linprog(sign * weights, A_eq=lines, b_eq=values, bounds=bounds, method="highs")
        if answer.status:
            raise ArithmeticError(f"the linear programme ended with {answer.message}")
        ends.append(sign * answer.fun)
    return bool(np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < 1)


def _sums(settings: Settings) -> list[tuple[pd.DataFrame, float]]:
    mix = as_shown(settings, "provider_case_mix")
    return [
        (mix[(mix[key] == row[key]).all(axis=1)], float(row["expected_adverse_event_count"]))
        for table, key in (
            ("provider_scorecard", ["npi"]),
            ("provider_procedure_scorecard", ["npi", "cpt"]),
        )
        for _, row in as_shown(settings, table).iterrows()
        if _is_number(row["expected_adverse_event_count"])
    ]


def solved(
    sums: Iterable[tuple[pd.DataFrame, float]], known: Mapping[Cell, float], hidden: list[Cell]
) -> dict[Cell, float]:
    """Hidden cell -> its rate, where the sums (rows of encounters, expected events) leave one."""
    sums = list(sums)
    if not sums or not hidden:
        return {}
    place = {cell: number for number, cell in enumerate(hidden)}
    weights, rest = np.zeros((len(sums), len(hidden))), np.zeros(len(sums))
    for line, (rows, expected) in enumerate(sums):
        rest[line] = expected
        for *cell, count in rows[[*CELL, "mature_encounter_count"]].itertuples(index=False):
            if tuple(cell) in place:
                weights[line, place[tuple(cell)]] += float(count)
            else:
                rest[line] -= float(count) * known.get(tuple(cell), np.nan)
    usable = ~np.isnan(rest)
    weights, rest = weights[usable], rest[usable]
    found = np.linalg.lstsq(weights, rest, rcond=None)[0]
    free = np.eye(len(hidden)) - np.linalg.pinv(weights) @ weights
    return {
        cell: float(found[number])
        for cell, number in place.items()
        if np.abs(free[number]).max() < 1e-6
    }


def _is_number(value: object) -> bool:
    return not pd.isna(pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0])
