"""Review in a real browser: a cell of the quality matrix, quarantine without a mouse, and both
graphs on a telephone.
"""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipeline.config import load_settings
from pipeline.services.quarantine import decisions
from tests.e2e.steps import (
    BUILD_MS,
    PAGE_MS,
    click_cell,
    pick_first_row,
    repair_cell,
    settled,
    shown_grid,
    write_into,
)

pytestmark = pytest.mark.e2e
GRAPH = "iframe[title*=model_graph]"


def test_a_cell_of_the_quality_matrix_filters_the_list_and_stands_in_the_link(
    serve, page, sample_home
):
    page.goto(f"{serve(sample_home)}/data_quality")
    settled(page)
    expect(page.get_by_text(re.compile(r"^\d{3} checks\."))).to_be_visible(timeout=PAGE_MS)
    click_cell(
        page,
        shown_grid(page, 0),
        row=2,
        across=0.69,
        address=re.compile("sources=encounters.*kahn="),
    )
    assert set(re.findall(r"kahn=(\w+)", page.url)) == {"plausibility"}
    listed = page.get_by_text(re.compile(r"^\d+ checks\. Select one"))
    expect(listed).to_have_text(re.compile(r"^15 checks\."), timeout=PAGE_MS)
    page.goto(page.url)
    settled(page)
    expect(listed).to_have_text(re.compile(r"^15 checks\."), timeout=PAGE_MS)


def test_rows_are_repaired_saved_and_built_by_keyboard(serve, page, sample_home, tmp_path):
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    address = serve(home)
    page.goto(f"{address}/quarantine?source=providers")
    settled(page)
    expect(page.get_by_role("button", name=re.compile("^Fill in 1 suggestion"))).to_be_visible(
        timeout=PAGE_MS
    )
    write_into(page, 0, "NPI", "123")
    expect(page.get_by_text("NPI → 123 would still fail PRV-02")).to_be_visible(timeout=PAGE_MS)

    page.goto(f"{address}/quarantine?source=employer_networks")
    settled(page)
    expect(page.get_by_role("button", name=re.compile("^Fill in 3 suggestions"))).to_be_visible(
        timeout=PAGE_MS
    )
    page.keyboard.press("Control+j")
    expect(page.get_by_text("3 edited rows, not saved yet")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("textbox", name="Why").focus()
    page.keyboard.type("Looked up")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=re.compile("Save 3 rows"))).to_be_enabled(
        timeout=PAGE_MS
    )
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("3 decisions not built in yet.")).to_be_visible(timeout=PAGE_MS)
    decided = decisions.audit(load_settings(home=home))
    assert set(decided["reason"]) == {"Looked up"} and len(decided) == 3
    page.keyboard.press("Control+b")
    expect(
        page.get_by_text("3 more network entries promoted, 3 fewer network entries quarantined")
    ).to_be_visible(timeout=BUILD_MS)
    expect(page.get_by_text("Foretold to be promoted: 3 rows; came: 3.")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Rows that wait")).to_contain_text(
        "68", timeout=BUILD_MS
    )


def test_the_cursor_and_the_open_tab_stay_when_a_message_above_them_goes(
    serve, page, sample_home, tmp_path
):
    page.goto(
        f"{serve(Path(shutil.copytree(sample_home, tmp_path / 'home')))}/quarantine?source=providers"
    )
    settled(page)
    unsaved = page.get_by_text("1 edited row, not saved yet")
    page.get_by_role("button", name=re.compile("^Fill in 1 suggestion")).click(timeout=PAGE_MS)
    expect(unsaved).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("button", name="Drop these edits").click()
    message = page.get_by_role("main").get_by_text("The edits are dropped; nothing was saved.")
    expect(message.first).to_be_visible(timeout=PAGE_MS)
    settled(page)
    write_into(page, 0, "NPI", "123")
    expect(unsaved).to_be_visible(timeout=PAGE_MS)
    expect(message).to_have_count(0, timeout=PAGE_MS)
    expect(repair_cell(page, 0, "NPI")).to_be_focused()

    page.get_by_role("tab", name="Causes").click()
    page.get_by_role("button", name="Use this value in 1 row").click()
    expect(page.get_by_text("1 decision not built in yet.")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("tab", name="Audit trail").click()
    pick_first_row(page, shown_grid(page, -1))
    page.get_by_role("textbox", name="Why take it back").fill("Not yet")
    page.get_by_role("textbox", name="Why take it back").press("Enter")
    page.get_by_role("button", name=re.compile("^Revert")).click(timeout=PAGE_MS)
    expect(page.get_by_text("is taken back from the next build on").first).to_be_visible(
        timeout=PAGE_MS
    )
    expect(page.get_by_role("tab", name="Audit trail")).to_have_attribute("aria-selected", "true")
    assert "list=Audit" in page.url


#: Names that stand in more lines than they have words.
CUT_IN_TWO = r"""names => names.filter(each => each.offsetHeight / (parseFloat(getComputedStyle(each).fontSize) * 1.2)
    > each.textContent.split(/\u200b| /).length + .5).map(each => each.textContent)"""


def test_graphs_fit_every_screen_and_fold_into_a_list_on_a_telephone(serve, page, sample_home):
    address = serve(sample_home)
    graph = page.frame_locator(GRAPH)
    for link in ("catalog?tab=Lineage", "catalog?tab=Lineage&far=all", "run_pipeline"):
        page.goto(f"{address}/{link}")
        settled(page)
        for width in (1280, 800, 400):
            page.set_viewport_size({"width": width, "height": 900})
            expect(graph.get_by_role("button").first).to_be_visible(timeout=PAGE_MS)
            page.wait_for_timeout(300)
            assert graph.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth"), (
                link,
                width,
            )
            assert graph.locator(".name").evaluate_all(CUT_IN_TWO) == [], (link, width)
    layer = graph.get_by_role("button", name=re.compile("^Standard model"))
    expect(layer).to_have_attribute("aria-expanded", "false", timeout=PAGE_MS)
    model = graph.get_by_role("button", name=re.compile("^std_.?providers"))
    expect(model).to_have_count(0)
    for name in (layer, model):
        name.focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Run this model")).to_be_visible(timeout=PAGE_MS)
    assert "node=std_providers" in page.url
