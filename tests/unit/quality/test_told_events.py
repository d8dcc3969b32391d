"""Whatever is counted on Quarantine, added and subtracted, tells no outcome of one to ten: worlds
that differ in nothing but such outcomes show the same numbers.
"""

import json
import random
import sqlite3
from contextlib import closing

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.quality import causes, told_events, what_if

SOURCES = ("providers", "encounters", "adverse_events")
FAILS = {
    "wait": "encounters__npi__known_provider",
    "shape": "encounters__cpt__shape",
    "provider": "providers__npi__check_digit",
    "event": "adverse_events__encounter_id__known_encounter",
}
CONTRACTS = {name: load_contracts()[name] for name in SOURCES}


def failed(*names):
    rules = {rule.name: rule for contract in CONTRACTS.values() for rule in contract.rules}
    return json.dumps(
        [
            {"rule": rules[name].rule_id, "name": name, "action": rules[name].action}
            for name in names
        ]
    )


def a_world(seed):
    """Encounter -> its provider and the rules that it fails; blocks of up to thirty."""
    chance = random.Random(seed)
    world = {}
    for npi in range(chance.randint(1, 4)):
        for rules in (("wait",), ("shape",), ("wait", "shape")):
            for _ in range(chance.choice([0, 1, 3, 10, 11, 12, 30])):
                world[f"e{len(world):03}"] = f"n{npi}", rules
    return world


def numbers(world, events, seed):
    """Every number that Quarantine tells of this world, and of questions about parts of it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = None
        for name, contract in CONTRACTS.items():
            own = ("_row_id", "_failed", "_status", "_source_file", "_load_id", "_load_seq",
                   "_source_row_number", "_position")  # fmt: skip
            columns = ", ".join(f'"{each}"' for each in (*own, *contract.mapped))
            connection.execute(f"create table row_verdicts_{name} ({columns})")

        def wait(source, row_id, fails, **cells):
            row = {
                "_row_id": row_id, "_failed": failed(*(FAILS[each] for each in fails)),
                "_status": "quarantined", "_source_file": "f", "_load_id": "l", "_load_seq": 1, **cells,
            }  # fmt: skip
            connection.execute(
                f"insert into row_verdicts_{source} ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                list(row.values()),
            )

        for npi in sorted({npi for npi, _ in world.values()}):
            wait("providers", npi, ["provider"], npi=npi)
        for encounter_id, (npi, rules) in world.items():
            wait("encounters", encounter_id, rules, encounter_id=encounter_id, npi=npi, cpt="?",
                 paid_amount_usd="1")  # fmt: skip
        for encounter_id in sorted(events):
            wait("adverse_events", f"a{encounter_id}", ["event"], encounter_id=encounter_id)
        told = told_events.of_waiting(connection, CONTRACTS, SMALLEST_CELL)
        now = causes.causes(connection, CONTRACTS, told=told)
        said = [now.waiting, now.undecided]
        uncounted = told_events.waiting_uncounted(connection, CONTRACTS, SMALLEST_CELL)
        said.append(len(events) - uncounted)
        for cause in now.causes:
            held = cause.holds_back
            said.append((cause.cause_id, len(cause.rows), held, held.by_source, cause.at_gate))
        for repaired in questions(world, seed):
            free = what_if.set_free(connection, CONTRACTS, *repaired)
            answer = what_if.released(free, told)
            said.append((answer, answer.by_source))
        return said


def questions(world, seed):
    """What somebody may ask for: providers repaired, any part of the encounters repaired."""
    chance = random.Random(seed)
    for npi in sorted({npi for npi, _ in world.values()}):
        yield "providers", {npi: {"npi": npi}}
    rows = {
        encounter_id: {"encounter_id": encounter_id, "npi": npi, "paid_amount_usd": "1"}
        for encounter_id, (npi, _) in world.items()
    }
    yield "encounters", rows
    for _ in range(8):
        part = chance.sample(sorted(rows), chance.randint(1, len(rows)))
        yield "encounters", {each: rows[each] for each in part}


@pytest.mark.parametrize("seed", range(25))
def test_no_sum_and_no_difference_of_numbers_tells_few_encounters(seed):
    world, chance = a_world(seed) or {"e": ("n0", ("wait",))}, random.Random(seed)
    events = {each for each in world if chance.random() < 0.3}
    said = numbers(world, events, seed)
    blocks = {}
    for encounter_id, block in world.items():
        blocks.setdefault(block, []).append(encounter_id)
    other = set(events)
    for block in blocks.values():
        if len(block) < 11:  # any outcomes of a few show the same numbers
            other = (other - set(block)) | {each for each in block if chance.random() < 0.5}
        else:  # and so do those of many that have as many events among them
            other = (other - set(block)) | set(chance.sample(block, len(events & set(block))))
    assert numbers(world, other, seed) == said


@pytest.mark.parametrize(("encounters", "told"), [(10, 0), (11, 2)])
def test_events_of_eleven_encounters_and_more_are_counted(encounters, told):
    world = {f"e{number:03}": ("n0", ("wait",)) for number in range(encounters)}
    waiting, undecided, counted, (_, rows, held, _, _), (released, _) = numbers(
        world, {"e000", "e004"}, 0
    )[:5]
    assert (waiting, undecided, counted, rows) == (1 + encounters + told,) * 2 + (told, 1)
    for answer in (held, released):
        assert answer.adverse_events == told and answer.leaves_out == (told == 0)
        assert answer.rows == sum(answer.by_source.values()) == waiting
