"""A limit is set with its effect said before, a file is loaded and built with one button, and a
check gets an owner: in a browser.
"""

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from pipeline.config import load_settings
from pipeline.services.quality import check_care
from tests.e2e.steps import PAGE_MS, go
from tests.e2e.test_journey import wait_for_build

pytestmark = pytest.mark.e2e
PEOPLE = "patient_id,gender,birth_date\n9000001,male,1950-01-02\n"


def test_a_limit_is_set_and_a_file_is_loaded_and_built_with_one_button(
    serve, page: Page, sample_home, tmp_path
):
    home = shutil.copytree(sample_home, tmp_path / "home")
    address = serve(home)
    page.goto(f"{address}/settings")
    limit = page.locator(".st-key-try_gate_threshold input")
    limit.fill("0.05")
    limit.press("Enter")
    expect(page.get_by_text("would have waited at the gate").first).to_be_visible(timeout=PAGE_MS)
    page.locator(".st-key-set_gate_threshold button").click()
    expect(page.get_by_text("gate_threshold is 0.05 from now on").first).to_be_visible(
        timeout=PAGE_MS
    )
    assert load_settings(home=home).gate_threshold == 0.05

    go(page, "Upload", "Upload")
    path = tmp_path / "patients_2.csv"
    path.write_text(PEOPLE)
    page.locator('input[type="file"]').set_input_files(path)
    page.get_by_role("button", name=re.compile("Load 1 file and build")).click(timeout=PAGE_MS)
    expect(page.get_by_role("heading", name="Run R000002")).to_be_visible(timeout=PAGE_MS)
    wait_for_build(page)

    page.goto(f"{address}/data_quality?rule=ENC-06")
    page.get_by_role("button", name="Owner, mute, comment").click(timeout=PAGE_MS)
    page.get_by_role("textbox", name="Owner").fill("Ada")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text("Noted, with a record").first).to_be_visible(timeout=PAGE_MS)
    (care,) = check_care.all_care(load_settings(home=home)).values()
    assert care.assignee == "Ada"
