"""The grid of open rows in a real browser: it stands in the first screen, tells what is wrong where
it is wrong, takes blocks, ranges and undo, and is a list of cards on a telephone.
"""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.config import load_settings
from pipeline.privacy.spreadsheet_text import runs_as_formula
from pipeline.services.quarantine import drafts
from pipeline.services.run.runs import person
from tests.e2e.steps import PAGE_MS, repair_cell, repair_grid, settled, write_into
from tests.unit.privacy.test_spreadsheet_text import IN_FRONT, SIGNS

pytestmark = pytest.mark.e2e
RIGHT, WRONG = "2246459798", "224645979"


@pytest.fixture
def networks(serve, page: Page, sample_home, tmp_path) -> Path:
    """The three open rows of the networks on a home of their own."""
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{serve(home)}/quarantine?source=employer_networks")
    settled(page)
    expect(repair_cell(page, 2, "NPI")).to_be_visible(timeout=PAGE_MS)
    return home


def edited(page: Page, rows: int) -> None:
    label = "1 edited row" if rows == 1 else f"{rows} edited rows"
    expect(page.get_by_text(f"{label}, not saved yet")).to_be_visible(timeout=PAGE_MS)


def test_the_grid_stands_in_the_first_screen_and_says_what_is_wrong_with_a_cell(networks, page):
    cell = repair_cell(page, 2, "NPI")
    place = cell.bounding_box()
    assert place["y"] + place["height"] < 900 and 24 <= place["height"] <= 32
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(cell).to_have_attribute("title", re.compile("NET-03 An NPI is ten digits"))
    assert cell.evaluate("cell => getComputedStyle(cell).backgroundColor") != repair_cell(
        page, 2, "Employer ID"
    ).evaluate("cell => getComputedStyle(cell).backgroundColor")
    cell.click()
    expect(repair_grid(page).get_by_role("status")).to_contain_text("NET-03 An NPI is ten digits")


def test_an_edited_cell_shows_old_and_new_and_is_judged_where_it_stands(networks, page):
    write_into(page, 0, "NPI", "12345")
    cell = repair_cell(page, 0, "NPI")
    expect(cell.locator("s")).to_have_text(WRONG)
    expect(cell).to_have_class("bad")
    expect(repair_cell(page, 1, "NPI")).to_be_focused()
    write_into(page, 0, "NPI", RIGHT)
    expect(cell).to_have_class("good")
    page.keyboard.press("Control+z")
    expect(cell.locator("ins")).to_have_text("12345", timeout=PAGE_MS)
    page.keyboard.press("Control+z")
    expect(cell.locator("ins")).to_have_count(0)
    expect(page.get_by_text("not saved yet")).to_have_count(0, timeout=PAGE_MS)
    page.keyboard.press("Control+y")
    edited(page, 1)


def test_a_pasted_block_is_one_step_and_fixed_columns_stay(networks, page):
    employer = repair_cell(page, 0, "Employer ID").inner_text()
    page.evaluate(
        "text => navigator.clipboard.writeText(text)", f"{RIGHT}\t{employer}\n{RIGHT}\t91002\n"
    )
    repair_cell(page, 0, "NPI").click()
    page.keyboard.press("Control+v")
    edited(page, 2)
    for row in (0, 1):
        expect(repair_cell(page, row, "NPI").locator("ins")).to_have_text(RIGHT)
    expect(repair_cell(page, 0, "Employer ID").locator("ins")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("not saved yet")).to_have_count(0, timeout=PAGE_MS)


def test_a_copied_cell_is_run_by_no_spreadsheet_and_comes_back_as_it_was(networks, page):
    write_into(page, 0, "NPI", "=1+1")
    repair_cell(page, 0, "NPI").click()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "'=1+1"
    repair_cell(page, 1, "NPI").click()
    page.keyboard.press("Control+v")
    expect(repair_cell(page, 1, "NPI").locator("ins")).to_have_text("=1+1")
    texts = [f"{front}{sign}1" for front in (*IN_FRONT, "x", "'") for sign in (*SIGNS, "1", "a")]
    judged = (
        repair_grid(page).locator("body").evaluate("(_, texts) => texts.map(runsAsFormula)", texts)
    )
    assert judged == [runs_as_formula(text) for text in texts]
    copied = repair_grid(page).locator("body").evaluate("(_, texts) => texts.map(copied)", texts)
    assert not any(runs_as_formula(text) for text in copied)


def test_quick_edits_are_all_kept_and_a_bulk_action_leaves_them_alone(networks, page):
    repair_cell(page, 0, "NPI").click()
    for text in ("1111111111", "2222222222"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    edited(page, 2)
    page.keyboard.press("Control+j")
    edited(page, 3)
    for row, text in enumerate(("1111111111", "2222222222", RIGHT)):
        expect(repair_cell(page, row, "NPI").locator("ins")).to_have_text(text, timeout=PAGE_MS)
    settled(page)
    kept = drafts.unsaved(load_settings(home=networks), "employer_networks", person()).edits
    assert sorted(cells["npi"] for cells in kept.values()) == ["1111111111", "2222222222", RIGHT]


def test_rows_are_picked_with_one_click_by_range_and_all_at_once(networks, page):
    grid = repair_grid(page)
    grid.locator("tbody td.pick").nth(0).click()
    expect(page.get_by_text("1 picked row", exact=True)).to_be_visible(timeout=PAGE_MS)
    grid.locator("tbody td.pick").nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 picked rows", exact=True)).to_be_visible(timeout=PAGE_MS)
    grid.get_by_role("checkbox", name="Pick all rows of this page").click()
    expect(page.get_by_text("picked rows", exact=False)).to_have_count(0, timeout=PAGE_MS)


def test_on_a_telephone_each_row_is_a_card_whose_wrong_cells_are_inputs(networks, page):
    page.set_viewport_size({"width": 400, "height": 900})
    card = repair_grid(page).locator(".card").first
    field = card.get_by_role("textbox", name=re.compile("^NPI"))
    expect(field).to_have_value(WRONG, timeout=PAGE_MS)
    field.fill(RIGHT)
    field.press("Tab")
    edited(page, 1)
    expect(card.get_by_text(f"Was: {WRONG}")).to_be_visible(timeout=PAGE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
