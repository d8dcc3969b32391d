"""Ctrl+K on any page leads to what a word names."""

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PAGE_MS, settled
from tests.warehouse import query

pytestmark = pytest.mark.e2e


def test_a_word_on_the_keyboard_leads_to_a_provider_and_to_a_feature(serve, page, sample_home):
    ((npi, name),) = query(
        sample_home,
        "select npi, provider_name from std_providers where npi in "
        "(select npi from provider_scorecard) order by npi limit 1",
    )
    address = serve(sample_home)
    page.goto(f"{address}/data_quality")
    settled(page)
    page.keyboard.press("Control+k")
    words = page.get_by_role("textbox", name="Words of a name, a label or a definition")
    words.fill(name.split(",")[0])
    words.press("Enter")
    page.get_by_role("dialog").get_by_role("link").filter(has_text=npi).click(timeout=PAGE_MS)
    expect(page.get_by_role("heading", name="Providers", exact=True)).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text(f"{name} · {npi}").first).to_be_visible(timeout=PAGE_MS)
    assert f"provider={npi}" in page.url

    page.keyboard.press("Control+k")
    words.fill("shrunken")
    words.press("Enter")
    page.get_by_role("dialog").get_by_role("link").filter(has_text="feature").first.click(
        timeout=PAGE_MS
    )
    expect(page.get_by_role("heading", name="Features", exact=True)).to_be_visible(timeout=PAGE_MS)
    assert "feature=shrunken" in page.url
    expect(page.get_by_role("dialog")).to_have_count(0)
