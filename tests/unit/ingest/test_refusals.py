import gzip
import json

import pytest

HEADER = "encounter_id,npi,patient_id,cpt,paid_amount\n"
ROW = "MEAAAAAAAAAAAAAAAAAAAAAAAA======,2000000002,18,27447,980.50\n"
SWAPPED = "npi,encounter_id,patient_id,cpt,paid_amount\n"
SECRET = "2000000002"
#: A page says of a refused file: "it ...".
VERBS = ("is", "has", "holds", "lacks", "names")

REFUSED = {
    "empty": ("encounters.csv", b"", "empty"),
    "only blank lines": ("encounters.csv", b"\n\n \n", "empty"),
    "an Excel workbook that is cut off": (
        "encounters.csv",
        b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml" + bytes(200),
        "damaged: it begins as an Excel workbook",
    ),
    "a ZIP archive that is cut off": (
        "encounters.csv",
        b"PK\x03\x04" + bytes(26) + b"encounters.csv" + bytes(200),
        "damaged: it begins as a ZIP archive",
    ),
    "random bytes": ("encounters.csv", bytes(range(256)) * 40, "binary"),
    "zero bytes": ("encounters.csv", bytes(4000), "binary"),
    "none of the sources": ("orders.csv", b"order,amount\n1,2\n", "none of the sources"),
    "prose": (
        "notes.txt",
        b"Dear colleague,\nplease find the files attached.\n",
        "none of the sources",
    ),
    "a required column missing": (
        "encounters.csv",
        (HEADER + ROW).replace("npi", "x").encode(),
        "lacks the required column npi",
    ),
    "a column twice": (
        "encounters.csv",
        b"encounter_id,npi,NPI,patient_id,cpt,paid_amount\na,b,c,d,e,f\n",
        "more than once",
    ),
    "no header": ("encounters.csv", (ROW * 3).encode(), "no header"),
    "a short last line without a line end": (
        "encounters.csv",
        (HEADER + ROW * 3 + "AEAAAA,2000").encode(),
        "cut off",
    ),
    "an open quote at the end": (
        "providers.csv",
        b'provider_name,npi,zip\na,2000000002,1\n"Noren, Fen',
        "cut off",
    ),
    "an open quote over the last lines": (
        "providers.csv",
        b'provider_name,npi,zip\na,b,1\n"Noren,\nFen\n',
        "cut off",
    ),
    "truncated gzip": (
        "encounters.csv.gz",
        gzip.compress((HEADER + ROW * 500).encode())[:-20],
        "cut off",
    ),
    "truncated JSON array": (
        "patients.json",
        b'[{"patient_id": "1", "gender": "male", "birth_date": "1950-01-02"}, {"pat',
        "cut off",
    ),
    "an array that is never closed": (
        "patients.json",
        b'[{"patient_id": "1", "gender": "male", "birth_date": "x"}',
        "cut off",
    ),
    "a million columns": ("encounters.csv", b"x," * 1_000_000 + b"\n1\n", "columns"),
    "gzip far larger than it looks": (
        "encounters.csv.gz",
        gzip.compress(HEADER.encode() + ROW.encode() * 600_000),
        "times as large",
    ),
    "broken JSON": (
        "patients.json",
        b'[{"patient_id": "1" "gender": "male"}, {"a": 1}]',
        "no valid JSON",
    ),
    "a comma too many": (
        "patients.json",
        b'[{"patient_id": "1", "gender": "m", "birth_date": "x"},]',
        "no valid JSON",
    ),
    "truncated JSON lines": (
        "patients.jsonl",
        b'{"patient_id": "1", "gender": "m", "birth_date": "x"}\n{"patie',
        "cut off",
    ),
    "mostly no rows": (
        "encounters.csv",
        (HEADER + ROW + "a,b\n" * 5).encode(),
        "5 of them: more or fewer cells than the header has",
    ),
    "mostly no objects": (
        "patients.jsonl",
        b'{"patient_id": "1", "gender": "m", "birth_date": "x"}\n1\n"x"\n[2]\n',
        "has 4 elements, of which 3 are no row",
    ),
    "a second table in another order": (
        "encounters.csv",
        (HEADER + ROW + SWAPPED + ROW).encode(),
        "another order",
    ),
}


@pytest.mark.parametrize(("name", "data", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_is_refused_in_one_line_and_nothing_changes(home, name, data, says):
    before = home.state()
    result = home.load(name, data)
    assert (result.status, result.load_id) == ("refused", None)
    assert says in result.reason
    assert (
        "\n" not in result.reason and result.reason.startswith(name) and result.reason.endswith(")")
    )
    assert SECRET not in result.reason
    assert result.reason.partition(": ")[2].split()[0] in VERBS
    assert home.state() == before
    json.dumps(result.as_dict())


def test_a_ragged_last_line_like_others_before_it_is_a_reject_and_no_cut(home):
    result = home.load("encounters.csv", HEADER + ROW * 5 + "a,b\n" + ROW + "a,b")
    assert (result.status, result.rejected) == ("loaded", 2)


def test_a_footer_is_a_reject_and_no_cut(home):
    result = home.load("encounters.csv", HEADER + ROW * 5 + "Total: 5")
    assert (result.status, result.received, result.rejected) == ("loaded", 6, 1)


def test_a_missing_final_line_end_is_no_cut(home):
    result = home.load("encounters.csv", (HEADER + ROW).rstrip("\n"))
    assert (result.status, result.received) == ("loaded", 1)


def test_reasons_of_rejects_hold_no_cell(home):
    home.load("encounters.csv", HEADER + ROW * 5 + f"{SECRET},1\n")
    assert all(SECRET not in row["reason"] for row in home.rows("raw_rejects"))
