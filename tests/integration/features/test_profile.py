"""The profile of a feature table against the same figures in plain pandas; who is hidden, what a
sample may leave out.
"""

import sqlite3

import pandas as pd
import pytest

from pipeline.config import Settings, load_settings
from pipeline.services.features import drift, profile, retrieval
from pipeline.store.marts import feature_sample, features
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import column_types

TIES = ("created_at", "row_version")
TABLES = [table.name for table in retrieval.registry()]


@pytest.fixture
def settings(sample_home) -> Settings:
    return load_settings(home=sample_home)


def rows_of(frame: pd.DataFrame) -> list[str]:
    """Each row as text, whatever pandas made of its empty cells."""
    return [
        str([None if value != value else value for value in row])
        for row in frame.astype(object).itertuples(index=False)
    ]


@pytest.mark.parametrize("table", TABLES)
def test_a_summary_says_what_pandas_counts_in_the_newest_rows(settings, table):
    newest = retrieval.latest(settings, table)
    table_profile = profile.profile(settings, table)
    assert table_profile.sample_size == len(newest) and not table_profile.is_sample
    for summary in table_profile.summaries:
        assert summary.missing == pytest.approx(newest[summary.feature].isna().mean())
        values = table_profile.values[summary.feature].dropna()
        assert summary.distinct == values.nunique()
        if summary.median is not None:
            assert (summary.least, summary.median, summary.most) == pytest.approx(
                (values.min(), values.median(), values.max())
            )
            assert sum(summary.spread) == len(values)


@pytest.mark.parametrize("table", TABLES)
def test_pages_of_what_was_known_hold_every_entity_once(settings, table):
    moment = retrieval.moments(settings, table)[-1]
    key = list(
        next(
            feature_table for feature_table in retrieval.registry() if feature_table.name == table
        ).key
    )
    with open_warehouse(settings) as connection:
        expected = features.as_known_at(
            connection, table, key, moment, "event_timestamp", TIES, None, -1
        )
        names = [name for name in column_types(connection, table) if name not in key]
        total = feature_sample.keys_known_at(connection, table, key, moment, "event_timestamp")
        pages = [
            feature_sample.page_known_at(
                connection, table, key, names, moment, "event_timestamp", TIES, 40, at
            )
            for at in range(0, total, 40)
        ]
    rows = pd.concat(pages, ignore_index=True)
    assert total == len(expected)
    assert sorted(rows_of(rows[list(expected)])) == sorted(rows_of(expected))


def test_a_sample_is_spread_over_all_entities_and_the_same_at_both_moments():
    opened = sqlite3.connect(":memory:")
    opened.execute(
        "create table feat_x (k text, event_timestamp text, row_version integer, is_retired integer, v real)"
    )
    first = [(f"{number:05}", "2026-01-01", 1, 0, float(number)) for number in range(5_000)]
    second = [
        (f"{number:05}", "2026-01-02", 2, number % 10 == 0, number + 0.5)
        for number in range(0, 5_000, 2)
    ]
    opened.executemany("insert into feat_x values (?, ?, ?, ?, ?)", first + second)
    then, now = (
        feature_sample.known_at(
            opened, "feat_x", ("k",), ("v",), moment, "event_timestamp", ("row_version",), 500
        )
        for moment in ("2026-01-01", "2026-01-02")
    )
    assert 200 < len(then) <= 500 and then["v"].mean() == pytest.approx(2_500, rel=0.05)
    assert set(now["k"]) == {key for key in then["k"] if int(key) % 10}
    assert all(
        value == int(key) + (0.5 if int(key) % 2 == 0 else 0)
        for key, value in zip(now["k"], now["v"], strict=True)
    )
    opened.close()


def test_people_are_masked_and_rare_values_of_people_are_one_row(settings):
    table_profile = profile.profile(settings, "feat_patient")
    rows = profile.known_page(settings, "feat_patient", table_profile.moment)
    assert table_profile.is_of_people and rows["patient_id"].str.fullmatch(r"#[0-9a-f]{8}").all()
    assert table_profile.values["age_as_of"].max() <= 90
    counts = profile.categories(pd.Series(["a"] * 20 + ["b"] * 10 + ["c"]), of_people=True)
    assert counts.values.tolist() == [["a", 20], ["all other values", 11]]


def test_outcomes_of_hidden_cells_are_neither_drawn_nor_paged_but_count_as_known(settings):
    table_profile = profile.profile(settings, "feat_provider_procedure")
    rows = profile.known_page(settings, "feat_provider_procedure", table_profile.moment)
    small = rows["encounter_count_to_date"] < 11
    assert small.any() and rows.loc[
        small, ["adverse_event_count_to_date", "shrunken_ratio"]
    ].isna().all(axis=None)
    outcome = next(
        summary for summary in table_profile.summaries if summary.feature == "shrunken_ratio"
    )
    assert outcome.missing == 0 and table_profile.values["shrunken_ratio"].isna().any()


def test_drift_of_a_small_table_is_the_same_on_screen_and_for_a_scheduler(settings):
    moment = retrieval.moments(settings, "feat_employer")[-1]
    assert drift.drift(settings, "feat_employer", moment, moment, True) == drift.drift(
        settings, "feat_employer", moment, moment
    )
