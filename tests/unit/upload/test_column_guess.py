"""A column is proposed by what its cells look like only where nothing else could be meant."""

from pipeline.declared.sources import load_contracts
from pipeline.services.upload.column_guess import guess


def columns(entity: str):
    return [column for column in load_contracts()[entity].columns if column.delivered]


def test_columns_under_foreign_names_are_told_by_their_cells():
    cells = {
        "Kid": ["9999999"] * 3,
        "Geschlecht": ["aaaa", "aaaaaa", None],
        "Geboren": ["9999-99-99"] * 3,
    }
    assert guess(columns("patients"), cells) == {
        "birth_date": "Geboren",
        "gender": "Geschlecht",
        "patient_id": "Kid",
    }


def test_what_a_name_says_is_not_guessed_and_of_two_alike_none_is_proposed():
    assert (
        guess(columns("patients"), {"Sex": ["aaaa"], "Von": ["9999-99-99"], "Bis": ["9999-99-99"]})
        == {}
    )
    assert guess(columns("patients"), {"gender": ["9999-99-99"], "Geboren": ["99.99.9999"]}) == {
        "birth_date": "Geboren"
    }


def test_cells_that_look_otherwise_too_often_are_no_match():
    assert guess(columns("patients"), {"Geboren": ["9999-99-99", "aaaaaaa", "aaaaaaa"]}) == {}
