"""Whether the order of day and month that was decided holds for a file, and what its dates show."""

from collections.abc import Iterator, Sequence

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import Finding
from pipeline.store.warehouse.date_orders import ORDERS, DateOrderEvidence


def checked(order: str | None) -> str | None:
    """The order as it is stored (MDY, DMY, None); raises InputRefused for any other word."""
    if order is None:
        return None
    if order.upper() not in ORDERS:
        choices = ", ".join(f"{name.lower()} ({words})" for name, words in ORDERS.items())
        raise InputRefused(f"{order!r} is no order of day and month", "date order", choices)
    return order.upper()


def in_force(reading: Reading, evidence: Sequence[DateOrderEvidence]) -> str | None:
    """The order in which the dates of a file are read: the one decided for it. One that was only
    recalled from an earlier file of the sender does not hold where more dates contradict it than
    prove it.
    """
    if not evidence or reading.date_order is None:
        return None
    is_recalled = "date_order" in reading.recalled
    if is_recalled and any(each.is_other_than(reading.date_order) for each in evidence):
        return None
    return reading.date_order


def about_dates(
    contract: SourceContract,
    reading: Reading,
    evidence: Sequence[DateOrderEvidence],
    order: str | None,
) -> Iterator[Finding]:
    """What a file says about the order of its dates, under the rule that such a column holds
    days: dates that wait for a statement, or that contradict it.
    """
    rules = {rule.column: rule.rule_id for rule in contract.rules if rule.kind == "iso_date"}
    for each in evidence:
        column = next(column.name for column in contract.columns if column.delivered == each.column)
        rule = rules.get(column, "ROW-08")
        if order is not None:
            why = f", as for {reading.recalled_from}" if "date_order" in reading.recalled else ""
            if against := each.against(order):
                yield Finding(
                    rule,
                    each.column,
                    against,
                    f"dates cannot be {ORDERS[order]}, as stated, and wait",
                )
            if each.either:
                yield Finding(
                    "ROW-08", each.column, each.either, f"dates read {ORDERS[order]}{why}"
                )
        elif reading.date_order is not None:
            yield Finding(
                rule,
                each.column,
                each.either,
                f"{ORDERS[reading.date_order]} as for {reading.recalled_from} does not hold: {each.sentence}",
            )
        elif each.either:
            yield Finding(
                rule,
                each.column,
                each.either,
                f"dates wait for the order of day and month: {each.sentence}",
            )
