"""Explore in a real browser: a link with a filter, a bar to its rows to the delivered line, an
export, lineage to click through.
"""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PAGE_MS, pick_first_row, settled, shown_grid

pytestmark = pytest.mark.e2e


def test_from_a_link_to_a_bar_to_rows_to_the_line_to_a_file_and_back_along_the_lineage(
    serve, page, sample_home, tmp_path
):
    address = serve(Path(shutil.copytree(sample_home, tmp_path / "home")))
    page.goto(f"{address}/gold?table=fct_encounter&where=cpt:is:27130&view=Chart&by=age_band")
    expect(page.get_by_role("button", name="cpt is 27130")).to_be_visible(timeout=PAGE_MS)
    bars = page.locator(".js-plotly-plot .barlayer .point")
    expect(bars.first).to_be_visible(timeout=PAGE_MS)
    bars.first.click(force=True)
    expect(page.get_by_text(re.compile("where cpt is 27130 and age_band is"))).to_be_visible(
        timeout=PAGE_MS
    )
    settled(page)
    pick_first_row(page, shown_grid(page, 0))
    expect(page.get_by_text("Delivered lines")).to_be_visible(timeout=PAGE_MS)
    settled(page)
    pick_first_row(page, shown_grid(page, 1))
    expect(page.get_by_text(re.compile(r"\.csv, line \d+"))).to_be_visible(timeout=PAGE_MS)
    assert "where=cpt" in page.url and "patient" not in page.url and "encounter_id" not in page.url

    page.get_by_role("tab", name="Export").click()
    page.get_by_role("button", name="Write the rows that meet the filters to a file").click()
    with page.expect_download(timeout=PAGE_MS) as download:
        page.get_by_role("button", name="Download the file").click(timeout=PAGE_MS)
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and {row["cpt"] for row in rows} <= {"27130", ""} and "patient_id" in rows[0]
    with page.expect_download(timeout=PAGE_MS) as manifest:
        page.get_by_role("button", name="Manifest").first.click(timeout=PAGE_MS)
    manifest_content = json.loads(Path(manifest.value.path()).read_text(encoding="utf-8"))
    assert (
        manifest_content["profile"],
        manifest_content["rows"],
        manifest_content["filters"][0]["column"],
    ) == (
        "safe_harbor",
        len(rows),
        "cpt",
    )

    page.goto(f"{address}/catalog?tab=Lineage&far=all")
    graph = page.frame_locator("iframe[title*=model_graph]")
    graph.get_by_role("button", name=re.compile("^std_.?encounters")).click(timeout=PAGE_MS)
    expect(page.get_by_role("heading", name="std_encounters")).to_be_visible(timeout=PAGE_MS)
    # the whole way is too wide for this screen: a layer below the other, each of which folds
    graph.get_by_role("button", name=re.compile("^Delivered files")).click()
    expect(graph.get_by_role("button", name=re.compile("^encounters_.?details.csv"))).to_be_visible(
        timeout=PAGE_MS
    )
    assert "model=std_encounters" in page.url


@pytest.mark.parametrize("filters", ["", "&where=cpt:is:27130&where=paid_amount_usd:ge:1000"])
def test_the_first_row_of_a_table_stands_above_the_middle_of_a_small_screen(
    filters, serve, page, sample_home
):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{serve(sample_home)}/gold?table=fct_encounter{filters}")
    grid = page.locator("[data-testid=stDataFrame]:visible").first
    expect(grid).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PAGE_MS)
    heading_of_the_grid = 36
    assert grid.bounding_box()["y"] + heading_of_the_grid < 450


def test_a_chart_has_its_place_before_it_is_drawn(serve, page, sample_home):
    held = []
    page.route("**/PlotlyChart*.js", lambda row: held.append(row))
    page.goto(serve(sample_home))
    expect(page.get_by_role("heading", name="Quality, run by run")).to_be_visible(timeout=PAGE_MS)
    below = page.get_by_text("every received row has exactly one fate")
    expect(below).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(1, timeout=PAGE_MS)
    before = below.bounding_box()["y"]
    for row in held:
        row.continue_()
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PAGE_MS)
    assert abs(below.bounding_box()["y"] - before) <= 25
