"""Deliveries that follow a series: the same bytes again, an older extract, a shorter network
list.
"""

from __future__ import annotations

from copy import deepcopy

from pipeline.synthetic.batches import EVENT_ROWS
from pipeline.synthetic.defects import RAISED_USD
from pipeline.synthetic.plan import DeliveryPlan, Held, Row, TablePlan
from pipeline.synthetic.tables import TABLES

EXTRAS = ("same_bytes", "stale_extract", "network_removal")
REMOVED_NPIS = 3


def plan_extras(plans: list[DeliveryPlan], extra: tuple[str, ...]) -> list[DeliveryPlan]:
    """The plans of the deliveries named, in that order, numbered after `plans`."""
    makers = {
        "same_bytes": _same_bytes,
        "stale_extract": _stale_extract,
        "network_removal": _network_removal,
    }
    return [makers[name](plans, len(plans) + at) for at, name in enumerate(extra, 1)]


def _nothing(number: int) -> DeliveryPlan:
    return DeliveryPlan(
        number, {table.entity: TablePlan(delivered=False) for table in TABLES}, Held()
    )


def _same_bytes(plans: list[DeliveryPlan], number: int) -> DeliveryPlan:
    """The second delivery once more, byte for byte: a no-op."""
    again = deepcopy(plans[1])
    again.number, again.events = number, {"same_bytes_as_delivery": 2}
    return again


def _stale_extract(plans: list[DeliveryPlan], number: int) -> DeliveryPlan:
    """The corrected encounters with the content they had before: equal to an older version."""
    plan = _nothing(number)
    corrected = [row.values for row in plans[1].tables["encounters"].after[-EVENT_ROWS:]]
    older = [
        Row(row | {"paid_amount": str(int(row["paid_amount"]) - RAISED_USD)}) for row in corrected
    ]
    plan.tables["encounters"] = TablePlan(after=older)
    plan.events["rows_of_an_older_version"] = len(older)
    return plan


def _network_removal(plans: list[DeliveryPlan], number: int) -> DeliveryPlan:
    """The first employer's list without its last members."""
    plan = _nothing(number)
    row = plans[0].tables["employer_networks"].after[0].values
    remaining = row["in_network_npis"].split(", ")[:-REMOVED_NPIS]
    plan.tables["employer_networks"] = TablePlan(
        after=[Row(row | {"in_network_npis": ", ".join(remaining)})]
    )
    plan.events["removed_network_npis"] = REMOVED_NPIS
    return plan
