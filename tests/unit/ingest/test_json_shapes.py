"""JSON as programs write it: keys in several spellings, tables by column, notes around the rows. No
value stands under another name, and none is lost silently.
"""

import json
import random

import pytest

from tests.unit.ingest.test_names_again import SPELLINGS

NAMES = ["patient_id", "gender", "birth_date"]
ROWS = [[f"10020{number:02}", "male", f"1950-01-{number + 1:02}"] for number in range(12)]
PATIENTS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
FRAMES = {
    "array": json.dumps,
    "lines": lambda objects: "".join(f"{json.dumps(each)}\n" for each in objects),
    "list": lambda objects: json.dumps({"count": len(objects), "patients": objects}),
}


def rows(home) -> list[list]:
    return [[row[name] for name in NAMES] for row in home.rows("raw_patients")]


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_key_is_one_column_however_each_object_spells_it(home, frame):
    chance = random.Random("keys")
    spelled = [
        {chance.choice(SPELLINGS)(name): value for name, value in each.items()} for each in PATIENTS
    ]
    result = home.load("patients.json", frame(spelled))
    assert (result.status, result.received) == ("loaded", 12), result.reason
    assert rows(home) == ROWS
    assert {row["_extra"] for row in home.rows("raw_patients")} == {None}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_two_spellings_in_one_object_are_never_one_column(home, frame):
    result = home.load("patients.json", frame([*PATIENTS, {**PATIENTS[0], "Gender": "female"}]))
    assert result.status == "refused" and "names gender more than once" in result.reason
    mapped = home.load("patients.json", frame([{**each, "GENDER": "x"} for each in PATIENTS]))
    assert mapped.status == "refused"


def test_a_table_by_column_is_never_one_row_of_lists(home):
    by_list = {name: [each[name] for each in PATIENTS] for name in NAMES}
    by_number = {name: {str(at): each[name] for at, each in enumerate(PATIENTS)} for name in NAMES}
    for columns in (by_list, by_number):
        result = home.load("patients.json", json.dumps({"count": 12, **columns}))
        assert result.status == "refused" and "beside its columns" in result.reason
    del by_number["gender"]["3"]
    result = home.load("patients.json", json.dumps(by_number))
    assert (result.status, result.received) == ("loaded", 12), result.reason
    assert rows(home) == [[i, None if at == 3 else g, b] for at, (i, g, b) in enumerate(ROWS)]


def test_columns_may_hold_lists(home):
    table = {"employer_id": ["E1", "E2"], "in_network_npis": [["2000000002"], []]}
    result = home.load("employer_in_network.json", json.dumps(table))
    assert (result.status, result.received) == ("loaded", 2), result.reason
    found = home.rows("raw_employer_networks", "employer_id, in_network_npis")
    assert [tuple(row.values()) for row in found] == [("E1", "[2000000002]"), ("E2", "[]")]


@pytest.mark.parametrize("depth", range(1, 6))
def test_a_key_named_twice_is_seen_however_deep_it_stands(home, depth):
    twice = '{"x": 1, "x": 2}'
    for level in range(depth):
        twice = f"[{twice}]" if level % 2 == 0 else f'{{"a": [{twice}]}}'
    lines = [*map(json.dumps, PATIENTS), f'{json.dumps(PATIENTS[0])[:-1]}, "more": {twice}}}']
    result = home.load("patients.jsonl", "\n".join([*lines, ""]))
    assert (result.status, result.received, result.rejected) == ("loaded", 13, 1), result.reason
    assert home.rows("raw_rejects", "reason") == [{"reason": "an object names a key twice"}]


@pytest.mark.parametrize("note", ["made by hand", "INFO 12 rows", '"a", "b"', "-- 1,2,3"])
def test_a_line_above_lines_of_json_costs_itself_alone(home, note):
    result = home.load("patients.jsonl", f"{note}\n{FRAMES['lines'](PATIENTS)}")
    assert (result.status, result.received, result.rejected) == ("loaded", 13, 1), result.reason
    assert rows(home) == ROWS


def test_an_object_above_a_table_of_text_is_a_note(home):
    text = "\n".join(['{"sender": "x", "rows": 12}', *map(",".join, [NAMES, *ROWS]), ""])
    result = home.load("patients.csv", text)
    assert (result.status, result.received, result.lines["preamble"]) == ("loaded", 12, 1)
    assert rows(home) == ROWS


def test_rows_in_lists_of_pages_are_named_truly(home):
    pages = [{"page": page, "items": PATIENTS[6 * page : 6 * page + 6]} for page in range(2)]
    result = home.load("patients.jsonl", FRAMES["lines"](pages))
    assert result.status == "refused"
    assert "one level deeper, under the key 'items'" in result.reason
