"""Every page against axe-core's WCAG 2.1 A and AA rules, in the light and in the dark theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e
PAGES = ("", "upload", "run_pipeline", "run_history", "data_quality", "quarantine", "gold", "providers", "referrals", "networks",
         "features", "catalog", "settings")
PAGE_MS = 30_000
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
#: What another theme can change; names, roles and structure are those of the light page.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
#: (rule, where) -> why it stays: markup of Streamlit that no option or style of ours reaches. Anything else fails.
FROM_STREAMLIT = {
    ("list", "stSidebarNavItems"): "a menu with sections puts a div a section between the list and its items",
    ("listitem", 'class="st-emotion-cache'): "the items of that same menu; no list of ours carries a generated class",
}


def findings(page: Page, checks: dict) -> list[str]:
    """What axe finds on the page as drawn, without what is Streamlit's own: `rule: element`."""
    violations = Axe().run(page, options=checks).response["violations"]
    return [f"{each['id']} ({each['impact']}): {node['html'][:160]}" for each in violations for node in each["nodes"]
            if not any(each["id"] == rule and where in node["html"] for rule, where in FROM_STREAMLIT)]


def test_no_page_fails_a_wcag_rule_in_either_theme(serve, page, sample_home):
    address = serve(sample_home)
    found = {}
    for path in PAGES:
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PAGE_MS)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PAGE_MS)
        for theme, checks in (("light", WCAG), ("dark", COLOURS)):
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(400)
            found[path or "overview", theme] = findings(page, checks)
    assert {where: what for where, what in found.items() if what} == {}
