"""A key that a person gives is matched as the loader would store it."""

import sqlite3
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies

from pipeline.declared.sources import load_contracts
from pipeline.features.entity_key import stored_key
from tests.macros import macro

CLEANED = {
    column.name: column.cleaning
    for contract in load_contracts().values()
    for column in contract.columns
    if column.delivered and column.cleaning in ("identifier", "code")
}
DIGITS = strategies.text("0123456789", min_size=1, max_size=12)
#: Identifiers, and what programs make of them.
WRITTEN = strategies.one_of(
    strategies.text(" \t\n\r\xa0\x1f.,eE+-0123456789abXnNulNA/é", max_size=16),
    strategies.builds("{}.{}".format, DIGITS, strategies.text("0", max_size=3)),
    strategies.builds(
        "{}.{}{}{}{}".format,
        strategies.sampled_from("0123456789"),
        DIGITS,
        strategies.sampled_from("eE"),
        strategies.sampled_from(("+", "", "-")),
        strategies.integers(0, 120),
    ),
    strategies.builds(
        "{}{}{}".format,
        strategies.sampled_from((" ", "\xa0", "\t", "")),
        DIGITS,
        strategies.sampled_from((" ", "\r", "\x1f", "")),
    ),
)


@given(text=WRITTEN, column=strategies.sampled_from(sorted(CLEANED)))
@settings(max_examples=600, deadline=None)
def test_a_key_is_stored_as_the_cell_of_a_file_is(text, column):
    stripped = macro("stripped")("cell")
    cleaned = macro("cleaned")(CLEANED[column], "plain")
    statement = f"select {cleaned} from (select {stripped} as plain from (select ? as cell))"
    with sqlite3.connect(":memory:") as connection:
        assert stored_key(column, text) == connection.execute(statement, (text,)).fetchone()[0]


@pytest.mark.parametrize(
    "value",
    [2881158705, 2881158705.0, np.float64(2881158705), Decimal("2881158705.00"), "2881158705.0"]
    + [" 2881158705 ", "2.881158705E+09", "2881158705.", np.int64(2881158705)],
)
def test_a_number_of_any_type_is_its_digits(value):
    assert stored_key("npi", value) == "2881158705"


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, pd.NaT, "", " ", "NaN", "null", "n/a"])
def test_what_is_no_value_finds_nothing(value):
    assert stored_key("npi", value) is None


def test_a_column_of_no_source_keeps_its_text():
    assert stored_key("age_band", " 65.0 ") == "65.0"
    assert stored_key("cpt", "g0105") == "G0105"
