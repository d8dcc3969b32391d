import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.json_lists import lists_under
from pipeline.ingest.json_window import Window
from pipeline.ingest.reading import Reading
from pipeline.store.warehouse import load_evidence

PEOPLE = [
    {"patient_id": 7, "gender": "female", "birth_date": "1950-01-02"},
    {"birth_date": "1960-01-02", "patient_id": "0008", "gender": None, "site": {"a": [1]}},
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PEOPLE),
        json.dumps(PEOPLE, indent=2),
        "\n".join(map(json.dumps, PEOPLE)),
        "\r\n".join(map(json.dumps, PEOPLE)) + "\r\n",
        "\ufeff" + json.dumps(PEOPLE),
        "".join(json.dumps(person, indent=1) for person in PEOPLE),
    ],
    ids=[
        "array",
        "indented array",
        "lines",
        "lines with CRLF",
        "byte order mark",
        "objects one after another",
    ],
)
def test_each_shape_of_json_becomes_the_same_rows(home, text):
    result = home.load("patients.json", text)
    assert (result.status, result.received, result.header["extra"]) == ("loaded", 2, ["site"])
    first, second = home.rows("raw_patients")
    assert (first["patient_id"], first["gender"], first["_extra"]) == ("7", "female", None)
    assert (second["patient_id"], second["gender"], json.loads(second["_extra"])) == (
        "0008",
        None,
        {"site": '{"a": ["1"]}'},
    )
    assert [first["_row_id"], second["_row_id"]][0].startswith("L00001-")


def test_numbers_keep_their_digits(home):
    home.load(
        "encounters.json",
        '[{"encounter_id": "2E5A", "npi": 1699797928.0, "patient_id": 12345678901234567890, '
        '"cpt": 29806, "paid_amount": 1.10}]',
    )
    (row,) = home.rows("raw_encounters")
    assert (row["npi"], row["patient_id"], row["paid_amount"]) == (
        "1699797928.0",
        "12345678901234567890",
        "1.10",
    )


@pytest.mark.parametrize("listed", ['["2000000002", 2000000010]', '"2000000002,2000000010"'])
def test_a_network_may_be_a_list(home, listed):
    home.load(
        "employer_in_network.json", f'[{{"employer_id": 54011, "in_network_npis": {listed}}}]'
    )
    kept = home.rows("raw_employer_networks")[0]["in_network_npis"]
    assert kept.strip("[]") == "2000000002,2000000010"


def test_a_line_that_is_no_object_is_rejected(home):
    good = json.dumps(PEOPLE[0])
    result = home.load(
        "patients.jsonl", f'{good}\n[1]\n{{"broken\n{good}\n"just text"\n{good}\n{good}\n'
    )
    assert (result.received, result.rejected) == (7, 3)
    rejects = home.rows("raw_rejects", "_source_row_number as line, reason")
    assert rejects == [
        {"line": 2, "reason": "no JSON object"},
        {"line": 3, "reason": "no valid JSON"},
        {"line": 5, "reason": "no JSON object"},
    ]


def test_an_array_on_one_long_line_is_read_in_pieces(home):
    people = [{**PEOPLE[0], "patient_id": number} for number in range(30_000)]
    result = home.load("patients.json", json.dumps(people))
    assert (result.status, result.received) == ("loaded", 30_000)
    assert home.rows("raw_patients", "max(_source_row_number) as last") == [{"last": 30_000}]


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
TWO = [
    {"patient_id": 7, "gender": "female", "birth_date": "1950-01-02"},
    {"patient_id": 8, "gender": None, "birth_date": "1960-01-02"},
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


@pytest.mark.parametrize("join", [", ", "\n"])
def test_a_key_named_twice_holds_back_its_element_alone(home, join):
    elements = [*map(json.dumps, TWO), '{"patient_id": 9, "patient_id": 10, "gender": "x"}']
    text = join.join(elements)
    result = home.load("patients.json", f"[{text}]" if join == ", " else text + "\n")
    assert (result.status, result.received, result.rejected) == ("loaded", 3, 1)
    (reject,) = home.rows("raw_rejects")
    assert reject["raw_line"] == elements[-1] and reject["_source_row_number"] == 3


@pytest.mark.parametrize(
    ("text", "kept"), [('"a\\u0000b"', "a\\u0000b"), ('"a\\ud800b"', "a\\ud800b")]
)
def test_what_cannot_be_stored_is_kept_escaped_with_a_finding(home, text, kept):
    row = f'{{"patient_id": {text}, "gender": "x", "birth_date": "y"}}'
    result = home.load("patients.json", f"[{row}]")
    assert home.rows("raw_patients")[0]["patient_id"] == kept
    assert any("escaped" in each.detail for each in result.findings)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (json.dumps(TWO)[:-1] + ",]", "a comma stands before its last bracket"),
        ("// made by hand\n" + json.dumps(TWO), "JSON with comments"),
        (str(TWO), "single quotes"),
        ('{"a": ' + json.dumps(TWO) + ', "a": ' + json.dumps(TWO) + "}", "two lists under 'a'"),
        ('{"a": ' + json.dumps(TWO) + ", 7: 8}", "no valid JSON"),
        ('{"a": ' + json.dumps(TWO) + ",}", "no valid JSON"),
        ('{"patients": ' + json.dumps(TWO), "cut off"),
        (json.dumps([{"id": 1, "attributes": each} for each in TWO]), "under the key 'attributes'"),
        (json.dumps({"entry": [{"resource": each} for each in TWO]}), "under the key 'resource'"),
        ("\n".join(json.dumps({"_source": each}) for each in TWO), "under the key '_source'"),
        ("var rows = " + json.dumps(TWO) + ";", "JSON inside of a script"),
        ("back(" + json.dumps(TWO) + ")", "JSON inside of a script"),
        (")]}',\n" + json.dumps(TWO), "JSON inside of a script"),
        (json.dumps({"patient_id": [7, 8], "gender": ["f"]}), "different lengths"),
    ],
)
def test_what_is_nearly_json_is_named_truly(home, text, says):
    result = home.load("patients.json", text)
    assert result.status == "refused" and says in result.reason


def test_every_element_is_accounted_for(home):
    home.load("patients.jsonl", "\n".join([*map(json.dumps, TWO * 3), "[1]", "42", ""]))
    assert load_evidence.lines(home.connection, "L00001") == {
        "delivered": 8,
        "rows": 6,
        "rejects": 2,
    }


def as_document(tables: dict[str, list], depth: int) -> str:
    """A document with each list under its key, in an envelope, beside values that are no table."""
    document = {"page": 1, "tags": ["a", "b"], "meta": {"next": None, "more": {}}, **tables}
    for at in range(depth):
        document = {f"level{at}": document}
    return json.dumps(document)


ENCOUNTERS = [
    {"encounter_id": "A", "npi": 1, "patient_id": 7, "cpt": 27130, "paid_amount": 9.50},
    {"encounter_id": "B", "npi": 2, "patient_id": 8, "cpt": 27447, "paid_amount": 8},
]


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


@pytest.mark.parametrize(
    ("written", "kept"), [("\\ud800x", "\\ud800x"), ("a\\u0000b", "a\\u0000b")]
)
def test_a_name_that_cannot_be_stored_stays_escaped(home, written, kept):
    text = f'[{{"patient_id": "1", "gender": "f", "birth_date": "1950-01-01", "{written}": "y"}}]'
    result = home.load("patients.json", text)
    assert json.loads(home.rows("raw_patients")[0]["_extra"]) == {kept: "y"}
    assert kept in [each.column_name for each in result.findings]


@pytest.mark.parametrize("amount", [[1, 200], [7206], [], [[1], 2]])
def test_a_list_in_a_column_of_single_values_is_none_of_them(home, amount):
    """Without its brackets `[1, 200]` would be an amount of 1,200."""
    home.load("encounters.json", json.dumps([ENCOUNTERS[0] | {"paid_amount": amount}]))
    (row,) = home.rows("raw_encounters")
    assert row["paid_amount"].startswith("[") and row["paid_amount"].endswith("]")


def test_a_text_sequence_is_read(home):
    """RFC 7464: each value behind a record separator."""
    text = "".join(f"\x1e{json.dumps(each)}\n" for each in TWO * 3)
    result = home.load("patients.json", text)
    assert (result.status, result.received, result.rejected) == ("loaded", 6, 0)


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
