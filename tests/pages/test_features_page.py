"""The page Features: what each view shows on the sample, with one snapshot and with two."""

import json
import shutil

import pytest

from pages.features import charts
from pipeline.config import load_settings
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from tests.pages.screen import link, metrics, page_text


def frame_with(app, column: str):
    """The table on the page that has a column."""
    return next(element.value for element in app.dataframe if column in element.value)


LATER = "2099-01-01T00:00:00Z"


@pytest.fixture
def two_snapshots(sample_home, tmp_path):
    """The sample, and a second snapshot in which every provider treats twice as many."""
    home = shutil.copytree(sample_home, tmp_path / "sample")
    with open_warehouse(load_settings(home=home), write=True) as connection:
        columns = [
            name
            for (name,) in connection.execute("select name from pragma_table_info('feat_provider')")
        ]
        changed = {
            "event_timestamp": f"'{LATER}'",
            "row_version": "row_version + 1",
            "encounter_count_to_date": "2 * encounter_count_to_date + 100",
        }
        connection.execute(
            f"insert into feat_provider select {', '.join(changed.get(name, name) for name in columns)} from feat_provider"
        )
    return home


def test_the_registry_tells_what_how_often_missing_and_how_it_spreads(open_page, sample_home):
    app = open_page("features", sample_home, features="feat_provider")
    table = app.dataframe[0].value
    assert {"definition", "owner", "null_meaning", "missing", "spread", "valid_range"} <= set(table)
    assert table.set_index("name").loc["adverse_event_rate_to_date", "valid_range"] == "0 to 1"
    assert "table" not in table


def test_words_look_through_every_table_whichever_is_open(open_page, sample_home):
    app = open_page("features", sample_home, features="feat_provider")
    app.text_input(key="feature_words").set_value("rates of adverse events").run()
    found = app.dataframe[0].value
    assert set(found["table"]) >= {"feat_provider", "feat_procedure", "feat_referral"}
    assert found["name"].str.contains("rate").any() and found["missing"].notna().any()
    app.text_input(key="feature_words").set_value("no such thing").run()
    assert "No feature of any table" in page_text(app) and not app.dataframe


def test_a_feature_tells_what_it_rests_on_and_goes_into_the_basket(open_page, sample_home):
    app = open_page("features", sample_home, features="feat_provider")
    app.text_input(key="feature_words").set_value("nearest distance").run()
    told = page_text(app)
    for needed in (
        "`referral:nearest_miles`",
        "Empty means:** no distance is known",
        "counts rows, or comes from reference data",
        "newest load of",
        "Quality of what feeds it:** ",
        "not pushed",
    ):
        assert needed in told, needed
    assert "feature_versions" in app.code[0].value
    app.button(key="basket_add").click().run()
    assert link(app)["basket"] == ["referral:nearest_miles"] and not app.exception
    assert app.button(key="basket_add").disabled


def test_a_link_brings_the_basket_and_leaves_out_what_is_no_feature(open_page, sample_home):
    app = open_page("features", sample_home, basket="provider:case_mix_index")
    assert app.multiselect(key="basket").value == ["provider:case_mix_index"]
    assert (
        open_page("features", sample_home, basket="1234567").multiselect(key="basket").value == []
    )


def test_a_link_opens_the_distribution_of_one_feature(open_page, sample_home):
    app = open_page(
        "features",
        sample_home,
        features="feat_provider",
        look="Distribution",
        feature="observed_to_expected_to_date",
    )
    assert not app.exception
    assert metrics(app)["Missing"].endswith(
        "%"
    ) and "Empty means: nothing expected yet" in page_text(app)


def test_with_one_snapshot_drift_says_what_it_needs(open_page, sample_home):
    assert "One snapshot so far" in page_text(
        open_page("features", sample_home, features="feat_provider", look="Drift")
    )


def test_a_feature_beyond_the_gate_is_named_with_its_reason(open_page, two_snapshots, monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_DRIFT_MIN_ENTITIES", "10")
    app = open_page("features", two_snapshots, features="feat_provider", look="Drift")
    assert not app.exception
    assert "encounter_count_to_date" in app.warning[0].value and "PSI" in app.warning[0].value
    verdicts = frame_with(app, "verdict").set_index("feature")["verdict"]
    assert (
        verdicts["encounter_count_to_date"] == "✗ drifted"
        and verdicts["case_mix_index"] == "✓ stable"
    )
    assert "--table feat_provider" in app.code[0].value


def test_an_entity_is_followed_through_its_versions(open_page, two_snapshots):
    app = open_page("features", two_snapshots, features="feat_provider", look="As known at")
    npi = frame_with(app, "npi")["npi"].iloc[0]
    app.text_input(key="lookup_feat_provider_npi").set_value(npi).run()
    versions = frame_with(app, "row_version")
    assert (
        versions["row_version"].tolist() == [1, 2] and versions["event_timestamp"].iloc[1] == LATER
    )


def test_people_are_paged_masked_and_not_looked_up(open_page, sample_home):
    app = open_page("features", sample_home, features="feat_patient", look="As known at")
    assert frame_with(app, "patient_id")["patient_id"].str.fullmatch(r"#[0-9a-f]{8}").all()
    assert [
        element for element in app.text_input if element.key and element.key.startswith("lookup_")
    ] == []


def training_set(open_page, home, *basket: str, **parameters: str):
    app = open_page("features", home, look="Training set", **parameters)
    return app.multiselect(key="basket").set_value(list(basket)).run() if basket else app


def test_the_label_is_joined_counted_and_made_into_a_file(open_page, own_sample_home):
    app = training_set(open_page, own_sample_home, "provider:case_mix_index")
    tiles = metrics(app)
    assert tiles["Rows"] and tiles["Positives"].isdigit() and tiles["Labels mature"] == "0.0 %"
    assert frame_with(app, "with_a_value")["column"].tolist() == ["provider__case_mix_index"]
    told = page_text(app)
    assert "No row has a value" in told and "no column separates the labels" in told
    assert "--feature provider:case_mix_index --profile internal" in app.code[0].value
    app.text_input(key="training_reason").set_value("a baseline").run()
    app.button(key="file_make").click().run()
    assert not app.exception and "--reason 'a baseline'" in app.code[0].value
    assert [each.label for each in app.get("download_button")] == [
        "Download the Parquet file",
        "Manifest",
    ]
    with open_control(load_settings(home=own_sample_home)) as control:
        (record,) = audit.newest(control, 1)
    assert record.target == "training_encounter_ae"
    app.text_input(key="training_reason").set_value("another").run()
    assert not app.get("download_button"), "a file that was made for another question"


def test_a_feature_that_no_encounter_has_a_key_for_says_so(open_page, sample_home):
    app = training_set(open_page, sample_home, "referral:nearest_miles")
    assert "which no encounter has" in app.error[0].value and not app.exception


def test_own_rows_are_asked_for_and_need_a_basket(open_page, sample_home):
    assert "The basket is empty" in page_text(training_set(open_page, sample_home, rows_from="own"))
    app = training_set(open_page, sample_home, "provider:case_mix_index", rows_from="own")
    csv = "npi,event_timestamp\n" + "9999999999,2099-01-01\n" * 12
    app.file_uploader(key="spine_file").set_value(("asked.csv", csv.encode(), "text/csv")).run()
    app.button(key="spine_join").click().run()
    assert not app.exception and metrics(app)["Rows"] == "12"
    assert "12 rows ask for a key that feat_provider never held" in app.warning[0].value
    assert "9999999999" not in page_text(app) + str(link(app))


def test_a_basket_is_saved_by_name_and_opened_again_by_its_link(open_page, own_sample_home):
    app = training_set(open_page, own_sample_home, "provider:case_mix_index")
    app.toggle(key="mature").set_value(True).run()
    app.text_input(key="set_name").set_value("baseline").run()
    app.button(key="set_save").click().run()
    assert not app.exception and link(app)["set"] == ["baseline v1"]
    again = training_set(open_page, own_sample_home, set="baseline v1")
    assert again.multiselect(key="basket").value == ["provider:case_mix_index"]
    assert again.toggle(key="mature").value is True
    other = training_set(
        open_page, own_sample_home, set="baseline v1", basket="provider:shrunken_ratio_to_date"
    )
    assert other.multiselect(key="basket").value == ["provider:shrunken_ratio_to_date"]
    again.multiselect(key="basket").set_value([]).run()
    assert again.multiselect(key="basket").value == [] and not again.exception


def test_what_nobody_can_judge_is_drawn_as_no_other_state(open_page, two_snapshots, monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_DRIFT_MIN_ENTITIES", "1000")
    app = open_page("features", two_snapshots, features="feat_provider", look="Drift")
    verdicts = frame_with(app, "verdict")["verdict"]
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    names = {bars["name"]: len(bars["y"]) for bars in drawn if bars["type"] == "bar"}
    assert names["not judged: too few to tell"] <= (verdicts == "○ not judged").sum()
    assert "stable" not in names and (verdicts != "✓ stable").all()


def test_each_verdict_has_a_look_of_its_own():
    verdicts = ("stable", "too few to tell", "drifted")
    figure = charts.moved(("a", "b", "c"), (0.1, 0.2, 0.3), (0.1, 0.1, 0.1), verdicts, 0.2)
    looks = {(bars.marker.color, bars.marker.pattern.shape) for bars in figure.data[:3]}
    assert len(looks) == 3 and [bars.y[0] for bars in figure.data[:3]] == ["a", "b", "c"]
