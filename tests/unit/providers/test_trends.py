"""Trends over deliveries: steps give no small count away; chance reaches a limit as seldom as is
said.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers import delivery_steps, explain_trends, trends


def world(seed: int, deliveries: int, size: float, worse_from: int = 99) -> pd.DataFrame:
    """Encounters of twelve providers; from one delivery on every odds is doubled."""
    generator = np.random.default_rng(seed)
    rows = []
    for npi in range(12):
        for cpt in ("27130", "27447", "29881")[: generator.integers(1, 4)]:
            for delivery in range(1, deliveries + 1):
                for risk in (0.08, 0.2):
                    n = generator.poisson(size)
                    odds = risk / (1 - risk) * (2 if delivery >= worse_from else 1)
                    events = generator.binomial(n, odds / (1 + odds))
                    if n:
                        rows.append((str(npi), cpt, delivery, risk, n, events))
    return pd.DataFrame(rows, columns=["npi", "cpt", "delivery", "risk", "encounters", "events"])


def open_cells(own: pd.DataFrame) -> list[tuple]:
    """The small cells of procedure by step that the totals of both leave no choice about."""
    cells = own.groupby(["cpt", "step"])[["encounters", "events"]].sum()
    equations = np.array(
        [
            [key[level] == line for key in cells.index]
            for level in (0, 1)
            for line in cells.index.unique(level)
        ],
        dtype=float,
    )
    totals = equations @ cells["events"].to_numpy(float)
    found = []
    for place, n in enumerate(cells["encounters"]):
        goal = np.eye(len(cells))[place]
        bounds = [(0, n) for n in cells["encounters"]]
        low, high = (
            sign * linprog(sign * goal, A_eq=equations, b_eq=totals, bounds=bounds).fun
            for sign in (1, -1)
        )
        if n < SMALLEST_CELL and high - low < 0.99:
            found.append(cells.index[place])
    return found


@pytest.mark.parametrize("size", [2, 3, 6])
def test_no_small_cell_can_be_worked_out_from_steps_and_procedures(size):
    several = 0
    for seed in range(5):
        encounters = world(seed, 5, size)
        shown = encounters.groupby(["npi", "cpt"])["encounters"].transform("sum") >= SMALLEST_CELL
        for _, own in delivery_steps.with_steps(encounters[shown]).groupby("npi"):
            if own["step"].nunique() > 1:
                several += 1
                assert own.groupby("step")["encounters"].sum().min() >= SMALLEST_CELL
                assert open_cells(own) == []
    assert several > 10


def test_steps_that_would_give_a_small_cell_away_are_put_together():
    rows = [
        ("1", "27130", 1, 0.1, 40, 4),
        ("1", "27130", 2, 0.1, 10, 3),
        ("1", "27447", 2, 0.1, 12, 1),
    ]
    columns = ["npi", "cpt", "delivery", "risk", "encounters", "events"]
    own = pd.DataFrame(rows, columns=columns)
    assert open_cells(own.assign(step=own["delivery"])) == [("27130", 2)]
    assert delivery_steps.with_steps(own)["step"].tolist() == [2, 2, 2]


def test_chance_reaches_a_limit_as_seldom_as_is_said(monkeypatch):
    monkeypatch.setattr(trends, "DRAWS", 2_000)
    monkeypatch.setattr(trends, "FALSE_ALARM", 0.1)  # often enough to be counted in few worlds
    said, reached = 0.0, 0
    for seed in range(12):
        found = trends.followed(world(10_000 + seed, 6, 6))
        said += found.providers["by_chance"].sum()
        reached += (found.providers["alarm"] != "none").sum()
        assert (found.providers["by_chance"] <= len(trends.ODDS) * trends.FALSE_ALARM).all()
    # about Poisson: within three and a half standard deviations
    assert said > 10 and abs(reached - said) < 3.5 * np.sqrt(said)


def test_odds_that_double_are_found_and_those_that_stay_are_not_taken_for_fewer():
    found = trends.followed(world(7, 8, 12, worse_from=4))
    assert (found.providers["alarm"] == "more").mean() > 0.5
    assert not found.providers["alarm"].str.contains("fewer").any()
    path = found.paths[found.paths["npi"] == found.providers["npi"].iloc[0]]
    assert path["step"].is_monotonic_increasing and len(path) > 4


def test_sums_are_those_of_the_likelihood_ratio():
    rows = pd.DataFrame({"encounters": [30, 20], "risk": [0.1, 0.3], "events": [5, 4]})
    offsets = np.array([trends._offset(rows, 2.0)] * 2)
    ratio = sum(
        events * np.log(2) - n * np.log(1 - risk + 2 * risk)
        for n, risk, events in rows[["encounters", "risk", "events"]].itertuples(index=False)
    )
    sums = trends.cumulative(np.array([[9, 9], [0, 9]]), 2.0, offsets)
    assert sums[0] == pytest.approx([max(0, ratio), max(0, max(0, ratio) + ratio)])
    assert sums[1] == pytest.approx([0, max(0, ratio)])


def test_one_delivery_is_no_trend():
    found = trends.followed(world(1, 1, 20))
    assert found.providers.empty and found.one_step == 12
    assert "needs two" in explain_trends.no_trend(found.deliveries)
