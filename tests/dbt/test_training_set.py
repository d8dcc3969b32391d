"""The training set: every statistic without the row itself, recomputed from the other rows alone in
pandas.
"""

import numpy as np
import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.features import retrieval, training
from tests.dbt.gold_oracle import read_gold

PRIOR, FLOOR = 20, 0.04
CELL = ["cpt", "age_band", "sex"]


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


@pytest.fixture(scope="module")
def encounters(sample_home) -> pd.DataFrame:
    """The encounters of gold in the order of the training rows."""
    return read_gold(sample_home)["fct_encounter"].sort_values("encounter_id", ignore_index=True)


def case_mix_rates(others: pd.DataFrame) -> tuple[pd.Series, dict]:
    """Calibrated rate of each risk cell, and what an empty cell of a procedure would get, from
    these encounters alone.
    """
    cells = others.groupby(CELL).has_adverse_event.agg(["size", "sum"])
    procedure = others.groupby("cpt").has_adverse_event.mean()
    smoothed = (cells["sum"] + PRIOR * cells.index.get_level_values("cpt").map(procedure)) / (
        cells["size"] + PRIOR
    )
    factor = others.has_adverse_event.sum() / (smoothed * cells["size"]).sum()
    return smoothed * factor, (procedure * factor).to_dict()


def recomputed(encounters: pd.DataFrame, place: int) -> dict[str, float]:
    """What one encounter may know: everything from all the others, its own label never read."""
    own, others = encounters.loc[place], encounters.drop(index=place)
    rates, of_procedure = case_mix_rates(others)
    mine = others[others.npi == own.npi]
    events, expected = (
        mine.has_adverse_event.sum(),
        rates.reindex(pd.MultiIndex.from_frame(mine[CELL])).sum(),
    )
    same = mine[mine.cpt == own.cpt]
    return {
        "case_mix_rate": rates.get(tuple(own[CELL]), of_procedure.get(own.cpt)),
        "provider_encounter_count": len(mine),
        "provider_adverse_event_count": events,
        "provider_expected_adverse_event_count": expected,
        "provider_observed_to_expected": events / expected,
        "provider_shrunken_ratio": (events + 1 / FLOOR) / (expected + 1 / FLOOR),
        "provider_ln_volume": np.log(1 + len(mine)),
        "provider_procedure_encounter_count": len(same),
        "provider_procedure_adverse_event_count": same.has_adverse_event.sum(),
    }


def test_every_statistic_is_that_of_all_other_encounters(settings, encounters):
    rows = training.training_set(settings)
    assert (
        rows.has_adverse_event.tolist() == encounters.has_adverse_event.tolist()
        and rows.cpt.tolist() == encounters.cpt.tolist()
    )
    events, quiet = (
        encounters.index[encounters.has_adverse_event == 1],
        encounters.index[encounters.has_adverse_event == 0],
    )
    smallest = encounters.groupby(CELL).encounter_id.transform("size").sort_values().index[:4]
    for place in [*events[::12], *quiet[::90], *smallest]:
        for name, expected in recomputed(encounters, place).items():
            assert rows.loc[place, name] == pytest.approx(expected, rel=1e-8, abs=1e-9), (
                place,
                name,
            )


def test_a_row_names_nobody(settings):
    rows = training.training_set(settings)
    assert not {"encounter_id", "patient_id", "npi", "birth_date", "birth_year"} & set(rows.columns)
    assert rows.provider_group.nunique() == rows.provider_group.max() and set(
        training.feature_names()
    ) < set(rows.columns)


def test_as_known_at_the_newest_moment_is_what_the_build_left(settings):
    now, then = (
        training.training_set(settings),
        training.training_set(settings, retrieval.settled_until(settings)),
    )
    pd.testing.assert_frame_equal(then, now, check_dtype=False, rtol=0)
    assert training.training_set(settings, "1999-01-01").empty


def test_labels_of_the_only_delivery_are_not_mature(settings):
    assert training.training_set(settings).is_label_mature.sum() == 0
    assert training.training_set(settings, mature_only=True).empty


def test_the_command_writes_what_the_service_says(settings, tmp_path):
    out = tmp_path / "rows.parquet"
    words = ["--home", str(settings.home), "features", "training", "--out", str(out)]
    assert main.main(words) == 2 and not out.exists()
    assert main.main([*words, "--profile", "internal"]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(out), training.training_set(settings))
    with pytest.raises(InputRefused, match="neither"):
        training.export(settings, tmp_path / "rows.xlsx")
