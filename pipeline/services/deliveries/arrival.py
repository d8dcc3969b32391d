"""When the next delivery of a sender is expected, and whether it is late by the data's own day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

#: Of fewer days nobody can tell a rhythm.
FEWEST_DAYS = 3


@dataclass(frozen=True)
class Arrival:
    """`median_days` lie between two days on which a sender delivered; the next one is expected on
    the day `expected_on`, and is `days_late` on the day that it was judged (0: not late).
    """

    median_days: float
    expected_on: date
    days_late: int


def expected(days: Iterable[date], as_of: date) -> Arrival | None:
    """The rhythm of the days on which a sender delivered, judged on the day `as_of`; None for a
    sender of fewer than FEWEST_DAYS days. Several deliveries of one day count once.
    """
    ordered = sorted(set(days))
    if len(ordered) < FEWEST_DAYS:
        return None
    between = median((later - earlier).days for earlier, later in pairwise(ordered))
    due = ordered[-1] + timedelta(days=ceil(between))
    return Arrival(float(between), due, max((as_of - due).days, 0))
