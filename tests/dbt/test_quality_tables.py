"""What each rule found and holds back, in SQL, against what the services count in Python."""

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts, load_delivery_rules
from pipeline.quality import rule_results
from pipeline.services.quarantine import decisions
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import state
from tests import absence
from tests.dbt.insight_oracle import read_tables
from tests.factories import encounter, npi, provider, small_world
from tests.warehouse import query


@pytest.fixture(scope="module")
def tables(sample_home):
    """The two tables as frames, by name."""
    return read_tables(sample_home, ("dq_run_summary", "dq_open_impact"))


def test_every_declared_rule_has_the_result_that_the_run_reports(tables, sample_home):
    with open_warehouse(load_settings(home=sample_home)) as connection:
        results = rule_results.collect(connection, load_contracts().values(), load_delivery_rules())
    expected = {
        (result.rule_name, result.entity): (
            result.rule_id,
            result.action,
            result.failing_rows,
            result.rows_checked,
            result.status,
        )
        for result in results
    }
    summary = tables["dq_run_summary"]
    assert {
        (row.rule_name, row.entity): (
            row.rule_id,
            row.action,
            row.failing_rows,
            row.rows_checked,
            row.status,
        )
        for row in summary.itertuples()
    } == expected
    assert {rule.name for contract in load_contracts().values() for rule in contract.rules} <= set(
        summary.rule_name
    )
    rows = summary[
        summary.stage.isin(["before_promotion", "after_promotion"]) & (summary.rows_checked > 0)
    ]
    assert rows.pct.to_numpy() == pytest.approx(
        (100 * rows.failing_rows / rows.rows_checked).to_numpy()
    )


def test_gold_flags_the_encounters_that_quality_counts(sample_home):
    counted = query(
        sample_home,
        "select rule_id, count(distinct _row_id) from dq_encounters where action = 'flag' "
        "and _row_id in (select _row_id from promoted_encounters) group by rule_id",
    )
    flagged = query(
        sample_home,
        "select value, count(*) from fct_encounter, json_each(dq_warn_codes) group by value",
    )
    assert {"ENC-13", "ENC-14", "ENC-15"} <= {rule_id for rule_id, _ in counted}
    assert dict(flagged) == dict(counted)
    assert (
        query(sample_home, "select sum(is_cost_outlier) from fct_encounter")[0][0]
        == dict(counted)["ENC-13"]
    )


def test_a_rule_holds_back_what_its_open_rows_hold_back(tables, sample_home):
    expected: dict[tuple[str, str], list[float]] = {}
    for row in decisions.rows(load_settings(home=sample_home)):
        for rule_id in row.rules:
            sums = expected.setdefault((rule_id, row.entity), [0, 0, 0, 0.0, 0, 0, 0])
            held = row.holds_back
            mine = (
                1,
                len(row.rules) == 1,
                held.encounters,
                held.paid_amount_usd,
                held.adverse_events,
                held.referrals,
                held.other_rows,
            )
            expected[rule_id, row.entity] = [
                one + other for one, other in zip(sums, mine, strict=True)
            ]
    impacts = {
        (row.rule_id, row.entity): [
            row.open_rows,
            row.open_rows_for_this_alone,
            row.encounters,
            0.0 if row.encounters_without_amount == row.encounters else row.paid_amount_usd,
            row.adverse_events,
            row.referrals,
            row.other_rows,
        ]
        for row in tables["dq_open_impact"].itertuples()
    }
    assert impacts == {key: pytest.approx(sums) for key, sums in expected.items()}
    assert impacts["PRV-01", "providers"][2] > 50, (
        "the one provider without an NPI holds back what uses the one undescribed NPI"
    )


def test_no_number_of_what_waits_is_zero_because_it_is_unknown(tmp_path):
    """Of two providers without an NPI nobody can tell for which of them an encounter waits: up to
    all of those whose NPI nobody describes. A reversal takes nothing away from what waits.
    """
    rows = small_world()
    rows["providers"] += [provider(70, npi=""), provider(71, npi="")]
    rows["encounters"] += [
        encounter("orphan", npi=npi(70), paid_amount="305.5"),
        encounter("another", npi=npi(71), paid_amount="100"),
        encounter("reversal", paid_amount="-5000"),
    ]
    home = tmp_path / "home"
    settings = absence.build(home, rows, tmp_path / "delivery")
    impact = {
        (rule, entity): tuple(counts)
        for rule, entity, *counts in query(
            home,
            "select rule_id, entity, encounters, encounters_up_to, paid_amount_usd, "
            "paid_amount_up_to_usd, encounters_without_amount from dq_open_impact",
        )
    }
    assert impact["PRV-01", "providers"] == (None, 2, None, 405.5, 0)
    assert impact["ENC-06", "encounters"] == (2, 2, 405.5, 405.5, 0)
    assert impact["ENC-12", "encounters"] == (1, 1, None, None, 1)
    assert query(home, "select min(paid_amount_up_to_usd) from dq_open_impact")[0][0] >= 0
    with open_warehouse(settings) as connection:
        assert state.held_back_dollars(connection) == 405.5
    held = [row.holds_back.paid_amount_usd for row in decisions.rows(settings)]
    assert min(held) == 0
