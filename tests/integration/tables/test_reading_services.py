"""What the screens ask for, on the finished sample: overview, quality, features, catalogue,
providers.
"""

from io import BytesIO

import pandas as pd
import pytest

from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused
from pipeline.services.catalogue import catalogue
from pipeline.services.features import exports, profile, retrieval
from pipeline.services.overview import overview
from pipeline.services.providers import provider_profile, providers
from pipeline.services.quality import rules as quality_rules
from pipeline.services.tables import browse, chart_queries, outgoing, release_records, table_list
from pipeline.store.marts import features
from tests.warehouse import copied, query


@pytest.fixture(scope="module")
def settings(sample_home, tmp_path_factory):
    """Settings of the finished sample."""
    return copied(sample_home, tmp_path_factory.mktemp("home") / "home")


def test_every_layer_is_up_to_date_after_a_run(settings):
    state = overview.overview(settings)
    assert [layer.state for layer in state.layers] == ["up to date"] * 4
    assert state.holds_back.rows == sum(state.quarantine.values()) > 0
    assert 0 < state.holds_back.paid_share < 1


def test_the_landing_zone_received_what_its_ledger_received(settings):
    state = overview.overview(settings)
    assert (
        state.layers[0].rows
        == state.ledger["received"].sum()
        == quality_rules.ledger(settings)["received"].sum()
    )


def test_the_counts_of_the_rules_are_those_of_the_failing_rows(settings):
    rules = quality_rules.rules(settings)
    failing = rules[(rules["failing_rows"] > 0) & ~rules["stage"].isin(["file", "table"])]
    assert len(failing) > 4
    for rule in failing.itertuples():
        assert (
            len(quality_rules.failing_rows(settings, rule.rule_name, limit=5000))
            == rule.failing_rows
        )


def test_every_declared_rule_is_listed_once_a_source(settings):
    rules = quality_rules.rules(settings)
    assert not rules.duplicated(["rule_name", "entity"]).any()
    assert set(rules["rule_name"]) == {rule.name for rule in quality_rules.declared_rules()}
    assert set(rules["status"]) <= set(quality_rules.STATES)


def test_received_rows_of_the_ledger_have_one_fate(settings):
    ledger = quality_rules.ledger(settings)
    fates = ledger[["promoted", "quarantined", "superseded", "duplicates", "rejected"]].sum(axis=1)
    assert set(ledger["entity"]) == set(source_names())
    assert (ledger["received"] == fates).all()


def test_every_table_that_is_listed_can_be_paged(settings):
    for info in table_list.tables(settings):
        page = browse.page(settings, info.name, limit=2)
        assert info.rows in (None, page.total)


def test_every_table_offers_the_usual_values_of_a_column_that_is_open(settings):
    for info in table_list.tables(settings):
        for column in sorted(info.shareable)[:2]:
            values = chart_queries.usual_values(settings, info.name, column, 5)
            assert len(values.frame) <= 5 and values.frame.empty == (values.rows == 0)


def test_a_column_of_a_patient_is_not_drawn(settings):
    with pytest.raises(InputRefused):
        chart_queries.grouped(settings, "std_patients", "birth_date")
    with pytest.raises(InputRefused):
        chart_queries.points(settings, "fct_encounter", ["patient_id"])


def test_as_known_at_the_end_is_the_latest_and_before_the_start_nothing(settings):
    for table in retrieval.registry():
        moments = retrieval.moments(settings, table.name)
        newest = retrieval.latest(settings, table.name).sort_values(
            list(table.key), ignore_index=True
        )
        history = retrieval.history(settings, table.name, as_known_at=moments[-1]).sort_values(
            list(table.key), ignore_index=True
        )
        pd.testing.assert_frame_equal(history[newest.columns], newest, check_dtype=False)
        assert retrieval.history(settings, table.name, as_known_at="1999-01-01T00:00:00Z").empty


def test_the_screen_shows_no_patient_of_a_feature_table(settings):
    moment = retrieval.moments(settings, "patient")[-1]
    table = next(
        feature_table
        for feature_table in retrieval.registry()
        if feature_table.name == "feat_patient"
    )
    visible = profile.for_screen(
        settings, table, retrieval.history(settings, "patient", as_known_at=moment)
    )
    held = retrieval.latest(settings, "patient")
    assert len(visible) == len(held) and not set(visible.patient_id) & set(held.patient_id)
    assert visible.age_as_of.max() == 90 < held.age_as_of.max() and set(visible.row_hash) == {
        "hidden"
    }
    downloaded = pd.read_parquet(BytesIO(exports.parquet(settings, "patient", moment)))
    assert len(downloaded) == len(held) and "row_hash" not in downloaded
    assert not set(downloaded.patient_id) & (set(held.patient_id) | set(visible.patient_id))


def test_a_download_of_features_holds_every_entity_piece_by_piece_and_no_hidden_outcome(
    settings, monkeypatch
):
    monkeypatch.setattr(features.pieces_known_at, "__defaults__", (7,))
    for table in retrieval.registry():
        moment = retrieval.moments(settings, table.name)[-1]
        if outgoing.refusal(table.name, release_records.DEFAULT_PROFILE):
            with pytest.raises(InputRefused, match="small cells"):
                exports.parquet(settings, table.name, moment)
            continue
        held = retrieval.history(settings, table.name, as_known_at=moment)
        whole = profile.for_screen(settings, table, held)
        downloaded = pd.read_parquet(BytesIO(exports.parquet(settings, table.name, moment)))
        assert len(downloaded) == len(whole)
        for name in downloaded.columns.intersection(whole.select_dtypes("number").columns):
            # what a screen does not show is in no download
            assert downloaded[name].notna().sum() <= whole[name].notna().sum(), name


def test_a_moment_is_understood_as_a_day_or_in_another_zone_and_refused_when_it_is_none(settings):
    table = retrieval.registry()[0]
    newest = retrieval.moments(settings, table.name)[-1]
    rows = len(retrieval.history(settings, table.name, as_known_at=newest))
    assert len(retrieval.history(settings, table.name, as_known_at=newest[:10])) == rows
    assert (
        len(retrieval.history(settings, table.name, as_known_at=newest.replace("Z", "-05:00")))
        == rows
    )
    assert retrieval.history(settings, table.name, as_known_at=newest.replace("Z", "+05:00")).empty
    with pytest.raises(InputRefused, match="YYYY-MM-DD"):
        retrieval.history(settings, table.name, as_known_at="yesterday")


def test_the_registry_tells_every_feature_with_its_meaning(settings):
    for table in retrieval.registry():
        assert table.key and table.features
        assert all(
            feature.definition and feature.owner and feature.null_meaning
            for feature in table.features
        ), table.name


@pytest.mark.parametrize("moment", [None, "2999-01-01", "1900-01-01"])
def test_an_export_holds_the_rows_that_are_asked_for_in_however_many_pieces(
    settings, tmp_path, monkeypatch, moment
):
    monkeypatch.setattr("pipeline.store.marts.features.pieces_latest.__defaults__", (7,))
    monkeypatch.setattr("pipeline.store.marts.features.pieces_known_at.__defaults__", (7,))
    for table in retrieval.registry():
        rows = (
            retrieval.latest(settings, table.name)
            if moment is None
            else retrieval.history(settings, table.name, as_known_at=moment)
        )
        out = tmp_path / "out.parquet"
        made = exports.export(settings, out, table.name, moment, "internal")
        assert made["rows"] == len(rows)
        written = pd.read_parquet(tmp_path / "out.parquet")
        assert list(written) == list(rows)
        key = list(table.key)
        pd.testing.assert_frame_equal(
            written.sort_values(key, ignore_index=True),
            rows.sort_values(key, ignore_index=True),
            check_dtype=False,
        )


def test_every_built_table_is_in_the_catalogue_with_its_origin(settings):
    contents = catalogue.catalogue(settings)
    assert {info.name for info in table_list.tables(settings)} - contents.entries.keys() <= {
        "raw_rejects"
    }
    fed_by, _ = catalogue.reach(contents.edges, "provider_scorecard")
    assert fed_by > 10
    assert catalogue.around(contents.edges, "std_providers", 1)["promoted_providers"] == -1


def test_no_provider_with_ten_encounters_shows_a_rate(settings):
    comparison = providers.comparison(settings)
    small = comparison.scorecard[comparison.scorecard["encounter_count"] < 11]
    # others are hidden with them, so that none can be worked out
    assert 0 < len(small) <= comparison.suppressed < len(comparison.scorecard)
    assert (
        small[["adverse_event_rate", "observed_to_expected", "shrunken_ratio"]].isna().all().all()
    )


def test_the_funnel_is_drawn_with_the_lines_of_gold_as_far_as_the_points_reach(settings):
    comparison = providers.comparison(settings)
    lines = query(
        settings.home,
        "select expected_adverse_event_count, low_95, high_95, low_998, high_998, overdispersed_high_95 from funnel_limits order by step",
    )
    limits = comparison.funnel[
        [
            "expected_adverse_event_count",
            "low_95",
            "high_95",
            "low_998",
            "high_998",
            "overdispersed_high_95",
        ]
    ]
    pd.testing.assert_frame_equal(
        limits, pd.DataFrame(lines[: len(limits)], columns=limits.columns), check_dtype=False
    )
    assert (
        comparison.scorecard["expected_adverse_event_count"].max()
        <= limits["expected_adverse_event_count"].max()
        < lines[-1][0]
    )


def test_a_profile_shows_neither_outcome_nor_cost_of_a_small_cell(settings):
    small = 0
    for (npi,) in query(settings.home, "select npi from provider_scorecard"):
        rows = provider_profile.profile(settings, npi).procedures
        rows = rows[rows["encounter_count"] < 11]
        small += len(rows)
        assert (
            rows[
                [
                    "adverse_event_count",
                    "observed_to_expected",
                    "shrunken_ratio",
                    "cost_index",
                    "paid_median_usd",
                ]
            ]
            .isna()
            .all()
            .all()
        )
        assert not rows["words"].str.contains("adverse").any()
    assert small > 10


def test_a_profile_tells_the_numbers_of_the_scorecard_and_shares_that_add_up(settings):
    ((npi, n, events),) = query(
        settings.home,
        "select npi, encounter_count, adverse_event_count from provider_scorecard order by encounter_count desc limit 1",
    )
    provider = provider_profile.profile(settings, npi)
    assert (provider.encounters, provider.procedures["encounter_count"].sum()) == (n, n)
    assert provider.sentences[0].startswith(f"{events} adverse events among {n} encounters")
    for frame in provider.mix.values():
        assert frame[["own", "everybody"]].sum().tolist() == pytest.approx([1, 1])


def test_an_unknown_provider_has_no_profile_and_a_small_one_no_mix(settings):
    assert provider_profile.profile(settings, "1234567893") is None
    small = query(settings.home, "select npi from provider_scorecard where encounter_count < 11")
    assert all(not provider_profile.profile(settings, npi).mix for (npi,) in small) and small
