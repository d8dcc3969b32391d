"""The search for what makes a build fail, on a small pipeline of plain SQL in place of the build:
three sources that wait for each other, a step that cannot bear one cell, and no hint which.
"""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.declared.sources import load_contracts
from pipeline.orchestrate.cause_search import OutOfTime, search
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.store.warehouse import loads, raw_tables, suspects

POISON = "31"
SOURCES = ("patients", "encounters", "adverse_events")
CONTRACTS = {name: load_contracts()[name] for name in load_contracts() if name in SOURCES}
TABLES = {name: contract.raw_table for name, contract in CONTRACTS.items()}
#: Rows that pass, as a build makes them: keys are there, and a row waits for its parent.
PASSING = """
with loads as (select load_id from ops_loads where status = 'loaded'),
stg_patients as (select * from raw_patients where _load_id in (select load_id from loads)),
stg_encounters as (
    select encounters.*, decisions.new_value from raw_encounters as encounters
    left join ops_decisions as decisions on decisions.row_id = encounters._row_id
    where _load_id in (select load_id from loads)),
stg_adverse_events as (select * from raw_adverse_events where _load_id in (select load_id from loads)),
std_patients as (select * from stg_patients where patient_id <> '' and gender <> '' and birth_date <> ''),
std_encounters as (
    select * from stg_encounters
    where encounter_id <> '' and cpt <> '' and paid_amount <> ''
        and patient_id in (select patient_id from std_patients)),
std_adverse_events as (
    select * from stg_adverse_events where encounter_id in (select encounter_id from std_encounters)),
gold as (
    select encounters.*, patients.gender, patients.birth_date
    from std_encounters as encounters join std_patients as patients using (patient_id))
"""


class Toy:
    """A warehouse whose step fails when `relation` holds a row with the poison in `column`."""

    def __init__(self, deliveries: list[tuple[str, int, bool]], relation: str, column: str) -> None:
        self.relation, self.column, self.trials, self.most = relation, column, 0, 10_000
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        run = self.connection.execute
        loads.create(self.connection)
        run("create table ops_judged_loads (load_id, status, gate)")
        run("create table ops_decisions (decision_id, row_id, new_value)")
        for name, contract in CONTRACTS.items():
            raw_tables.create_source(self.connection, TABLES[name], contract.delivered)
        for at, (entity, rows, is_judged) in enumerate(deliveries, start=1):
            load_id = loads.open_load(self.connection, entity, f"{entity}.csv", f"{at}", "", "")
            if is_judged:
                run("insert into ops_judged_loads values (?, 'loaded', 'open')", (load_id,))
            raw, delivered = TABLES[entity], CONTRACTS[entity].delivered
            first = raw_tables.last_row(self.connection, raw) + 1
            lines = [
                [*self.cells(entity, load_id, line), None, line] for line in range(2, rows + 2)
            ]
            raw_tables.insert(self.connection, raw, delivered, lines, at)
            run(
                "update ops_loads set first_row = ?, last_row = ? where load_id = ?",
                (first, first + rows - 1, load_id),
            )

    def cells(self, entity: str, load_id: str, line: int) -> list[str]:
        """A row that passes; the rows of all sources hang together by their line."""
        cells = {"patient_id": f"p{line}", "encounter_id": f"e{load_id}{line}", "gender": "female"}
        if entity == "adverse_events":
            cells["encounter_id"] = f"eL00002{line}"
        return [cells.get(name, ("10", "11")[line % 2]) for name in CONTRACTS[entity].delivered]

    def poison(self, entity: str, load_id: str, line: int, column: str) -> None:
        """Put the poison into one cell."""
        cell = suspects.Cell(TABLES[entity], load_id, line, column, POISON)
        suspects.apply(self.connection, suspects.Change(cell=cell))

    def fails(self, change: suspects.Change, anew: bool = False) -> bool:
        self.trials += 1
        if self.trials > self.most:
            raise OutOfTime("it takes too long")
        self.connection.execute("begin")
        suspects.apply(self.connection, change)
        hits = self.connection.execute(
            f"{PASSING} select count(*) from {self.relation} where {self.column} = ?", (POISON,)
        ).fetchone()[0]
        self.connection.execute("rollback")
        return hits > 0

    def lines_of(self, load: suspects.Suspect) -> list[int]:
        return suspects.lines_of(self.connection, load.table, load.name)

    def place_of(self, decision: suspects.Suspect) -> tuple[str, str, int] | None:
        return suspects.place_of(self.connection, "raw_encounters", decision.row_id)

    def usual_value(self, load: suspects.Suspect, line: int, column: str) -> str | None:
        return suspects.usual_value(self.connection, load.table, load.name, line, column)

    def cause(self, decisions: list[dict] | None = None) -> FailureCause:
        known = suspects.in_force(self.connection, TABLES, decisions or [])
        return search(self, known, CONTRACTS, FailureCause("step"))


RELATIONS = {
    "patients": ("stg_patients", "std_patients", "gold"),
    "encounters": ("stg_encounters", "std_encounters", "gold"),
    "adverse_events": ("stg_adverse_events",),
}


@st.composite
def poisoned(draw) -> tuple[Toy, tuple[str, int, str]]:
    """A warehouse with one poisoned cell, and where it is: load, line, column."""
    rows = draw(st.integers(2, 12))
    delivered = [(name, rows, draw(st.booleans())) for name in SOURCES]
    delivered += draw(
        st.lists(st.tuples(st.sampled_from(SOURCES), st.just(rows), st.booleans()), max_size=4)
    )
    at = draw(st.integers(0, len(delivered) - 1))
    entity = delivered[at][0]
    relation = draw(st.sampled_from(RELATIONS[entity]))
    ties = {"patient_id", "npi", "encounter_id"}
    columns = [
        name
        for name in CONTRACTS[entity].delivered
        if relation.startswith("stg_") or name not in ties
    ]
    column, line = draw(st.sampled_from(columns)), draw(st.integers(2, rows + 1))
    toy = Toy(delivered, relation, column)
    toy.poison(entity, f"L{at + 1:05d}", line, column)
    return toy, (f"L{at + 1:05d}", line, column)


@given(poisoned())
@settings(max_examples=150)
def test_one_cell_among_many_loads_is_named(world):
    toy, (load_id, line, column) = world
    assert toy.fails(suspects.Change())
    toy.trials = 0
    cause = toy.cause()
    assert (cause.verdict, cause.loads) == ("load", (load_id,)), cause
    assert (cause.line, cause.column, cause.more_lines) == (line, column, False), cause
    assert toy.trials <= 45, "the search halves; it does not walk"
    assert not toy.fails(suspects.Change(frozenset(cause.loads)))
    assert POISON not in cause.sentence and load_id in cause.next_step


@given(st.lists(st.integers(2, 12), min_size=2, max_size=6, unique=True))
@settings(max_examples=40)
def test_of_several_poisoned_lines_one_is_named_and_the_others_are_told(lines):
    toy = Toy([(name, 12, False) for name in SOURCES], "std_encounters", "cpt")
    for line in lines:
        toy.poison("encounters", "L00002", line, "cpt")
    cause = toy.cause()
    assert (cause.loads, cause.column, cause.more_lines) == (("L00002",), "cpt", True)
    assert cause.line in lines


def test_two_poisoned_loads_are_both_named_and_both_must_go():
    toy = Toy([("patients", 5, False), *[("encounters", 5, False)] * 3], "std_encounters", "cpt")
    toy.poison("encounters", "L00002", 3, "cpt")
    toy.poison("encounters", "L00004", 4, "cpt")
    cause = toy.cause()
    assert cause.loads == ("L00002", "L00004")
    assert not toy.fails(suspects.Change(frozenset(cause.loads)))


def test_what_no_delivery_causes_is_said_to_be_the_projects_fault():
    toy = Toy([(name, 5, False) for name in SOURCES], "(select '31' as cpt)", "cpt")
    cause = toy.cause()
    assert (cause.verdict, cause.loads, cause.next_step) == ("project", (), "")
    assert "nothing delivered is to blame" in cause.sentence


def test_what_passes_when_tried_again_blames_nobody():
    toy = Toy([(name, 5, False) for name in SOURCES], "std_encounters", "cpt")
    cause = toy.cause()
    assert (cause.verdict, cause.loads) == ("passing", ())


def test_a_decision_that_brings_the_poison_is_named_with_its_row():
    toy = Toy([(name, 5, True) for name in SOURCES], "std_encounters", "new_value")
    toy.connection.execute("insert into ops_decisions values ('D1', 'L00002-4', ?)", (POISON,))
    cause = toy.cause(
        [{"decision_id": "D1", "entity": "encounters", "row_id": "L00002-4", "column_name": "cpt"}]
    )
    assert (cause.verdict, cause.decision_id, cause.loads) == ("decision", "D1", ("L00002",))
    assert (cause.source_file, cause.line, cause.column) == ("encounters.csv", 4, "cpt")
    assert "quarantine revert D1" in cause.next_step


@pytest.mark.parametrize("most", range(40))
def test_when_time_is_over_what_is_known_is_told(most):
    """At any moment the answer is true, only less narrow."""
    toy = Toy([(name, 12, at > 0) for at, name in enumerate(SOURCES)], "gold", "birth_date")
    toy.poison("patients", "L00001", 7, "birth_date")
    toy.most = most
    cause = toy.cause()
    if cause.verdict == "unknown":
        assert "L00001" in cause.suspects and cause.note == "it takes too long"
        assert "it takes too long" in cause.sentence and "undo" in cause.next_step
    else:
        toy.most = 10_000
        assert not toy.fails(suspects.Change(frozenset(cause.loads)))


def test_all_of_a_cause_is_plain_values():
    cause = replace(FailureCause("step", "load", ("L00001",), "a.csv", 3, "cpt"), seconds=1.5)
    assert cause.as_dict()["sentence"] == (
        "step fails because of load L00001: a.csv, line 3, column cpt"
    )
    assert cause.as_dict()["next_step"] == "icon-health undo L00001"
