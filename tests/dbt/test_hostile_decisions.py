"""Nothing that is decided can fail a build: corrections to hostile values, waivers, rejections,
releases and reverts with hostile reasons and names, in any order; taken back, they leave no trace.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from pipeline.config import Settings, load_settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.dbt.test_poison import POISON, assert_balanced, assert_silver_keeps_its_promises
from tests.factories import encounter, patient, provider, referral, small_world, write_delivery
from tests.warehouse import contents, copied, query

CONTRACTS = load_contracts()
#: Cells of the corpus, and whatever text comes to mind.
TEXTS = st.one_of(st.sampled_from([each for each in POISON if len(each) < 2_000]), st.text())
COLUMNS = [
    (entity, column.name)
    for entity, contract in CONTRACTS.items()
    for column in contract.columns
    if column.delivered
]
RULES = [(entity, rule.rule_id) for entity, each in CONTRACTS.items() for rule in each.rules]
NUMBERS = st.integers(0, 10_000)
DECISIONS = st.one_of(
    st.tuples(st.just("correct"), st.sampled_from(COLUMNS), NUMBERS, TEXTS, TEXTS, TEXTS),
    st.tuples(st.just("waive"), st.sampled_from(RULES), NUMBERS, st.booleans(), TEXTS, TEXTS),
    st.tuples(st.just("reject"), st.sampled_from(COLUMNS), NUMBERS, TEXTS, TEXTS, TEXTS),
    st.tuples(st.just("revert"), st.sampled_from(COLUMNS), NUMBERS, TEXTS, TEXTS, TEXTS),
    st.tuples(st.just("release"), st.sampled_from(COLUMNS), NUMBERS, TEXTS, TEXTS, TEXTS),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> tuple[Settings, Settings]:
    """A home with valid rows, rows that wait and a load at the gate; and a copy in which nobody
    decides.
    """
    folder = tmp_path_factory.mktemp("decisions")
    home = load_settings(home=folder / "home", gate_threshold=0.6)
    world = small_world()
    world["patients"] += [patient(40, birth_date="02/03/1950"), patient(41, patient_id="")]
    world["providers"] += [provider(9, npi="1234567890"), provider(10, zip="1")]
    world["encounters"] += [encounter("x", paid_amount="7.206,00"), encounter("y", 99)]
    world["referrals"] += [referral(8, employer_id=""), referral(9, procedure="?")]
    world["adverse_events"] = [{"encounter_id": f"nobody-{at}"} for at in range(5)]
    run = runs.run_now(home, verb="run", paths=[write_delivery(folder / "delivery", **world)])
    assert run.status == "held" and len(run.held_loads) == 1
    return home, replace(home, home=copied(home.home, folder / "untouched").home)


def decide(home: Settings, decision: tuple, rows: dict[str, list[str]]) -> bool:
    """Make one decision; whether it was accepted. A refusal names what to do and no program error
    comes of it.
    """
    kind, (entity, what), number, value, reason, author = decision
    row = rows[entity][number % len(rows[entity])]
    try:
        if kind == "correct":
            corrections.correct(home, entity, [row], {what: value}, reason, author)
        elif kind == "waive":
            decisions.waive(home, entity, [row] if value else [], reason, author, rule_id=what)
        elif kind == "reject":
            decisions.reject(home, entity, [row], reason, author)
        elif kind == "revert":
            standing = in_force(home)
            if standing:
                decisions.revert_all(home, [standing[number % len(standing)]], reason, author)
        else:
            loads.release(home, f"L{number % 8:05d}", reason, author)
    except InputRefused as refused:
        assert str(refused)
        return False
    return True


def in_force(home: Settings) -> list[str]:
    return [each["decision_id"] for each in decisions.audit_trail(home) if not each["reverted_at"]]


@given(round_of=st.lists(DECISIONS, min_size=80, max_size=160))
@settings(
    max_examples=2,
    phases=(Phase.explicit, Phase.generate),
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_decided_the_next_build_succeeds(home, round_of):
    settings, _ = home
    rows = {
        entity: [
            row for (row,) in query(settings.home, f"select _row_id from row_verdicts_{entity}")
        ]
        for entity in CONTRACTS
    }
    accepted = sum(decide(settings, decision, rows) for decision in round_of)
    assume(accepted >= 20)  # the plainest example is eighty times the same refusal
    assert runs.run_now(settings, verb="build").status in ("succeeded", "held")
    assert_balanced(settings)
    assert_silver_keeps_its_promises(settings, may_be_empty=True)


def test_every_column_corrected_to_every_hostile_value(home):
    """One row a value, so that no correction hides another; what is refused is not recorded."""
    settings, _ = home
    rows = {
        entity: [
            row for (row,) in query(settings.home, f"select _row_id from row_verdicts_{entity}")
        ]
        for entity in CONTRACTS
    }
    for at, value in enumerate(POISON):
        for entity, column in COLUMNS:
            decide(settings, ("correct", (entity, column), at, value, "as told", "tester"), rows)
    assert runs.run_now(settings, verb="build").status in ("succeeded", "held")
    assert_balanced(settings)
    assert_silver_keeps_its_promises(settings, may_be_empty=True)


def test_decisions_that_are_taken_back_leave_no_trace(home):
    """A release is not among them: it stands until its load is undone, so the copy in which nobody
    decided lets the same loads through.
    """
    settings, untouched = home
    if standing := in_force(settings):
        decisions.revert_all(settings, standing, "'; drop table raw_patients; --", "{}")
    for (load_id,) in query(
        settings.home, "select load_id from ops_loads where gate = 'released' order by load_id"
    ):
        loads.release(untouched, load_id)
    for each in home:
        assert runs.run_now(each, verb="build").status in ("succeeded", "held")
    after, before = (contents(each.home, ("std_", "ledger")) for each in home)
    assert after.keys() == before.keys()
    for table, rows in before.items():
        assert after[table] == rows, table
