"""How a delivery differs from the one before: said in the record of the sync, without a value."""

import json

import pytest

from pipeline.cli import main
from pipeline.store.control import connectors
from pipeline.store.control.control_file import open_control

ROWS = 60


def table(header: str, row) -> str:
    return "\n".join([header, *(row(number) for number in range(ROWS))]) + "\n"


def usual(number: int) -> str:
    return f"P{number:06d},female,1950-01-{1 + number % 28:02d}"


HEADER = "patient_id,gender,birth_date"


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (table(HEADER, usual), []),
        (
            table(f"{HEADER},shoe size", lambda number: f"{usual(number)},42"),
            ["column shoe size is new; it is kept beside the row"],
        ),
        (
            table("patient_id,sex,birth_date", usual),
            ["column gender is named sex, before gender"],
        ),
        (
            table(
                HEADER, lambda number: usual(number).replace("female", "" if number % 2 else "f")
            ),
            ["column gender is filled to 50%, before 100%"],
        ),
        (
            table(HEADER, lambda number: f"P{number:06d},female,{20000 + number}"),
            ["column birth_date holds number, before date"],
        ),
        (
            table(HEADER, lambda number: usual(number).replace("P", "")),
            ["column patient_id holds number, before text"],
        ),
    ],
    ids=["none", "new", "renamed", "fill", "kind of date", "kind of key"],
)
def test_what_changed_is_said_and_taken(place, later, said):
    place.put("a/patients.csv", table(HEADER, usual))
    place.add(str(place.source))
    (first,) = place.sync().files
    assert (first.drift, first.decision) == ((), "take")
    place.put("b/patients.csv", later.replace("P", "Q"), age=60)
    (second,) = place.sync().files
    assert second.reason is None, second.reason
    assert (second.state, second.decision, list(second.drift)) == ("loaded", "take", said)
    with open_control(place.settings) as control:
        newest = connectors.newest_syncs(control)["source"]["document"]
    assert newest["files"][0]["drift"] == said


def test_what_needs_a_person_is_asked_and_what_is_no_delivery_is_held(place, capsys):
    place.put("a.csv", "neither\nthis,nor that\n")
    place.add(str(place.source))
    decisions = {file.file: (file.state, file.decision) for file in place.sync().files}
    assert decisions["a.csv"] == ("refused", "hold")
    place.put("patients.csv", "1,female,1950-01-02\n2,male,1950-01-03\n")
    assert main.main(["--home", str(place.settings.home), "sync", "--json"]) == 2
    (file,) = json.loads(capsys.readouterr()[0])["syncs"][0]["files"]
    assert (file["state"], file["decision"]) == ("refused", "ask")
