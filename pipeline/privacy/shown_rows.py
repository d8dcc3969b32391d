"""What a screen shows, on its way into a file: a frame that is no rows of one table, with every
cell left out that has no allowed shape.
"""

from typing import Any

import pandas as pd

from pipeline.privacy.cell_shapes import shape_of_column


class ShownRows:
    """A frame as a screen shows it, without cells of an unexpected shape; `unfit` counts them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame.copy()
        self.unfit: dict[str, int] = {}
        for place, (name, kind) in enumerate(frame.dtypes.items()):
            if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
                continue
            fits = shape_of_column(str(name), "text", str(name).startswith("_"))
            values = frame.iloc[:, place].astype(object)
            unfit = values.map(lambda value, fits=fits: not (_is_missing(value) or fits(value)))
            if unfit.any():
                self.unfit[str(name)] = int(unfit.sum())
                self.frame.isetitem(place, values.mask(unfit.astype(bool), None))

    def column_records(self) -> list[dict[str, Any]]:
        """Each column, and how many of its cells had no allowed shape."""
        return [
            {
                "name": str(name),
                "treatment": "as shown",
                **({"cells_left_out": self.unfit[str(name)]} if str(name) in self.unfit else {}),
            }
            for name in self.frame.columns
        ]


def _is_missing(value: object) -> bool:
    return value is None or value != value or value == ""
