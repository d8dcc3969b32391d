"""Each message is judged by itself, by its form; no reason quotes what stands in it."""

import json

import pytest

from pipeline.declared.message_schema import message_schema
from pipeline.declared.sources import load_contracts
from pipeline.ingest.json_window import DECODER
from pipeline.store.inbox.messages import Arrived, DeadLetter
from pipeline.stream.judge import judge
from pipeline.stream.source import Message
from tests.factories import patient

ROW = patient(1)
SECRET = "Zebulon"


def judged(value: bytes | None, topic: str = "icon.patients", entity: str | None = None):
    return judge(Message(topic, 0, 7, None, value, entity), 2048)


def as_json(row: object) -> bytes:
    return json.dumps(row).encode()


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (None, "tombstone", "without content"),
        (b"", "poison", "empty"),
        (b" \n ", "poison", "empty"),
        (b"\x00\x00\x00\x00\x05Zebulon", "poison", "schema registry"),
        (b"\xff\xfeZebulon", "poison", "no UTF-8"),
        (b"Zebulon,female,1950-01-02", "poison", "no valid JSON"),
        (b'{"patient_id": "Zebulon"', "poison", "no valid JSON"),
        (b'{"patient_id": "Zebulon"} {}', "poison", "no valid JSON"),
        (b'{"patient_id": "a\x00Zebulon"}', "poison", "no valid JSON"),
        (b'["Zebulon"]', "poison", "no JSON object"),
        (b'"Zebulon"', "poison", "no JSON object"),
        (b"NaN", "poison", "no JSON object"),
        (b"9" * 2000, "poison", "no JSON object"),
        (b"{}", "poison", "without any key"),
        (b'{"patient_id": "1", "patient_id": "Zebulon"}', "poison", "names a key twice"),
        (b'{"patient_id": {"a": 1, "a": "Zebulon"}}', "poison", "names a key twice"),
        (b'{"patient_id": ' + b"[" * 1000 + b"]" * 1000 + b"}", "poison", "nested too deeply"),
        (b'{"patient_id": "Zebulon"}', "poison", "without the column gender"),
        (as_json(ROW | {"Patient-ID": SECRET}), "poison", "another name of the column patient_id"),
        (as_json(ROW | {"dob": SECRET}), "poison", "another name of the column birth_date"),
        (as_json(ROW | {f"x{at}": SECRET for at in range(65)}), "poison", "more than 64 columns"),
        (as_json(ROW | {"note": SECRET * 500}), "poison", "larger than 2 kB"),
    ],
)
def test_what_is_no_row_is_a_dead_letter_with_a_reason_and_its_bytes(value, kind, reason):
    letter = judged(value)
    assert isinstance(letter, DeadLetter)
    assert (letter.kind, letter.value, letter.entity) == (kind, value, "patients")
    assert reason in letter.reason and SECRET not in letter.reason


def test_a_message_of_no_known_source_is_a_dead_letter():
    letter = judged(as_json(ROW), "icon.zebulon")
    assert isinstance(letter, DeadLetter) and letter.entity is None
    assert "no known source" in letter.reason and "zebulon" not in letter.reason


@pytest.mark.parametrize(
    ("topic", "entity", "source"),
    [
        ("patients", None, "patients"),
        ("eu.icon.adverse-events", None, "adverse_events"),
        ("anything", "patients", "patients"),
        ("icon.patients", "providers", "providers"),
    ],
)
def test_the_source_is_named_by_the_header_or_else_by_the_end_of_the_topic(topic, entity, source):
    row = dict.fromkeys(load_contracts()[source].delivered, "1")
    assert judged(as_json(row), topic, entity).entity == source


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROW, indent=4),
        json.dumps(ROW | {"gender": "Ünï\u2028\u0085😀"}, ensure_ascii=False),
        json.dumps(ROW | {"gender": "\x00 \ud800 \x7f \r\n"}),
        "\ufeff" + json.dumps(ROW),
        json.dumps(ROW | {"patient_id": "X"}).replace('"X"', "0.1000000000000000000000009e400"),
        json.dumps(ROW | {"patient_id": "X"}).replace('"X"', "9" * 1500),
        json.dumps(ROW | {"patient_id": {"a": [1, 2.50, None, True]}, "note": [1, [2]]}),
        json.dumps(ROW | {"birth_date": None}),
    ],
)
def test_a_row_becomes_one_line_of_ascii_that_says_the_same(text):
    row = judged(text.encode("utf-8"))
    assert isinstance(row, Arrived), row
    assert row.line.isascii() and row.line.isprintable()
    assert DECODER.decode(row.line) == DECODER.decode(text.lstrip("\ufeff"))


def test_the_schema_of_each_source_takes_its_rows_and_no_other_shape():
    from jsonschema import Draft202012Validator

    for contract in load_contracts().values():
        schema = message_schema(contract)
        Draft202012Validator.check_schema(schema)
        takes = Draft202012Validator(schema).is_valid
        row = {column: "1" for column in contract.delivered}
        assert takes(row) and takes(row | {"note": "x"}) and takes(dict.fromkeys(row))
        assert not takes({column: "1" for column in contract.delivered[1:]})
        assert not takes(row | {contract.delivered[0]: {"a": 1}}) and not takes([row])
        # what the schema asks for is what a message is held to
        assert isinstance(judged(as_json(row), contract.entity), Arrived)
