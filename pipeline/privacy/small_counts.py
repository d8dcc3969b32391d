"""Counts of one to ten people, which leave in no file (CMS cell size policy)."""

from numbers import Real
from typing import TypeGuard

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.treatments import SMALL_EMPTY, treatment

#: The classes of columns that tell how many people there are, or how often something was done.
COUNT, SHARE = "count", "share"


def is_few(value: object) -> bool:
    """Whether a number counts one to ten."""
    return _is_number(value) and 0 < float(value) < SMALLEST_CELL


def tells_few(value: object, classification: str) -> bool:
    """Whether a value of this class may tell one to ten people: a share of some does, beside the
    number of all.
    """
    if classification == SHARE:
        return _is_number(value) and value != 0
    return is_few(value)


def row_tells_few(total: object, *parts: object) -> bool:
    """Whether one of the parts counts one to ten, or leaves so many of the total.

    Then no part of the row may be shown: the others may add up to the total with it.
    """
    numbers = [float(part) for part in parts if _is_number(part)]
    return any(map(is_few, numbers)) or (
        _is_number(total) and any(is_few(abs(float(total) - number)) for number in numbers)
    )


def leaves_out_few(classification: str, reader: str) -> bool:
    """Whether a reader gets no count of one to ten in a column of this class."""
    return classification in (COUNT, SHARE) and treatment(classification, reader) == SMALL_EMPTY


def _is_number(value: object) -> TypeGuard[Real]:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value


def in_elevens(count: int) -> int:
    """A count rounded down to a multiple of eleven: no two of them tell one to ten people apart."""
    return count // SMALLEST_CELL * SMALLEST_CELL
