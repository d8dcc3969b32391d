"""Footers of any width are rejects with their reason, whatever the table is; rows never are."""

import csv
import io

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.ingest.footers import FOOTER
from pipeline.ingest.reading import Reading
from tests.factories import small_world

WORLD = small_world()
SOURCES = [each for each in ("patients", "providers", "encounters", "referrals") if WORLD[each]]
NARROW = ["adverse_events", "employer_networks"]
#: Its first cell, and whether a number stands behind it.
FOOTERS = [
    ("Total", True),
    ("Grand Total", True),
    ("TRAILER", True),
    ("End of file", False),
    ("EOF", False),
]
REMARKS = ["(8 rows affected)", "----------", "Prepared by the sender", "Count: 8"]


def delivered(source: str, footer: list[str], delimiter: str = ",") -> str:
    """A CSV file of a source with a footer that is filled up to the width of the table."""
    rows, names = WORLD[source], load_contracts()[source].delivered
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    writer.writerow((footer + [""] * len(names))[: max(len(names), len(footer))])
    return text.getvalue()


def told(home, source: str, result) -> tuple[int, list[dict]]:
    """(rows that were loaded, rejects)."""
    rejects = home.rows("raw_rejects", "raw_line, reason")
    assert result.received == result.accepted + result.rejected
    return len(home.rows(load_contracts()[source].raw_table)), rejects


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_footer_as_wide_as_the_table_is_a_reject(home, source, delimiter):
    for number, (word, is_counted) in enumerate(FOOTERS):
        footer = [word, str(100 + number)] if is_counted else [word]
        text = delivered(source, footer, delimiter)
        result = home.load(f"{source}.csv", text, entity=source)
        assert result.status == "loaded", result.reason
        rows, rejects = told(home, source, result)
        assert rows == (number + 1) * len(WORLD[source])
        assert [each["reason"] for each in rejects] == [FOOTER] * (number + 1)


@pytest.mark.parametrize("footer", [*(word for word, _ in FOOTERS), *REMARKS])
@pytest.mark.parametrize("source", NARROW)
def test_a_footer_of_a_narrow_table_is_no_row(home, source, footer):
    result = home.load(f"{source}.csv", delivered(source, [footer]), entity=source)
    rows, rejects = told(home, source, result)
    assert (rows, len(rejects)) == (len(WORLD[source]), 1)
    assert footer in rejects[0]["raw_line"]


def test_several_footers_do_not_make_a_small_file_one_of_mostly_no_rows(home):
    names = load_contracts()["adverse_events"].delivered
    row = WORLD["adverse_events"][0]["encounter_id"]
    text = "\n".join([*names, row, "-----", "Count: 1", "End of file", ""])
    result = home.load("adverse_events.csv", text)
    assert told(home, "adverse_events", result)[0] == 1 and result.rejected == 3


@pytest.mark.parametrize(
    "name", ["Total Joint Center", "Grand Rapids Ortho", "Page, Ann", "Sum, Lee", "#1 Ortho", "End"]
)
def test_a_last_row_that_begins_like_a_footer_is_a_row(home, name):
    row = {**WORLD["providers"][0], "provider_name": name}
    footer = [row[each] for each in load_contracts()["providers"].delivered]
    result = home.load("providers.csv", delivered("providers", footer))
    assert (result.received, result.rejected) == (len(WORLD["providers"]) + 1, 0)


@pytest.mark.parametrize("source", [*SOURCES, *NARROW])
def test_a_footer_beneath_columns_of_fixed_width_is_no_row(home, source):
    names, rows = load_contracts()[source].delivered, WORLD[source]
    if len(names) < 2:
        pytest.skip("a table of one column has no positions")
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    lines = [
        " ".join(name.ljust(widths[name]) for name in names),
        " ".join("-" * widths[name] for name in names),
        *(" ".join(row[name].ljust(widths[name]) for name in names) for row in rows),
        "",
        f"({len(rows)} rows affected)",
    ]
    asked = home.load(f"{source}.txt", "\n".join(lines), entity=source)
    assert asked.asks["field"] == "positions", asked.reason
    reading = Reading(positions=asked.asks["choices"][0]["value"])
    result = home.load(f"{source}.txt", "\n".join(lines), entity=source, reading=reading)
    loaded, rejects = told(home, source, result)
    assert (loaded, len(rejects)) == (len(rows), 1), result
    stored = home.rows(load_contracts()[source].raw_table)
    assert [[each[name] for name in names] for each in stored] == [
        [row[name] for name in names] for row in rows
    ]
