"""What another threshold of a check on whole tables would say of what the last build measured."""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.quality.rules import declared_rules
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state

#: Checks whose measure is no distance: the usual value, from which the threshold counts.
USUAL = {"table__rows__usual_size": 1.0}


@dataclass(frozen=True)
class Threshold:
    """Sources that a check warns of with its declared threshold (`now`), and would with another
    one (`then`), of those that it measured.
    """

    declared: float
    tried: float
    measured: tuple[str, ...]
    now: tuple[str, ...]
    then: tuple[str, ...]


def tried(settings: Settings, rule_name: str, threshold: float) -> Threshold:
    """A check with another threshold, on what the last build measured; nothing is written. Raises
    InputRefused for a rule that has no threshold.
    """
    rule = next((each for each in declared_rules() if each.name == rule_name), None)
    if rule is None or rule.threshold is None:
        raise InputRefused("has no threshold", rule_name, "choose a check on a whole table")
    measured: dict[str, float] = {}
    if warehouse_exists(settings):
        with open_warehouse(settings) as connection:
            checks = state.table_checks(connection)
        measured = {
            row.entity: float(row.measured)
            for row in checks.itertuples()
            if row.rule_id == rule.rule_id and not pd.isna(row.measured)
        }
    usual = USUAL.get(rule_name, 0.0)

    def outside(limit: float) -> tuple[str, ...]:
        return tuple(name for name, value in measured.items() if _distance(value, usual) > limit)

    declared = float(rule.threshold)
    return Threshold(declared, threshold, tuple(measured), outside(declared), outside(threshold))


def _distance(value: float, usual: float) -> float:
    return abs(value - usual) if usual else value
