"""From the registry to one feature and to drift, by clicks; the address opens the same view for
somebody else.
"""

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PAGE_MS

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
