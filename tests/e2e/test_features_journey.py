"""From the registry to one feature, to drift and to a training set, by clicks; the address opens
the same view for somebody else.
"""

import os
import subprocess
import sys

import pandas as pd
import pytest
from playwright.sync_api import expect

from pipeline.config.project import PROJECT_DIR
from tests.e2e.steps import PAGE_MS, metric, settled

pytestmark = pytest.mark.e2e


def test_a_feature_is_looked_at_and_its_link_opens_the_same_view(serve, page, sample_home):
    address = serve(sample_home)
    page.goto(f"{address}/features?features=feat_employer")
    expect(page.get_by_label("Find a feature")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("tab", name="Distribution").click()
    expect(page.get_by_text("Out of range")).to_be_visible(timeout=PAGE_MS)
    page.get_by_role("tab", name="Drift").click()
    expect(page.get_by_text("One snapshot so far")).to_be_visible(timeout=PAGE_MS)
    link = page.url
    assert "look=Drift" in link and "features=feat_employer" in link
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("One snapshot so far")).to_be_visible(timeout=PAGE_MS)


def test_a_training_set_leaves_with_its_file_and_snippet(serve, page, sample_home, tmp_path):
    address = serve(sample_home)
    page.goto(f"{address}/features")
    settled(page)
    words = page.get_by_label("Find a feature")
    words.fill("shares of patients of 75")
    words.press("Enter")
    page.get_by_role("button", name="Put into the basket").click(timeout=PAGE_MS)
    settled(page)
    page.get_by_role("tab", name="Training set").click()
    expect(page.get_by_text("no column separates the labels")).to_be_visible(timeout=PAGE_MS)
    assert metric(page, "Rows") > 100 and "basket=provider" in page.url
    page.get_by_role("button", name="Make the file").click()
    with page.expect_download(timeout=PAGE_MS) as download:
        page.get_by_role("button", name="Download the Parquet file").click(timeout=PAGE_MS)
    download.value.save_as(tmp_path / "taken.parquet")
    taken = pd.read_parquet(tmp_path / "taken.parquet")
    assert len(taken) == metric(page, "Rows") and "provider__age_75_plus_share" in taken
    snippet = page.locator("code").filter(has_text="training.export(").inner_text()
    home = {"ICON_HEALTH_HOME": str(sample_home), "PYTHONPATH": str(PROJECT_DIR)}
    subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=tmp_path,
        env=os.environ | home,
        check=True,
    )
    assert (tmp_path / "training.parquet").read_bytes() == (tmp_path / "taken.parquet").read_bytes()
