"""Numbers, money, dates and tables as people read them."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from pages.widgets import formats
from pipeline.services.tables.export_files import csv_bytes


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: formats.number(1234567), "1,234,567"),
        (lambda: formats.number(0.5), "0.50"),
        (lambda: formats.number(None), "–"),
        (lambda: formats.number(12, "rows"), "12 rows"),
        (lambda: formats.counted(1, "row"), "1 row"),
        (lambda: formats.counted(2000, "entity", "entities"), "2,000 entities"),
        (lambda: formats.money(240917), "$240,917"),
        (lambda: formats.money(-240917), "−$240,917"),
        (lambda: formats.change(1010), "+1,010"),
        (lambda: formats.change(-9), "−9"),
        (lambda: formats.change(0), "0"),
        (lambda: formats.change(None), "–"),
        (lambda: formats.change(-0.004, 2), "0.00"),
        (lambda: formats.change(-1.327, 2, "s"), "−1.33 s"),
        (lambda: formats.money(6168035), "$6.17 M"),
        (lambda: formats.share(0.0424), "4.2 %"),
        (lambda: formats.share(0), "0.0 %"),
        (lambda: formats.share(0.0004), "< 0.1 %"),
        (lambda: formats.share(0.004, 0), "< 1 %"),
        (lambda: formats.share(0.9996), "> 99.9 %"),
        (lambda: formats.share(1), "100.0 %"),
        (lambda: formats.moment("2026-11-23T15:04:05Z"), "23 Nov 2026, 15:04 UTC"),
        (lambda: formats.moment("2026-11-03"), "3 Nov 2026"),
        (lambda: formats.span(0.42), "0.4 s"),
        (lambda: formats.span(65), "1 min 05 s"),
        (lambda: formats.words("paid_amount_usd"), "Paid amount (USD)"),
        (lambda: formats.words("npi"), "NPI"),
        (lambda: formats.words("observed_to_expected_high"), "O/E to"),
        (lambda: formats.words("low_volume"), "Low volume"),
        (lambda: formats.words("shrunken_ratio_low"), "Shrunken ratio from"),
        (lambda: formats.words("encounter_count_to_date"), "Encounter count to date"),
        (lambda: formats.kind("plausibility-temporal"), "Plausibility: temporal"),
    ],
)
def test_a_value_is_written_for_people(call, expected):
    assert call() == expected


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("2026-11-23T11:59:40Z", "just now"),
        ("2026-11-23T11:55:00Z", "5 minutes ago"),
        ("2026-11-23T10:00:00Z", "2 hours ago"),
        ("2026-11-20T10:00:00Z", "3 days ago"),
    ],
)
def test_a_moment_is_told_as_time_gone_by(then, expected):
    assert formats.ago(then, datetime(2026, 11, 23, 12, tzinfo=UTC)) == expected


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed():
    frame = pd.DataFrame({"reason": ["=HYPERLINK(1)", "@x", "fine"], "change": [-1, 2, 3]})
    assert csv_bytes(frame).decode().splitlines()[1:] == ["'=HYPERLINK(1),-1", "'@x,2", "fine,3"]


def test_a_heading_that_a_spreadsheet_would_run_is_disarmed_too():
    assert (
        csv_bytes(pd.DataFrame({"=x": [1], "\rname": ["a"]}))
        .decode("utf-8")
        .splitlines()[0]
        .startswith("'=x,")
    )


@pytest.mark.parametrize(
    "text",
    [
        "Dr. O'Brien-Smith, M.D.",
        "patients_2024.csv",
        "icon_health.db",
        "a, b (c) 12.5 %",
        "--home DIR",
    ],
)
def test_an_ordinary_text_is_shown_as_it_is(text):
    assert formats.verbatim(text).removeprefix("\\") == text


@pytest.mark.parametrize(
    "sign",
    [
        "**b**",
        "_i_",
        "`c`",
        "[x](y)",
        "![x](y)",
        "<b>",
        "~~s~~",
        "$x$",
        "&lt;",
        "# h",
        "- a",
        "+ a",
        "\\*",
    ],
)
def test_every_sign_of_markdown_is_escaped(sign):
    text = formats.verbatim(sign)
    assert text != sign and text.replace("\\", "") == sign.replace("\\", "")


@pytest.mark.parametrize(
    "sign",
    [
        ":material/bug:",
        ":smile:",
        "http://a.example",
        "www.a.example",
        "a@b.example",
        ":red[x]",
        "1. x",
    ],
)
def test_what_streamlit_looks_for_in_text_is_kept_apart(sign):
    text = formats.verbatim(sign)
    assert formats.JOINER in text and text.replace(formats.JOINER, "").replace("\\", "") == sign


def test_lines_and_signs_that_cannot_be_seen_become_blanks_and_a_long_text_is_cut():
    assert formats.verbatim("a\n# b\x00c\u202ed") == "a # b c d"
    assert len(formats.verbatim("x" * 1_000_000)) == formats.LONGEST_QUOTED


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("27130", "`27130`"),
        ("a`b", "`` a`b ``"),
        (":material/x:", f"`:{formats.JOINER}material/x:`"),
    ],
)
def test_a_value_in_a_sentence_is_a_span_of_code(text, span):
    assert formats.code(text) == span


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "24 Nov 2026, 00:04 CET"),
        ("America/New_York", "23 Nov 2026, 18:04 EST"),
        ("Asia/Kolkata", "24 Nov 2026, 04:34 IST"),
        (None, "23 Nov 2026, 23:04 UTC"),
        ("", "23 Nov 2026, 23:04 UTC"),
        ("Nowhere/At_All", "23 Nov 2026, 23:04 UTC"),
        ("../../etc/passwd", "23 Nov 2026, 23:04 UTC"),
        ("/etc/passwd", "23 Nov 2026, 23:04 UTC"),
        ("A\0B", "23 Nov 2026, 23:04 UTC"),
        ("x" * 10_000, "23 Nov 2026, 23:04 UTC"),
    ],
)
def test_a_moment_is_told_where_the_browser_is_and_says_its_zone(zone, expected, monkeypatch):
    monkeypatch.setattr(type(formats.st.context), "timezone", zone)
    assert formats.moment("2026-11-23T23:04:05Z") == expected
    assert formats.moment("2026-11-23") == "23 Nov 2026"
