"""Somebody who has two Safe Harbor exports of the same people lines no row of one up with a row of
the other, by order, by value, or by code.
"""

import numpy as np
import pandas as pd
import pytest

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.privacy.equivalence_classes import SMALLEST_CLASS
from pipeline.privacy.released_rows import rows_are_people
from pipeline.services.tables import export
from tests.warehouse import copied, query, tables

#: Values of a yes or no, which is what an attacker wants to learn.
SENSITIVE = ("0", "1", "0.0", "1.0")


def exports_of(settings: Settings, folder, table: str) -> list[pd.DataFrame]:
    frames = []
    for name in ("first", "second"):
        path = folder / f"{name}_{table}.csv"
        export.export(settings, table, path)
        frames.append(pd.read_csv(path, dtype=str, keep_default_na=False))
    return frames


@pytest.fixture(scope="module")
def pairs(sample_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    settings = copied(sample_home, folder / "home")  # each export leaves a record in its home
    found = {}
    for table in tables(
        sample_home, ("std_", "fct_", "feat_", "referral_", "all_time_", "training_")
    ):
        columns = [row[1] for row in query(sample_home, f'pragma table_info("{table}")')]
        if rows_are_people(table, columns):
            try:
                found[table] = exports_of(settings, folder, table)
            except InputRefused:
                continue
    return found


def unique_columns(frame: pd.DataFrame) -> list[str]:
    """Columns with a value of its own in each row: random codes."""
    return [name for name in frame if frame[name].nunique() == len(frame) > 1]


def test_there_are_exports_to_attack(pairs):
    assert {"std_patients", "fct_encounter", "feat_patient_latest"} <= pairs.keys()


def test_no_code_stands_in_both_exports(pairs):
    for table, (first, second) in pairs.items():
        for name in unique_columns(first):
            assert not set(first[name]) & set(second[name]), (table, name)


def test_no_row_is_singled_out_by_all_its_values(pairs):
    for table, (first, _) in pairs.items():
        shown = [
            name
            for name in first
            if name not in unique_columns(first) and not set(first[name]) - {""} <= set(SENSITIVE)
        ]
        if shown:
            assert first.groupby(shown).size().min() >= SMALLEST_CLASS, table


def test_the_order_of_one_export_tells_nothing_of_the_other(pairs):
    for table, (first, second) in pairs.items():
        values = [name for name in first if name not in unique_columns(first)]
        for name in values:
            a, b = (pd.factorize(frame[name], sort=True)[0] for frame in (first, second))
            if len(a) >= 200 and len(set(a)) > 1 and len(set(b)) > 1:
                assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(len(a)), (table, name)
