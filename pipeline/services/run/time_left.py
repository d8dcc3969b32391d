"""How long a run still takes: what its steps usually take, at the pace that this run has shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pipeline.store.sqlite.clock import seconds_between

#: The share of the usual time of a whole run for which the usual pace is believed beside the pace
#: that was seen: the first steps of a run say little about the others.
BELIEF = 0.05
#: So many times the usual time is longer than usual.
LONGER = 1.5


@dataclass(frozen=True)
class TimeLeft:
    """Seconds until the end as far as one can tell, and whether the run already takes longer than
    usual.
    """

    seconds: float
    is_longer_than_usual: bool


def time_left(
    nodes: Sequence[Mapping[str, Any]], usual: Mapping[str, float], now: str
) -> TimeLeft | None:
    """What is left of a run at the time `now` (UTC text).

    `nodes` are its steps (node, status, started_at, seconds), `usual` the seconds that each took in
    the last run that published (by node; a step that is new counts as the median of the others).
    None before the first step, and when nothing is known of earlier runs.
    """
    began = min((node["started_at"] for node in nodes if node["started_at"]), default=None)
    spent = seconds_between(began, now)
    if not usual or spent is None:
        return None
    middle = median(usual.values())
    typical = [usual.get(node["node"], middle) for node in nodes]
    running = [
        (seconds_between(node["started_at"], now) or 0.0, seconds)
        for node, seconds in zip(nodes, typical, strict=True)
        if node["status"] == "running"
    ]
    queued = sum(
        seconds for node, seconds in zip(nodes, typical, strict=True) if node["status"] == "queued"
    )
    whole = sum(typical)
    done = whole - queued - sum(seconds for _, seconds in running)
    belief = BELIEF * whole
    if not whole:
        return None
    pace = (max(spent - sum(here for here, _ in running), 0.0) + belief) / (done + belief)
    left = queued
    for here, seconds in running:
        left += max(seconds - here / pace, 0.0)
        if here > seconds * pace:
            # it takes longer than the pace so far explains: so may what follows
            pace = (spent + belief) / (done + seconds + belief)
    return TimeLeft(left * pace, spent > LONGER * whole)
