"""What repairs would change, before anybody saves them."""

from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.declared.sources import Rule, load_contracts
from pipeline.quality import gold_effect
from pipeline.quality import what_if as quality_what_if
from pipeline.quality.gold_effect import GoldEffect
from pipeline.quality.recheck import mapped_values
from pipeline.quality.what_if import Released
from pipeline.services.quarantine import recheck
from pipeline.services.quarantine.shown_effect import shown_effect, told_events
from pipeline.store.sqlite.database import open_scratch, open_warehouse
from pipeline.store.warehouse import rows

__all__ = [
    "JUDGED",
    "GoldEffect",
    "Released",
    "Repairs",
    "WhatIf",
    "row_words",
    "what_if",
]

#: Row id and its changes (column, value), hashable so that an answer can be kept.
Repairs = tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...]
#: Rows judged at once; a preview answers while somebody types.
JUDGED = 2_000


@dataclass(frozen=True)
class WhatIf:
    """`still_failing` maps each judged row to the rules that it would still fail; `released` is
    what would be promoted.

    `left_out` rows were not judged, so that `released` is the least that would be. `gold` is what
    that changes in gold.
    """

    still_failing: dict[str, tuple[Rule, ...]] = field(hash=False)
    released: Released
    left_out: int = 0
    gold: GoldEffect = GoldEffect()


def row_words(source: str) -> tuple[str, str]:
    """What one row and several rows of a source are called."""
    contract = load_contracts()[source]
    return contract.row_name, contract.row_names


def what_if(settings: Settings, entity: str, repairs: Repairs) -> WhatIf:
    """Judge the first `JUDGED` repairs by the rules of the last build and follow what would wait no
    longer.

    A row that is only flagged is promoted already and does not count.

    Raises InputRefused for an unknown source, row or column.
    """
    contracts = load_contracts()
    with open_scratch(settings) as connection:
        changes_by_row = {row_id: dict(changes) for row_id, changes in repairs[:JUDGED]}
        failing = {
            row_id: tuple(rules)
            for row_id, rules in recheck.judge(settings, connection, entity, changes_by_row).items()
        }
        passing = mapped_values(
            connection,
            entity,
            [row_id for row_id in changes_by_row if not failing[row_id]],
            contracts[entity].mapped,
        )
    with open_warehouse(settings) as connection:
        state = rows.current_values(connection, entity, list(passing), ("_status",))
        waiting = {
            row_id: values
            for row_id, values in passing.items()
            if state[row_id]["_status"] == "quarantined"
        }
        free = quality_what_if.set_free(connection, contracts, entity, waiting)
        told = told_events(connection)
        gold = shown_effect(settings, gold_effect.of(connection, free), told.untold(free))
    return WhatIf(
        failing, quality_what_if.released(free, told), max(len(repairs) - JUDGED, 0), gold
    )
