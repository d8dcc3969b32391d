"""The guided first visit: from the loaded sample to the first repaired row, in three steps that
follow from what was done.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pipeline.config import Settings
from pipeline.services.access.roles import SEE, needs
from pipeline.services.quarantine import decisions
from pipeline.services.run.runs import SAMPLE_DIR
from pipeline.store.control import result_history, run_comparison, tour
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import judged_loads
from pipeline.store.warehouse import state as warehouse_state

SEEN, CLOSED = "seen", "closed"


@dataclass(frozen=True)
class Outcome:
    """What the repairs did between the first build and the newest: rows promoted by source, rows
    that still wait.
    """

    repairs: int
    promoted: tuple[tuple[str, int], ...]
    waiting: int

    @property
    def rows(self) -> int:
        """All rows that came through."""
        return sum(count for _, count in self.promoted)


@dataclass(frozen=True)
class Tour:
    """Where the visitor stands: `step` 1 to 3, 4 when finished; `loaded` and `waiting` rows; the
    button that step 2 is about.
    """

    step: int
    files: int
    loaded: int
    waiting: int
    rows_of_suggestion: int
    outcome: Outcome | None


def state(settings: Settings) -> Tour | None:
    """The tour of a home that holds the shipped sample and nothing else; None elsewhere, before the
    first build or once closed.
    """
    if not warehouse_exists(settings):
        return None
    with open_control(settings) as control, open_warehouse(settings) as warehouse:
        marks = tour.marks(control)
        if CLOSED in marks or not has_relation(warehouse, "ledger"):
            return None
        loads = judged_loads.active_loads(warehouse)
        if not loads or {load["sha256"] for load in loads} != _sample():
            return None
        stamp = warehouse_state.build_stamp(warehouse)
        decided = result_history.decisions_in_force(control, stamp["as_of"] if stamp else "0000")
        applied = warehouse_state.applied_decisions(warehouse)
        waiting = sum(
            warehouse_state.open_quarantine(
                warehouse, tuple(load["entity"] for load in loads)
            ).values()
        )
        received = int(warehouse_state.ledger(warehouse)["received"].sum())
        is_done = bool(applied & decided)
        outcome = _outcome(control, len(applied & decided), waiting) if is_done else None
    step = 4 if is_done else 3 if decided else 2 if SEEN in marks else 1
    return Tour(
        step,
        len(loads),
        received,
        waiting,
        _rows_of_first_suggestion(settings) if step == 2 else 0,
        outcome,
    )


@needs(SEE)
def mark_seen(settings: Settings) -> None:
    """The visitor has looked at what was loaded."""
    with open_control(settings) as control:
        tour.note(control, SEEN)


@needs(SEE)
def close(settings: Settings) -> None:
    """Never show the tour on this home again."""
    with open_control(settings) as control:
        tour.note(control, CLOSED)


def _outcome(control, repairs: int, waiting: int) -> Outcome:
    first, newest = result_history.first_and_last_published(control)
    changed = run_comparison.ledger(control, first, newest)
    promoted = changed[(changed["fate"] == "promoted") & (changed["after"] > changed["before"])]
    ordered = promoted.assign(more=promoted["after"] - promoted["before"]).sort_values(
        "more", ascending=False
    )
    return Outcome(
        repairs, tuple((row.entity, int(row.more)) for row in ordered.itertuples()), waiting
    )


def _rows_of_first_suggestion(settings: Settings) -> int:
    """Rows of the suggestion that stands first on the quarantine page."""

    def key(suggestion: decisions.Suggestion) -> tuple:
        return suggestion.entity, suggestion.column, suggestion.old or "", suggestion.new

    suggestions = sorted(decisions.suggestions(settings), key=key)
    return next((len(list(members)) for _, members in groupby(suggestions, key=key)), 0)


@lru_cache(maxsize=1)
def _sample() -> frozenset[str]:
    return frozenset(
        hashlib.sha256(path.read_bytes()).hexdigest() for path in SAMPLE_DIR.glob("[a-z]*.csv")
    )
