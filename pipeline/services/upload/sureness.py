"""How sure the reading of a file is, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

#: From this confidence on, in words.
SURENESS = ((0.95, "certain"), (0.8, "sure"), (0.5, "likely"), (0.0, "unsure"))


def words(confidence: float) -> str:
    """`0.97` -> `certain`."""
    return next(word for least, word in SURENESS if confidence >= least)


def is_certain(confidence: float) -> bool:
    """Whether nobody needs to look."""
    return confidence >= SURENESS[0][0]


def least_sure(readings: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The step of a reading that is least sure; None when none was weighed."""
    weighed = [step for step in readings if step["confidence"] is not None]
    return min(weighed, key=lambda step: step["confidence"], default=None)
