"""What leaves the workbench where adverse events were never delivered."""

import json

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.config import Settings, load_settings
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused
from pipeline.services.features import training
from pipeline.services.referrals import referrals
from pipeline.services.tables import export
from pipeline.services.why import absent_sources
from tests.absence import build, world_without
from tests.warehouse import query


@pytest.fixture(scope="module")
def settings(home_store) -> Settings:
    home = home_store.once(
        "without-adverse_events",
        lambda home: build(
            home, world_without(["adverse_events"]), home.parent / "without-adverse_events-files"
        ),
    )
    return load_settings(home=home)


def test_a_manifest_says_which_sources_were_absent(settings, tmp_path):
    absent = {
        table: export.export(settings, table, tmp_path / f"{table}.csv", "internal")[
            "absent_sources"
        ]
        for table in ("provider_scorecard", "price_transparency", "dim_procedure")
    }
    assert absent == {
        "provider_scorecard": {"adverse_events": "never_delivered"},
        "price_transparency": {"adverse_events": "never_delivered"},
        "dim_procedure": {},
    }
    written = json.loads((tmp_path / "provider_scorecard.csv.manifest.json").read_text())
    assert written["absent_sources"] == {"adverse_events": "never_delivered"}


def test_the_training_set_is_refused_without_labels(settings, tmp_path, capsys):
    with pytest.raises(InputRefused, match="Adverse events were never delivered"):
        training.training_set(settings)
    out = tmp_path / "rows.csv"
    command = ["--home", str(settings.home), "features", "training", "--out", str(out)]
    command += ["--profile", "internal", "--reason", "test"]
    assert main.main(command) != 0
    assert "--without-outcomes" in capsys.readouterr().err
    assert not out.exists()
    assert main.main([*command, "--without-outcomes", "--json"]) == 0
    ((encounters,),) = query(settings.home, "select count(*) from fct_encounter")
    rows = pd.read_csv(out)
    assert len(rows) == encounters == json.loads(capsys.readouterr().out)["rows"] > 0
    assert training.LABEL not in rows and rows["cpt"].notna().all()
    assert not [name for name in rows if name.endswith("_id") or "event" in name or name == "npi"]


def test_outcomes_cannot_be_left_out_and_asked_for(settings, tmp_path):
    for asked in ({"mature_only": True}, {"as_known_at": "2030-01-01T00:00:00Z"}):
        with pytest.raises(InputRefused, match="cannot be had together"):
            training.export(settings, tmp_path / "rows.csv", without_outcomes=True, **asked)


def test_nobody_is_put_in_order_without_outcomes(settings):
    choice = referrals.choose_for_referral(
        settings, referrals.ReferralQuery(), 0, referrals.standard_weights()
    )
    measured = choice.candidates[choice.candidates["is_measured"] == 1]
    assert len(measured) and measured["miles"].is_monotonic_increasing
    assert choice.candidates[["score", "score_low", "score_high"]].isna().all(axis=None)
    assert all("adverse events unknown" in reasons for reasons in measured["reasons"])
    assert not any("nan" in reason for reasons in measured["reasons"] for reason in reasons)


def test_the_sources_of_a_table_are_those_that_its_models_read():
    rests_on = absent_sources.sources_of
    assert rests_on("std_providers") == {"providers"}
    assert rests_on("dim_procedure") == rests_on("no_such_table") == frozenset()
    assert "referrals" not in rests_on("provider_scorecard")
    assert rests_on("ledger") == set(source_names())
