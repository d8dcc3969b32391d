import json

import pytest

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
    assert home.rows("raw_employer_networks")[0]["in_network_npis"] == "2000000002,2000000010"


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
