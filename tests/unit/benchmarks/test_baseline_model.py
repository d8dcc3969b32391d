"""The baseline model: its AUC is that of scikit-learn, its split keeps providers apart, and it sees
what is there to see.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks import baseline_model


def training_rows(
    spread: float, seed: int, providers: int = 60, rows_per_group: int = 60
) -> pd.DataFrame:
    """Rows of a world whose providers differ by `spread` in log odds, with the history of as many
    earlier encounters.
    """
    chance = np.random.default_rng(seed)
    group = np.repeat(np.arange(providers), rows_per_group)
    age = chance.integers(40, 95, len(group))
    odds = np.exp(-2 + 0.03 * (age - 70) + chance.normal(0, spread, providers)[group])
    label = (chance.random(len(group)) < odds / (1 + odds)).astype(int)
    earlier = (chance.random(len(group)) < odds / (1 + odds)).astype(int)
    known = np.bincount(group, earlier)[group]
    expected = rows_per_group * earlier.mean()
    return pd.DataFrame(
        {
            "has_adverse_event": label,
            "provider_group": group,
            "cpt": chance.choice(["27130", "29888"], len(group)),
            "sex": "female",
            "age": age,
            "case_mix_rate": label.mean(),
            "provider_shrunken_ratio": (known + 25) / (expected + 25),
            "provider_ln_volume": np.log(rows_per_group),
        }
    )


def test_the_weighted_auc_is_that_of_scikit_learn_ties_included():
    chance = np.random.default_rng(1)
    labels, scores, weights = (
        chance.integers(0, 2, 500),
        chance.integers(0, 30, 500) / 30,
        chance.integers(0, 4, 500),
    )
    assert baseline_model.auc(labels, scores, weights) == pytest.approx(
        roc_auc_score(labels, scores, sample_weight=weights), abs=1e-12
    )


def test_a_prediction_does_not_depend_on_labels_of_its_own_provider():
    rows = training_rows(0.5, 2)
    labels, groups = rows.has_adverse_event.to_numpy(), rows.provider_group.to_numpy()
    changed = np.where(groups == 7, 1 - labels, labels)
    features = baseline_model.own_risk(rows)
    one, other = (
        baseline_model.predicted(features, values, groups)[groups == 7]
        for values in (labels, changed)
    )
    np.testing.assert_allclose(one, other)


def test_history_adds_nothing_where_providers_do_not_differ_and_something_where_they_do(
    monkeypatch,
):
    monkeypatch.setattr(baseline_model, "RESAMPLES", 60)
    null, signal = (baseline_model.evaluate(training_rows(spread, 3)) for spread in (0.0, 0.8))
    assert null.difference[1] <= 0 <= null.difference[2] or null.difference[0] < 0
    assert abs(null.difference[0]) < 0.01
    assert signal.difference[1] > 0.02
