"""Plans a series of deliveries with the events of a real exchange.

First delivery: one provider without NPI, late patients, truncated procedure codes, exact
duplicates, early adverse events. Second: the late patients, corrections, unchanged re-sends. Last:
the provider repaired, the codes corrected, keys delivered twice with different content. With two
deliveries the second is also the last.
"""

from __future__ import annotations

from pipeline.errors import InputRefused
from pipeline.synthetic.defects import DEFECT_BY_NAME, a_bit_more
from pipeline.synthetic.plan import DeliveryPlan, Row, TablePlan
from pipeline.synthetic.planting import (
    key_of,
    plant_networks,
    plant_providers,
    planted,
    spoiled_row,
)
from pipeline.synthetic.population import Population
from pipeline.synthetic.selection import Selection, split
from pipeline.synthetic.tables import TABLES

EVENT_ROWS = 10
FEWEST_ROWS = 500


def plan_batches(population: Population, deliveries: int, events: bool) -> list[DeliveryPlan]:
    """`deliveries` plans, in order; without `events` the rows are only split.

    Raises InputRefused below FEWEST_ROWS rows or outside 2 to 30 deliveries.
    """
    if (
        population.rows < FEWEST_ROWS
        or not 2 <= deliveries <= 30
        or population.encounters_per_patient != 1
    ):
        raise InputRefused(
            f"{deliveries} deliveries of {population.rows} encounters cannot be made",
            "generate",
            f"use 2 to 30 deliveries, {FEWEST_ROWS} rows or more, one encounter a patient",
        )
    plans = [_empty(number, population, deliveries) for number in range(1, deliveries + 1)]
    blank = DEFECT_BY_NAME["PRV-01"]
    late = population.roster.nearest_to(60, population.rows, set())
    hit = {"PRV-01": late} if events else {}
    plant_providers(population, plans[0], (blank,) if events else (), hit)
    plant_networks(population, plans[0], (), hit)
    if events:
        for plan in plans[:-1]:
            plan.held.providers.add(late)
        _Events(population, plans).plan(late)
    return plans


def _empty(number: int, population: Population, deliveries: int) -> DeliveryPlan:
    plan = DeliveryPlan(number)
    for table in TABLES:
        small = table.entity in ("providers", "employer_networks")
        first, last = (
            (0, 0) if small else split(population.size(table.entity), deliveries)[number - 1]
        )
        plan.tables[table.entity] = TablePlan(first, last, delivered=number == 1 or not small)
    return plan


class _Events:
    """Moves and repeats rows between the plans; each method is one kind of event."""

    def __init__(self, population: Population, plans: list[DeliveryPlan]) -> None:
        self._population = population
        self._first, self._second, self._last = plans[0], plans[1], plans[-1]
        self._selection = Selection(population, plans[0].held)

    def plan(self, late_provider: int) -> None:
        self._late_patients()
        self._truncated_codes()
        self._early_adverse_events()
        self._repeats()
        self._conflicts()
        self._last.tables["providers"].delivered = True
        self._last.tables["providers"].after.append(Row(self._population.roster.row(late_provider)))
        self._last.events["repaired_providers"] = 1

    def _pick(self, purpose: str, plan: DeliveryPlan, adverse: bool | None = None) -> list[int]:
        table = plan.tables["encounters"]
        return self._selection.rows(
            "encounters", purpose, EVENT_ROWS, table.first, table.last, adverse
        )

    def _late_patients(self) -> None:
        for number in self._pick("late-patient", self._first):
            self._first.tables["patients"].instead[number] = ()
            self._second.tables["patients"].after.append(
                Row(self._population.row("patients", number))
            )
            self._first.held.patients.add(number)
        self._first.events["missing_patients"] = self._second.events["late_patients"] = EVENT_ROWS

    def _truncated_codes(self) -> None:
        for number in self._pick("truncated-code", self._first):
            good = self._population.row("encounters", number)
            row = spoiled_row(
                DEFECT_BY_NAME["ENC-09"], good, key_of("encounters", good), self._last.number
            )
            self._first.tables["encounters"].instead[number] = (row,)
            self._last.tables["encounters"].after.append(Row(good))
            self._first.held.encounters.add(number)
            if self._second is not self._last:
                self._second.held.encounters.add(number)
        self._first.events["truncated_codes"] = self._last.events["corrected_codes"] = EVENT_ROWS

    def _early_adverse_events(self) -> None:
        for number in self._pick("early-adverse-event", self._second, adverse=True):
            self._second.tables["adverse_events"].instead[number] = ()
            self._first.tables["adverse_events"].after.append(
                Row(self._population.row("adverse_events", number))
            )
        self._first.held.early_adverse_events = EVENT_ROWS
        self._first.events["early_adverse_events"] = EVENT_ROWS

    def _repeats(self) -> None:
        for purpose, plan in (("exact-duplicate", self._first), ("unchanged", self._second)):
            for number in self._pick(purpose, self._first):
                plan.tables["encounters"].after.append(
                    Row(self._population.row("encounters", number))
                )
            plan.events[f"{purpose.replace('-', '_')}_rows"] = EVENT_ROWS
        for number in self._pick(
            "correction", self._first
        ):  # last of the second delivery: see redelivery
            row = self._population.row("encounters", number)
            row["paid_amount"] = a_bit_more(row["paid_amount"])
            self._second.tables["encounters"].after.append(Row(row))
        self._second.events["corrected_amounts"] = EVENT_ROWS

    def _conflicts(self) -> None:
        defect = DEFECT_BY_NAME["ROW-03"]
        for number in self._pick("conflict", self._last, adverse=False):
            good = self._population.row("encounters", number)
            note = planted(
                defect,
                key_of("encounters", good),
                good["paid_amount"],
                a_bit_more(good["paid_amount"]),
            )
            rival = Row(good | {"paid_amount": note.bad}, (note,))
            self._last.tables["encounters"].instead[number] = (Row(good), rival)
            self._last.held.encounters.add(number)
        self._last.events["conflicting_keys"] = EVENT_ROWS
