"""Why numbers differ between two runs: what was delivered, taken back, released and decided between
them, and the day as of which each counts.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.services.deliveries import deliveries
from pipeline.services.upload import loads
from pipeline.store.control import decisions, runs
from pipeline.store.control.control_file import open_control

NOTHING = (
    "Nothing was delivered, undone or decided between them, and both count as of the same day: "
    "what differs comes from definitions (rules, models, settings).",
)
#: So many loads are named; of more than these only the number.
NAMED = 6
VERBS = {"correct": "correction", "waive": "waiver", "reject": "rejection"}


def between(settings: Settings, before: str, after: str) -> tuple[str, ...]:
    """A sentence a cause, deliveries first, of what happened after run `before` ended and until
    run `after` did; says so where nothing did. Empty for a run that nobody knows.
    """
    with open_control(settings) as control:
        earlier, later = (runs.get(control, run_id) for run_id in (before, after))
        trail = decisions.trail(control)
    if earlier is None or later is None:
        return ()
    history: list[dict[Hashable, Any]] = loads.history(settings).to_dict("records")
    since, until = earlier.finished_at or "", later.finished_at or "9999"

    def happened(moment: object) -> bool:
        return isinstance(moment, str) and since < moment <= until

    brought = [load for load in history if happened(load["loaded_at"])]
    undone = [load for load in history if happened(load["undone_at"])]
    redone = [load for load in history if happened(load["redone_at"])]
    made = [each for each in trail if happened(each["created_at"])]
    reverted = [each for each in trail if happened(each["reverted_at"])]
    said = [
        _loads("Delivered", brought),
        _loads("Undone", undone),
        _loads("Brought back", redone),
        _decisions("Decided", made),
        _decisions("Taken back", reverted),
        f"As of {later.as_of} instead of {earlier.as_of}."
        if earlier.as_of and later.as_of and earlier.as_of != later.as_of
        else "",
    ]
    return tuple(filter(None, said)) or NOTHING


def delivered(settings: Settings, before: str, after: str) -> tuple[str, ...]:
    """The deliveries that came after run `before` ended and until run `after` did, newest first."""
    with open_control(settings) as control:
        earlier, later = (runs.get(control, run_id) for run_id in (before, after))
    if earlier is None or later is None:
        return ()
    since, until = earlier.finished_at or "", later.finished_at or "9999"
    return tuple(
        delivery.delivery_id
        for delivery in deliveries.deliveries(settings)
        if any(since < file.loaded_at <= until for file in delivery.files)
    )


def _loads(verb: str, some: list[dict[Hashable, Any]]) -> str:
    """`Delivered: L00007 (1 provider), L00008 (500 encounters).`"""
    if not some:
        return ""
    if len(some) > NAMED:
        rows = sum(int(load["accepted"] or 0) for load in some)
        return f"{verb}: {len(some):,} loads with {rows:,} rows."
    named = ", ".join(f"{load['load_id']} ({_rows(load)})" for load in reversed(some))
    return f"{verb}: {named}."


def _rows(load: Mapping[Hashable, Any]) -> str:
    return load_contracts()[load["entity"]].counted(int(load["accepted"] or 0))


def _decisions(verb: str, some: Iterable[Mapping[str, Any]]) -> str:
    """`Decided: 3 corrections, 1 rejection.`"""
    counts = Counter(VERBS[each["kind"]] for each in some)
    parts = [f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in counts.items()]
    return f"{verb}: {', '.join(parts)}." if parts else ""
