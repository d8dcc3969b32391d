"""Parquet: typed values as text, exactly."""

import io
import struct
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest import parquet_file

HEADER = ["encounter_id", "npi", "patient_id", "cpt", "paid_amount"]


def written(columns: dict[str, pa.Array]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def encounters(amount: pa.Array) -> bytes:
    text = pa.array(["a"] * len(amount))
    return written({**dict.fromkeys(HEADER[:-1], text), "paid_amount": amount})


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([7206, None, -1]), ["7206", "", "-1"]),
        (
            pa.array([2934087943.0, 0.1, 1e22, 1e-7]),
            ["2934087943", "0.1", "1" + "0" * 22, "0.0000001"],
        ),
        (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216"]),
        (pa.array([Decimal("1.10"), Decimal("-0.05")]), ["1.10", "-0.05"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([date(1950, 1, 2)]), ["1950-01-02"]),
        (
            pa.array([datetime(1950, 1, 2), datetime(1950, 1, 2, 3, 4, 5)]),
            ["1950-01-02", "1950-01-02 03:04:05"],
        ),
        (pa.array([datetime(1950, 1, 2, tzinfo=UTC)]), ["1950-01-02 00:00:00+00:00"]),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01 00:00:00.000000001"]),
        (pa.array(['O"Neil, A\nB', "\x00", "x\ufdd0"]), ['O"Neil, A\nB', "\\u0000", "x\\ufdd0"]),
        (pa.array([b"abc", b"\xff"]), ["abc", "\\xff"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([["a", "b"], [], None]), ["[a,b]", "[]", ""]),
        (pa.array([0, 3_000_000], pa.int32()).cast(pa.date32()), ["1970-01-01", "10183-09-21"]),
        (
            pa.array([[0, 3_000_000]], pa.list_(pa.int32())).cast(pa.list_(pa.date32())),
            ["[1970-01-01,10183-09-21]"],
        ),
    ],
)
def test_each_type_is_written_exactly(home, array, texts):
    result = home.load("encounters.parquet", encounters(array))
    assert result.status == "loaded", result.reason
    found = home.rows("raw_encounters", "_source_row_number as row, paid_amount")
    assert [each["paid_amount"] for each in found] == texts
    assert [each["row"] for each in found] == list(range(1, len(texts) + 1))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_stands_for_that_number_and_has_no_exponent(number):
    text = parquet_file._text(number)
    assert float(text) == number and "e" not in text.lower()
    single = struct.unpack("f", struct.pack("f", min(max(number, -3e38), 3e38)))[0]
    text = parquet_file._single(single)
    assert struct.unpack("f", struct.pack("f", float(text)))[0] == single


@pytest.mark.parametrize("moment", [2**62, -(2**62)])
def test_a_moment_that_no_calendar_has_costs_its_cell_and_not_the_file(home, moment):
    result = home.load("encounters.parquet", encounters(pa.array([0, moment], pa.timestamp("us"))))
    assert (result.status, result.received) == ("loaded", 2)
    first, second = home.rows("raw_encounters")
    assert first["paid_amount"] == "1970-01-01" and str(moment) in second["paid_amount"]


def test_a_zero_character_in_a_name_stays_escaped(home):
    result = home.load("encounters.parquet", written(dict.fromkeys([*HEADER, "a\0b"], ["1"])))
    assert result.header["extra"] == ["a\\u0000b"]


def test_a_column_of_objects_is_refused_by_name(home):
    result = home.load("encounters.parquet", encounters(pa.array([{"amount": 1}])))
    assert result.status == "refused" and "column paid_amount" in result.reason
    assert "columns of their own" in result.reason


def test_a_file_without_rows_is_a_delivery(home):
    result = home.load("encounters.parquet", encounters(pa.array([], pa.string())))
    assert (result.status, result.received) == ("loaded", 0)


def test_a_cut_off_file_is_refused_for_what_it_is(home):
    result = home.load("encounters.parquet", encounters(pa.array(["1"]))[:-20])
    assert result.status == "refused" and "Parquet" in result.reason
