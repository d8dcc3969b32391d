"""Encounters that are too recent for their adverse events: outcomes leave them out, costs and
volumes do not.

A home lives through three deliveries of one world, the last without adverse events. As nothing
after the first confirms an outcome of a later one, no outcome may move after the first.
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers import provider_profile, providers
from pipeline.services.run import runs
from pipeline.services.tables import outcome_maturity, visible
from pipeline.synthetic import generate
from tests.dbt.gold_oracle import chance_of_counts, read_gold, with_rates
from tests.warehouse import query

AS_OF = "2026-06-01"
CELL = ["cpt", "age_band", "sex"]
LAYERS = ["landing_zone", "standard_model", "enterprise_datasets"]
OUTCOMES = {
    "provider_scorecard": ["npi"],
    "provider_procedure_scorecard": ["npi", "cpt"],
    "case_mix_reference": ["cpt", "age_band", "sex"],
    "procedure_benchmark": ["cpt"],
    "model_parameter": ["name"],
}
#: Columns of outcomes that hold no count of all encounters.
FIGURES = [
    "mature_encounter_count",
    "adverse_event_count",
    "observed_count",
    "adverse_event_rate",
    "adverse_event_rate_low",
    "adverse_event_rate_high",
    "expected_adverse_event_count",
    "observed_to_expected",
    "observed_to_expected_low",
    "observed_to_expected_high",
    "shrunken_ratio",
    "shrunken_ratio_low",
    "shrunken_ratio_high",
    "reliability",
    "mid_p_low",
    "q_value",
    "funnel_verdict_95",
    "funnel_verdict_998",
    "flag_probability_95",
    "double_odds_power_95",
    "case_mix_index",
    "risk_standardized_rate",
    "raw_rate",
    "smoothed_rate",
    "calibrated_rate",
    "overall_rate",
    "mu",
    "tau2_hat",
    "tau2_standard_error",
    "tau2_used",
    "phi",
    "heterogeneity_chi2",
    "heterogeneity_p",
]


@pytest.fixture(scope="module")
def story(tmp_path_factory, parsed_project):
    """Gold and the sentence on maturity after the first and the last delivery, and the settings."""
    folder = tmp_path_factory.mktemp("maturity")
    generate(900, 31, folder / "out", world="signal", deliveries=3, defects=False)
    (folder / "out" / "delivery_3" / "adverse_events.csv").unlink()
    settings = load_settings(home=folder / "home")
    (settings.dbt_dir / "target").mkdir(parents=True)
    shutil.copy(parsed_project, settings.dbt_dir / "target")
    told = []
    first, *others = sorted((folder / "out").glob("delivery_*"))
    for paths in ([first], others):
        runs.run_now(settings, verb="run", paths=paths, as_of=AS_OF, layers=LAYERS)
        gold = read_gold(settings.home)
        for name in ("case_mix_reference", "procedure_benchmark", "volume_outcome"):
            gold[name] = table(settings, name)
        told.append((gold, outcome_maturity.sentence(settings)))
    return told, settings


def table(settings, name: str) -> pd.DataFrame:
    columns = [row[1] for row in query(settings.home, f"pragma table_info({name})")]
    return pd.DataFrame(query(settings.home, f"select * from {name}"), columns=columns)


def test_a_first_delivery_counts_and_says_that_nothing_confirms_it(story):
    gold, sentence = story[0][0]
    card = gold["provider_scorecard"]
    assert (card.mature_encounter_count == card.encounter_count).all()
    assert sentence.startswith("No later delivery of adverse events has come yet")


@pytest.mark.parametrize("name", OUTCOMES)
def test_no_outcome_moves_with_encounters_whose_events_may_still_arrive(story, name):
    first, now = story[0][0][0][name], story[0][1][0][name]
    keys = OUTCOMES[name]
    both = first.merge(now, on=keys, suffixes=("", "_now"), validate="1:1")
    assert len(both) == len(first)
    for column in set(FIGURES) & set(first.columns):
        # verdicts are those of the providers with a mature encounter, whoever else comes
        if not pd.api.types.is_numeric_dtype(both[column]):
            assert (both[column] == both[f"{column}_now"]).all(), column
        else:
            np.testing.assert_allclose(
                both[f"{column}_now"].astype(float), both[column].astype(float), err_msg=column
            )


def test_costs_and_volumes_count_every_encounter(story):
    gold = story[0][1][0]
    encounters = gold["fct_encounter"].groupby("npi")
    card = gold["provider_scorecard"].set_index("npi")
    assert (card.encounter_count == encounters.size()).all()
    assert card.paid_sum_usd.to_numpy() == pytest.approx(
        encounters.paid_amount_usd.sum().loc[card.index].to_numpy()
    )
    assert card.encounter_count.sum() > card.mature_encounter_count.sum()
    thirds = gold["volume_outcome"]
    assert thirds.encounter_count.sum() == len(gold["fct_encounter"])


def test_counts_are_those_of_the_first_delivery_and_expectations_follow_from_them(story):
    gold, home = story[0][1][0], story[1].home
    loads = dict(query(home, "select load_id, load_seq from ops_loads where entity = 'encounters'"))
    seq = gold["std_encounters"].set_index("encounter_id")._load_id.map(loads)
    encounters = gold["fct_encounter"].assign(came=gold["fct_encounter"].encounter_id.map(seq))
    assert encounters.came.nunique() == 3
    mature = encounters[encounters.came == encounters.came.min()]
    assert set(encounters[encounters.is_outcome_counted == 1].encounter_id) == set(
        mature.encounter_id
    )
    cells = mature.groupby(CELL, as_index=False).has_adverse_event.agg(
        mature_encounter_count="size", observed_count="sum"
    )
    rates = with_rates(cells, 20).set_index(CELL).calibrated
    expected = mature.join(rates.rename("expected"), on=CELL)
    card = gold["provider_scorecard"].set_index("npi")
    seen = card[card.mature_encounter_count > 0]
    by_provider = expected.groupby("npi")
    assert (seen.mature_encounter_count == by_provider.size()).all()
    assert (seen.adverse_event_count == by_provider.has_adverse_event.sum()).all()
    np.testing.assert_allclose(
        seen.expected_adverse_event_count, by_provider.expected.sum(), rtol=1e-9
    )
    np.testing.assert_allclose(
        seen.adverse_event_rate, by_provider.has_adverse_event.mean(), rtol=1e-9
    )
    thirds = gold["volume_outcome"]
    assert thirds.observed_count.sum() == mature.has_adverse_event.sum()
    assert thirds.mature_encounter_count.sum() == len(mature)


def test_chance_deals_the_events_of_a_risk_cell_to_its_mature_encounters(story):
    gold = story[0][1][0]
    cells = gold["provider_case_mix"].assign(
        encounters=gold["provider_case_mix"].mature_encounter_count
    )
    card = gold["provider_scorecard"].set_index("npi")
    for npi, probability in chance_of_counts(cells[cells.encounters > 0]).items():
        row = card.loc[npi]
        if len(probability) > 1:
            mid_p = probability.cumsum() - probability / 2
            assert row.mid_p_low == pytest.approx(mid_p[int(row.adverse_event_count)], abs=1e-11)


def test_who_has_too_few_mature_encounters_is_too_recent_and_hidden(story):
    told, settings = story
    card = told[1][0]["provider_scorecard"]
    few = card.mature_encounter_count < SMALLEST_CELL
    enough = card.encounter_count >= SMALLEST_CELL
    assert (card.display_status[few & enough] == "too_recent").all()
    assert (card.is_small_cell == few).all()
    cells = told[1][0]["provider_procedure_scorecard"]
    small = cells[cells.mature_encounter_count < SMALLEST_CELL]
    assert (small.encounter_count >= SMALLEST_CELL).any(), "no cell tells the two counts apart"
    assert (small.is_suppressed == 1).all()
    hidden = visible.hidden_cells(settings).of(("npi", "cpt"))
    assert set(small[["npi", "cpt"]].itertuples(index=False, name=None)) <= hidden


def test_what_is_left_out_is_said(story):
    told, settings = story
    gold, sentence = told[1]
    card = gold["provider_scorecard"]
    left_out = (card.encounter_count - card.mature_encounter_count).sum()
    assert sentence.startswith(
        f"{left_out:,} of {card.encounter_count.sum():,} encounters are too recent to count"
    )
    compared = providers.comparison(settings)
    assert compared.maturity == sentence and not compared.outcomes_unknown
    row = compared.scorecard[compared.scorecard.observed_to_expected.notna()].iloc[0]
    own = provider_profile.profile(settings, row.npi).sentences[0]
    assert f"among {row.mature_encounter_count} encounters" in own
    assert f"({row.encounter_count - row.mature_encounter_count} more too recent to count)" in own
