"""A grade follows from the verdicts on the sources that feed a table."""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.quality import grades
from pipeline.services.quality import rules as quality_rules
from tests.warehouse import query


@pytest.fixture(scope="module")
def sample(sample_home):
    return load_settings(home=sample_home)


def verdicts(*rows):
    """Rules of one source: (status, stage, rows checked)."""
    return pd.DataFrame(
        [
            {
                "rule_id": f"ENC-{place:02d}",
                "entity": "encounters",
                "status": status,
                "stage": stage,
                "rows_checked": rows,
            }
            for place, (status, stage, rows) in enumerate(rows, start=1)
        ]
    )


@pytest.mark.parametrize(
    ("waiting", "letter"),
    [(0, "A"), (10, "B"), (11, "C"), (50, "C"), (51, "D"), (100, "D"), (101, "F")],
)
def test_the_letter_follows_the_share_that_waits(waiting, letter):
    rules = verdicts(
        ("failed" if waiting else "passed", "before_promotion", 1000),
        ("warned", "after_promotion", 1000),
    )
    grade, reason, _ = grades.grade_of(rules, ("encounters",), {"encounters": waiting})
    assert grade == letter
    assert "1 rule warns" in reason and (
        f"encounters: {waiting:,} of 1,000 rows wait" in reason or waiting == 0
    )


@pytest.mark.parametrize(("waiting", "decided"), [(120, 120), (60, 15), (40, 1), (9, 9)])
def test_rejecting_what_waits_changes_no_grade(waiting, decided):
    """The same deliveries, before and after a person has emptied part of the inbox."""
    before = grades.grade_of(
        verdicts(("failed", "before_promotion", 1000)), ("encounters",), {"encounters": waiting}
    )
    after = grades.grade_of(
        verdicts(("failed", "before_promotion", 1000 - decided)),
        ("encounters",),
        {"encounters": waiting - decided},
        {"encounters": decided},
    )
    assert (before[0], before[2]) == (after[0], after[2])
    assert f"{decided:,} rejected of 1,000 rows" in after[1]


def test_an_error_an_empty_source_and_a_failed_table_check_lower_it():
    clean = ("passed", "before_promotion", 1000)
    assert grades.grade_of(verdicts(clean, ("error", "table", 1000)), ("encounters",), {})[0] == "F"
    letter, reason, _ = grades.grade_of(verdicts(clean), ("encounters", "patients"), {})
    assert letter == "F" and "no row of patients" in reason
    letter, reason, _ = grades.grade_of(
        verdicts(clean, ("failed", "table", 1000)), ("encounters",), {}
    )
    assert letter == "B" and "lowered by ENC-02" in reason


def test_every_gold_table_of_the_sample_is_graded_by_its_sources(sample):
    grade_by_table = {grade.table: grade for grade in grades.grades(sample)}
    assert grade_by_table["provider_scorecard"].sources[:3] == (
        "patients",
        "providers",
        "encounters",
    )
    ((waiting,),) = query(sample.home, "select count(*) from quarantine_encounters")
    assert (
        f"encounters: {waiting} of 1,000 rows wait" in grade_by_table["provider_scorecard"].reason
    )
    assert (
        grade_by_table["provider_scorecard"].grade == "D"
        and grade_by_table["dim_procedure"].grade == "A"
    )


def test_the_sql_of_a_rule_finds_the_rows_that_fail_it(sample):
    rules = quality_rules.rules(sample)
    in_rows = rules[rules["stage"].isin(["before_promotion", "after_promotion"])]
    statements = {name: quality_rules.sql(sample, name) for name in in_rows["rule_name"]}
    assert [name for name, statement in statements.items() if not statement] == []
    for rule in in_rows.itertuples():
        if not statements[rule.rule_name].startswith("-- compares"):
            assert len(query(sample.home, statements[rule.rule_name])) >= rule.failing_rows, (
                rule.rule_name
            )
    assert all(
        quality_rules.sql(sample, name) for name in rules[rules["stage"] == "table"]["rule_name"]
    )
