"""Rows held column by column, each cell as the number of its value: compact enough that a table of
a million rows can be looked at whole, grouped and put into another order.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

PIECE_ROWS = 50_000
MISSING = -1


class EncodedColumn:
    """One column: `codes` number its distinct `values`; a missing value is -1."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[tuple[type, Any], int] = {}
        self._pieces: list[np.ndarray] = []

    @property
    def codes(self) -> np.ndarray:
        """The number of the value of each row."""
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0] if self._pieces else np.empty(0, dtype=np.int64)

    def add(self, values: pd.Series) -> None:
        """Append the cells of one piece."""
        codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
        numbers = np.fromiter(
            (self._number(value) for value in distinct), dtype=np.int64, count=len(distinct)
        )
        self._pieces.append(
            np.where(codes < 0, MISSING, numbers.take(codes)) if len(numbers) else codes
        )

    def changed(self, change: Callable[[Any], Any]) -> "EncodedColumn":
        """The column with another value in the place of each; None makes it missing."""
        other = EncodedColumn()
        changed = [change(value) for value in self.values]
        numbers = np.fromiter(
            (MISSING if value is None else other._number(value) for value in changed),
            dtype=np.int64,
            count=len(changed),
        )
        other._pieces = [with_missing(numbers, self.codes)]
        return other

    def without(self, rows: np.ndarray) -> "EncodedColumn":
        """The column with the marked rows missing."""
        other = EncodedColumn()
        other.values, other._numbers = self.values, self._numbers
        other._pieces = [np.where(rows, MISSING, self.codes)]
        return other

    def at(self, rows: np.ndarray) -> pd.Series:
        """The values of some rows, in that order."""
        cells = np.empty(len(rows), dtype=object)
        values = self.values
        for place, code in enumerate(self.codes[rows]):
            cells[place] = None if code == MISSING else values[code]
        return pd.Series(cells, dtype=object)

    def _number(self, value: Any) -> int:
        found = self._numbers.setdefault((type(value), value), len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


def with_missing(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """`numbers` taken by `codes`; a missing code stays missing."""
    return np.append(numbers, MISSING)[codes]


class EncodedRows:
    """All rows of one export. Columns keep the order of the first piece."""

    def __init__(self, pieces: Iterable[pd.DataFrame] = ()) -> None:
        self.columns: dict[str, EncodedColumn] = {}
        self._rows = 0
        for piece in pieces:
            self.add(piece)

    def add(self, piece: pd.DataFrame) -> None:
        """Append the rows of one piece."""
        for name in piece.columns:
            self.columns.setdefault(name, EncodedColumn()).add(piece[name])
        self._rows += len(piece)

    def __len__(self) -> int:
        return self._rows

    def in_random_order(self, rows: int = PIECE_ROWS) -> Iterator[pd.DataFrame]:
        """The rows as frames, in an order that nothing tells: each row draws 64 bits of the
        operating system's secure generator, and nothing keeps them. One empty frame without rows.
        """
        order = np.argsort(np.frombuffer(os.urandom(8 * self._rows), dtype=np.uint64))
        for start in range(0, max(self._rows, 1), rows):
            chosen = order[start : start + rows]
            yield pd.DataFrame(
                {name: column.at(chosen) for name, column in self.columns.items()},
                columns=list(self.columns),
            )
