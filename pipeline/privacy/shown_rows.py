"""What a screen shows, on its way into a file: a frame that is no rows of one table, with every
cell left out that has no allowed shape, and every count of one to ten people.
"""

from collections.abc import Collection
from numbers import Real
from typing import Any

import pandas as pd

from pipeline.privacy.cell_shapes import shape_of_column
from pipeline.privacy.masking import is_missing
from pipeline.privacy.small_counts import is_few


class ShownRows:
    """A frame as a screen shows it, without cells of an unexpected shape (`unfit` counts them) and
    without counts of one to ten (`few`). A column of whole numbers counts people unless it is one
    of `of_nobody`.
    """

    def __init__(self, frame: pd.DataFrame, of_nobody: Collection[str] = ()) -> None:
        self.frame = frame.copy()
        self.unfit: dict[str, int] = {}
        self.few: dict[str, int] = {}
        for place, (name, kind) in enumerate(frame.dtypes.items()):
            if pd.api.types.is_datetime64_any_dtype(kind):
                continue
            values = frame.iloc[:, place].astype(object)
            if name not in of_nobody and _are_whole(values):
                self._leave_out(place, values.map(is_few), self.few)
            if not pd.api.types.is_numeric_dtype(kind):
                fits = shape_of_column(str(name), "text", str(name).startswith("_"))
                unfit = values.map(lambda value, fits=fits: not (is_missing(value) or fits(value)))
                self._leave_out(place, unfit, self.unfit)

    def _leave_out(self, place: int, cells: pd.Series, counted: dict[str, int]) -> None:
        if cells.any():
            counted[str(self.frame.columns[place])] = int(cells.sum())
            values = self.frame.iloc[:, place]
            self.frame.isetitem(place, values.mask(cells.astype(bool), None))

    def column_records(self) -> list[dict[str, Any]]:
        """Each column, how many of its cells had no allowed shape, and how many counted one to
        ten.
        """
        return [
            {
                "name": str(name),
                "treatment": "as shown",
                **({"cells_left_out": self.unfit[str(name)]} if str(name) in self.unfit else {}),
                **({"small_counts_left_out": self.few[str(name)]} if str(name) in self.few else {}),
            }
            for name in self.frame.columns
        ]


def _are_whole(values: pd.Series) -> bool:
    """Whether a column holds whole numbers and nothing else but gaps."""
    numbers = values.dropna()
    return bool(len(numbers)) and all(
        isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer()
        for value in numbers
    )
