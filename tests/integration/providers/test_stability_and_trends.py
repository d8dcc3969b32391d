"""Sensitivity, variation and trends rest on what the screens show: whatever stands in hidden cells,
the answers are the same.
"""

import sqlite3

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.providers import (
    cost_cuts,
    event_cost,
    peers,
    sensitivity,
    trends,
    variation,
)
from pipeline.services.tables import visible
from tests.warehouse import copied

#: Table -> the cells that it is hidden by, and columns that hold outcomes.
OUTCOMES = {
    "fct_encounter": (("npi", "cpt"), ["has_adverse_event", "expected_adverse_event_count"]),
    "provider_procedure_scorecard": (("npi", "cpt"), ["adverse_event_count"]),
    "provider_scorecard": (("npi",), ["adverse_event_count", "shrunken_ratio", "funnel_verdict_95"]),
    "procedure_benchmark": (("cpt",), ["adverse_event_count"]),
    "case_mix_reference": (("cpt", "age_band", "sex"), ["observed_count", "calibrated_rate"]),
}  # fmt: skip


def answers(settings) -> list[pd.DataFrame]:
    told, spread, over_time = (
        sensitivity.sensitivity(settings),
        variation.variation(settings),
        trends.trends(settings),
    )
    assert told is not None
    return [
        told.verdicts, told.ratios, told.quality,
        pd.DataFrame([[told.auc, told.auc_corrected, told.slope_corrected]]),
        event_cost.event_cost(settings), (grouped := peers.peers(settings)).groups, grouped.of,
        spread.rows, over_time.providers, over_time.paths, cost_cuts.cost_indices(settings),
    ]  # fmt: skip


def test_no_answer_rests_on_a_hidden_cell(sample_home, tmp_path, monkeypatch):
    settings = copied(sample_home, tmp_path / "home")
    hidden = visible.hidden_cells(settings)
    monkeypatch.setattr(visible, "_hidden", lambda stamp, settings: hidden)
    before, changed = answers(settings), 0
    with sqlite3.connect(settings.home / "icon_health.db") as warehouse:
        for table, (cell, columns) in OUTCOMES.items():
            keys = hidden.of(cell)
            condition = " and ".join(f"{name} = ?" for name in cell)
            for column in columns:
                value = "'high'" if "verdict" in column else f"1 - coalesce({column}, 0)"
                changed += warehouse.executemany(
                    f"update {table} set {column} = {value} where {condition}", sorted(keys)
                ).rowcount
        warehouse.execute(
            "update provider_case_mix set adverse_event_count = 1 - coalesce(adverse_event_count, 0)"
        )
    warehouse.close()
    assert changed > 500
    for one, other in zip(before, answers(settings), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_the_published_verdicts_stand_where_nothing_is_counted_otherwise(sample_home):
    found = sensitivity.sensitivity(load_settings(home=sample_home))
    assert found is not None
    assert set(found.verdicts[sensitivity.PUBLISHED]) <= {"in", "high", "low"}
    assert len(found.verdicts) > 5 and found.verdicts.shape[1] == 9
    assert found.verdicts.drop(columns=["from 25 encounters", "from 50 encounters"]).notna().all(axis=None)  # fmt: skip
    assert 0.5 < found.auc_corrected < found.auc < 1


def test_shares_of_a_home_add_up_and_one_delivery_tells_nothing_of_deliveries(sample_home):
    found = variation.variation(load_settings(home=sample_home))
    sums = found.rows.groupby("scope")["share"].sum()
    assert sums.tolist() == pytest.approx([1] * len(sums))
    assert variation.OVERALL in found.providers and variation.BY_DELIVERY not in found.providers
    assert found.rows.loc[found.rows["source"] == "delivery", "share"].isna().all()
    known = found.rows.dropna()
    assert (known["low"] <= known["share"] + 0.02).all()
    assert (known["share"] <= known["high"] + 0.02).all()
    assert "are chance" in variation.in_words(found)
