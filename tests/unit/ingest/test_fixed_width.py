"""Text of fixed width: read by stated columns only, and no letter of a line is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.identification import read_header
from pipeline.ingest.inspection import inspect
from pipeline.ingest.positions import cells, proposed, spans_of, stated
from pipeline.ingest.reading import Reading
from pipeline.ingest.sender import sender_shapes

PATIENTS = [
    ["1000175", "male", "1930-07-21"],
    ["1000538", "female", "1931-09-16"],
    ["1000901", "female", "1956-05-05"],
]
NAMES = ["patient_id", "gender", "birth_date"]
WIDTHS, STATED = (12, 8, 10), "1-12,13-20,21-30"
BY_PLACE = tuple((f"col_{at}", name) for at, name in enumerate(NAMES))


def lined_up(rows, widths=WIDTHS, end="\n"):
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + end
        for row in rows
    )


@st.composite
def layouts(draw):
    """(columns as first and last character, the row that stands there, its line)."""
    line, spans, row = "", [], []
    for _ in range(draw(st.integers(1, 6))):
        line += " " * draw(st.integers(0, 3))
        cell = draw(st.text("aZ9é/,;|\"'\x00\x9f漢", max_size=6))
        width = len(cell) + draw(st.integers(0, 3)) or 1
        spans.append((len(line) + 1, len(line) + width))
        line += cell.ljust(width) if draw(st.booleans()) else cell.rjust(width)
        row.append(cell)
    return spans, row, line


@given(layouts())
def test_a_row_is_read_from_the_positions_where_it_was_written(layout):
    spans, row, line = layout
    assert cells(line + "\n", spans) == row
    assert cells(line.rstrip() + "\r\n", spans) == row, "blanks at the end may be cut off"
    assert spans_of(stated(spans)) == tuple(spans)


@given(layouts(), st.data())
def test_no_letter_of_a_line_is_left_out_whatever_columns_are_stated(layout, data):
    spans, _, line = layout
    left = [span for span in spans if data.draw(st.booleans())] or spans[:1]
    line = data.draw(st.sampled_from([line, line + " x", "x" * 40]))
    seen = "".join(cells(line, left)).replace(" ", "")
    assert sorted(seen) == sorted(line.replace(" ", ""))


@pytest.mark.parametrize(
    "positions", ["", "a", "0-3", "5-3", "1-4,4-8", "5-8,1-4", "1-,5-8", "1-4,", "-3", "1-99999999"]
)
def test_what_states_no_columns_is_refused_with_the_way_to_state_them(positions):
    with pytest.raises(InputRefused, match="1-12,13-20,21-"):
        spans_of(positions)


def test_columns_that_blanks_line_up_are_proposed_and_asked_never_taken(home):
    text = lined_up([NAMES, *PATIENTS])
    before = home.state()
    refused = home.load("patients.txt", text)
    assert refused.status == "refused" and refused.asks["field"] == "positions"
    assert "is of fixed width" in refused.reason and "--positions 1-12,13-20,21-," in refused.reason
    assert home.state() == before
    result = home.load("patients.txt", text, reading=Reading(positions="1-12,13-20,21-"))
    assert (result.received, result.rejected) == (3, 0)
    assert [list(row.values()) for row in home.rows("raw_patients", ", ".join(NAMES))] == PATIENTS


def test_lines_of_one_length_without_any_sign_are_asked_about(home):
    text = lined_up(PATIENTS, (7, 6, 10))
    assert "(choose with --positions, or on the upload page)" in home.load("p.txt", text).reason
    reading = Reading(positions="1-7,8-13,14-23", header_line=0, mapping=BY_PLACE)
    home.load("patients.txt", text, reading=reading)
    assert [list(row.values()) for row in home.rows("raw_patients", ", ".join(NAMES))] == PATIENTS


def test_text_outside_the_columns_and_a_line_cut_off_are_no_rows(home):
    text = lined_up([NAMES, *PATIENTS]) + "1000999     male    1950-01-02  moved\n"
    result = home.load("patients.txt", text, reading=Reading(positions=STATED))
    assert (result.received, result.rejected) == (4, 1)
    (reject,) = home.rows("raw_rejects", "raw_line, reason")
    assert reject["raw_line"] == "1000999     male    1950-01-02  moved"
    assert result.lines["delivered"] == 5
    cut = home.load("patients_2.txt", text + "1000111  ", reading=Reading(positions=STATED))
    assert cut.status == "refused" and "is cut off" in cut.reason


def test_what_cannot_be_stored_moves_no_column(home):
    text = lined_up([NAMES, ["1000175\0", "male", "1930-07-21"], *PATIENTS[1:]])
    home.load("patients.txt", text, reading=Reading(positions="1-12,13-20,21-"))
    first = home.rows("raw_patients", ", ".join(NAMES))[0]
    assert list(first.values()) == ["1000175\\u0000", "male", "1930-07-21"]


@pytest.fixture(scope="module")
def contracts():
    return load_contracts()


def test_files_of_one_sender_are_alike_although_no_line_names_their_columns(contracts):
    first, second = (
        Delivery(f"people_{month}.txt", lined_up(rows, (7, 6, 10)).encode())
        for month, rows in (("01", PATIENTS), ("02", PATIENTS[::-1]))
    )
    assert sender_shapes(first, contracts) == sender_shapes(second, contracts) is not None


@pytest.mark.parametrize(
    "text",
    [
        "npi\n1699797928\n1699797936\n1699797944\n",
        "".join(f"MEAAAAAAAAAAAA{at:012d}======\n" for at in range(9)),
        "patient_id,gender,birth_date\n" + "1000175,male,1930-07-21\n" * 5,
    ],
)
def test_a_table_that_signs_part_or_of_one_column_is_not_asked_for_positions(text, contracts):
    delivery = Delivery("file.csv", text.encode())
    table = read_header(delivery, contracts, inspection=inspect(delivery))
    assert not any(question.field == "positions" for question in table.questions)


def test_columns_begin_where_every_line_has_a_blank_before_them():
    lines = ["id   name        amount\n", "1    Ann Lee       7.50\n", "22   Bo            0.10\n"]
    assert proposed(lines) == ((1, 5), (6, 17), (18, None)) or proposed(lines) == (
        (1, 5),
        (6, 16),
        (17, None),
    )
    assert proposed(["a\tb  c\n", "d\te  f\n"]) == proposed(["some prose\n", "of a note\n"]) == ()
