"""No delivered byte vanishes: files are made of parts whose lines are known, and counted from their
bytes; what the load says must be the same, line by line.
"""

import json
import re
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pipeline.ingest.reading import Reading
from pipeline.store.warehouse import load_evidence
from tests.unit.ingest.conftest import Home

HEADERS = {
    "patients": ["patient_id", "gender", "birth_date"],
    "encounters": ["encounter_id", "npi", "patient_id", "cpt", "paid_amount"],
    "adverse_events": ["encounter_id"],
}
FILES = {
    "patients": "patients.csv",
    "encounters": "encounters_details.csv",
    "adverse_events": "adverse_events.csv",
}


def cells_of(entity: str, number: int) -> list[str]:
    """A valid row."""
    key = f"{'ABCDEFGHIJKLMNOP'[number % 16]}{number:025d}"
    person = str(1000000 + number)
    if entity == "adverse_events":
        return [key]
    if entity == "patients":
        return [person, "male" if number % 3 else "female", f"19{40 + number % 50}-07-21"]
    return [key, "2000000002", person, "27130", f"{900 + number}.5"]


@dataclass
class File:
    """A file as it grows: its bytes so far, and the fate that each of its lines deserves."""

    end: str
    text: str = ""
    rows: dict[int, list[str]] = field(default_factory=dict)
    #: Lines that hold a row, by what may become of them.
    row_lines: set[int] = field(default_factory=set)
    blank: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    header: set[int] = field(default_factory=set)

    @property
    def next_line(self) -> int:
        return len(re.findall(r"\r\n|\n|\r", self.text)) + 1

    def add(self, line: str, among: set[int], end: str | None = None) -> int:
        """One record, of one or more physical lines; returns its first."""
        first = self.next_line
        self.text += line + (self.end if end is None else end)
        among.update(range(first, self.next_line))
        return first


def physical_lines(text: str) -> int:
    """Lines of a text, by its line ends alone."""
    ends = len(re.findall(r"\r\n|\n|\r", text))
    return ends + bool(re.sub(r"(?s).*[\r\n]", "", text))


def quoted(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


NOTES = ("A list of people", "Exported: 2026-01-02", "# do not edit", "Report; page 1")
BLANKS = ("", " ", "\t", "\ufeff", "\x1a", "\x0c", "\ufeff ", "\0\0\0")
FOOTERS = ("Total,40", "(40 rows affected)", "-- end of file", "Page 1 of 1", "EOF")


@st.composite
def files(draw) -> tuple[str, File]:
    """A file of one source with notes, rows above the header, odd lines and a footer."""
    entity = draw(st.sampled_from(sorted(HEADERS)))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    file, number, width = File(end), 0, len(HEADERS[entity])
    if draw(st.booleans()):
        file.text += "\ufeff"
    for _ in range(draw(st.integers(0, 3))):
        note = draw(st.sampled_from((*NOTES, *BLANKS[:3])))
        file.add(note, file.others if note.strip() else file.blank)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 5, 30]))):
        number += 1
        cells = cells_of(entity, number)
        file.rows[file.add(",".join(cells), file.row_lines)] = cells
    names = HEADERS[entity]
    file.add(quoted(names) if draw(st.booleans()) else ",".join(names), file.header)
    for _ in range(draw(st.integers(5, 12))):
        number += 1
        cells = cells_of(entity, number)
        file.rows[file.add(",".join(cells), file.row_lines)] = cells
    kinds = st.sampled_from(
        ["row"] * 6 + ["quoted", "broken", "blank", "empty", "short", "long", "header", "zero"]
    )
    for kind in draw(st.lists(kinds, max_size=25)):
        number += 1
        cells = cells_of(entity, number)
        if kind == "row":
            file.rows[file.add(",".join(cells), file.row_lines)] = cells
        elif kind == "quoted":
            file.rows[file.add(quoted(cells), file.row_lines)] = cells
        elif kind == "broken":
            cells[-1] = draw(st.sampled_from(["a\nb", "a\r\nb\n", '"\n"', "x\n\ny"]))
            file.rows[file.add(quoted(cells), file.row_lines)] = cells
        elif kind == "blank":
            file.add(draw(st.sampled_from(BLANKS)), file.blank)
        elif kind == "empty" and width > 1:
            file.add("," * (width - 1), file.blank)
        elif kind == "short" and width > 2:
            file.add(",".join(cells[:-1]), file.others)
        elif kind == "long":
            file.add(",".join([*cells, "x", "y"]), file.others)
        elif kind == "header":
            file.add(",".join(names), file.others)
        elif kind == "zero":
            cells[0] = f"{cells[0][:3]}\0{cells[0][3:]}"
            line = file.add(",".join(cells), file.row_lines)
            file.rows[line] = [cell.replace("\0", "\\u0000") for cell in cells]
    if draw(st.booleans()):
        file.add(draw(st.sampled_from(FOOTERS)), file.others, draw(st.sampled_from(["", end])))
    elif draw(st.booleans()):
        file.text = (
            file.text.removesuffix(end) if file.text[-len(end) * 2 :] != end * 2 else file.text
        )
    return entity, file


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory):
    """One home for all made-up files of a test."""
    yield from opened(tmp_path_factory.mktemp("conservation") / "home")


def opened(folder):
    from pipeline.config import load_settings
    from pipeline.declared.sources import load_contracts
    from pipeline.store.bootstrap import prepare_warehouse
    from pipeline.store.sqlite.database import open_warehouse

    home = load_settings(home=folder)
    contracts = load_contracts().values()
    prepare_warehouse(home, {each.raw_table: each.delivered for each in contracts})
    with open_warehouse(home, write=True) as connection:
        yield Home(connection, home.delivered_dir)


@given(made=files())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_every_line_of_a_file_has_the_place_that_its_bytes_give_it(kept_home, made):
    entity, file = made
    result = kept_home.load(FILES[entity], file.text, reject_threshold=1.0)
    event(result.status)
    if result.status == "refused":
        assert result.asks or "cut off" in result.reason, result.reason
        return
    if result.status == "already_loaded":
        return
    assert result.status == "loaded"
    run = kept_home.connection.execute
    raw = {
        line: list(cells)
        for line, *cells in run(
            f"select _source_row_number, {', '.join(HEADERS[entity])} from raw_{entity} "
            "where _load_id = ?",
            (result.load_id,),
        )
    }
    rejects = {
        line: text
        for line, text in run(
            "select _source_row_number, raw_line from raw_rejects where _load_id = ?",
            (result.load_id,),
        )
    }
    for line, cells in file.rows.items():
        if line in raw:
            assert [cell or "" for cell in raw[line]] == cells, (line, file.text)
        else:
            assert line in rejects, f"line {line} is neither row nor reject: {file.text!r}"
    header = min(file.header)
    assert not [line for line in raw if line < header], "what stands above the header is no row"
    assert not (raw.keys() & (file.blank | file.header)), file.text
    lines = load_evidence.lines(kept_home.connection, result.load_id)
    delivered = lines.pop("delivered")
    assert delivered == sum(lines.values()) == physical_lines(file.text)
    assert lines["header"] == len(file.header)
    assert lines.get("blank", 0) == len(file.blank), file.text
    reject_lines = sum(physical_lines(text) for text in rejects.values())
    assert lines.get("rejects", 0) == reject_lines
    assert lines.get("rows", 0) == delivered - len(file.header) - len(
        file.blank
    ) - reject_lines - lines.get("preamble", 0)
    below = {line for line in file.others if line > header}
    assert below <= rejects.keys() | raw.keys(), "below the header nothing is a note"
    if "\\u0000" in json.dumps(list(raw.values())):
        assert any("escaped" in each.detail for each in result.findings)


VALUES = ("male", "12\u00004", "\ud800x", "a\nb", 7, 1.50, True, None, [1, 2], {"a": 1}, "é")
ELEMENTS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"patient_id": st.integers(1, 10**9), "gender": st.sampled_from(VALUES)},
            optional={"birth_date": st.sampled_from(VALUES)},
        ),
        st.sampled_from([3, "text", [1], None, True]),
    ),
    min_size=1,
    max_size=20,
)


@given(elements=ELEMENTS, shape=st.sampled_from(["lines", "array", "wrapped"]), ends=st.data())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_every_element_of_json_is_a_row_or_a_reject(kept_home, elements, shape, ends):
    first = {"patient_id": 1, "gender": "male", "birth_date": "1950-01-01"}
    elements = [first, *elements]
    texts = [json.dumps(each) for each in elements]
    between = ends.draw(st.sampled_from(["\n", "\r\n", "\n\n", "\n \n"]))
    text = between.join(texts) + "\n"
    if shape != "lines":
        text = f"[{','.join(texts)}]"
        text = f'{{"patients": {text}}}' if shape == "wrapped" else text
    result = kept_home.load("patients.json", text, reject_threshold=1.0)
    if result.status == "already_loaded":
        return
    assert result.status == "loaded", result.reason
    objects = sum(1 for each in elements if isinstance(each, dict))
    assert (result.received, result.rejected) == (len(elements), len(elements) - objects)
    lines = load_evidence.lines(kept_home.connection, result.load_id)
    assert lines.pop("delivered") == len(elements) == sum(lines.values())
    raw = [
        json.dumps(cells)
        for cells in kept_home.connection.execute(
            "select patient_id, gender, birth_date from raw_patients where _load_id = ?",
            (result.load_id,),
        )
    ]
    strange = sum(
        1
        for each in elements
        if isinstance(each, dict)
        for value in each.values()
        if value in ("12\u00004", "\ud800x")
    )
    kept = sum(row.count("\\\\u0000") + row.count("\\\\ud800") for row in raw)
    assert kept == strange
    assert any("escaped" in each.detail for each in result.findings) == bool(strange)


@pytest.mark.parametrize(
    ("encoding", "cell", "kept"),
    [
        ("utf-8", b"12\x0034", "12\\u000034"),
        ("cp1252", b"M\x81ller", "M\\x81ller"),
        ("iso2022_jp", b"a\xffb", "a\\xffb"),
        ("utf-16-le", "a".encode("utf-16-le") + b"\x00\xdc" + "b".encode("utf-16-le"), None),
    ],
)
def test_bytes_that_are_no_text_are_kept_escaped_with_a_finding(kept_home, encoding, cell, kept):
    """Nothing becomes a mark that says only that something was there."""
    wide = encoding if encoding.startswith("utf-16") else "ascii"
    head = "patient_id,gender,birth_date\n".encode(wide)
    rows = b"".join(f"{1000000 + at},male,1950-01-02\n".encode(wide) for at in range(9))
    comma, end = ",".encode(wide), "\n".encode(wide)
    odd = "1000009".encode(wide) + comma + cell + comma + "1950-01-02".encode(wide) + end
    result = kept_home.load("patients.csv", head + rows + odd, reading=Reading(encoding=encoding))
    assert (result.status, result.received) == ("loaded", 10), result.reason
    ((gender,),) = kept_home.connection.execute(
        "select gender from raw_patients where _load_id = ? and patient_id = '1000009'",
        (result.load_id,),
    )
    assert gender == kept if kept else "\ufffd" not in gender and "\\x" in gender
    assert any("escaped" in each.detail for each in result.findings)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", [1, 3, 50])
def test_lines_of_zero_bytes_are_blank_however_many_there_are(kept_home, end, blank):
    lines = ["encounter_id", *(f"{letter}{number:025d}" for number, letter in enumerate("BCDEF"))]
    text = end.join([*lines, *["\0" * 7] * blank]) + end
    result = kept_home.load(FILES["adverse_events"], text, reject_threshold=1.0)
    assert (result.status, result.received, result.lines["blank"]) == ("loaded", 5, blank)
