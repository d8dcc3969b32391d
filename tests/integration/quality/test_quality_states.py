"""States of checks: an empty table is never green, a run is shown as it was, the matrix counts what
the list holds.
"""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.quality import grades
from pipeline.services.quality import rules as quality_rules
from pipeline.services.run import runs
from pipeline.store.control.control_file import open_control
from tests.conftest import SAMPLE_DIR
from tests.warehouse import copied


@pytest.fixture(scope="module")
def sample(sample_home):
    return load_settings(home=sample_home)


def test_a_check_on_a_source_without_rows_is_not_applicable_and_no_table_fed_by_it_is_graded_well(
    settings,
):
    runs.run_now(settings, verb="run", paths=[SAMPLE_DIR / "patients.csv"])
    rules = quality_rules.rules(settings)
    assert set(rules.loc[~rules["entity"].isin(["patients", "any"]), "status"]) == {
        "not applicable"
    }
    assert "passed" in set(rules.loc[rules["entity"] == "patients", "status"])
    assert set(rules.loc[rules["entity"] == "any", "status"]) == {"not applicable"}
    letters = {grade.table: grade.grade for grade in grades.grades(settings)}
    assert letters["provider_scorecard"] == letters["fct_encounter"] == "F"


def test_rules_of_files_and_tables_tell_what_the_run_found_in_each_source(sample):
    rules = quality_rules.rules(sample)
    fixed = rules[rules["rule_id"] == "FIL-05"].set_index("entity")
    assert fixed.loc["patients", ["failing_rows", "rows_checked", "status"]].tolist() == [
        2,
        1000,
        "warned",
    ]
    fresh = rules[rules["rule_id"] == "FIL-09"]
    assert (
        set(fresh["status"]) == {"passed"} and len(fresh) == 6 and fresh["measured"].notna().all()
    )


def test_the_results_of_a_run_are_those_that_it_kept(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    with open_control(settings) as control:
        control.execute(
            "insert into ops_rule_results select 'R000002', rule_id, rule_name, entity, action, failing_rows + 1, "
            "rows_checked, 'error' from ops_rule_results where run_id = 'R000001' and rule_id = 'ENC-06'"
        )
    assert quality_rules.measured_runs(settings) == ["R000002", "R000001"]
    old, newer = quality_rules.rules(settings, "R000001"), quality_rules.rules(settings, "R000002")
    pick = ["failing_rows", "status"]
    assert old.loc[old["rule_id"] == "ENC-06", pick].values.tolist() == [[62, "failed"]]
    assert newer.loc[newer["rule_id"] == "ENC-06", pick].values.tolist() == [[63, "error"]]
    assert newer["rule_id"].iloc[0] == "ENC-06" and set(newer["status"].iloc[1:]) == {
        "not applicable"
    }
    by_state = quality_rules.states_by_run(settings).set_index(["run_id", "status"])["rules"]
    assert by_state["R000002", "error"] == 1 and by_state["R000001"].sum() == len(old)


def test_the_matrix_counts_passed_of_judged_and_leaves_out_what_was_not_applicable():
    rules = pd.DataFrame(
        [
            ("a", "completeness", "passed"),
            ("a", "completeness", "failed"),
            ("a", "conformance-value", "not applicable"),
            ("b", "conformance-relational", "passed"),
            ("b", "conformance-value", "warned"),
        ],
        columns=["entity", "kahn", "status"],
    )
    matrix = (
        quality_rules.matrix(rules)
        .set_index(["source", "category"])[["passed", "judged", "rules"]]
        .apply(tuple, axis=1)
        .to_dict()
    )
    assert matrix["a", "completeness"] == (1, 2, 2) and matrix["a", "conformance"] == (0, 0, 1)
    assert (
        matrix["b", "conformance"] == (1, 2, 2)
        and matrix["all", "conformance"] == (1, 2, 3)
        and matrix["all", "all"] == (2, 4, 5)
    )
