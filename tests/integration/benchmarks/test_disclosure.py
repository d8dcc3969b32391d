"""Attacks on what is shown and exported recover nothing of the sample, and would if there were
something.
"""

import shutil

import pandas as pd
import pytest

from benchmarks.disclosure import few_people, files, identity, outcomes, questions
from benchmarks.disclosure.published import SCREEN, Published, everything, relations
from pipeline.config import load_settings
from pipeline.services.tables import visible
from tests.warehouse import query


@pytest.fixture(scope="module")
def sample(sample_home, tmp_path_factory):
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("disclosure") / "home")
    return load_settings(home=home)


@pytest.fixture(scope="module")
def published(sample):
    return everything(sample)


@pytest.fixture(scope="module")
def secret(sample):
    return outcomes.truth(sample)


def test_no_known_identifier_date_or_zip_stands_in_any_cell(sample, published):
    known = identity.known_values(sample)
    result = identity.search(published, known)
    assert (result.recovered, result.where) == (0, "") and result.of > 1_000
    one = Published(SCREEN, "fct_encounter", published[0].rows.head(1).assign(x=min(known)))
    assert identity.search([one], known).recovered == 1


def test_no_question_about_a_masked_column_is_answered(sample):
    result = identity.questions(sample, relations(sample))
    assert (result.recovered, result.where) == (0, "") and result.of > 1_000


def test_no_statement_on_the_connection_of_a_page_tells_a_masked_value(sample, monkeypatch):
    tables = [name for name in relations(sample) if not name.startswith(("stg_", "promoted_"))]
    result = identity.statements(sample, tables)
    assert (result.recovered, result.where) == (0, "") and result.of > 100
    monkeypatch.setattr(visible, "authorize", lambda *_: None)
    assert identity.statements(sample, ["std_patients"]).recovered > 0


def test_no_question_in_sql_about_a_masked_column_is_answered(sample, monkeypatch):
    result = questions.asked(sample, ["std_patients", "raw_patients", "feat_patient_latest"])
    assert (result.recovered, result.where) == (0, "") and result.of > 80
    monkeypatch.setattr("pipeline.services.tables.questions.is_hidden", lambda *_: False)
    assert questions.asked(sample, ["std_providers", "feat_patient_latest"]).recovered > 0


def test_exports_are_not_in_the_order_of_their_table(sample, published):
    result = identity.order(sample, published)
    assert (result.recovered, result.where) == (0, "") and result.of > 10


def test_no_distance_of_a_home_is_told(sample, published):
    result = identity.distances(sample, published)
    assert (result.recovered, result.where) == (0, "") and result.of > 5


def test_outcomes_of_hidden_cells_stand_nowhere(published, secret):
    result = outcomes.plain(published, secret)
    assert (result.recovered, result.where) == (0, "") and result.of > 50


def test_no_pair_of_relations_gives_them_back(published, secret):
    result = outcomes.by_join(published, secret)
    assert (result.recovered, result.where) == (0, "")


def test_no_system_of_published_totals_gives_them_back(sample, sample_home, published, secret):
    result = outcomes.by_totals(sample, published, secret)
    assert (result.recovered, result.where) == (0, "")
    # rows that told age and sex beside the events of every risk cell would give some away
    ages = query(sample_home, "select age_band, sex from fct_encounter order by rowid")
    events = query(sample_home, "select observed_count from case_mix_reference order by rowid")
    told = {
        "fct_encounter": dict(zip(("age_band", "sex"), zip(*ages, strict=True), strict=True)),
        "case_mix_reference": {"observed_count": [str(count) for (count,) in events]},
    }
    telling = [
        Published(one.reader, one.table, one.rows.assign(**told.get(one.table, {})))
        for one in published
        if one.reader == SCREEN
    ]
    assert outcomes.by_totals(sample, telling, secret).recovered > 0


def test_no_two_versions_of_a_cell_are_a_few_encounters_apart(published):
    assert outcomes.by_versions(published).recovered == 0


COUNTED = (
    "provider_procedure_scorecard",
    "volume_outcome",
    "fct_encounter",
    "ledger",
    "dq_run_summary",
    "feat_provider",
)


def test_no_file_of_a_page_and_no_export_counts_one_to_ten_people(sample, published, monkeypatch):
    leaving = files.handed_out(sample, COUNTED)
    for each in ([*leaving, *files.exported(published)], leaving):
        result = files.small_counts(each)
        assert (result.recovered, result.where) == (0, "") and result.of > 50
    result = files.referrals(sample, leaving)
    assert (result.recovered, result.where) == (0, "") and result.of > 3
    result = files.differences(leaving)
    assert (result.recovered, result.where) == (0, "") and result.of > 100
    monkeypatch.setattr("pipeline.privacy.small_counts.SMALLEST_CELL", 1)
    monkeypatch.setattr(
        "pipeline.services.tables.screen_downloads.without_hidden_cells", _as_they_are
    )
    assert files.small_counts(files.handed_out(sample, COUNTED)).recovered > 100


def test_no_file_tells_of_one_to_ten_people_with_or_without_an_event(sample, published):
    leaving = [*files.handed_out(sample, COUNTED), *files.exported(published)]
    result = few_people.few_people(sample, leaving)
    assert (result.recovered, result.where) == (0, "") and result.of > 50
    # under whatever name a table tells it
    for name in ("adverse_event_count", "network_event_count_to_date", "observed_count"):
        telling = [
            Published(one.reader, one.table, one.rows.assign(**{name: "3"}))
            for one in leaving
            if "adverse_event_count" in one.rows
        ]
        assert few_people.few_people(sample, telling).recovered > 100


def _as_they_are(settings, rows, *_, **__):
    return rows


def test_two_changes_of_a_network_that_differ_by_a_few_are_found():
    one = pd.DataFrame({"cpt": ["27130"], "near_before": ["22"], "near_after": ["22"]})
    told = [one, one.assign(near_after="11"), one.assign(near_after="19")]
    found = [Published("download 91001", "network_what_if", each) for each in told]
    assert files.differences(found[:2]).recovered == 0
    assert files.differences(found).recovered > 0


def test_one_number_that_is_left_out_alone_is_given_back_by_its_sums():
    truth = {(row, column): 3 + 7 * (row != column) for row in range(3) for column in range(3)}
    assert files.fixed([(0, 0)], truth) == [(0, 0)]
    assert files.fixed([(0, 0), (0, 1), (1, 0)], truth) == [(0, 0), (0, 1), (1, 0)]
    assert files.fixed([(0, 0), (0, 1), (1, 0), (1, 1)], truth) == []
