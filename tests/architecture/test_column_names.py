"""The law of column names in gold and features: whole words, the unit at the end, a flag at the
beginning.
"""

import re

import pytest

from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.renamed import renamed_columns, renamed_tables
from tests.warehouse import query

ENTRIES = [
    entry
    for entry in load_dictionary().values()
    if entry.layer in (Layer.ENTERPRISE_DATASETS.label, Layer.FEATURE_STORE.label) and entry.columns
]
#: Parts of a name that are no words. Symbols that statistics writes so (tau2, phi, mu) are words.
ABBREVIATIONS = {
    *("n", "o", "e", "k", "m", "oe", "eb", "ae", "rs", "od", "pp", "td", "enc", "pct", "est"),
    *("lo", "hi", "se", "mad", "midp", "num", "cnt"),
}
DOLLARS = re.compile(r"US dollars|[Aa]mount that .* are (raised|cut)")
FLAG = re.compile(r"^1 (when|where|for encounters)")


def columns():
    return [
        (f"{entry.name}.{column.name}", column)
        for entry in ENTRIES
        for column in entry.columns
        if not column.name.startswith("_")
    ]


def test_no_name_holds_an_abbreviation():
    assert [name for name, column in columns() if ABBREVIATIONS & set(column.name.split("_"))] == []


def test_a_flag_says_so():
    assert [
        name
        for name, column in columns()
        if FLAG.match(column.description) and not column.name.startswith(("is_", "has_"))
    ] == []


def test_dollars_say_so():
    assert [
        name
        for name, column in columns()
        if column.data_type == "real"
        and DOLLARS.search(column.description)
        and not column.name.endswith("_usd")
    ] == []


def test_the_count_of_a_cell_is_a_number_of_encounters():
    """The count by which a cell is hidden."""
    assert {
        dict(entry.meta)["small_cells_count"]
        for entry in ENTRIES
        if "small_cells_count" in dict(entry.meta)
    } <= {"encounter_count", "encounter_count_to_date", "encounters"}


def test_every_older_name_leads_to_one_name_of_now():
    assert renamed_columns("provider_scorecard")["eb_oe"] == "shrunken_ratio"
    assert renamed_columns("feat_provider_latest") == renamed_columns("feat_provider")
    assert renamed_tables()["zip_distance"] == "int_zip_distance"
    for entry in ENTRIES:
        older = [dict(column.meta).get("renamed_from") for column in entry.columns]
        older = [name for name in older if name]
        assert len(older) == len(set(older)), entry.name


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_table_has_the_columns_and_types_of_its_declaration(sample_home, entry):
    """What a table holds: SQLite keeps no type of an expression, so the values are asked."""
    built = [row[1] for row in query(sample_home, f"pragma table_info({entry.name})")]
    assert sorted(built) == sorted(column.name for column in entry.columns)
    kinds = query(
        sample_home,
        "select "
        + ", ".join(f"group_concat(distinct typeof({column.name}))" for column in entry.columns)
        + f" from {entry.name}",
    )[0]
    for column, kind in zip(entry.columns, kinds, strict=True):
        held = set((kind or "null").split(",")) - {"null"}
        assert held <= {column.data_type}, (column.name, held)
