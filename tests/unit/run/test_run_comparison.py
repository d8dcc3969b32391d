"""Two runs side by side."""

import pytest

from pipeline.config import load_settings
from pipeline.services.run import results
from pipeline.store.control import run_results
from pipeline.store.control.control_file import open_control
from pipeline.store.control.run_results import LEDGER_COLUMNS


@pytest.fixture
def settings(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    ledger = {"entity": "encounters", **dict.fromkeys(LEDGER_COLUMNS, 0), "received": 10}
    rule = {
        "rule_id": "ENC-06",
        "rule_name": "encounters__npi__known_provider",
        "entity": "encounters",
        "action": "quarantine",
        "rows_checked": 10,
        "status": "failed",
    }
    with open_control(settings) as control:
        run_results.record(
            control,
            "R000001",
            [rule | {"failing_rows": 4}],
            [ledger | {"promoted": 6, "quarantined": 4}],
            {"std_encounters": 6, "gone": 1},
        )
        run_results.record(
            control,
            "R000002",
            [rule | {"failing_rows": 1}],
            [ledger | {"promoted": 9, "quarantined": 1}],
            {"std_encounters": 9},
        )
        control.executemany(
            "insert into ops_run_nodes (run_id, node, name, layer, kind, seconds) values (?, ?, ?, 'standard_model', ?, ?)",
            [
                ("R000001", "a", "std_encounters", "model", 2.0),
                ("R000002", "a", "std_encounters", "model", 0.5),
                ("R000002", "t", "a_test", "test", 9.0),
            ],
        )
    return settings


def test_each_number_stands_beside_that_of_the_other_run(settings):
    comparison = results.compare(settings, "R000001", "R000002")
    assert comparison.rules[["rule_id", "before", "after", "change"]].values.tolist() == [
        ["ENC-06", 4, 1, -3]
    ]
    changed = (
        comparison.ledger[comparison.ledger["change"] != 0].set_index("fate")["change"].to_dict()
    )
    assert changed == {"promoted": 3, "quarantined": -3}
    assert comparison.seconds[["name", "change"]].values.tolist() == [["std_encounters", -1.5]]


def test_what_one_run_lacks_is_empty_and_not_zero(settings):
    rows = results.compare(settings, "R000001", "R000002").rows.set_index("table_name")
    assert rows.loc["gone", "before"] == 1 and rows.loc["gone", ["after", "change"]].isna().all()
    assert results.compare(settings, "R000008", "R000009").rows.empty
