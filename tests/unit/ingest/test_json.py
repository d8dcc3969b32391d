"""JSON in its many shapes becomes the same rows."""

import json

import pytest

from pipeline.store.warehouse import load_evidence
from tests.unit.ingest.json_rows import ENCOUNTERS, TWO

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
