"""JSON of several lists, or of lists without names: the one that is meant is read, or none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.json_lists import lists_under
from pipeline.ingest.json_window import Window
from pipeline.ingest.reading import Reading
from tests.unit.ingest.json_rows import ENCOUNTERS, TWO

WRAPPED = [
    '{"patients": ROWS}',
    '{"count": 2, "next": null, "data": {"page": 1, "patients": ROWS}}',
    '{"patients": ROWS, "count": 2}',
    "\ufeff\n" + '{ "patients" :\n ROWS\n}\n',
]
COLUMNS = [
    {"patient_id": [7, 8], "gender": ["female", None], "birth_date": ["1950-01-02", "1960-01-02"]},
    {
        "columns": ["patient_id", "gender", "birth_date"],
        "index": [0, 1],
        "data": [[7, "female", "1950-01-02"], [8, None, "1960-01-02"]],
    },
    {
        "patient_id": {"0": 7, "1": 8},
        "gender": {"0": "female", "1": None},
        "birth_date": {"0": "1950-01-02", "1": "1960-01-02"},
    },
]


@pytest.mark.parametrize(
    "text",
    [each.replace("ROWS", json.dumps(TWO)) for each in WRAPPED] + list(map(json.dumps, COLUMNS)),
)
def test_a_list_under_a_key_and_a_table_by_column_are_read(home, text):
    result = home.load("patients.json", text)
    assert (result.status, result.received, result.header["extra"]) == ("loaded", 2, [])
    assert [(row["patient_id"], row["gender"]) for row in home.rows("raw_patients")] == [
        ("7", "female"),
        ("8", None),
    ]


def as_document(tables: dict[str, list], depth: int) -> str:
    """A document with each list under its key, in an envelope, beside values that are no table."""
    document = {"page": 1, "tags": ["a", "b"], "meta": {"next": None, "more": {}}, **tables}
    for at in range(depth):
        document = {f"level{at}": document}
    return json.dumps(document)


@pytest.mark.parametrize("depth", [0, 2])
def test_of_several_lists_none_is_taken_silently(home, depth):
    """Two lists that are sources ask as sheets do, and each answer is a delivery of its own."""
    text = as_document({"patients": TWO, "encounters": ENCOUNTERS, "empty": []}, depth)
    within = "".join(f"level{at}." for at in reversed(range(depth)))
    asked = home.load("delivery.json", text)
    assert asked.status == "refused" and "holds 2 lists that could be the table" in asked.reason
    assert f"--sheet {within}patients or --sheet {within}encounters" in asked.reason
    for name, count in (("patients", 2), ("encounters", 2)):
        reading = Reading(sheet=within + name)
        result = home.load("delivery.json", text, reading=reading)
        assert (result.status, result.entity, result.received) == ("loaded", name, count)
        assert home.load("delivery.json", text, reading=reading).status == "already_loaded"
    assert [row["encounter_id"] for row in home.rows("raw_encounters")] == ["A", "B"]
    assert "has no list 'x'" in home.load("delivery.json", text, reading=Reading(sheet="x")).reason


def test_the_only_list_that_names_known_columns_is_taken_and_the_others_are_told(home):
    others = [{"code": 1, "text": "x"}] * 3
    result = home.load("delivery.json", as_document({"codes": others, "rows": TWO}, 1))
    assert (result.status, result.entity, result.received) == ("loaded", "patients", 2)
    assert any(each.detail == "list 'level0.codes' not read" for each in result.findings)
    assert any(step["value"] == "level0.rows" for step in result.readings)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=20,
    )
)
def test_lists_of_objects_are_those_that_a_parsed_document_has(value):
    document = {"a": value, "b": [value]}
    text = json.dumps(document)
    pieces = iter([text[at : at + 7] for at in range(0, len(text), 7)])
    found = [(path, sum(1 for _ in items)) for path, items in lists_under(Window(pieces, "a.json"))]
    assert found == list(lists_of(document))


def lists_of(value: dict, path: str = ""):
    for key, inner in value.items():
        here = f"{path}.{key}" if path else key
        if isinstance(inner, list):
            yield here, len(inner)
        elif isinstance(inner, dict):
            yield from lists_of(inner, here)


NAMES = ["patient_id", "gender", "birth_date"]
LISTS = [["7", "female", "1950-01-02"], ["0008", None, 19600102], ["9", "male", "1970-01-02"]]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([NAMES, *LISTS]),
        json.dumps([NAMES, *LISTS], indent=2),
        "\n".join(map(json.dumps, [NAMES, *LISTS])),
        "\r\n".join(map(json.dumps, [NAMES, *LISTS])) + "\r\n",
    ],
    ids=["array", "indented array", "lines", "lines with CRLF"],
)
def test_lists_of_values_stand_under_a_first_one_of_names(home, text):
    result = home.load("patients.json", text)
    assert (result.status, result.received) == ("loaded", 3), result.reason
    found = home.rows("raw_patients", "patient_id, gender, birth_date")
    assert [list(row.values()) for row in found] == [
        [cell if cell is None else str(cell) for cell in row] for row in LISTS
    ]


def test_a_list_of_another_length_is_rejected_with_its_reason(home):
    result = home.load("patients.json", json.dumps([NAMES, *LISTS, ["10", "male"], 5, NAMES]))
    assert (result.status, result.received, result.rejected) == ("loaded", 6, 3), result.reason
    reasons = {row["reason"] for row in home.rows("raw_rejects", "reason")}
    assert reasons == {"2 values, the first list has 3", "no JSON object", "repeats the names"}


@pytest.mark.parametrize("first", [["7", "female", "1950-01-02"], ["a", "a", "b"], [1, 2, 3]])
def test_lists_without_names_are_refused(home, first):
    assert home.load("patients.json", json.dumps([first, *LISTS])).status == "refused"
