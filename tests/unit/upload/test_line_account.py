"""Every line of a file has one place, before it is loaded and with its load."""

import io
import json

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.upload import evidence
from pipeline.config import load_settings
from pipeline.services.upload import line_account, tray

LINES = st.sampled_from(
    [
        *("", "   ", "A list of people", "Total,3", "1000001,male,1950-01-02"),
        *("1000002,female,1950-01-02,", ",,", '1000003,"fe', 'male",1950-01-02', "(3 rows)"),
    ]
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("home"))


def account_of(settings, name, text):
    tray_id = tray.keep(settings, name, io.BytesIO(text.encode()))
    (file,) = (file for file in tray.waiting(settings) if file.tray_id == tray_id)
    _, account = line_account.looked_through(settings, file)
    tray.take_out(settings, [tray_id])
    return account


@given(above=st.lists(LINES, max_size=4), beneath=st.lists(LINES, max_size=9), end=st.booleans())
def test_the_parts_of_a_file_are_all_its_lines(settings, above, beneath, end):
    lines = [*above, "patient_id,gender,birth_date", *beneath]
    text = "\n".join(lines) + ("\n" if end else "")
    account = account_of(settings, "patients.csv", text)
    if account is not None:
        assert account.total == len(text.split("\n")) - text.endswith("\n")
        assert account.is_whole and account.is_balanced


@hypothesis.settings(max_examples=40)
@given(
    above=st.lists(LINES, max_size=3), beneath=st.lists(LINES, max_size=6), is_json=st.booleans()
)
def test_the_fate_that_a_card_tells_is_that_of_the_load(settings, above, beneath, is_json):
    if is_json:
        name, elements = (
            "patients.json",
            [
                dict(zip(("patient_id", "gender", "birth_date"), line.split(","), strict=False))
                if line.count(",") == 2
                else line
                for line in [*above, *beneath]
            ],
        )
        text = json.dumps(elements)
    else:
        name, text = "patients.csv", "\n".join([*above, "patient_id,gender,birth_date", *beneath])
    tray_id = tray.keep(settings, name, io.BytesIO(text.encode()))
    (file,) = (file for file in tray.waiting(settings) if file.tray_id == tray_id)
    look, account = line_account.looked_through(settings, file)
    (result,) = tray.load(settings, [tray_id])
    tray.take_out(settings, [tray_id])
    assert (result.status == "refused") == (look.refused is not None)
    assert (result.status == "already_loaded") == (
        look.already_loaded is not None and not look.refused
    )
    if result.status == "loaded":
        kept, _ = line_account.of_load(settings, result.load_id)
        assert kept == account


def test_elements_of_json_have_their_places(settings):
    rows = [{"encounter_id": "ABC"}, {"encounter_id": "ABD"}, 7]
    account = account_of(settings, "adverse_events.json", json.dumps(rows))
    assert evidence.lines_sentence(account) == "3 elements: 2 rows + 1 no row"


def test_of_a_large_file_the_first_lines_are_counted_and_that_is_said(settings, monkeypatch):
    monkeypatch.setattr(line_account, "ROWS_COUNTED", 10)
    rows = "".join(f"{1_000_000 + at},male,1950-01-02\n" for at in range(60_000))
    account = account_of(settings, "patients.csv", f"patient_id,gender,birth_date\n{rows}")
    assert not account.is_whole and account.is_balanced and account.accounted < 60_001
    assert evidence.lines_sentence(account).startswith(f"First {account.accounted:,} lines: ")


def test_a_line_without_a_place_is_seen():
    assert not line_account.account({"header": 1, "rows": 3}, 5).is_balanced
    assert line_account.account({"header": 1, "rows": 3}, 4).is_balanced
