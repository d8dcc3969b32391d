"""The whole way in a real browser: upload six files, build layer by layer, repair two values, see
the numbers change.
"""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.widgets.address import LAG_SECONDS
from tests.conftest import SAMPLE_DIR
from tests.e2e.steps import BUILD_MS, PAGE_MS, go, metric, settled

pytestmark = pytest.mark.e2e
LAYERS = ("landing_zone", "standard_model", "enterprise_datasets", "feature_store")


def wait_for_build(page: Page) -> None:
    """Until the run on the page has succeeded."""
    expect(page.get_by_text("readers see the new tables")).to_be_visible(timeout=BUILD_MS)
    # what was said of the run before may stand for a moment beside the name of this one
    expect(page.get_by_role("button", name="Build everything")).to_be_enabled(timeout=BUILD_MS)


def test_upload_build_repair_and_see_the_numbers_change(serve, page, tmp_path):
    address = serve(tmp_path / "home", "--no-sample")
    page.goto(address)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=PAGE_MS)

    go(page, "Upload", "Upload")
    page.locator('input[type="file"]').set_input_files(
        sorted(str(path) for path in SAMPLE_DIR.glob("*.csv"))
    )
    load = page.get_by_role("button", name=re.compile("Load 6 files$"))
    expect(load).to_be_enabled(timeout=PAGE_MS)
    load.click()
    expect(page.get_by_text("rows loaded as").first).to_be_visible(timeout=PAGE_MS)

    go(page, "Run", "Run the pipeline")
    for number, layer in enumerate(LAYERS, 1):
        # while the page is drawn anew, the buttons of its last state stand beside them, disabled
        page.locator(f".st-key-build_{layer} button:enabled").click()
        expect(page.get_by_role("heading", name=f"Run R{number:06}")).to_be_visible(timeout=PAGE_MS)
        wait_for_build(page)

    go(page, "Overview", "Overview")
    page.get_by_role("button", name="Show me the files").click()
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("First visit, step 2 of 3")).to_be_visible(timeout=PAGE_MS)
    go(page, "Quarantine", "Quarantine")
    waiting = metric(page, "Rows that wait")
    assert waiting > 0
    expect(page.get_by_text(re.compile("Would promote .* encounters"))).to_be_visible(
        timeout=PAGE_MS
    )
    for left in (1, 0):
        page.get_by_role("button", name=re.compile("^Use this value")).first.click()
        expect(page.get_by_role("button", name=re.compile("^Use this value"))).to_have_count(
            left, timeout=PAGE_MS
        )
        expect(page.get_by_text("Build to release them").first).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("button", name="Build now").click()
    expect(page.get_by_text("Quarantine is empty.")).to_be_visible(timeout=BUILD_MS)
    assert metric(page, "Rows that wait") == 0
    go(page, "Overview", "Overview")
    expect(page.get_by_text(f"repaired values promoted {waiting} rows")).to_be_visible(
        timeout=PAGE_MS
    )
    expect(page.get_by_text("no row waits any more")).to_be_visible()


def test_a_reload_a_second_tab_and_a_closed_browser_neither_stop_nor_double_a_build(
    serve, page, browser, sample_home, tmp_path, monkeypatch
):
    """By dbt and from scratch: the recorded plan would be done before anybody looks."""
    monkeypatch.setenv("ICON_HEALTH_BUILDER", "dbt")
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/run_pipeline")
    page.get_by_text("Rebuild from scratch").click()
    page.get_by_role("button", name="Build everything").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PAGE_MS)
    run = page.get_by_role("heading", name=re.compile("^Run R")).inner_text()

    expect(page.get_by_text(re.compile(r"^\d+ of \d+ steps"))).to_be_visible(timeout=BUILD_MS)
    page.reload()
    expect(page.get_by_role("heading", name=run)).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ steps"))).to_be_visible(timeout=PAGE_MS)
    second = page.context.new_page()
    second.goto(f"{address}/run_pipeline")
    expect(second.get_by_role("heading", name=run)).to_be_visible(timeout=PAGE_MS)
    second.get_by_role("button", name="Cancel").click(timeout=PAGE_MS)
    expect(second.get_by_text("Cancelled. The published tables are as they were")).to_be_visible(
        timeout=BUILD_MS
    )
    second.close()
    expect(page.get_by_text("Cancelled. The published tables are as they were")).to_be_visible(
        timeout=PAGE_MS
    )

    graph = page.frame_locator('iframe[title*="model_graph"]')
    graph.get_by_role("button", name=re.compile("provider_.*scorecard")).last.click()
    expect(page.get_by_text("Builds 1 model.")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("button", name="Run this model").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PAGE_MS)
    page.goto("about:blank")
    page.goto(f"{address}/run_pipeline")
    wait_for_build(page)
    expect(
        page.get_by_text(re.compile("^provider_(procedure_)?scorecard · asked for by "))
    ).to_be_visible()
    page.get_by_role("tab", name="What changed").click()
    expect(page.get_by_text("No table has more or fewer rows than after R000001.")).to_be_visible(
        timeout=PAGE_MS
    )


@pytest.mark.parametrize(
    ("link", "heading"),
    [("providers", "Providers"), ("gold?layer=standard_model&table=std_providers", "Tables")],
)
def test_a_deep_link_is_a_page_on_the_first_visit_to_a_fresh_server(
    link, heading, serve, page, sample_home
):
    address = serve(sample_home)
    page.goto(f"{address}/{link}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=PAGE_MS)
    page.wait_for_timeout(500)
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_back_and_forward_follow_the_choices_of_a_page(serve, page, sample_home):
    page.goto(f"{serve(sample_home)}/quarantine?source=providers")
    checked_radio = page.get_by_role("tabpanel", name="Open rows").locator(
        "[role=radio][aria-checked=true]"
    )
    for name in ("Encounters", "Adverse events"):
        page.get_by_role("radio", name=re.compile(f"^{name}")).click(timeout=PAGE_MS)
        expect(checked_radio).to_have_text(re.compile(f"^{name}"), timeout=PAGE_MS)
        settled(page)
        page.wait_for_timeout(1_000 * (LAG_SECONDS + 0.5))
    page.go_back()
    expect(checked_radio).to_have_text(re.compile("^Encounters"), timeout=PAGE_MS)
    expect(page).to_have_url(re.compile("source=encounters(&|$)"))
    page.go_forward()
    expect(checked_radio).to_have_text(re.compile("^Adverse events"), timeout=PAGE_MS)


def test_a_cancelled_build_leaves_the_tables_as_they_were(
    serve, page, sample_home, tmp_path, monkeypatch
):
    """By dbt and from scratch: what has nothing to do is done before anybody cancels."""
    monkeypatch.setenv("ICON_HEALTH_BUILDER", "dbt")
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/quarantine")
    expect(page.get_by_role("heading", name="Quarantine")).to_be_visible(timeout=PAGE_MS)
    waiting = metric(page, "Rows that wait")
    go(page, "Run", "Run the pipeline")
    page.get_by_text("Rebuild from scratch").click()
    page.get_by_role("button", name="Build everything").click()
    page.get_by_role("button", name="Cancel").click(timeout=PAGE_MS)
    expect(page.get_by_text("Cancelled. The published tables are as they were")).to_be_visible(
        timeout=BUILD_MS
    )
    go(page, "Quarantine", "Quarantine")
    assert metric(page, "Rows that wait") == waiting


def test_no_page_is_wider_than_a_telephone(serve, page, sample_home):
    address = serve(sample_home)
    page.set_viewport_size({"width": 400, "height": 800})
    for path in (
        "",
        "upload",
        "run_pipeline",
        "run_history",
        "data_quality",
        "quarantine",
        "gold",
        "providers",
        "referrals",
        "networks",
        "features",
        "catalog",
        "methods",
        "settings",
    ):
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PAGE_MS)
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path


def test_the_printed_address_lets_one_browser_in_and_no_other_site_frames_it(
    serve_and_print, page, browser, sample_home
):
    printed = serve_and_print(sample_home)
    address = printed.partition("/?")[0]
    page.goto(f"{address}/quarantine")
    expect(page.get_by_role("heading", name="Not logged in")).to_be_visible()
    page.goto(printed)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=PAGE_MS)
    assert page.url == f"{address}/"

    other = browser.new_context().new_page()
    other.goto(printed)
    expect(other.get_by_role("heading", name="Not logged in")).to_be_visible()
    other.close()

    second = page.context.new_page()
    second.set_content(f'<iframe src="{address}/"></iframe>')
    second.wait_for_timeout(1000)
    assert [part.url.partition(":")[0] for part in second.frames[1:]] == ["chrome-error"]
    second.goto(f"{address}/logout")
    expect(page.get_by_role("heading", name="Not logged in")).to_be_visible(timeout=PAGE_MS)
