"""Cells of delivered rows: what fits its column is shown, of anything else the shape."""

import sqlite3

import pytest

from benchmarks.disclosure.planted import PERSON, belongs
from pipeline.declared.sources import load_contracts
from pipeline.privacy.cell_fit import (
    LIST_FUNCTION,
    SHAPE_FUNCTION,
    fitting,
    list_or_shape,
    shape_of_cell,
)


def shown(table: str, column: str, cell: str) -> object:
    with sqlite3.connect(":memory:") as connection:
        connection.create_function(SHAPE_FUNCTION, 1, shape_of_cell)
        connection.create_function(LIST_FUNCTION, 1, list_or_shape)
        sql = fitting(table)[column].replace("{0}", "cell")
        return connection.execute(f"select {sql} from (select ? as cell)", (cell,)).fetchone()[0]


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("raw_encounters", "npi", "2052207570"),
        ("raw_encounters", "cpt", "27130"),
        ("raw_encounters", "paid_amount", "$1,234.50"),
        ("raw_encounters", "paid_amount", "-12.00"),
        ("raw_encounters", "paid_amount", "(12.00)"),
        ("raw_patients", "gender", "female"),
        ("raw_employer_networks", "in_network_npis", "2052207570, 1396728754"),
    ],
)
def test_a_cell_of_its_column_is_shown(table, column, cell):
    assert shown(table, column, cell) == cell


@pytest.mark.parametrize(
    "cell", ["1000123", "Anna Smith", "1931-07-09", "17 Elm Court", "ABCDEFGH===="]
)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("raw_encounters", "npi"),
        ("stg_encounters", "cpt"),
        ("quarantine_encounters", "paid_amount_usd"),
        ("raw_patients", "gender"),
        ("row_verdicts_referrals", "employer_id"),
        ("raw_employer_networks", "in_network_npis"),
    ],
)
def test_of_a_cell_that_does_not_fit_only_the_shape_is_shown(table, column, cell):
    told = str(shown(table, column, cell))
    assert told != cell and not set(told) & set("12345678AEIOUbcdhlmnrst")


EVERY_COLUMN = [
    (contract.entity, column)
    for contract in load_contracts().values()
    for column in contract.columns
    if column.name in fitting(f"quarantine_{contract.entity}")
]


@pytest.mark.parametrize("kind", PERSON)
@pytest.mark.parametrize(
    ("entity", "column"), EVERY_COLUMN, ids=lambda each: getattr(each, "name", each)
)
def test_no_column_of_any_source_shows_what_is_of_a_person(entity, column, kind):
    told = str(shown(f"quarantine_{entity}", column.name, PERSON[kind]))
    assert told != PERSON[kind] or belongs(column, kind)


def test_every_kind_of_column_is_among_them():
    columns = [column for _, column in EVERY_COLUMN]
    assert any(column.is_list for column in columns) and any(not c.cleaning for c in columns)
    assert len(columns) > 12
