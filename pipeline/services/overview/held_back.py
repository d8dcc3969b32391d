"""What open quarantine keeps out of silver."""

from dataclasses import dataclass

from pipeline.store.warehouse import state


@dataclass(frozen=True)
class HeldBack:
    """What open quarantine keeps out of silver: rows by source and dollars of encounters, of all
    dollars known.
    """

    rows: int
    encounters: int
    adverse_events: int
    paid_usd: float
    paid_share: float | None


def held_back(warehouse, quarantine: dict[str, int]) -> HeldBack:
    held = state.held_back_dollars(warehouse)
    total = held + state.promoted_dollars(warehouse)
    return HeldBack(
        sum(quarantine.values()),
        quarantine.get("encounters", 0),
        quarantine.get("adverse_events", 0),
        held,
        held / total if total else None,
    )
