"""The deliveries of each provider in steps that may be shown: what a step tells beside the totals
of the page gives no count of fewer than eleven encounters away.

A step is a delivery, or several that follow one another. Events of a provider by procedure are
shown, those by step would be; together they are the margins of a table of procedure by step. The
rule that hides cells of the warehouse (`suppression`) is asked whether a small cell of that table
could be worked out; where it would have to hide a margin, steps are put together until it has not.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.suppression import Cell, hidden_cells


def with_steps(encounters: pd.DataFrame) -> pd.DataFrame:
    """`shown_encounters` with the column `step`: the last delivery of its step."""
    parts = [own.assign(step=own["delivery"].map(_steps(own)))
             for _, own in encounters.groupby("npi", sort=True)]  # fmt: skip
    return pd.concat(parts) if parts else encounters.assign(step=pd.Series(dtype=int))


def _steps(own: pd.DataFrame) -> dict[int, int]:
    """Delivery -> last delivery of its step, for the encounters of one provider."""
    steps = _large_enough(own.groupby("delivery")["encounters"].sum())
    while len(steps) > 1 and not is_safe(own, steps):
        sizes = [int(own.loc[own["delivery"].isin(step), "encounters"].sum()) for step in steps]
        place = sizes.index(min(sizes))
        first = place - 1 if place and (place == len(steps) - 1 or sizes[place - 1] <= sizes[place + 1]) else place  # fmt: skip
        steps[first : first + 2] = [steps[first] + steps[first + 1]]
    return {delivery: step[-1] for step in steps for delivery in step}


def _large_enough(sizes: pd.Series) -> list[list[int]]:
    """Deliveries in their order, put together until each step has eleven encounters."""
    steps: list[list[int]] = []
    waiting, size = [], 0
    for delivery, encounters in sizes.sort_index().items():
        waiting.append(int(delivery))
        size += encounters
        if size >= SMALLEST_CELL:
            steps.append(waiting)
            waiting, size = [], 0
    if waiting and steps:
        steps[-1] = steps[-1] + waiting
    return steps or [waiting]


def is_safe(own: pd.DataFrame, steps: list[list[int]]) -> bool:
    """Whether the totals of these steps and of the procedures of one provider may stand beside one
    another.
    """
    step_of = {delivery: place for place, step in enumerate(steps) for delivery in step}
    table = own.assign(place=own["delivery"].map(step_of))
    counts = ["encounters", "events"]
    cells = [
        Cell(("cell", cpt, place), n, (("cpt", cpt), ("step", place)), events=events)
        for (cpt, place), (n, events) in _rows(table.groupby(["cpt", "place"])[counts].sum())
    ]
    for kind, column in (("cpt", "cpt"), ("step", "place")):
        cells += [
            Cell((kind, key), n, ((f"{kind}s",),), ((kind, key),), events)
            for key, (n, events) in _rows(table.groupby(column)[counts].sum())
        ]
    n, events = (int(own[name].sum()) for name in counts)
    cells.append(Cell(("all",), n, (), (("cpts",), ("steps",)), events))
    return all(key[0] == "cell" for key in hidden_cells(cells, SMALLEST_CELL))


def _rows(sums: pd.DataFrame) -> Iterator[tuple[Any, tuple[int, int]]]:
    return ((key, (int(n), int(events))) for key, n, events in sums.itertuples())
