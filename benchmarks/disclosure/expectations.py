"""Rates of hidden risk cells by the expected events of providers that are shown: each is a sum of
encounters times rates, and enough of these sums give every rate.

This attack succeeds today (docs/privacy.md, known and open), so it is told beside the table and not
part of it; the exit code leaves it out.
"""

import numpy as np
import pandas as pd

from benchmarks.disclosure.published import Result, as_shown
from pipeline.config import Settings

CELL = ["cpt", "age_band", "sex"]
LABEL = "rates of hidden risk cells by expected events (known and open)"


def by_expectations(settings: Settings) -> Result:
    """How many rates of hidden risk cells follow from what Tables shows, to six digits."""
    cells = as_shown(settings, "case_mix_reference").set_index(CELL)
    rates = pd.to_numeric(cells["calibrated_rate"], errors="coerce")
    mix = as_shown(settings, "provider_case_mix")
    sums = [
        (mix[_same(mix, row, key)], float(row["expected_adverse_event_count"]))
        for table, key in (
            ("provider_scorecard", ["npi"]),
            ("provider_procedure_scorecard", ["npi", "cpt"]),
        )
        for _, row in as_shown(settings, table).iterrows()
        if _is_number(row["expected_adverse_event_count"])
    ]
    hidden = list(rates.index[rates.isna()])
    fixed = solved(sums, rates.dropna().to_dict(), hidden)
    return Result(LABEL, len(fixed), len(hidden), "provider_scorecard" if fixed else "")


def solved(
    sums: list[tuple[pd.DataFrame, float]], known: dict[tuple, float], hidden: list[tuple]
) -> dict[tuple, float]:
    """Hidden cell -> its rate, where the sums (rows of encounters, expected events) leave one."""
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


def _same(mix: pd.DataFrame, row: pd.Series, key: list[str]) -> pd.Series:
    return (mix[key] == row[key]).all(axis=1)


def _is_number(value: object) -> bool:
    return not pd.isna(pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0])
