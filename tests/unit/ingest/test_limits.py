"""Each limit is a setting, and changing it changes what is refused."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config import load_settings
from pipeline.config.table import SETTINGS
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.limits import MB, Limits
from pipeline.ingest.loader import load
from tests.unit.ingest.test_archives import packed
from tests.unit.ingest.test_workbooks import PATIENTS, book

HEADER = "patient_id,gender,birth_date"
ROWS = HEADER + "\n" + "1,male,1950-01-02\n" * 20
WIDE = HEADER + "," + ",".join(f"x{at}" for at in range(20)) + "\n" + "1," * 22 + "1\n"
LARGE = f"{HEADER}\n1,male,{'x' * 2 * MB}\n"
SPREAD = HEADER + '\n1,male,"' + ("x" * 2000 + "\n") * 1000 + '"\n'
BIG = HEADER + "\n" + f"1,male,{'x' * 1000}\n" * 18_000


def parquet(text: str) -> bytes:
    header, *rows = [line.split(",") for line in text.splitlines()]
    stream = io.BytesIO()
    columns = zip(header, zip(*rows, strict=True), strict=True)
    pq.write_table(
        pa.table({name: pa.array(cells) for name, cells in columns}),
        stream,
        use_dictionary=False,
        compression="zstd",
    )
    return stream.getvalue()


def as_json(text: str) -> bytes:
    header, *rows = [line.split(",") for line in text.splitlines()]
    names = [f'"{name}"' for name in header]
    elements = (
        ",".join(f'{name}:"{cell}"' for name, cell in zip(names, row, strict=False)) for row in rows
    )
    return ("[" + ",".join(f"{{{each}}}" for each in elements) + "]").encode()


def workbook(text: str) -> bytes:
    return book({"s": [line.split(",") for line in text.splitlines()]})


FILES = {
    ("max_columns", "22", "columns"): {
        "p.csv": WIDE.encode(),
        "p.json": as_json(WIDE),
        "p.xlsx": workbook(WIDE),
        "p.parquet": parquet(WIDE),
    },
    ("max_rows", "19", "rows"): {
        "p.csv": ROWS.encode(),
        "p.json": as_json(ROWS),
        "p.xlsx": workbook(ROWS),
        "p.parquet": parquet(ROWS),
    },
    ("max_cell_mb", "1", "cell"): {
        "p.csv": LARGE.encode(),
        "lines.csv": SPREAD.encode(),
        "p.json": as_json(LARGE),
        "p.parquet": parquet(LARGE),
    },
    ("max_unpacked_mb", "16", "16 MB"): {
        "p.csv.gz": gzip.compress(BIG.encode(), 1),
        "p.parquet": parquet(BIG),
    },
    ("max_unpack_ratio", "20", "20 times"): {
        "p.csv.gz": gzip.compress(BIG.encode(), 1),
        "p.parquet": parquet(BIG),
    },
    ("min_free_mb", "1000000000", "have to stay free"): {"p.csv": ROWS.encode()},
}
CASES = [(*limit, name) for limit, files in FILES.items() for name in files]


def test_every_limit_is_tried():
    declared = {setting.name for setting in SETTINGS if setting.name.startswith(("max_", "min_"))}
    assert declared - {"max_upload_mb"} == {name for name, _, _ in FILES}


@pytest.mark.parametrize(("setting", "value", "says", "file"), CASES)
def test_a_limit_that_is_changed_changes_the_answer(home, setting, value, says, file):
    data = FILES[setting, value, says][file]
    wide = {"max_unpack_ratio": 10**6}
    for arguments, status in ((wide | {setting: value}, "refused"), (wide, "loaded")):
        limits = Limits.of(load_settings(home=home.delivered.parent, **arguments))
        before = home.state()
        result = load(
            home.connection,
            home.delivered,
            Delivery(file, data, limits=limits),
            entity="patients",
            reject_threshold=1.0,
        )
        assert result.status == status, result.reason
        if status == "refused":
            assert says in result.reason and f"setting {setting}" in result.reason
            assert home.state() == before


@pytest.mark.parametrize("kind", ["xlsx", "zip"])
def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(home, tmp_path, kind):
    bomb = b" " * 40 * MB
    if kind == "zip":
        from pipeline.ingest.batch import load_into

        (tmp_path / "p.zip").write_bytes(packed({"patients.csv": bomb}))
        (result,) = load_into(home.connection, home.delivered, [tmp_path / "p.zip"])
    else:
        data = {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bomb}
        result = home.load("p.xlsx", packed(data))
    assert result.status == "refused" and "200 times as large" in result.reason
    assert "max_unpack_ratio" in result.reason


def test_the_same_sheet_within_the_limits_loads(home):
    assert home.load("patients.xlsx", book({"s": PATIENTS})).status == "loaded"
