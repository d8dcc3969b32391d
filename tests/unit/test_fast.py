"""Which tests are near to a change, and how many of them fit."""

import pytest

from tests.fast import ALWAYS, FAR, LAST, choose, distance

IMPORTS_MASKING = "from pipeline.privacy import masking\n"
IMPORTS_A_SERVICE = "from pipeline.services.tables.export import FOLDER\n"


@pytest.mark.parametrize(
    ("changed", "steps"),
    [
        ("tests/dbt/test_a.py", 0),
        ("tests/dbt/conftest.py", 1),
        ("tests/pages/conftest.py", FAR),
        ("pipeline/privacy/masking.py", 1),
        ("pages/overview/page.py", FAR),
        ("docs/privacy.md", FAR),
    ],
)
def test_the_test_itself_is_nearest_then_what_it_imports(changed, steps):
    assert distance("tests/dbt/test_a.py", IMPORTS_MASKING, [changed]) == steps


def test_a_module_behind_an_import_is_further_than_the_import():
    near = distance("tests/a.py", IMPORTS_A_SERVICE, ["pipeline/services/tables/export.py"])
    behind = distance("tests/a.py", IMPORTS_A_SERVICE, ["pipeline/config.py"])
    assert near == 1 < behind < FAR


def test_a_model_is_near_to_a_test_that_names_it():
    changed = ["icon_dbt/models/enterprise_datasets/provider_scorecard.sql"]
    assert distance("tests/a.py", 'query("select * from provider_scorecard")', changed) == 1
    assert distance("tests/a.py", 'query("select * from provider_scorecard_2")', changed) == FAR


def test_a_macro_is_near_to_every_test_of_the_models():
    changed = ["icon_dbt/macros/landing_zone/rule_kinds.sql"]
    assert distance("tests/dbt/test_a.py", "", changed) == 2
    assert distance("tests/pages/test_a.py", "", changed) == FAR


def test_what_is_left_of_the_minute_goes_to_quick_tests():
    assert distance("tests/unit/test_a.py", "", ["docs/privacy.md"]) == LAST
    choice = choose({"near": 1, "quick": LAST, "slower": LAST}, {}, budget=6.0)
    assert (choice.files, choice.left_out) == ((*ALWAYS, "near", "quick"), ())


def test_the_nearest_of_several_changes_counts():
    changed = ["docs/privacy.md", "pipeline/privacy/masking.py"]
    assert distance("tests/a.py", IMPORTS_MASKING, changed) == 1


def test_tests_are_run_nearest_first_as_many_as_fit_and_a_changed_test_always():
    distances = {"changed": 0, "near": 1, "slow": 1, "behind": 2, "far": FAR}
    seconds = {"changed": 90.0, "near": 10.0, "slow": 200.0, "behind": 5.0}
    choice = choose(distances, seconds, budget=110.0)
    assert choice.files == (*ALWAYS, "changed", "near", "behind")
    assert choice.left_out == ("slow",)


def test_a_test_that_was_never_timed_takes_its_share_of_the_budget():
    choice = choose(dict.fromkeys("abc", 1), {}, budget=7.0)
    assert (choice.files, choice.left_out) == ((*ALWAYS, "a", "b"), ("c",))
