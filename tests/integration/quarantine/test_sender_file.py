"""The workbook for a sender: what is wrong stands at the cell, and corrected in place it is
delivered as it is and releases what waited.
"""

import io
import shutil

import openpyxl
import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import sender_file
from pipeline.services.run import runs
from pipeline.services.upload import preflight, tray
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import raw_tables
from tests.integration.upload.dropped import drop
from tests.warehouse import query

PEOPLE = "patient_id,gender,birth_date\n9990001,männlich,1950-01-02\n9990002,female,never\n9990003,=1+1,1950-01-02\n"


@pytest.fixture
def own(sample_home, tmp_path):
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))


def load_and_build(own) -> None:
    tray.load(own, [file.tray_id for file in tray.waiting(own)])
    runs.run_now(own, layers=["landing_zone"])


def waiting(own, entity: str) -> int:
    ((rows,),) = query(
        own.home, f"select count(*) from row_verdicts_{entity} where _status = 'quarantined'"
    )
    return rows


def test_the_corrected_workbook_is_delivered_as_it_is_and_promoted(own):
    drop(own, "patients.csv", PEOPLE)
    load_and_build(own)
    assert waiting(own, "patients") == 3
    book = openpyxl.load_workbook(io.BytesIO(sender_file.workbook(own, "patients", "Ada")))
    assert book.sheetnames == list(sender_file.TITLES)
    sheet, findings = book.worksheets
    cells = {cell.value: cell for row in sheet.iter_rows(max_row=1) for cell in row}
    assert set(cells) == {"patient_id", "gender", "birth_date"}
    gender = {sheet.cell(row, 1).value: sheet.cell(row, 2) for row in range(2, sheet.max_row + 1)}
    wrong = gender["9990001"]
    assert wrong.comment.text and wrong.fill.fgColor.rgb == "FFF8D3C0"
    assert "Expected: one of male, female, other, unknown." in wrong.comment.text
    assert gender["9990002"].comment is None, "nothing is wrong with this cell"
    assert gender["9990003"].data_type == "s", "no spreadsheet runs it"
    said = [[cell.value for cell in row] for row in findings.iter_rows(min_row=2)]
    assert {(row[2], row[3]) for row in said} == {
        ("2", "gender"),
        ("3", "birth_date"),
        ("4", "gender"),
    }
    gender["9990001"].value, gender["9990003"].value = "male", "female"
    row = next(cell.row for cell in sheet["A"] if cell.value == "9990002")
    sheet.cell(row, 3).value = "1950-01-02"
    corrected = io.BytesIO()
    book.save(corrected)
    tray.keep(own, "patients_to_correct.xlsx", io.BytesIO(corrected.getvalue()))
    (file,) = tray.waiting(own)
    assert tray.look(own, file).is_ready
    assert preflight.check(own, [file]).reports[file.tray_id].fates == {"promoted": 3}
    load_and_build(own)
    assert waiting(own, "patients") == 0
    assert query(
        own.home, "select count(*) from promoted_patients where patient_id like '999000%'"
    ) == [(3,)]


def test_the_record_says_who_took_which_rows_along_and_holds_no_value(own):
    sender_file.workbook(own, "encounters", "Ada")
    with open_control(own) as control:
        (newest,) = audit.newest(control, 1)
    assert (newest.action, newest.target) == ("download", "quarantine_encounters")
    assert newest.facts["rows"] == 62 and newest.facts["profile"] == "internal"
    assert newest.facts["author"] == "Ada" and "2487874143" not in newest.detail


def test_entries_of_lists_are_not_sent_back_for_a_delivery_would_replace_the_list(own):
    with pytest.raises(InputRefused, match="as a workbook"):
        sender_file.workbook(own, "employer_networks", "Ada")
    assert sender_file.refusal("encounters", 62) == ""


def test_more_rows_than_a_workbook_takes_are_refused_and_none_is_left_out(own, monkeypatch):
    monkeypatch.setattr(sender_file, "ROWS", 61)
    with pytest.raises(InputRefused, match="61 rows at most"):
        sender_file.workbook(own, "encounters", "Ada")
    assert "choose a reason" in sender_file.refusal("encounters", 62)


def test_the_reply_to_a_file_holds_its_own_rows_and_its_lines_that_were_no_row(own):
    ((load_id,),) = query(own.home, "select load_id from ops_loads where entity = 'encounters'")
    ((other,),) = query(own.home, "select load_id from ops_loads where entity = 'patients'")
    told = sender_file.to_reply(own, load_id)
    assert (told.rows, told.lines, told.why_not) == (62, 0, "")
    with open_warehouse(own, write=True) as connection:
        line = (7, "12,34", "2 cells, the header has 5")
        raw_tables.insert_rejects(connection, [line], "encounters", load_id, "secret.csv", "")
        connection.execute(
            "update row_verdicts_encounters set _load_id = ? where _row_id in (select _row_id from "
            "row_verdicts_encounters where _status = 'quarantined' limit 2)",
            (other,),
        )
    assert sender_file.to_reply(own, load_id).lines == 1
    book = openpyxl.load_workbook(io.BytesIO(sender_file.reply(own, load_id, "Ada")))
    sheet, findings = book.worksheets
    assert sheet.max_row == 1 + 60
    said = [[cell.value for cell in row] for row in findings.iter_rows(min_row=2)]
    assert said[-1][2:4] == ["7", "whole line"] and "2 cells, the header has 5" in str(said[-1])
    assert "12,34" not in str(said)
    with open_control(own) as control:
        (newest,) = audit.newest(control, 1)
    assert (newest.action, newest.target) == ("download", f"reply_{load_id}")
    assert "secret" not in newest.detail


def test_a_file_of_which_nothing_was_wrong_has_no_reply(own):
    ((load_id,),) = query(own.home, "select load_id from ops_loads where entity = 'referrals'")
    with pytest.raises(InputRefused, match="has no reply"):
        sender_file.reply(own, load_id, "Ada")
