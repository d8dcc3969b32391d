"""What is said of providers who are shown rests on nothing that is hidden."""

import numpy as np
import pandas as pd
from scipy import stats

from pipeline.config import load_settings
from pipeline.services.providers import providers
from pipeline.services.tables.visible import open_visible
from tests.warehouse import query


def test_q_is_that_of_the_shown_providers_and_of_these_alone(sample_home):
    shown = providers.comparison(load_settings(home=sample_home)).scorecard
    known = shown.dropna(subset=["observed_to_expected"])
    p = np.minimum(1, 2 * np.minimum(known["mid_p_low"], known["mid_p_high"]).astype(float))
    assert 1 < len(known) < len(shown)
    np.testing.assert_allclose(known["q_value"], stats.false_discovery_control(p), rtol=1e-12)
    assert shown.loc[~shown.index.isin(known.index), "q_value"].isna().all()


def test_no_table_shows_the_q_of_all(sample_home):
    settings = load_settings(home=sample_home)
    for table in ("provider_scorecard", "int_provider_chance"):
        ((counted,),) = query(sample_home, f"select count(q_value) from {table}")
        for for_export in (False, True):
            with open_visible(settings, table, for_export=for_export) as connection:
                rows = connection.execute(f"select count(q_value) from {table}").fetchone()
            assert counted > 10 and rows == (0,)


def test_q_without_a_provider_and_with_one():
    nothing = pd.Series(dtype=float)
    assert providers.q_values(nothing, nothing).empty
    assert providers.q_values(pd.Series([0.02]), pd.Series([0.98])).tolist() == [0.04]
