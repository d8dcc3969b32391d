"""Drift: formulas against scipy and by hand, chance kept apart from change, and the gate with its
exit code.
"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies
from scipy.stats import binomtest, chi2, fisher_exact, ks_2samp

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.features import drift as formulas
from pipeline.features import drift_chance
from pipeline.features.drift import Gate, feature_drift
from pipeline.services.features import drift
from pipeline.store.sqlite.database import open_warehouse

GATE = Gate(psi=0.2, ks=0.2, missing=0.1, min_entities=50)


def compared(before, now, dtype="real", gate=GATE):
    return feature_drift("x", dtype, pd.Series(before), pd.Series(now), gate)


@given(
    strategies.lists(strategies.integers(0, 12), min_size=2, max_size=60),
    strategies.lists(strategies.integers(0, 12), min_size=2, max_size=60),
)
@settings(deadline=None, max_examples=100)
def test_the_distance_is_that_of_scipy_ties_included(before, now):
    mine = formulas.ks_statistic(np.sort(np.array(before, float)), np.sort(np.array(now, float)))
    assert mine == pytest.approx(ks_2samp(before, now, method="asymp").statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "m", "shift"),
    [(60, 80, 0.0), (200, 300, 0.1), (1000, 1000, 0.1), (5000, 400, 0.05), (100, 100, 0.6)],
)
def test_its_p_value_is_close_to_that_of_scipy(n, m, shift):
    chance = np.random.default_rng(n + m)
    before, now = chance.normal(size=n), chance.normal(shift, size=m)
    measured = compared(before, now)
    assert measured.ks_p == pytest.approx(ks_2samp(before, now).pvalue, abs=0.03)


def test_psi_is_the_one_computed_by_hand():
    before, now = np.array([40, 30, 30]), np.array([20, 30, 50])
    old, new = (
        [40.5 / 101.5, 30.5 / 101.5, 30.5 / 101.5],
        [20.5 / 101.5, 30.5 / 101.5, 50.5 / 101.5],
    )
    by_hand = (new[0] - old[0]) * math.log(new[0] / old[0]) + (new[2] - old[2]) * math.log(
        new[2] / old[2]
    )
    assert formulas.psi(before, now) == pytest.approx(by_hand, rel=1e-12)
    assert formulas.psi(before, now) == pytest.approx(0.23352, abs=1e-5)
    assert formulas.psi(before, before * 10) == pytest.approx(0, abs=1e-3)


def test_bins_are_tenths_of_the_reference_and_values_outside_it_fall_into_the_outer_ones():
    before = pd.Series(np.arange(1000.0))
    old, new = formulas.counts(before, pd.Series([-5.0, 2000.0, 2000.0]), "real")
    assert old.tolist() == [100] * 10 and new.tolist() == [1, *[0] * 8, 2]
    old, new = formulas.counts(pd.Series([3.0] * 60), pd.Series([2.0, 3.0, 4.0, 4.0]), "real")
    assert (old.tolist(), new.tolist()) == ([0, 60, 0], [1, 1, 2])
    old, new = formulas.counts(pd.Series(["a"] * 3 + ["b"]), pd.Series(["b", "c", "d"]), "text")
    assert (old.tolist(), new.tolist()) == ([3, 1, 0], [0, 1, 2])


@pytest.mark.parametrize("bins", [2, 5, 10, 20])
def test_the_limit_of_chance_is_the_quantile_of_chi_square(bins):
    mean, limit = formulas.chance_of_psi(bins, 200, 300)
    assert mean == pytest.approx((bins - 1) * (1 / 200 + 1 / 300))
    assert limit == pytest.approx(chi2.ppf(0.999, bins - 1) * (1 / 200 + 1 / 300), rel=0.04)


def test_psi_without_change_is_on_average_what_chance_is_said_to_give():
    chance = np.random.default_rng(1)
    for size in (60, 400):
        drifts = [compared(chance.normal(size=size), chance.normal(size=size)) for _ in range(300)]
        assert np.mean([measured.psi for measured in drifts]) == pytest.approx(
            drifts[0].psi_by_chance, rel=0.25
        )
        assert sum(measured.verdict == "drifted" for measured in drifts) <= 3


def test_a_shift_is_called_drift_and_a_small_one_is_not():
    chance = np.random.default_rng(2)
    before = chance.normal(size=500)
    far, near = (
        compared(before, chance.normal(1, size=500)),
        compared(before, chance.normal(0.05, size=500)),
    )
    assert (
        far.verdict == "drifted"
        and far.mean_shift == pytest.approx(1, abs=0.2)
        and len(far.reasons) == 2
    )
    assert near.verdict == "stable" and near.reasons == ()


def test_few_entities_tell_what_is_beyond_chance_and_are_never_stable():
    assert compared(np.zeros(20), np.ones(20)).verdict == "drifted"
    assert compared(np.zeros(5), np.ones(5)).verdict == "too few to tell"
    chance = np.random.default_rng(5)
    verdicts = [
        compared(chance.normal(size=20), chance.normal(size=20)).verdict for _ in range(300)
    ]
    assert set(verdicts) <= {"too few to tell", "drifted"} and verdicts.count("drifted") <= 3


def test_providers_shifted_by_ten_standard_deviations_are_told():
    before = np.random.default_rng(8).normal(size=42)
    measured = compared(before, before + 10)
    assert measured.verdict == "drifted" and measured.ks == 1 and measured.ks_p < 1e-10
    assert (measured.rose, measured.fell) == (42, 0)


def test_entities_are_compared_one_by_one():
    """A shift that two samples of 42 would leave to chance is told when every entity makes it."""
    before = pd.Series(np.random.default_rng(4).normal(size=42), index=range(42))
    shuffled = (before + 0.8).sample(frac=1, random_state=1)
    measured = feature_drift("x", "real", before, shuffled, GATE)
    assert measured.verdict == "drifted" and measured.sign_p < 1e-10
    strangers = feature_drift("x", "real", before, shuffled.set_axis(range(50, 92)), GATE)
    assert strangers.verdict == "too few to tell" and (strangers.rose, strangers.fell) == (0, 0)


def _as_whole(before, now):
    return np.rint(now) if (before % 1 == 0).all() else now


#: Values of a feature without change: a snapshot, and the same entities a little later.
WORLDS = {
    "copied": lambda chance, before: before.copy(),
    "a little": lambda chance, before: _as_whole(
        before, before * np.exp(0.05 * chance.normal(size=len(before)))
    ),
    "drawn again": lambda chance, before: chance.permutation(before),
}
SHAPES = {
    "normal": lambda chance, size: chance.normal(10, 2, size),
    "lognormal": lambda chance, size: np.exp(chance.normal(size=size)),
    "heavy": lambda chance, size: chance.pareto(1, size) + 1,
    "counts": lambda chance, size: chance.geometric(0.1, size).astype(float),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("size", [20, 42, 100, 1000])
def test_what_did_not_change_is_not_called_drift(shape, world, size):
    chance = np.random.default_rng(size)
    drifted = 0
    for _ in range(60):
        before = SHAPES[shape](chance, size)
        drifted += compared(before, WORLDS[world](chance, before)).verdict == "drifted"
    assert drifted <= 1


#: Wide shapes hide it when their values are drawn again: a hundredth is among the others.
TOLD = [
    (shape, "copied", size) for shape in ("normal", "lognormal", "heavy") for size in (100, 1000)
]
TOLD += [(shape, "a little", 1000) for shape in SHAPES]
TOLD += [(shape, "drawn again", 2000) for shape in ("normal", "counts")]


@pytest.mark.parametrize(("shape", "world", "size"), TOLD)
@pytest.mark.parametrize("factor", [100, 0.01])
def test_one_value_in_a_hundred_in_another_unit_is_told(shape, world, size, factor):
    """PSI and KS do not see it."""
    chance = np.random.default_rng(size + 1)
    told = 0
    for _ in range(10):
        before = SHAPES[shape](chance, size)
        now = WORLDS[world](chance, before)
        now[chance.choice(size, size // 100, replace=False)] *= factor
        measured = compared(before, now)
        assert measured.psi < GATE.psi and measured.ks < GATE.ks
        told += measured.verdict == "drifted"
    assert told >= 9


def test_a_text_of_few_entities_is_judged_by_its_categories():
    measured = compared(["a"] * 30 + ["b"] * 5, ["a"] * 5 + ["b"] * 30, "text")
    assert measured.verdict == "drifted"
    assert compared(["a"] * 10, ["b"] * 2 + ["a"] * 8, "text").verdict == "too few to tell"


@given(
    strategies.integers(0, 60),
    strategies.integers(0, 60),
    strategies.integers(0, 60),
    strategies.integers(0, 60),
)
@settings(deadline=None, max_examples=100)
def test_exact_chances_are_those_of_scipy(a, b, c, d):
    if a + b and c + d:
        greater, less = (
            fisher_exact([[a, b], [c, d]], alternative=side).pvalue for side in ("greater", "less")
        )
        mine = drift_chance.two_shares_p(a, a + b, c, c + d)
        assert mine == pytest.approx(min(1.0, 2 * min(greater, less)), abs=1e-9)
    if a + b:
        assert drift_chance.sign_p(a, b) == pytest.approx(binomtest(a, a + b).pvalue, abs=1e-9)


def test_values_that_go_missing_are_drift_unless_chance_explains_them():
    values = np.random.default_rng(3).normal(size=400)
    gone = np.where(np.arange(400) < 60, np.nan, values)
    assert compared(values, gone).reasons == ("missing 0.0%, now 15.0%",)
    assert (
        compared(values[:60], np.where(np.arange(60) < 6, np.nan, values[:60])).verdict == "stable"
    )
    lost = compared(values, np.full(400, np.nan))
    assert lost.verdict == "drifted" and lost.psi is None and lost.mean_now is None


def test_a_text_has_categories_and_no_distance():
    measured = compared(["a"] * 80 + ["b"] * 20, ["a"] * 20 + ["b"] * 80, "text")
    assert measured.verdict == "drifted" and measured.ks is None and measured.mean_before is None


@pytest.fixture
def home(tmp_path):
    """A warehouse with two snapshots of 60 patients, of whom the second is 20 years older."""
    features = (
        "age_as_of integer, age_band text, sex text, encounter_count_to_date integer, "
        "adverse_event_count_to_date integer, paid_to_date_usd real, "
        "cpt_set_to_date text, has_open_referral integer"
    )
    with open_warehouse(load_settings(home=tmp_path), write=True) as connection:
        connection.execute(
            "create table feat_patient (patient_id text, event_timestamp text, row_version integer, is_retired integer, "
            f"{features})"
        )
        for version, moment in ((1, "2026-01-01T00:00:00Z"), (2, "2026-02-01T00:00:00Z")):
            for number in range(60):
                connection.execute(
                    "insert into feat_patient values (?, ?, ?, 0, ?, 'x', 'male', 1, 0, ?, null, 0)",
                    (str(number), moment, version, 30 + number // 2 + 20 * version, number),
                )
    return tmp_path


def test_the_newest_snapshot_is_compared_with_the_one_before_and_the_gate_decides(home):
    report = drift.drift(load_settings(home=home), "patient")
    assert report.drifted == ("feat_patient:age_as_of",)
    (table,) = report.tables
    assert (table.from_moment, table.to_moment, table.entities_before) == (
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
        60,
    )
    assert drift.drift(load_settings(home=home, drift_psi="99", drift_ks="1")).status == "stable"
    few = load_settings(home=home, drift_min_entities="61")
    assert drift.drift(few).drifted == ("feat_patient:age_as_of",)
    assert drift.drift(few, "patient", "2026-02-01", "2026-02-02").status == "too few to tell"
    assert (
        drift.drift(load_settings(home=home), "patient", "2026-02-01", "2026-02-02").status
        == "stable"
    )


def test_the_command_ends_with_three_when_the_gate_holds(home, capsys):
    assert main.main(["--home", str(home), "features", "drift"]) == 3
    assert "age_as_of" in capsys.readouterr().out
    assert (
        main.main(
            [
                "--home",
                str(home),
                "features",
                "drift",
                "--from",
                "2026-02-01",
                "--to",
                "2026-02-02",
                "--json",
            ]
        )
        == 0
    )


def test_what_has_no_two_snapshots_is_refused_when_it_is_named(home):
    with pytest.raises(InputRefused, match="not built yet"):
        drift.drift(load_settings(home=home), "provider")
    with open_warehouse(load_settings(home=home), write=True) as connection:
        connection.execute("delete from feat_patient where row_version = 2")
    with pytest.raises(InputRefused, match="one snapshot only"):
        drift.drift(load_settings(home=home), "patient")
    assert drift.drift(load_settings(home=home)).tables == ()
