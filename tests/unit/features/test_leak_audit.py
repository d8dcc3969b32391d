"""The auditor of leaks: it names what has seen the label, keeps silent where nothing has, and its
false alarms are as rare as it says.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, kstest, mannwhitneyu

from pipeline.features.leak_audit import (
    Attack,
    column_moments,
    leaks,
    rank_moments,
    tree_moments,
)

LABEL, GROUP, DELIVERY = "has_adverse_event", "provider_group", "delivery_group"
CELL = ["cpt", "age_band", "sex"]


def chance_world(seed: int, rows: int = 1500) -> pd.DataFrame:
    """Rows of 25 providers in three deliveries whose labels are independent of everything."""
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            GROUP: chance.integers(0, 25, rows),
            DELIVERY: chance.choice(["L00001", "L00005", "L00009"], rows),
            "cpt": chance.choice(["27130", "29888", "29806"], rows),
            "age_band": chance.choice(["65-74", "85+"], rows),
            "sex": chance.choice(["female", "male"], rows),
            "age": chance.integers(60, 95, rows),
            LABEL: (chance.random(rows) < 0.12).astype(int),
        }
    )


def leave_one_out(rows: pd.DataFrame) -> pd.Series:
    """Rate of the risk cell without the row: what training rows once had."""
    cells = rows.groupby(CELL)[LABEL]
    return (cells.transform("sum") - rows[LABEL]) / (cells.transform("size") - 1)


def provider_left_out(rows: pd.DataFrame) -> pd.Series:
    """Rate of the risk cell without the whole provider, over all deliveries."""
    cells, own = rows.groupby(CELL)[LABEL], rows.groupby([*CELL, GROUP])[LABEL]
    return (cells.transform("sum") - own.transform("sum")) / (
        cells.transform("size") - own.transform("size")
    )


def own_count(rows: pd.DataFrame) -> pd.Series:
    """Events of the provider in the delivery, the row's own with them."""
    return rows.groupby([GROUP, DELIVERY])[LABEL].transform("sum")


def known_before(rows: pd.DataFrame) -> pd.Series:
    """Events of the provider in earlier deliveries: clean."""
    counts = rows.pivot_table(
        index=GROUP, columns=DELIVERY, values=LABEL, aggfunc="sum", fill_value=0
    )
    earlier = (counts.cumsum(axis=1) - counts).stack()
    return pd.Series(earlier.loc[list(zip(rows[GROUP], rows[DELIVERY], strict=True))].to_numpy())


def random_number(rows: pd.DataFrame) -> pd.Series:
    """A column that knows nothing."""
    return pd.Series(np.random.default_rng(7).random(len(rows)))


def attacks(rows: pd.DataFrame) -> list[Attack]:
    found = tree_moments(rows, LABEL, [DELIVERY], GROUP, DELIVERY, seed=1)
    found |= column_moments(rows, LABEL, [DELIVERY, *CELL])
    return [moments.attack(*attack) for attack, moments in found.items()]


@pytest.mark.parametrize("leak", [leave_one_out, provider_left_out, own_count])
def test_a_column_that_has_seen_the_label_is_named_and_predicts_it_for_unknown_providers(leak):
    rows = chance_world(3)
    rows["innocent_name"] = leak(rows)
    found = attacks(rows)
    assert "innocent_name" in {attack.attacker for attack in leaks(found, 0.001)}
    if leak is leave_one_out:
        assert min(attack.auc for attack in found if attack.split == "by provider") > 0.85


@pytest.mark.parametrize("clean", [known_before, random_number])
def test_what_was_known_before_a_delivery_gives_no_alarm(clean):
    rows = chance_world(4)
    rows["innocent_name"] = clean(rows)
    assert leaks(attacks(rows), 0.001) == ()


def test_p_values_of_clean_columns_are_those_of_chance():
    ps = []
    for seed in range(100):
        rows = chance_world(seed, rows=400)
        rows["history"] = known_before(rows)
        strata = rows.groupby([DELIVERY, *CELL]).ngroup().to_numpy()
        ps += [
            rank_moments(rows[name].to_numpy(), rows[LABEL].to_numpy(), strata).attack("", "").p
            for name in ("history", "age", GROUP)
        ]
    assert binom.ppf(0.001, 300, 0.05) <= sum(p < 0.05 for p in ps) <= binom.ppf(0.999, 300, 0.05)
    assert kstest(ps, "uniform").pvalue > 0.001


def test_in_one_stratum_the_auc_and_its_p_are_those_of_mann_and_whitney():
    chance = np.random.default_rng(1)
    labels, scores = chance.integers(0, 2, 80), chance.integers(0, 12, 80) / 12
    attack = rank_moments(scores, labels, np.zeros(80)).attack("", "")
    events, others = scores[labels == 1], scores[labels == 0]
    theirs = mannwhitneyu(events, others, use_continuity=False, method="asymptotic")
    assert attack.auc == pytest.approx(theirs.statistic / len(events) / len(others), abs=1e-12)
    assert attack.p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_strata_without_a_pair_tell_nothing():
    attack = rank_moments(np.arange(4.0), np.ones(4, int), np.zeros(4)).attack("", "")
    assert (attack.auc, attack.p, attack.pairs) == (0.5, 1.0, 0)
