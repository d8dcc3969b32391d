"""What a column is made of, back to the delivered ones, and what is made of it."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import pandas as pd

from pipeline.declared.column_inputs import load_inputs

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

Column = tuple[str, str]


def made_of(table: str, column: str) -> tuple[Column, ...]:
    """The (table, column) pairs that the expression of a column reads; none for a delivered one."""
    inputs = load_inputs().get(table)
    return inputs.columns.get(column, ()) if inputs else ()


def sources_of(table: str, column: str) -> pd.DataFrame:
    """Every column behind a column, nearest first: steps, table, column."""
    return _reached((table, column), lambda each: made_of(*each))


def uses_of(table: str, column: str) -> pd.DataFrame:
    """Every column that is made of a column, nearest first: steps, table, column."""
    return _reached((table, column), lambda each: _readers().get(each, ()))


@lru_cache(maxsize=1)
def _readers() -> dict[Column, tuple[Column, ...]]:
    readers: dict[Column, list[Column]] = {}
    for table, inputs in load_inputs().items():
        for column, read in inputs.columns.items():
            for each in read:
                readers.setdefault(each, []).append((table, column))
    return {each: tuple(sorted(found)) for each, found in readers.items()}


def _reached(start: Column, step: Callable[[Column], Iterable[Column]]) -> pd.DataFrame:
    steps: dict[Column, int] = {start: 0}
    front = [start]
    while front:
        reached = {
            each: steps[here] + 1 for here in front for each in step(here) if each not in steps
        }
        steps |= reached
        front = list(reached)
    del steps[start]
    return pd.DataFrame(
        [(count, *each) for each, count in steps.items()], columns=["steps", "table", "column"]
    )
