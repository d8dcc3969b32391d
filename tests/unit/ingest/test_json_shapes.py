"""JSON as programs write it: keys in several spellings, tables by column, notes around the rows. No
value stands under another name, and none is lost silently.
"""

import json
import random

import pytest

from pipeline.declared.sources import load_contracts
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


def aliases() -> dict[str, list[str]]:
    """Delivered column -> its names."""
    columns = load_contracts()["patients"].columns
    return {each.delivered: [each.delivered, *each.aliases] for each in columns if each.delivered}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_column_may_go_by_another_of_its_names_in_each_object(home, frame, seed):
    chance, names = random.Random(seed), aliases()
    objects = [
        {chance.choice(names[name]): value for name, value in each.items()} for each in PATIENTS
    ]
    result = home.load("patients.json", frame(objects))
    assert (result.status, result.received, result.rejected) == ("loaded", 12, 0), result.reason
    assert rows(home) == ROWS
    assert {row["_extra"] for row in home.rows("raw_patients")} == {None}
    assert not [each for each in result.findings if each.rule_id == "FIL-03"]


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_what_stands_beside_a_column_is_no_other_name_of_it(home, frame):
    """Members have an id and a number of their insurer; where the id is missing, no other takes its
    place.
    """
    objects = [{**each, "member_id": f"M{at}"} for at, each in enumerate(PATIENTS)]
    del objects[3]["patient_id"]
    result = home.load("patients.json", frame(objects))
    assert (result.status, result.received) == ("loaded", 12), result.reason
    assert rows(home) == [[None if at == 3 else i, g, b] for at, (i, g, b) in enumerate(ROWS)]
    extra = [json.loads(row["_extra"]) for row in home.rows("raw_patients")]
    assert extra == [{"member_id": f"M{at}"} for at in range(12)]
    assert "FIL-03" in {each.rule_id for each in result.findings}


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


@pytest.mark.parametrize("start", [0, 1])
def test_rows_under_their_numbers_are_rows(home, start):
    """Numbers do not come in order where they are sorted as text."""
    numbered = sorted((str(at), each) for at, each in enumerate(PATIENTS, start))
    result = home.load("patients.json", json.dumps(dict(numbered), indent=1))
    assert (result.status, result.received, result.rejected) == ("loaded", 12, 0), result.reason
    assert sorted(rows(home)) == ROWS


@pytest.mark.parametrize("key", [0, 1, 3])
def test_a_row_without_any_key_is_counted_among_numbered_ones(home, key):
    numbered = {str(at): {} if at == key else each for at, each in enumerate(PATIENTS)}
    result = home.load("patients.json", json.dumps(numbered))
    assert (result.status, result.received, result.rejected) == ("loaded", 12, 1), result.reason


def test_keys_that_may_be_values_are_never_lost(home):
    """A key that does not count says something: the id of the row."""
    by_id = {each.pop("patient_id"): each for each in map(dict, PATIENTS)}
    gap = {str(at): each for at, each in enumerate(PATIENTS) if at != 3}
    for keyed in (by_id, gap):
        result = home.load("patients.json", json.dumps(keyed))
        assert result.status == "refused", result


@pytest.mark.parametrize("rows_sent", [1, 12])
@pytest.mark.parametrize("cell", [[{"a": "1"}], {"a": [{"b": "1"}]}, {"a": "1"}])
def test_objects_in_cells_are_no_table_of_their_own(home, rows_sent, cell):
    """Neither in the only row of a file, nor in a table by column."""
    sent = [{**each, "more": cell} for each in PATIENTS[:rows_sent]]
    by_column = {name: [each[name] for each in sent] for name in sent[0]}
    for content in (json.dumps(sent[0]), FRAMES["lines"](sent), json.dumps(by_column)):
        result = home.load("patients.json", content)
        assert result.status in ("loaded", "already_loaded"), (content, result.reason)
        assert rows(home)[-result.received :] == ROWS[: result.received]
        extra = [json.loads(row["_extra"]) for row in home.rows("raw_patients")]
        assert extra[-1] == {"more": json.dumps(cell)}


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
