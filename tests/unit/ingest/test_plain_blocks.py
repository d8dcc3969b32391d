"""Three ways to read lines, one answer: line by line is the reference, the other two only save
time.
"""

import io
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import line_blocks, records
from pipeline.ingest.batches import Batch, Noticed, PlainRows
from pipeline.ingest.content import text_lines
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.dialect import Dialect
from pipeline.ingest.findings import FloatWatch
from pipeline.ingest.identification import identify
from pipeline.ingest.inspection import inspect
from pipeline.ingest.line_blocks import LineBlocks, count_lines, lines_of
from pipeline.ingest.names_again import NamesAgain
from pipeline.ingest.plain_blocks import PlainBlocks
from pipeline.ingest.raw_rows import runs
from pipeline.ingest.records import RecordReader
from tests.unit.ingest.delimited_tables import KNOWN, tables


def opened(data, encoding):
    return io.TextIOWrapper(io.BytesIO(data), encoding.codec, encoding.errors, newline="")


def noticed_in_lines(noticed):
    """What was noticed, the size of blocks aside, which is how and not what was read."""
    return {name: value for name, value in vars(noticed).items() if name != "longest_block"}


def read(table, characters, by, monkeypatch, padded=frozenset(), guarded=frozenset(), piece=3):
    """Everything a reader says about a text, read in blocks of so many characters."""
    dialect, header, text = table
    noticed = Noticed()
    lines = LineBlocks(io.StringIO(text, newline=""), False, noticed, characters)
    kinds = [Counter(number=3)] * len(header)
    reader = RecordReader(lines, dialect, header, 2, kinds, padded, guarded, noticed, KNOWN)
    with monkeypatch.context() as patch:
        patch.setattr(records, "PIECE_LINES", piece)
        if by != "plain":
            patch.setattr(PlainBlocks, "rows", lambda self, block: None)
        if by == "line":
            patch.setattr(RecordReader, "_read_at_once", lambda self, block, start: None)
        batches = list(reader.batches())
    rows = [
        (number, row)
        for batch in batches
        for number, row in zip(batch.numbers, batch.rows, strict=True)
    ]
    return rows, [each for batch in batches for each in batch.rejects], noticed_in_lines(noticed)


@settings(max_examples=500, deadline=None)
@given(
    table=tables(),
    characters=st.integers(1, 60),
    piece=st.integers(1, 8),
    pads=st.booleans(),
    guards=st.booleans(),
)
@example((Dialect(), ["", "b", "a"], ",a,b\n"), 9, 3, False, False)
@example((Dialect(), ["a"], "1\n \n2\n"), 9, 3, False, False)
@example((Dialect("\t"), ["a", "b"], "1\t2\n \t \n"), 9, 3, False, False)
@example((Dialect(), ["a", "b"], "1,2\n\nx,y\n3,4\n"), 5, 1, False, False)
@example((Dialect(), ["a", "b"], "1,2,3\n4\n"), 99, 3, False, False)
def test_every_way_of_reading_says_the_same(table, characters, piece, pads, guards):
    width = len(table[1])
    options = {
        "padded": frozenset({width + 1}) if pads else frozenset(),
        "guarded": frozenset({width - 1}) if guards else frozenset(),
        "piece": piece,
    }
    patch = pytest.MonkeyPatch()
    reference = read(table, 10_000, "line", patch, **options)
    for by in ("plain", "at once", "line"):
        assert read(table, characters, by, patch, **options) == reference
    assert reference[2]["lines"].total() == reference[2]["delivered"] == len(lines_of(table[2]))


@given(tables(), st.integers(1, 40), st.booleans())
def test_blocks_hold_the_lines_that_are_read_one_by_one(table, characters, takes_first):
    data = table[2].encode("utf-8", "surrogatepass")
    encoding = inspect(Delivery("a.csv", b"a,b\n")).encoding
    expected = list(text_lines(opened(data, encoding), encoding))
    noticed, lines = Noticed(), []
    blocks = LineBlocks(io.StringIO(table[2], newline=""), False, noticed, characters)
    if takes_first:
        lines += [line for line in [next(blocks, None)] if line is not None]
    while block := blocks.block():
        lines += lines_of(block)
    assert lines == expected and noticed.delivered == len(expected)
    assert count_lines(table[2]) == len(expected)


def test_zero_characters_are_escaped_as_line_by_line():
    data = b"a\0b\n\0\nc\n\0"
    encoding = inspect(Delivery("a.csv", b"a,b\n\0" * 8)).encoding
    assert encoding.has_nulls
    one_by_one = list(text_lines(opened(data, encoding), encoding))
    for characters in range(1, 12):
        text = io.StringIO(data.decode(), newline="")
        assert list(LineBlocks(text, True, Noticed(), characters)) == one_by_one


def test_clean_text_is_read_by_blocks(monkeypatch):
    """Otherwise the comparison above would compare one way with itself."""
    table = (Dialect(), ["id", "name"], "".join(f"{at},Müller\n" for at in range(1000)))
    monkeypatch.setattr(RecordReader, "_read_by_line", None)
    monkeypatch.setattr(RecordReader, "_read_at_once", None)
    rows, rejects, noticed = read(table, 400, "plain", monkeypatch)
    assert rows == [(at + 2, [str(at), "Müller"]) for at in range(1000)] and not rejects
    windows = (table[0], table[1], table[2].replace("\n", "\r\n"))
    assert read(windows, 400, "plain", monkeypatch)[0] == rows
    assert read(windows, 400, "plain", monkeypatch)[2]["line_ends"] == {"\r\n"}


@pytest.mark.parametrize(
    "block",
    [
        *["1,2", "1,2\r3,4\n", "1,2\n3,4\r\n", '1,"2"\n', "1\n2,3,4\n", "1,2,3\n4\n", "1,2\n,\n"],
        *["1,2\n\n3,4\n", "1,amount\n", "1\0,2\n", "1,2,\n"],
        *['"1","2"\n"3",4\n', '"1","2""3"\n', '"1","a\nb"\n', '"",""\n', '"1","2","3"\n"4"\n'],
    ],
)
def test_a_block_is_plain_only_when_that_is_proven(block):
    plain = PlainBlocks(Dialect(), ["npi", "amount"], NamesAgain(["npi", "amount"], [], ","))
    assert plain.rows(block) is None
    assert plain.rows('"1",""\n",",",a"\n').cells == ["1", "", ",", ",a"]
    assert plain.rows("1,2\n 3,\x0b\u2028\n").cells == ["1", "2", " 3", "\x0b\u2028"]


def test_plain_rows_are_rows():
    rows = PlainRows(list("abcdef"), 2, "a,b\nc,d\ne,f\n")
    lists = [["a", "b"], ["c", "d"], ["e", "f"]]
    assert rows == lists and rows != lists[1:] and rows[1:] == lists[1:] and rows[-1] == lists[-1]
    assert len(rows) == 3 and rows[:50] == lists
    with pytest.raises(IndexError):
        rows[3]


def test_identifiers_as_floats_are_counted_alike():
    cells = ["7.0", "x", "7", "7.05", "1.5E+09", "2.0"]
    text = "7.0,x\n7,7.05\n1.5E+09,2.0\n"
    counts = []
    for rows in (PlainRows(cells, 2, text), [cells[:2], cells[2:4], cells[4:]]):
        watch = FloatWatch({"npi": 0, "zip": 1})
        watch.feed(Batch(rows, range(3), []))
        counts.append(watch.counts)
    assert counts[0] == counts[1] == {"npi": 2, "zip": 1}


FILE_CELLS = st.sampled_from(
    ["1", "Müller", "7.0", "", 'a"b', '"q, r"', '"a\nb"', "'x", "\t", "x,y"]
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10**10), FILE_CELLS, st.sampled_from(["1950-01-02", "", "x"])),
        min_size=3,
        max_size=40,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n"]),
    has_extra=st.booleans(),
)
def test_a_load_leaves_the_same_behind(tmp_path_factory, rows, encoding, end, has_extra):
    """The whole way from bytes to tables, with and without the two fast ways."""
    header = ["birth_date", "patient_id", "gender", *(["note"] if has_extra else [])]
    text = end.join(
        [
            ",".join(header),
            *(",".join([date, str(key), cell, *(["n"] * has_extra)]) for key, cell, date in rows),
            "",
        ]
    )
    delivery = Delivery("patients.csv", text.encode(encoding))
    states = []
    for is_fast in (True, False):
        patch = pytest.MonkeyPatch()
        with patch.context() as slow:
            slow.setattr(line_blocks, "BLOCK_CHARACTERS", 64)
            if not is_fast:
                slow.setattr(PlainBlocks, "rows", lambda self, block: None)
                slow.setattr(RecordReader, "_read_at_once", lambda self, block, start: None)
            states.append(loaded(tmp_path_factory.mktemp("home"), delivery))
    assert states[0] == states[1]


def loaded(folder, delivery) -> dict:
    """What a load left in the warehouse, or the words with which it was refused."""
    from pipeline.config import load_settings
    from pipeline.ingest.loader import load
    from pipeline.store.bootstrap import prepare_warehouse
    from pipeline.store.sqlite.database import open_warehouse

    settings = load_settings(home=folder / "home")
    contracts = load_contracts()
    prepare_warehouse(settings, {each.raw_table: each.delivered for each in contracts.values()})
    try:
        identify(delivery, contracts)
    except InputRefused as error:
        return {"refused": str(error)}
    with open_warehouse(settings, write=True) as connection:
        result = load(connection, settings.delivered_dir, delivery)
        kept = {
            "raw_patients": "patient_id, gender, birth_date, _extra, _row_id, _load_id, "
            "_source_file, _source_row_number",
            "raw_rejects": "_source_row_number, raw_line, reason",
            "ops_load_lines": "*",
            "ops_load_findings": "*",
            "ops_loads": "received, accepted, rejected, first_row, last_row, line_ending, header",
        }
        return {"status": result.status, "reason": result.reason} | {
            table: connection.execute(f"select {columns} from {table}").fetchall()
            for table, columns in kept.items()
        }


@given(st.sets(st.integers(1, 60)).map(sorted))
def test_runs_are_the_longest_of_consecutive_numbers(numbers):
    found = [numbers[start:end] for start, end in runs(numbers)]
    assert [number for run in found for number in run] == numbers
    assert all(run == list(range(run[0], run[-1] + 1)) for run in found)
    assert all(before[-1] + 1 < after[0] for before, after in pairwise(found))


@pytest.mark.parametrize("zeros", ["\0\0\0", "\0 \0\n", "\0\r", "\0\r\n"])
def test_a_line_of_zeros_stays_a_line_of_its_own(zeros):
    noticed = Noticed()
    lines = list(LineBlocks(io.StringIO(f"a,b\r1,2\r{zeros}", newline=""), True, noticed))
    assert (len(lines), noticed.delivered, lines[2].strip()) == (3, 3, "")
