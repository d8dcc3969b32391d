"""A hostile cell arrives as it was delivered, whatever the format of its file is: no text of a
workbook, a Parquet file or a JSON document is bent on its way to the raw table.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from pipeline.declared.sources import load_contracts
from tests.factories import npi, patient, small_world

#: Every format can hold these as text.
HOSTILE = [
    "9" * 40,
    "0." + "1" * 40,
    "007",
    "1e400",
    "-1E-400",
    "NaN",
    "Infinity",
    "-0",
    "TRUE",
    "null",
    "N/A",
    "=1+1",
    "@x",
    "1950-02-30",
    "02/29/1950",
    "7.206,00",
    "\u202e12\u202c",
    "p\u0430tient",
    "\uff11\uff12",
    "\u0661\u0662",
    "1234\u200b5678",
    "'; drop table raw_patients; --",
    '{"a": [1,',
    "[1, 2]",
    "a,b;c|d\te",
    'the "Bo"',
    "two\nlines",
    "\U0001f9b4",
    npi(1),
    patient(1)["patient_id"],
]
Table = Sequence[Sequence[str]]


def as_csv(rows: Table) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def as_objects(rows: Table) -> list[dict]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def as_workbook(rows: Table) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for at, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            place = book.active.cell(at, column, cell)
            place.data_type = "s"
    book.save(packed)
    return packed.getvalue()


def as_parquet(rows: Table) -> bytes:
    packed = io.BytesIO()
    columns = {
        name: pyarrow.array(cells, pyarrow.string()) for name, *cells in zip(*rows, strict=True)
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), packed)
    return packed.getvalue()


def as_columns(rows: Table) -> bytes:
    columns = zip(*rows, strict=True)
    return json.dumps({name: cells for name, *cells in columns}).encode()


FORMATS: dict[str, Callable[[Table], bytes]] = {
    "csv": as_csv,
    "csv.gz": lambda rows: gzip.compress(as_csv(rows)),
    "tsv": lambda rows: "\n".join(
        "\t".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    ).encode(),
    "txt": lambda rows: as_csv(rows).decode().encode("utf-16"),
    "json": lambda rows: json.dumps(as_objects(rows)).encode(),
    "jsonl": lambda rows: "\n".join(map(json.dumps, as_objects(rows))).encode(),
    "columns.json": as_columns,
    "xlsx": as_workbook,
    "parquet": as_parquet,
}


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("source", load_contracts())
def test_a_hostile_cell_arrives_as_it_was_delivered(home, source, ending):
    contract = load_contracts()[source]
    names = list(contract.delivered)
    valid = [small_world()[source][0][name] for name in names]
    rows = [names, valid] + [
        [*valid[:at], cell, *valid[at + 1 :]] for cell in HOSTILE for at in range(len(names))
    ]
    result = home.load(f"{source}.{ending}", FORMATS[ending](rows), entity=source)
    assert result.status == "loaded", result.reason
    assert (result.received, result.rejected) == (len(rows) - 1, 0)
    stored = home.rows(contract.raw_table, ", ".join(names))
    assert [[row[name] for name in names] for row in stored] == rows[1:]


#: Without an object JSON names no columns.
@pytest.mark.parametrize("ending", [each for each in FORMATS if "json" not in each])
@pytest.mark.parametrize("source", load_contracts())
def test_a_delivery_of_no_rows_is_one(home, source, ending):
    names = list(load_contracts()[source].delivered)
    result = home.load(f"{source}.{ending}", FORMATS[ending]([names]), entity=source)
    assert (result.status, result.received) == ("loaded", 0), result.reason
