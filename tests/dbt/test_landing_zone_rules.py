"""Every declared rule has a row that breaks it and no other row that does: one delivery, one build,
all verdicts.
"""

import json
from pathlib import Path

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.services.run import runs
from tests.dbt.bad_rows import BAD_ROWS
from tests.example_rows import bad_rows
from tests.factories import small_world, write_delivery
from tests.warehouse import query

# a source without rows here has those that follow from its declaration
BAD_ROWS |= {
    name: bad_rows(contract, small_world())
    for name, contract in load_contracts().items()
    if name not in BAD_ROWS
}
#: Rules that need a history of deliveries or a full gate; they have tests of their own.
ELSEWHERE = {
    "row__no_older_version": "test_delivery_histories.py",
    "row__not_resent": "test_delivery_histories.py",
    "load__not_held": "test_batch_gate.py",
    "employer_networks__row__one_version_per_delivery": "a list entry is its own key: two of a kind are duplicates",
    "adverse_events__row__one_version_per_delivery": "the key is all there is: two of a kind are duplicates",
    "employer_networks__row__no_blanks_or_tokens": "covered by the other sources; blanks between list entries are the separator",
    "employer_networks__row__no_float_identifier": "covered by the other sources",
    "adverse_events__row__no_float_identifier": "the identifier is no number",
}


def written_elsewhere(name: str) -> bool:
    return name in ELSEWHERE or name.partition("__")[2] in ELSEWHERE


@pytest.fixture(scope="session")
def judged_home(home_store, tmp_path_factory) -> Path:
    """A home with the valid world and every bad row, judged; the gate is open wide."""

    def make(home: Path) -> None:
        rows = small_world()
        for entity, cases in BAD_ROWS.items():
            rows[entity] = rows[entity] + [row for broken in cases.values() for row in broken]
        delivery = write_delivery(tmp_path_factory.mktemp("rules"), **rows)
        runs.run_now(
            load_settings(home=home, gate_threshold=1.0),
            verb="run",
            layers=["landing_zone"],
            paths=[delivery],
        )

    return home_store.once("judged", make)


CASES = [(entity, name) for entity, cases in BAD_ROWS.items() for name in cases]


@pytest.mark.parametrize(("entity", "name"), CASES, ids=[name for _, name in CASES])
def test_the_bad_row_fails_its_rule(judged_home, entity, name):
    first_line = 2 + len(small_world()[entity])
    for case, broken in BAD_ROWS[entity].items():
        if case == name:
            last_line = first_line + len(broken) - 1
            break
        first_line += len(broken)
    failing = query(
        judged_home,
        f"""
        select checked._source_row_number from dq_{entity} as dq inner join row_verdicts_{entity} as checked using (_row_id)
        where dq.rule_name = ? and checked._source_row_number between ? and ?""",
        name,
        first_line,
        last_line,
    )
    assert failing, f"no row of lines {first_line} to {last_line} fails {name}"


@pytest.mark.parametrize("entity", list(BAD_ROWS))
def test_valid_rows_fail_nothing_that_holds_them_back(judged_home, entity):
    last_good = 1 + len(small_world()[entity])
    held = query(
        judged_home,
        f"select _source_row_number, _failed from row_verdicts_{entity} "
        "where _status <> 'promoted' and _source_row_number <= ?",
        last_good,
    )
    assert held == []


def test_every_declared_rule_has_a_bad_row():
    declared = {rule.name for contract in load_contracts().values() for rule in contract.rules}
    covered = {name for cases in BAD_ROWS.values() for name in cases}
    assert {name for name in declared - covered if not written_elsewhere(name)} == set()
    assert covered <= declared


@pytest.mark.parametrize("entity", list(BAD_ROWS))
def test_a_quarantined_row_carries_all_its_reasons(judged_home, entity):
    for row_id, rules in query(judged_home, f"select _row_id, rules from quarantine_{entity}"):
        held_by = {
            rule
            for (rule,) in query(
                judged_home,
                f"select rule_id from dq_{entity} where _row_id = ? and action = 'quarantine'",
                row_id,
            )
        }
        assert set(json.loads(rules)) == held_by
        assert held_by


@pytest.mark.parametrize("entity", list(BAD_ROWS))
def test_promoted_and_held_rows_add_up_to_what_was_delivered(judged_home, entity):
    ((received, accounted),) = query(
        judged_home,
        """
        select received, promoted + quarantined + superseded + duplicates + rejected from ledger where entity = ?""",
        entity,
    )
    assert received == accounted
    rows = small_world()[entity] + [row for broken in BAD_ROWS[entity].values() for row in broken]
    listed = load_contracts()[entity].listed
    delivered = (
        sum(
            max(1, len([entry for entry in row[listed.delivered].split(",") if entry.strip()]))
            for row in rows
        )
        if listed
        else len(rows)
    )
    assert received == delivered


@pytest.mark.parametrize("entity", list(BAD_ROWS))
def test_a_rows_verdict_is_told_once_a_rule(judged_home, entity):
    assert (
        query(
            judged_home,
            f"select _row_id, rule_name from dq_{entity} group by 1, 2 having count(*) > 1",
        )
        == []
    )
