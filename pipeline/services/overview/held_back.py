"""What open quarantine keeps out of silver."""

from dataclasses import dataclass

from pipeline.declared.sources import source_names
from pipeline.services.why import absent_sources
from pipeline.store.sqlite.database import Database
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class HeldBack:
    """What open quarantine keeps out of silver: rows by source and dollars of encounters, of all
    dollars known; None of a source that nobody delivered, and of one that was taken back.
    """

    rows: int
    encounters: int | None
    adverse_events: int | None
    paid_usd: float | None
    paid_share: float | None


def held_back(warehouse: Database, quarantine: dict[str, int]) -> HeldBack:
    """What waits, by the rows of open quarantine (source -> rows)."""
    absent = {
        source.name
        for source in absent_sources.of_sources(warehouse, source_names())
        if source.state != "held"
    }
    known = {name: None if name in absent else quarantine.get(name, 0) for name in source_names()}
    held = state.held_back_dollars(warehouse)
    total = held + state.promoted_dollars(warehouse)
    return HeldBack(
        sum(quarantine.values()),
        known["encounters"],
        known["adverse_events"],
        None if known["encounters"] is None else held,
        held / total if total and known["encounters"] is not None else None,
    )
