"""Before somebody answers a question about a file, the lines that the answers read differently are
shown, and no others.
"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import load_settings
from pipeline.ingest.questions import Choice, Question
from pipeline.privacy.masking import MASK
from pipeline.services.upload import answers, tray

NAMES = st.text(
    st.sampled_from([*"abc", *(bytes([code]).decode("cp1250") for code in (0xE6, 0xF3, 0x9C))]),
    min_size=1,
    max_size=5,
)
ENCODINGS = Question("encoding", "is unclear", (Choice("cp1250"), Choice("cp852")))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("home"))


def compared(settings, name, data, question):
    tray_id = tray.keep(settings, name, io.BytesIO(data))
    (file,) = (file for file in tray.waiting(settings) if file.tray_id == tray_id)
    choices = answers.compare(settings, file, question)
    tray.take_out(settings, [tray_id])
    return choices


@given(names=st.lists(NAMES, min_size=1, max_size=12))
def test_the_cells_of_two_encodings_that_differ_are_those_that_python_reads_differently(
    settings, names
):
    rows = [[name, str(2_000_000_000 + at), "63450"] for at, name in enumerate(names)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["provider_name", "npi", "zip"], *rows])
    data = text.getvalue().encode("cp1250")
    choices = compared(settings, "providers.csv", data, ENCODINGS)
    texts = [data.decode(codec) for codec in ("cp1250", "cp852")]
    pairs = zip(*(csv.reader(io.StringIO(each)) for each in texts), strict=True)
    differing = {number: pair for number, pair in enumerate(pairs, start=1) if pair[0] != pair[1]}
    expected = list(differing)[: answers.LINES_SHOWN]
    for at, answer in enumerate(choices):
        assert [line.number for line in answer.lines] == expected
        for line in answer.lines:
            assert list(line.cells) == differing[line.number][at]
            assert line.differs == (True, False, False)


def test_a_difference_far_down_is_found(settings):
    rows = [f"Ann,{2_000_000_000 + at},63450" for at in range(30_000)]
    data = "\n".join(["provider_name,npi,zip", *rows, "Łucja,2000000009,63450"]).encode("cp1250")
    first, second = compared(settings, "providers.csv", data, ENCODINGS)
    assert (
        [line.number for line in first.lines] == [line.number for line in second.lines] == [30_002]
    )


def test_whether_there_is_a_header_is_asked_with_its_line_and_without_a_value(settings):
    question = Question("header_line", "is unclear", (Choice(0), Choice(1)))
    data = b"1000001,male,1950-01-02\n1000002,female,1951-01-02\n"
    without, with_header = compared(settings, "patients.csv", data, question)
    assert [(line.number, line.kind) for line in without.lines] == [(1, "row")]
    assert [(line.number, line.kind) for line in with_header.lines] == [(1, "header")]
    assert with_header.lines[0].cells == without.lines[0].cells == ("9999999", "aaaa", "9999-99-99")
    assert not any("1000001" in name for name in (*without.names, *with_header.names))


def test_values_are_masked_as_on_any_screen_and_only_the_shape_of_an_unknown_column_is_shown(
    settings,
):
    question = Question("delimiter", "is unclear", (Choice(","), Choice(";")))
    data = b"patient_id,gender,birth_date,nickname\n1000001,male,1950-01-02,Bo;b\n"
    comma, semicolon = compared(settings, "patients.csv", data, question)
    code, *others = comma.lines[1].cells
    assert MASK.fullmatch(code) and others == ["male", "date hidden", "aa;a"]
    assert "1000001" not in str(semicolon) and "1950" not in str(semicolon)


def test_an_answer_that_cannot_be_read_says_why(settings):
    question = Question("header_line", "is unclear", (Choice(1), Choice(400)))
    data = b"patient_id,gender,birth_date\n1000001,male,1950-01-02\n"
    _, beyond = compared(settings, "patients.csv", data, question)
    assert "has no row that begins there" in beyond.refused and beyond.lines == ()


def test_readings_that_differ_in_nothing_show_nothing(settings):
    data = b"provider_name,npi,zip\nAnn,2000000009,63450\n"
    assert [answer.lines for answer in compared(settings, "p.csv", data, ENCODINGS)] == [(), ()]


def test_columns_of_one_name_and_many_columns_are_compared(settings):
    header = ",".join(["name"] * 3_000)
    data = f"{header}\n{',Ł' * 2_999}\n".encode("cp1250")
    first, second = compared(settings, "unknown.csv", data, ENCODINGS)
    assert len(set(first.names)) == 3_000 and first.names == second.names
    assert [sum(line.differs) for line in first.lines] == [2_999]
