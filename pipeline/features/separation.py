"""Columns that give a label away by themselves, as the build's test `no_leakage` judges them."""

from collections.abc import Sequence

import pandas as pd

from pipeline.features.leak_audit import as_numbers

#: Values of each label, and cells that differ, below which a separation may be chance.
LEAST_VALUES, LEAST_CELLS = 5, 20


def separating(
    rows: pd.DataFrame, label: str, names: Sequence[str], within: Sequence[str] = ()
) -> tuple[str, ...]:
    """Those of the columns whose values for one label all lie beyond those for the other, overall
    or in every cell of `within` in which they differ.
    """
    cells = list(within) if set(within) <= set(rows.columns) else []
    return tuple(
        name
        for name in names
        if _separates(rows, label, name)
        or (cells and name not in cells and _separates_cells(rows, label, name, cells))
    )


def _extremes(rows: pd.DataFrame, label: str, name: str, by: list[str]) -> pd.DataFrame:
    """Per cell and label the least and the largest value and how many there are; an empty value is
    none.
    """
    known = rows[rows[name].notna() & rows[label].isin([0, 1])]
    values = as_numbers(known[[name]])[name]
    frame = known[by].assign(label=known[label].astype(int), value=values, every=0)
    return frame.groupby([*(by or ["every"]), "label"])["value"].agg(["min", "max", "size"])


def _separates(rows: pd.DataFrame, label: str, name: str) -> bool:
    found = _extremes(rows, label, name, []).droplevel(0)
    if not {0, 1} <= set(found.index) or found["size"].min() < LEAST_VALUES:
        return False
    without, events = found.loc[0], found.loc[1]
    return bool(without["max"] < events["min"] or events["max"] < without["min"])


def _separates_cells(rows: pd.DataFrame, label: str, name: str, cells: list[str]) -> bool:
    found = _extremes(rows, label, name, cells).unstack("label")
    if not {("min", 0), ("min", 1)} <= set(found.columns):
        return False
    both = found[found["size"].notna().all(axis=1)]
    lo0, lo1, hi0, hi1 = (both[each] for each in (("min", 0), ("min", 1), ("max", 0), ("max", 1)))
    differing = int(((lo0 != hi1) | (lo1 != hi0)).sum())
    return differing >= LEAST_CELLS and differing in (
        int((hi0 < lo1).sum()),
        int((hi1 < lo0).sum()),
    )
