"""Counts of one to ten people, which leave in no file (CMS cell size policy)."""

from numbers import Real
from typing import Any

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.treatments import SMALL_EMPTY, treatment

#: The class of a column that counts people, or what was done to them.
COUNT = "count"


def is_few(value: object) -> bool:
    """Whether a number counts one to ten, or is a share of people, which beside the number of all
    tells as few.
    """
    return (
        isinstance(value, Real) and not isinstance(value, bool) and 0 < float(value) < SMALLEST_CELL
    )


def without_few(value: Any) -> Any:
    """The value, None where it counts one to ten."""
    return None if is_few(value) else value


def leaves_out_few(classification: str, reader: str) -> bool:
    """Whether a reader gets no count of one to ten in a column of this class."""
    return classification == COUNT and treatment(classification, reader) == SMALL_EMPTY


def in_elevens(count: int) -> int:
    """A count rounded down to a multiple of eleven: no two of them tell one to ten people apart."""
    return count // SMALLEST_CELL * SMALLEST_CELL
