"""Intake and repair in a real browser: a strange file is read, judged, loaded and undone; rows are
repaired by two people.
"""

import csv
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.config import load_settings
from pipeline.services.quarantine import decisions
from pipeline.services.upload import full_preflight, sender_profile
from tests.e2e.steps import BUILD_MS, PAGE_MS, choose, metric, settled, shown_grid

pytestmark = pytest.mark.e2e
PEOPLE = "Kid;Sex;Geboren\n1000001;male;1950-01-02\n1000002;sideways;1950-01-02\n"
NPI_CUT, NPI = "224645979", "2246459798"


def drop(page: Page, folder: Path, name: str, text: str) -> None:
    """Drop one file on the upload page and wait until it is in the tray."""
    (folder / name).write_text(text)
    page.locator('input[type="file"]').first.set_input_files(folder / name)
    # the uploader keeps a hidden chip of the same name
    shown = page.get_by_text(name).locator("visible=true")
    expect(shown.first).to_be_visible(timeout=PAGE_MS)
    settled(page)


def test_a_strange_file_is_read_by_hand_judged_loaded_remembered_and_undone(
    serve, page, sample_home, tmp_path
):
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/upload")
    drop(page, tmp_path, "people.csv", PEOPLE)
    expect(page.get_by_text("is none of the sources")).to_be_visible(timeout=PAGE_MS)

    choose(page, "Delimiter", "bar")
    expect(page.get_by_text("Chosen by hand.").first).to_be_visible(timeout=PAGE_MS)
    choose(page, "Delimiter", "infer it")
    choose(page, "What does this file hold?", "Patients")
    for column, cell in (("patient_id *", "Kid"), ("gender *", "Sex"), ("birth_date *", "Geboren")):
        choose(page, column, cell)
    page.get_by_role("button", name="Read it with this mapping").click()
    expect(page.get_by_text("1 row passes, 1 would wait in quarantine").first).to_be_visible(
        timeout=PAGE_MS
    )
    expect(page.get_by_text("First bad cells")).to_be_visible(timeout=PAGE_MS)

    page.reload()
    expect(page.get_by_role("button", name=re.compile("Load 1 file$"))).to_be_enabled(
        timeout=PAGE_MS
    )
    page.get_by_role("button", name=re.compile("Load 1 file$")).click()
    expect(page.get_by_text("2 rows loaded as L00007")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("button", name="Undo load L00007").click()
    expect(page.get_by_text("Load L00007 is undone").first).to_be_visible(timeout=PAGE_MS)
    drop(page, tmp_path, "people_again.csv", PEOPLE.replace("1950", "1951"))
    page.get_by_role("tab", name="How it is read").click()
    expect(page.get_by_text("Columns mapped as in the last file with this header.")).to_be_visible(
        timeout=PAGE_MS
    )


def test_a_file_that_asks_shows_what_differs_and_is_loaded_after_one_click(
    serve, page, sample_home, tmp_path
):
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/upload")
    names = "MÃ¼ller", "Smith", "GarcÃ\u00ada"
    rows = "".join(f"{name},200000001{at},634500001\n" for at, name in enumerate(names))
    drop(page, tmp_path, "clinic_providers.csv", f"provider_name,npi,zip\n{rows}")
    expect(page.get_by_text("Cells that the answers read differently")).to_be_visible(
        timeout=PAGE_MS
    )
    expect(page.get_by_role("button", name="Nothing to load")).to_be_disabled()
    cells = shown_grid(page, 0).locator("tbody td").all_text_contents()
    assert {"Müller", "MÃ¼ller", "García"} <= set(cells) and "Smith" not in cells
    page.get_by_role("button", name="Read it as utf-8-twice").click()
    page.get_by_role("button", name=re.compile("Load 1 file$")).click(timeout=PAGE_MS)
    expect(page.get_by_text("3 rows loaded as L00007")).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("4 lines: 1 header + 3 rows.").first).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("1 file loaded, 3 rows in all")).to_be_visible()


def hand_over(page: Page, path: Path) -> None:
    """Give a file to the uploader, and wait until it has it."""
    page.locator('input[type="file"]').first.set_input_files(path)
    chip = page.get_by_test_id("stFileChipName").and_(page.get_by_title(path.name))
    expect(chip).to_be_attached(timeout=PAGE_MS)


def test_files_that_are_dropped_while_others_are_taken_in_all_lie_in_the_tray(
    serve, page, sample_home, tmp_path
):
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/upload")
    expect(page.locator('input[type="file"]')).to_be_attached(timeout=PAGE_MS)
    for number in range(8):
        path = tmp_path / f"people_{number}.csv"
        path.write_text(PEOPLE.replace("1000001", f"100000{number}"))
        hand_over(page, path)
    expect(page.get_by_text("8 files in the tray")).to_be_visible(timeout=PAGE_MS)


def test_a_delimiter_chosen_by_hand_is_chosen_again_for_the_sender_until_it_is_forgotten(
    serve, page, sample_home, tmp_path
):
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    page.goto(f"{serve(home)}/upload")
    drop(
        page,
        tmp_path,
        "clinic_patients_1.csv",
        "patient_id,gender,birth_date\n9000001,male,1950-01-02\n",
    )
    page.get_by_role("tab", name="How it is read").click()
    choose(page, "Delimiter", "comma")
    page.get_by_role("button", name=re.compile("Load 1 file$")).click()
    expect(page.get_by_text("1 row loaded as L00007")).to_be_visible(timeout=PAGE_MS)

    drop(
        page,
        tmp_path,
        "clinic_patients_2.csv",
        "patient_id,gender,birth_date\n9000002,male,1950-01-02\n",
    )
    page.get_by_role("tab", name="How it is read").click()
    expect(page.get_by_text("Read as decided for L00007: delimiter comma.")).to_be_visible(
        timeout=PAGE_MS
    )
    expect(page.get_by_text("As decided for L00007.")).to_be_visible()
    expect(page.get_by_text("Remembered of earlier files")).to_be_visible()
    page.get_by_role("button", name="Forget this").click()
    expect(page.get_by_text("As decided for L00007.")).to_have_count(0, timeout=PAGE_MS)
    (memory,) = sender_profile.profiles(load_settings(home=home))
    assert (memory.source_file, memory.load_id, memory.used, memory.ended_at is None) == (
        "aaaaaa_patients_9.csv",
        "L00007",
        1,
        False,
    )


def test_judging_every_row_can_be_cancelled_and_asked_for_again(serve, page, sample_home, tmp_path):
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    page.goto(f"{serve(home)}/upload")
    people = "".join(f"{9_000_000 + number},male,1950-01-02\n" for number in range(150_000))
    drop(page, tmp_path, "patients.csv", f"patient_id,gender,birth_date\n{people}")
    for _ in range(2):
        page.get_by_role("button", name="Judge every row").click(timeout=PAGE_MS)
        expect(page.get_by_text(re.compile("Judging every row: (reading|judging)"))).to_be_visible(
            timeout=PAGE_MS
        )
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Judge every row")).to_be_visible(timeout=PAGE_MS)
    settings = load_settings(home=home)
    assert (
        full_preflight.running(settings) is None
        and list((settings.tray_dir / full_preflight.SCRATCH).iterdir()) == []
    )
    page.get_by_role("button", name="Judge every row").click()
    expect(page.get_by_text("150,000 rows pass").first).to_be_visible(timeout=BUILD_MS)


def test_two_people_repair_what_waits_without_losing_a_decision(
    serve, page, browser, sample_home, tmp_path
):
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    address, settings = serve(home), load_settings(home=home)
    page.goto(f"{address}/quarantine?source=providers")
    page.get_by_role("button", name="Fill in 1 suggestion").click(timeout=PAGE_MS)
    expect(page.get_by_text("1 edited row, not saved yet")).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("works out O/E anew")).to_be_visible(timeout=PAGE_MS)

    other = page.context.new_page()
    other.goto(f"{address}/quarantine?source=providers")
    other.get_by_role("textbox", name="Decided by").fill("Grace")
    other.get_by_role("textbox", name="Decided by").press("Enter")
    other.get_by_role("tab", name="Causes").click()
    other.get_by_role("button", name="Use this value in 1 row").click(timeout=PAGE_MS)
    expect(other.get_by_text("Build to release them").first).to_be_visible(timeout=PAGE_MS)

    page.get_by_role("textbox", name="Why").fill("Looked up")
    page.get_by_role("textbox", name="Why").press("Control+Enter")
    expect(
        page.get_by_text("Somebody has decided on the same rows since you began.")
    ).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text(re.compile("Grace corrected npi"))).to_be_visible()
    assert [decision["author"] for decision in decisions.audit_trail(settings)] == ["Grace"]
    page.get_by_role("button", name="Keep what was decided").click()
    expect(page.get_by_text("1 edited row, not saved yet")).to_have_count(0, timeout=PAGE_MS)
    other.close()

    page.goto(f"{address}/quarantine?source=employer_networks")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 3 rows with reasons").click(timeout=PAGE_MS)
    rows = list(csv.DictReader(download.value.path().open(newline="")))
    assert [row["reasons"] for row in rows] == ["npi: NET-03"] * 3
    rows[0]["npi"] = NPI
    with (tmp_path / "repaired.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    page.get_by_text("Bring a repaired download back").click()
    page.locator('input[type="file"]').last.set_input_files(tmp_path / "repaired.csv")
    expect(page.get_by_text("1 changed cell in 1 row")).to_be_visible(timeout=PAGE_MS)

    page.get_by_role("button", name="Find and replace").click()
    choose(page, "In column", "NPI")
    page.get_by_role("textbox", name="Text to find").fill(NPI_CUT)
    page.get_by_role("textbox", name="Text to find").press("Enter")
    page.get_by_role("textbox", name="Replace with").fill(NPI)
    page.get_by_role("textbox", name="Replace with").press("Enter")
    page.get_by_role("button", name="Replace in 3 rows").click(timeout=PAGE_MS)
    expect(page.get_by_text("3 edited rows, not saved yet")).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("would pass").first).to_be_visible(timeout=PAGE_MS)
    why = page.locator(".st-key-unsaved_edits").get_by_role("textbox", name="Why")
    why.fill("The tenth digit is its check digit")
    why.press("Enter")
    expect(page.get_by_role("button", name="Save 3 rows")).to_be_enabled(timeout=PAGE_MS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("3 rows corrected").first).to_be_visible(timeout=PAGE_MS)
    assert len(decisions.audit_trail(settings)) == 4

    page.get_by_role("button", name="Build now").click()
    expect(page.get_by_text("No row waits.")).to_be_visible(timeout=BUILD_MS)
    page.get_by_role("tab", name="Causes").click()
    expect(page.get_by_text("Quarantine is empty.")).to_be_visible(timeout=PAGE_MS)
    assert metric(page, "Rows that wait") == 0
