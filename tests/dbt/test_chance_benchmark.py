"""The benchmark of honesty about chance measures the product: its replay gives the published
tables, and its claims hold on a few seeds.
"""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from benchmarks.chance import TABLES, measure, mid_p_outside, root_outside, share_by_chance
from benchmarks.worlds import SILVER, Replay
from pipeline.synthetic import generate
from tests.conftest import SAMPLE_DIR
from tests.warehouse import query


@pytest.fixture(scope="module")
def replay(sample_home):
    return Replay(sample_home)


@pytest.fixture(scope="module")
def found(replay):
    (result,) = measure(replay, rows=[2_000], seeds=6)
    return result


def test_a_replay_over_the_same_silver_gives_the_published_scorecards(sample_home):
    replay = Replay(sample_home)
    replay.build()
    for table in replay.statements:
        columns = ", ".join(
            name for _, name, *_ in query(sample_home, f"pragma table_info({table})")
        )
        ours = replay.frame(f"select {columns} from {table}").astype(object)
        ours = [tuple(row) for row in ours.where(ours.notna(), None).values]
        assert sorted(ours, key=repr) == sorted(
            query(sample_home, f"select {columns} from {table}"), key=repr
        ), table


def test_filled_silver_holds_what_the_pipeline_promotes(sample_home, tmp_path):
    settings = json.loads((SAMPLE_DIR / "_manifest.json").read_text(encoding="utf-8"))["settings"]
    generate(
        settings["rows"],
        settings["seed"],
        tmp_path,
        world=settings["world"],
        age=settings["age"],
        defects=False,
        employers=settings["employers"],
        encounters_per_patient=settings["encounters_per_patient"],
        referral_overlap_percent=settings["referral_overlap_percent"],
    )
    replay = Replay(sample_home)
    replay.fill(tmp_path)
    for table, (_, columns) in SILVER.items():
        sql = f"select {', '.join(columns)} from {table}"
        filled = {tuple(row) for row in replay.frame(sql).values}
        promoted = set(query(sample_home, sql))
        assert len(promoted) > 20 and promoted <= filled, table


def test_before_the_first_adverse_event_scorecards_stand_without_an_outcome(sample_home, tmp_path):
    generate(300, 2, tmp_path, defects=False)
    (tmp_path / "adverse_events.csv").write_text("encounter_id\n", encoding="utf-8")
    replay = Replay(sample_home)
    replay.fill(tmp_path)
    replay.build()
    scorecard = replay.frame("select * from provider_scorecard")
    assert scorecard["encounter_count"].sum() == 300 and scorecard["cost_index"].notna().all()
    assert (
        scorecard[
            [
                "observed_to_expected",
                "shrunken_ratio",
                "shrunken_ratio_low",
                "risk_standardized_rate",
                "case_mix_index",
            ]
        ]
        .isna()
        .all(axis=None)
    )
    assert set(scorecard["funnel_verdict_95"]) == {"none"} and set(
        scorecard["adverse_event_rate"]
    ) == {0.0}
    ((evidence, used),) = replay.frame(
        "select has_evidence_of_difference, tau2_used from model_parameter where name = 'provider'"
    ).values
    # nothing is known of the variance: the mean of the prior up to a standard deviation of one
    assert evidence == 0 and used == pytest.approx(0.5, abs=0.001)


def test_where_nobody_differs_marks_are_no_more_than_chance_gives(found):
    null = found["null"]
    assert null["providers"] > 6 * 30
    ours = {
        method["limits"]: method
        for method in null["methods"]
        if method["method"].endswith("(ours)")
    }
    # of 200 providers chance gives some 4 %, give or take three standard deviations
    assert 0.025 <= ours["95"]["by_chance"] <= 0.05
    assert ours["95"]["share"] == pytest.approx(ours["95"]["by_chance"], abs=0.045)
    assert ours["998"]["seeds_with_any"] == 0
    assert null["seeds_with_evidence"] <= 1


def test_naive_methods_mark_people_where_nobody_differs(found):
    shares = {
        (method["method"], method["limits"]): method["share"] for method in found["null"]["methods"]
    }
    assert shares["2(√O − √E)", "95"] > 1.5 * shares["hypergeometric mid-P (ours)", "95"]
    assert shares["best and worst quarter", None] > 0.45


def test_where_providers_differ_shrinking_is_nearer_the_truth_and_its_interval_covers_it(found):
    everybody = found["signal"]["bands"][-1]
    assert everybody["rmse_shrunk"] < 0.7 * everybody["rmse_raw"]
    assert everybody["covered_shrunk"] > 0.92 and everybody["covered_raw"] > 0.92
    assert found["signal"]["seeds_with_evidence"] > found["null"]["seeds_with_evidence"]


def test_what_chance_gives_is_what_drawing_counts_gives():
    expected = np.array([0.7, 3.1, 9.4, 30.0])
    draws = poisson.rvs(expected, size=(40_000, 4), random_state=5)
    for outside in (mid_p_outside, root_outside):
        assert share_by_chance(outside, expected, 0.05) == pytest.approx(
            outside(draws, expected, 0.05).mean(), abs=0.002
        )


def test_every_table_has_a_cell_for_each_heading(found):
    for headings, rows_of in TABLES.values():
        rows = rows_of([found])
        assert rows and {len(row) for row in rows} == {len(headings)}
        assert not pd.DataFrame(rows).isna().any(axis=None)
