"""The whole path with a known answer: shipped data against the generator's own oracle, and
deliveries with published answers.
"""

import json
from pathlib import Path

import pytest

from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.conftest import DELIVERIES_DIR, SAMPLE_DIR
from tests.warehouse import contents, copied, differences, open_quarantine, query, silver_counts

EXPECTED_SILVER = {
    "std_providers": 22,
    "std_patients": 1000,
    "std_encounters": 939,
    "std_adverse_events": 102,
    "std_referrals": 200,
    "std_employer_networks": 48,
}
REPAIRED_SILVER = {
    "std_providers": 23,
    "std_patients": 1000,
    "std_encounters": 1000,
    "std_adverse_events": 105,
    "std_referrals": 200,
    "std_employer_networks": 51,
}


def accept_suggestions(settings) -> int:
    """Accept every suggested repair, as a steward would one by one; returns how many."""
    suggestions = decisions.suggestions(settings)
    for suggestion in suggestions:
        corrections.accept_suggestions(settings, [suggestion], by="test")
    trail = {
        (each["row_id"], each["column_name"]): json.loads(each["evidence"])
        for each in decisions.audit_trail(settings)
    }
    for each in suggestions:
        assert set(each.evidence) <= set(trail[each.row_id, each.column])
    return len(suggestions)


def test_the_reference_delivery_gives_the_published_answer(reference_dir, settings):
    result = runs.run_now(settings, verb="run", paths=[reference_dir])
    assert silver_counts(settings.home) == EXPECTED_SILVER
    assert open_quarantine(settings.home) == {
        "providers": 1,
        "encounters": 61,
        "adverse_events": 3,
        "employer_networks": 3,
    }
    failing = {}
    for rule in result.rules:
        if rule.failing_rows:
            failing.setdefault(rule.rule_id, []).append(rule.failing_rows)
    for rule_id, rows in {
        "PRV-01": 1,
        "PRV-05": 1,
        "ENC-06": 61,
        "ADV-03": 3,
        "NET-03": 3,
        "NET-05": 3,
        "PRV-09": 1,
        "ENC-13": 17,
        "ENC-14": 36,
    }.items():
        assert rows in failing[rule_id]
    assert accept_suggestions(settings) == 4
    runs.run_now(settings, verb="build")
    assert silver_counts(settings.home) == REPAIRED_SILVER
    assert open_quarantine(settings.home) == {}
    ((load_id,),) = query(settings.home, "select load_id from ops_loads where entity = 'providers'")
    loads.undo(settings, load_id)
    runs.run_now(settings, verb="build")
    assert silver_counts(settings.home)["std_encounters"] == 0
    assert open_quarantine(settings.home)["encounters"] == 1000


def test_the_example_deliveries_give_the_published_answer(example_deliveries_dir, settings):
    expected = [(3435, 65, 65, 375, 15), (4430, 70, 70, 487, 7), (4990, 10, 20, 533, 0)]
    for number, (silver, ids, rows, promoted, orphans) in enumerate(expected, start=1):
        runs.run_now(settings, verb="run", paths=[example_deliveries_dir / f"delivery_{number}"])
        assert silver_counts(settings.home)["std_encounters"] == silver
        assert query(
            settings.home,
            "select count(distinct encounter_id), count(*) from quarantine_encounters",
        ) == [(ids, rows)]
        assert silver_counts(settings.home)["std_adverse_events"] == promoted
        assert query(settings.home, "select count(*) from quarantine_adverse_events") == [
            (orphans,)
        ]
    before = contents(settings.home)
    for number in (1, 2, 3):
        runs.run_now(settings, verb="run", paths=[example_deliveries_dir / f"delivery_{number}"])
    assert differences(before, contents(settings.home)) == []


def expected_after(folder: Path, number: int) -> dict:
    """What the generator's oracle, which shares no code with the pipeline, says of the state after
    delivery `number`.
    """
    return json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))["expected"][
        number - 1
    ]


def assert_state_is(home: Path, expected: dict) -> None:
    """Silver, open quarantine and ledger of a home are those of the oracle."""
    assert {
        name.removeprefix("std_"): rows for name, rows in silver_counts(home).items()
    } == expected["silver"]
    assert open_quarantine(home) == {
        entity: rows for entity, rows in expected["quarantine"].items() if rows
    }
    columns = ("received", "promoted", "quarantined", "superseded", "duplicates", "rejected")
    expected_counts: dict[str, list[int]] = {}
    for line in expected["ledger"]:
        counts = expected_counts.setdefault(line["entity"], [0] * len(columns))
        expected_counts[line["entity"]] = [
            one + line[name] for one, name in zip(counts, columns, strict=True)
        ]
    sums = ", ".join(f"sum({name})" for name in columns)
    ledger_counts = {
        entity: list(counts)
        for entity, *counts in query(home, f"select entity, {sums} from ledger group by entity")
    }
    assert ledger_counts == expected_counts


def test_shipped_sample_gives_what_the_oracle_says(sample_home):
    assert_state_is(sample_home, expected_after(SAMPLE_DIR, 1))


def test_shipped_sample_is_whole_after_the_suggested_repairs(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    assert accept_suggestions(settings) == 4
    runs.run_now(settings, verb="build")
    assert open_quarantine(settings.home) == {}
    assert silver_counts(settings.home)["std_encounters"] == 1000


def test_shipped_deliveries_give_what_the_oracle_says_after_each(settings):
    for number in (1, 2, 3):
        runs.run_now(
            settings,
            verb="run",
            layers=["landing_zone", "standard_model"],
            paths=[DELIVERIES_DIR / f"delivery_{number}"],
        )
        assert_state_is(settings.home, expected_after(DELIVERIES_DIR, number))


def test_every_table_after_incremental_runs_equals_a_full_refresh(settings, tmp_path):
    for number in (1, 2, 3):
        runs.run_now(settings, verb="run", paths=[DELIVERIES_DIR / f"delivery_{number}"])
    other = copied(settings.home, tmp_path / "copy")
    runs.run_now(other, verb="build", full_refresh=True)
    assert differences(contents(settings.home), contents(other.home)) == []


def test_building_again_without_news_changes_nothing(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    before = contents(settings.home)
    runs.run_now(settings, verb="build")
    assert differences(before, contents(settings.home)) == []


def test_money_and_events_are_the_same_in_silver_and_gold(sample_home):
    ((silver, gold),) = query(
        sample_home,
        """
        select (select round(sum(paid_amount_usd), 2) from std_encounters), (select round(sum(paid_sum_usd), 2) from provider_scorecard)""",
    )
    assert silver == pytest.approx(gold, abs=0.01)
    ((observed, expected),) = query(
        sample_home,
        "select sum(adverse_event_count), sum(expected_adverse_event_count) from provider_scorecard",
    )
    assert expected == pytest.approx(observed, abs=1e-6)
