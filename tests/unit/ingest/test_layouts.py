"""Where the table is in a file: no patient becomes a header, and every line has its place."""

import csv
import io
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.reader import open_table
from pipeline.ingest.reading import Reading
from pipeline.store.warehouse import load_evidence

HEADER = "patient_id,gender,birth_date"
ROWS = [f"{1000000 + at},{'male' if at % 3 else 'female'},19{at + 30}-07-21" for at in range(40)]
TABLE = "\n".join([HEADER, *ROWS]) + "\n"


def unknown(text: str, name: str = "people.csv"):
    """The table in a text whose column names nobody knows."""
    delivery = Delivery(name, text.encode())
    return open_table(delivery, inspect(delivery), lambda cell: False)


def rows_of(table) -> list[list[str]]:
    return [row for batch in table.batches() for row in batch.rows]


@pytest.mark.parametrize(
    ("header", "tail", "width"),
    [
        ('"Pat No","Sex","Born"', ",", 4),
        ("Pat No,Sex,Born", ",,", 5),
        ("Pat No,Sex,Born,", "", 3),
        ("Pat No;Sex", "", 3),
        ("Pat No,Sex,Born,Note", "", 4),
    ],
)
def test_a_header_of_another_width_than_its_rows_stays_the_header(header, tail, width):
    separator = ";" if ";" in header else ","
    rows = [row.replace(",", separator) + tail for row in ROWS]
    table = unknown("\n".join([header, *rows]) + "\n")
    assert table.header_line == 1 and table.header[:2] == ["Pat No", "Sex"]
    assert len(table.header) == width
    assert len(rows_of(table)) == len(ROWS)


@pytest.mark.parametrize("name", ["2024", "0", "note", "[site]", "1Q"])
def test_one_extra_column_is_kept_whatever_it_is_called(home, name):
    text = f"{HEADER},{name}\n" + "".join(f"{row},x\n" for row in ROWS)
    result = home.load("patients.csv", text)
    assert (result.status, result.received) == ("loaded", 40)
    assert json.loads(home.rows("raw_patients")[0]["_extra"]) == {name: "x"}


@pytest.mark.parametrize(
    "header",
    [
        "[patient_id],[gender],[birth_date]",
        "patient id , gender, birth date ",
        '"PATIENT ID","Sex","DOB"',
        "Patient-ID,Gender:,Birth.Date",
    ],
)
def test_names_may_be_dressed_up(home, header):
    result = home.load("patients.csv", "\n".join([header, *ROWS]) + "\n")
    assert (result.status, result.received, result.rejected) == ("loaded", 40, 0)


def test_signs_that_separate_cells_are_no_part_of_a_name(home):
    text = "\n".join(row.replace(",", "\t,") + "\t" for row in [HEADER, *ROWS]) + "\n"
    result = home.load("patients.csv", text)
    assert (result.status, result.delimiter) == ("loaded", ",")
    assert home.rows("raw_patients")[0]["gender"].strip() == "female"


def test_header_lines_one_above_the_other_are_joined():
    text = "Person,Person,Money\nid,name,paid\n" + "".join(f"{at},Bo,{at}.5\n" for at in range(20))
    table = unknown(text)
    assert table.header == ["Person id", "Person name", "Money paid"]
    assert len(rows_of(table)) == 20


@pytest.mark.parametrize("levels", [2, 3])
def test_a_line_of_known_names_that_repeat_is_joined_with_those_that_tell_them_apart(levels):
    above = ["patient,patient,visit"] * (levels - 1)
    rows = "".join(f"100000{at},male,1950-01-1{at}\n" for at in range(5))
    text = "\n".join([*above, "id,gender,date"]) + f"\n{rows}"
    delivery = Delivery("patients.csv", text.encode())
    table = open_table(delivery, inspect(delivery), {"patient", "visit"}.__contains__)
    assert [name.split()[-1] for name in table.header] == ["id", "gender", "date"]
    assert len(set(table.header)) == 3 and table.header_line == levels
    text = f"patient,gender,visit\n{rows}"
    delivery = Delivery("patients.csv", text.encode())
    table = open_table(delivery, inspect(delivery), {"patient", "visit"}.__contains__)
    assert table.header_line == 1


def test_a_table_without_a_header_asks_and_loses_no_row(home):
    text = "\n".join(ROWS) + "\n"
    refused = home.load("patients.csv", text)
    assert refused.status == "refused" and "has no header" in refused.reason
    assert "--no-header" in refused.reason and "1000000" not in refused.reason
    mapping = tuple(zip(("col_0", "col_1", "col_2"), HEADER.split(","), strict=True))
    loaded = home.load("patients.csv", text, reading=Reading(header_line=0, mapping=mapping))
    assert (loaded.status, loaded.received, loaded.rejected) == ("loaded", 40, 0)
    assert home.rows("raw_patients")[0]["_source_row_number"] == 1


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize(
    "footer",
    [
        *("Grand Total,40", "(40 rows affected)", "Thank you", "*** Confidential ***", "EOF"),
        *("Gesamt,40", "TRAILER,40", "Ende", "Итого,40", "合計", "Total général,40", "Summe;40"),
        *("40 rows selected.", "Printed by admin on 2026-01-01", "Total,40", "Report complete"),
    ],
)
def test_a_footer_is_one_reject_whether_its_line_ends_or_not(home, footer, end):
    result = home.load("patients.csv", TABLE + footer + end)
    assert (result.status, result.received, result.rejected) == ("loaded", 41, 1)


@pytest.mark.parametrize("cut", [3, 9, 12, 15])
def test_a_row_that_breaks_off_is_still_a_file_that_is_cut_off(home, cut):
    result = home.load("patients.csv", TABLE + ROWS[0][:cut])
    if cut < 13:
        assert result.status == "refused" and "cut off" in result.reason
    else:
        assert result.received == 41


def test_rows_above_the_header_are_kept_as_rejects(home):
    text = "\n".join(["A list of people", *ROWS[:10], HEADER, *ROWS[10:]]) + "\n"
    result = home.load("patients.csv", text)
    assert (result.received, result.rejected) == (40, 10)
    kept = home.rows("raw_rejects")
    assert [each["raw_line"] for each in kept] == ROWS[:10]
    assert [each["_source_row_number"] for each in kept] == list(range(2, 12))
    assert all("above the header" in each["reason"] for each in kept)
    assert load_evidence.lines(home.connection, "L00001") == {
        **{"delivered": 42, "preamble": 1, "header": 1, "rows": 30, "rejects": 10}
    }


def test_lines_under_the_header_that_are_no_rows_do_not_become_rows(home):
    text = "\n".join([HEADER, "----------,------,----------", *ROWS]) + "\n"
    assert home.load("patients.csv", text).received == 40
    text = "\n".join([HEADER, "(number),[text],(YYYY-MM-DD)", *ROWS[:30]]) + "\n"
    result = home.load("patients_2.csv", text)
    assert (result.received, result.rejected) == (31, 1)


def test_a_second_table_after_a_gap_is_kept_as_rejects_and_never_mixed_in(home):
    other = "provider_name,npi,zip\nNorsen,2000000002,063450001\n"
    result = home.load("patients.csv", TABLE + "\n" + other)
    assert (result.received, result.rejected) == (42, 2)


@pytest.mark.parametrize("mark", ['="{}"', "'{}"])
def test_guards_against_spreadsheets_are_taken_off_with_a_finding(home, mark):
    text = HEADER + "\n"
    text += "".join(",".join(mark.format(cell) for cell in row.split(",")) + "\n" for row in ROWS)
    result = home.load("patients.csv", text)
    assert (result.status, result.rejected) == ("loaded", 0)
    first = home.rows("raw_patients")[0]
    assert [first[name] for name in HEADER.split(",")] == ROWS[0].split(",")
    assert any("guard" in each.detail or "apostrophe" in each.detail for each in result.findings)


@pytest.mark.parametrize("delimiter", ["||", "§", "¬", "\x14"])
def test_rare_and_long_delimiters_are_inferred(home, delimiter):
    text = "\n".join(row.replace(",", delimiter) for row in [HEADER, *ROWS]) + "\n"
    result = home.load("patients.csv", text)
    assert (result.status, result.received, result.delimiter) == ("loaded", 40, delimiter)


def test_curly_quotes_hold_a_cell_together(home):
    text = "provider_name,npi,zip\n“Norsen, Holo”,2000000002,1\n“Fen, Bo”,2000000010,2\n"
    home.load("providers.csv", text)
    assert [each["provider_name"] for each in home.rows("raw_providers")] == [
        "Norsen, Holo",
        "Fen, Bo",
    ]


@pytest.mark.parametrize("text", [HEADER + "\n", HEADER, "[]", "[ ]\n"])
def test_zero_rows_are_a_delivery(home, text):
    result = home.load("patients.json" if text[0] == "[" else "patients.csv", text)
    assert (result.status, result.received, result.entity) == ("loaded", 0, "patients")
    assert any("no rows" in each.detail for each in result.findings)


LINES = st.lists(
    st.one_of(
        st.sampled_from(ROWS),
        st.sampled_from(["", "\ufeff", " ", ",,", HEADER, "a note", 'x,"open,y', '"a\nb",c,d']),
        st.text(st.sampled_from('ab1,;"\t \n'), max_size=8),
    ),
    max_size=25,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(above=LINES, beneath=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), final=st.booleans())
def test_every_physical_line_is_accounted_for(above, beneath, end, final):
    text = end.join([*above, HEADER, *beneath]) + (end if final else "")
    delivery = Delivery("patients.csv", text.encode())
    table = open_table(delivery, inspect(delivery), lambda cell: cell in HEADER.split(","))
    batches = list(table.batches())
    physical = len(io.StringIO(text, newline="").readlines())
    assert table.noticed.delivered == table.noticed.lines.total() == physical
    numbers = [number for batch in batches for number in batch.numbers]
    assert len(numbers) == len(set(numbers)) <= table.noticed.lines["rows"]


def test_made_up_files_of_many_kinds_are_read_right():
    """Dialects, notes above, footers and kinds of columns by chance: the cells come back."""
    wrong = []
    for seed in range(300):
        chance = random.Random(seed)
        text, wanted, delimiter = made_up(chance)
        table = unknown(text)
        found = [table.header, *rows_of(table)]
        if found != wanted and not table.questions:
            wrong.append((seed, delimiter, table.dialect.delimiter))
    assert len(wrong) <= 6, wrong


def made_up(chance: random.Random) -> tuple[str, list[list[str]], str]:
    """A file by chance, its cells, and its delimiter."""
    kinds = {
        "id": lambda: str(chance.randint(10**6, 10**7 - 1)),
        "code": lambda: f"{chance.choice('ABCDEF')}{chance.randint(10, 99)}-{chance.randint(1, 9)}",
        "date": lambda: (
            f"20{chance.randint(10, 24)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        ),
        "day": lambda: f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/2021",
        "time": lambda: f"{chance.randint(0, 23)}:{chance.randint(10, 59)}",
        "money": lambda: f"${chance.randint(1, 999)}.{chance.randint(10, 99)}",
        "euro": lambda: f"{chance.randint(1, 999)},{chance.randint(10, 99)}",
        "name": lambda: chance.choice(["Norsen, Holo", "Fenwick, A.", "O'Fen, Bo", "Hall, Jo"]),
        "words": lambda: " ".join(
            chance.choices(["knee", "hip", "left", "right", "old", "new", "pain"], k=4)
        ),
        "gap": lambda: chance.choice(["", "", "x"]),
    }
    names = chance.sample(sorted(kinds), chance.randint(3, 8))
    if not set(names) & {"id", "date", "day", "money", "time"}:
        names[0] = "id"
    delimiter = chance.choice([",", ",", ";", "\t", "|", "^"])
    body = [[kinds[name]() for name in names] for _ in range(chance.randint(8, 60))]
    header = [f"{name} of {chance.choice(['visit', 'person'])}" for name in names]
    written = io.StringIO()
    writer = csv.writer(
        written,
        delimiter=delimiter,
        quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        lineterminator=chance.choice(["\n", "\r\n"]),
    )
    for note in chance.sample(
        ["Extract of visits", "made by: the office", ""], chance.randint(0, 3)
    ):
        written.write(note + "\n")
    writer.writerows([header, *body])
    if chance.random() < 0.3:
        written.write(chance.choice(["Total: 7", "(7 rows affected)", "\n\n"]) + "\n")
    return written.getvalue(), [header, *body], delimiter
