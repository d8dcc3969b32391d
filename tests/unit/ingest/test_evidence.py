"""How sure a reading is: certain where nothing else fits, below even odds where it is asked."""

import pytest

from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.preview import preview
from pipeline.ingest.reader import open_table
from pipeline.store.warehouse import load_evidence

PLAIN = "id,name,paid\n" + "".join(f"{at},Person,{at}.50\n" for at in range(30))


def table_of(data: bytes):
    delivery = Delivery("file.csv", data)
    return open_table(delivery, inspect(delivery), lambda cell: False)


def test_a_plain_table_is_certain_in_everything():
    table = table_of(PLAIN.encode())
    for evidence in (
        table.inspection.encoding.evidence,
        table.dialect_evidence,
        table.layout.evidence,
    ):
        assert evidence.confidence >= 0.9 and evidence.why, evidence


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"1{at},22;3{at},44;5\n" for at in range(30)),
        "".join(f"{at}|7,{at}|8,9\n" for at in range(30)),
    ],
)
def test_a_delimiter_that_is_asked_is_no_more_than_even_odds(text):
    table = table_of(text.encode())
    assert any(question.field == "delimiter" for question in table.questions)
    assert table.dialect_evidence.confidence <= 0.5
    assert table.dialect_evidence.runner_up is not None


def test_a_table_without_a_header_and_one_of_words_are_less_sure_than_one_of_numbers():
    headerless = table_of(PLAIN.split("\n", 1)[1].encode()).layout
    words = table_of(b"name,town\n" + b"Ann,Rome\nBob,Oslo\n" * 10).layout
    numbers = table_of(PLAIN.encode()).layout
    assert headerless.question and headerless.evidence.runner_up.value == "0"
    assert headerless.evidence.confidence < words.evidence.confidence
    assert words.evidence.confidence < numbers.evidence.confidence


def test_an_encoding_that_is_asked_is_below_even_odds():
    encoding = inspect(Delivery("a.csv", "id,name\n1,Ø\n".encode("cp850"))).encoding
    assert encoding.question and encoding.evidence.confidence < 0.5
    assert encoding.evidence.runner_up is not None


def test_the_preview_and_the_load_tell_the_same(home):
    header = "npi,name,specialty,address,city,state,zip,telephone\n"
    text = header + "1699797928,Ann Lee,Oncology,1 Main St,Boston,MA,02115,6175550100\n"
    before = preview(Delivery("providers.csv", text.encode())).readings
    home.load("providers.csv", text)
    after = load_evidence.reading(home.connection, "L00001")
    assert [step["what"] for step in after] == [step["what"] for step in before]
    assert [step["confidence"] for step in after] == [step["confidence"] for step in before]
    assert {step["what"] for step in after if step["confidence"] is not None} == {
        "encoding",
        "delimiter",
        "header_line",
    }
