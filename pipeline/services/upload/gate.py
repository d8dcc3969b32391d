"""The batch gate as a scheduler asks for it: which loads wait, and why."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.orchestrate.gate import GATE_RULE
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import judged_loads, loads


@dataclass(frozen=True)
class HeldLoad:
    """A load that waits: the share (0 to 1) of its rows that rules hold back, and the largest share
    that passes.
    """

    load_id: str
    source: str
    file: str
    received: int
    held_share: float | None
    threshold: float


def held_loads(settings: Settings) -> list[HeldLoad]:
    """The loads that wait at the gate, oldest first."""
    if not warehouse_exists(settings):
        return []
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_loads"):
            return []
        waiting = loads.held(connection)
        sources = sorted({load["entity"] for load in waiting} & set(load_contracts()))
        shares = judged_loads.quarantined_shares(connection, sources, GATE_RULE)
    return [
        HeldLoad(
            load["load_id"],
            load["entity"],
            load["source_file"],
            load["received"],
            shares.get(load["load_id"]),
            settings.gate_threshold,
        )
        for load in waiting
    ]
