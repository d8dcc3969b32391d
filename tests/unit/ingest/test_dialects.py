import codecs
import csv
import io
import string

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from pipeline.declared.sources import load_contracts
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.identification import identify
from pipeline.ingest.raw_rows import arranged

COLUMNS = ("provider_name", "npi", "zip")
ROWS = [
    ("Norsen, Holo", "2000000002", "063450001"),
    ("O'Fen; \u00c5sa | x", "2000000010", ""),
    ('the "Bo"', "2000000028", "1"),
]
PLAIN = [
    ("Norsen", "2000000002", "063450001"),
    ("Fenwick", "2000000010", ""),
    ("Quinley", "2000000028", "1"),
] * 3


def read(data: bytes, name: str = "providers.csv") -> tuple[list[tuple], object]:
    """The rows as they would be loaded, and the table they came from."""
    table, recognised = identify(Delivery(name, data), load_contracts())
    rows = [
        tuple(row[:3])
        for batch in table.batches()
        for row in arranged(batch, recognised.match, recognised.contract.delivered, table.header)
    ]
    return rows, table


def written(rows, header=COLUMNS, **options) -> str:
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **options})
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


#: Without é: between random letters (`éA`) its bytes are as good in Latin-2 (`ĂŠA`) and are asked.
#: That names in UTF-8 are not asked is tested below.
CELLS = strategies.text(
    strategies.sampled_from(string.ascii_letters + string.digits + " ,;\t|^'\".-_\u4e2d\n"),
    max_size=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=strategies.lists(strategies.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8),
    delimiter=strategies.sampled_from(",;\t|^"),
    terminator=strategies.sampled_from(["\n", "\r\n"]),
    quoting=strategies.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=strategies.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_in_any_dialect_is_read_back(
    rows, delimiter, terminator, quoting, encoding
):
    rows = [(f"n{cell}", *others) for cell, *others in rows]
    text = written(rows, delimiter=delimiter, lineterminator=terminator, quoting=quoting)
    recognised, table = read(text.encode(encoding))
    assert recognised == rows
    assert table.dialect.delimiter == delimiter


@pytest.mark.parametrize(
    "name",
    ["Núñez, José", "Müller, Jörg", "Öberg, Åsa", "Łukasz, Ömer", "Šárka, Đorđe", "Zażółć, Ævar"],
)
def test_a_single_name_in_utf_8_is_read_without_a_question(name):
    row = (name, *ROWS[0][1:])
    rows, table = read(written([row]).encode())
    assert (rows, table.encoding, table.questions) == ([row], "utf-8", ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "\x1f", "\x01", ":", "#"])
def test_each_delimiter_is_inferred(delimiter):
    rows, table = read(written(PLAIN, delimiter=delimiter).encode())
    assert (rows, table.dialect.delimiter) == (PLAIN, delimiter)


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_each_encoding_is_inferred(encoding, label):
    # one letter would prove no encoding from before Unicode
    names = ("Ångström, Åsa", "Sjöberg, Göran", "Hägg, Märta", "Öberg, Pär")
    all_rows = [*ROWS, *((name, *ROWS[0][1:]) for name in names)]
    rows, table = read(written(all_rows).encode(encoding))
    assert (rows, table.encoding) == (all_rows, label)


@pytest.mark.parametrize(
    ("mark", "encoding", "label"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
    ],
)
def test_a_byte_order_mark_is_no_part_of_the_header(mark, encoding, label):
    rows, table = read(mark + written(ROWS).encode(encoding))
    assert (rows, table.encoding, table.header) == (ROWS, label, list(COLUMNS))


def test_single_windows_bytes_in_utf8_do_not_spoil_the_rest():
    data = written(ROWS).encode() + "Zo\u00eb,2000000036,1\n".encode("cp1252")
    rows, table = read(data)
    assert (rows, table.encoding) == ([*ROWS, ("Zo\u00eb", "2000000036", "1")], "utf-8+cp1252")


@pytest.mark.parametrize(("end", "label"), [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")])
def test_each_line_end_is_inferred(end, label):
    rows, table = read(written(ROWS, lineterminator=end).encode())
    assert (rows, table.line_ending) == (ROWS, label)


def test_line_ends_may_be_mixed():
    rows, table = read(b"provider_name,npi,zip\r\na,1,1\nb,2,2\rc,3,3")
    assert ([row[0] for row in rows], table.line_ending) == (["a", "b", "c"], "mixed")


def test_a_line_end_inside_quotes_is_not_a_line_end_of_the_file():
    _, table = read(b'provider_name,npi,zip\r\n"a\nb",1,1\r\n')
    assert table.line_ending == "CRLF"


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nprovider_name;npi;zip\nNorsen;2000000002;1\n",
        "Provider extract\nmade on 2024-05-01\n\nprovider_name,npi,zip\nNorsen,2000000002,1\n",
        "Provider extract,,\n,,\nprovider_name,npi,zip\nNorsen,2000000002,1\n",
        "provider_name,npi,zip,\nNorsen,2000000002,1,\n",
        "provider_name,npi,zip\nNorsen,2000000002,1,,\n",
        "provider_name, npi, zip\nNorsen, 2000000002, 1\n",
        "'provider_name','npi','zip'\n'Norsen','2000000002','1'\n",
        "PROVIDER NAME,Npi,Zip Code\nNorsen,2000000002,1\n",
        "provider_name,npi,zip\n\n\nNorsen,2000000002,1\n\n,,\n\x1a",
        "provider_name,npi,zip\nNorsen,2000000002,1\nprovider_name,npi,zip\n",
        '"provider_name"\t"npi"\t"zip"\n"Norsen"\t"2000000002"\t"1"\n',
    ],
    ids=[
        "sep line",
        "preamble",
        "padded preamble",
        "trailing delimiter",
        "surplus blanks",
        "blank after delimiter",
        "single quotes",
        "other case",
        "blank lines",
        "repeated header",
        "tabs and quotes",
    ],
)
def test_decorations_do_not_change_the_rows(text):
    rows, _ = read(text.encode())
    assert rows == [("Norsen", "2000000002", "1")]


def test_backslashes_escape_quotes_and_stay_elsewhere():
    rows, _ = read(
        b'provider_name,npi,zip\n"Holo \\"Bo\\" Norsen",1,1\n"8\\\'9\\" tall",2,2\n"C:\\\\x",3,3\n'
    )
    assert [row[0] for row in rows] == ['Holo "Bo" Norsen', "8\\'9\" tall", "C:\\x"]


def test_a_cell_may_be_longer_than_the_csv_module_allows_by_default():
    listed = ",".join(["2000000002"] * 30_000)
    table, recognised = identify(
        Delivery("network.csv", f'employer_id,in_network_npis\n54011,"{listed}"\n'.encode()),
        load_contracts(),
    )
    (batch,) = table.batches()
    assert batch.rows == [["54011", listed]]


def test_line_numbers_are_physical_lines():
    table, _ = identify(
        Delivery("providers.csv", b'made by hand\n\nprovider_name,npi,zip\n"a\nb",1,1\n\nc,2,2\n'),
        load_contracts(),
    )
    (batch,) = table.batches()
    assert list(batch.numbers) == [4, 7]


def test_a_single_column_is_not_split_at_a_blank_in_its_name():
    table, recognised = identify(Delivery("a.csv", b"Encounter ID\r\nMEAA======"), load_contracts())
    assert (
        recognised.contract.entity,
        table.header,
        [batch.rows for batch in table.batches()],
    ) == (
        "adverse_events",
        ["Encounter ID"],
        [[["MEAA======"]]],
    )


def test_a_row_with_a_blank_cell_too_many_is_not_guessed_at():
    table, _ = identify(
        Delivery("providers.csv", b"provider_name,npi,zip\na,1,1\nb,,2,\nc,3,\n"), load_contracts()
    )
    (batch,) = table.batches()
    assert [row[0] for row in batch.rows] == ["a", "c"] and batch.rejects[0].line == 3
