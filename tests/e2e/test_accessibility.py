"""Every page and each of its views against axe-core's WCAG 2.1 A and AA rules, in both themes;
every page on a telephone, too.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.steps import PAGE_MS

pytestmark = pytest.mark.e2e
PAGES = (
    "",
    "upload",
    "run_pipeline",
    "run_history",
    "deliveries",
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
)
#: Address -> the tabs and buttons that open its views, one after the other; what an address opens
#: is looked at first.
VIEWS = {
    "features": ("Distribution", "Correlation", "Drift", "As known at"),
    "gold": ("Groups", "Chart", "Columns", "Export", "SQL", "Add a filter", "Share"),
    "networks": ("Map", "Roster", "Access", "Adequacy", "Prices", "Volume", "Savings"),
    "networks?employer=91001&shows=What+if&without=2881158705": (),
    "data_quality?rule=ENC-06": ("Grades", "Trend", "Row ledger", "What they mean"),
    "catalog?tab=Lineage": ("The whole way", "Rules"),
    "methods": ("Measured", "In force here"),
    "quarantine?source=employer_networks": (
        "Fill in 3 suggestions",
        "Find and replace",
        "Keyboard",
        "Causes",
        "Audit trail",
    ),
    "providers?provider=2246459798": ("Estimates", "Cost", "Scorecard"),
    "referrals?for=anybody&employer=91002&procedure=27130": (
        "What counts how much",
        "Side by side",
    ),
    "run_pipeline?node=provider_scorecard": ("Steps", "Log"),
    "run_history": ("Rule results", "Each model over time"),
}
PARTS = 3
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
#: Nothing is told of what passes, and no selector is looked for that names an element alone.
ONLY_WHAT_IS_READ = {"resultTypes": ["violations"], "selectors": False}
#: Nothing is drawn anew, and no transition runs (a spinner never ends).
STILL = """() => !document.querySelector('[data-stale=true]') && document.getAnimations().every(
    each => each.playState !== 'running' || each.effect.getComputedTiming().endTime === Infinity)"""
#: What another theme can change; names, roles and structure are those of the light page.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
#: (rule, where) -> why it stays: markup of Streamlit that no option or style of ours reaches.
#: Anything else fails.
FROM_STREAMLIT = {
    (
        "list",
        "stSidebarNavItems",
    ): "a menu with sections puts a div a section between the list and its items",
    (
        "listitem",
        'class="st-emotion-cache',
    ): "the items of that same menu; no list of ours carries a generated class",
    (
        "scrollable-region-focusable",
        '<pre class="st-emotion-cache',
    ): "code of a fixed height has no tab stop of its own; browsers give one to whatever scrolls, and the log can be downloaded",
}


def findings(page: Page, checks: dict) -> list[str]:
    """What axe finds on the page as drawn, without what is Streamlit's own: `rule: element`."""
    violations = Axe().run(page, options=checks | ONLY_WHAT_IS_READ).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in violations
        for node in violation["nodes"]
        if not any(
            violation["id"] == rule and where in node["html"] for rule, where in FROM_STREAMLIT
        )
    ]


def opened(page: Page, address: str) -> None:
    """Show a page and wait until it is drawn."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PAGE_MS)
    drawn(page)


def drawn(page: Page) -> None:
    """Until the script of the page has ended, and nothing fades from one colour to another any
    more.
    """
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PAGE_MS)
    page.wait_for_function(STILL, timeout=PAGE_MS)


def press(page: Page, name: str) -> None:
    """Open a tab, a segment, an expander or a popover; one that is open is closed first."""
    page.keyboard.press("Escape")
    main = page.get_by_test_id("stMain")
    control = (
        main.get_by_role("tab", name=name)
        .or_(main.get_by_role("radio", name=name))
        .or_(main.get_by_role("button", name=re.compile(name)))
        .or_(main.locator("summary", has_text=name))
    )
    control.first.click(timeout=PAGE_MS)
    drawn(page)


def in_both_themes(page: Page, where: str) -> dict[tuple[str, str], list[str]]:
    """What axe finds in the light theme, and what the colours of the dark one add."""
    violations = {}
    for theme, checks in (("light", WCAG), ("dark", COLOURS)):
        page.emulate_media(color_scheme=theme)
        drawn(page)
        violations[where, theme] = findings(page, checks)
    page.emulate_media(color_scheme="light")
    return violations


def test_no_page_fails_a_wcag_rule_in_either_theme_or_on_a_telephone(serve, page, sample_home):
    address = serve(sample_home)
    violations = {}
    for path in PAGES:
        opened(page, f"{address}/{path}")
        violations |= in_both_themes(page, path or "overview")
        page.set_viewport_size({"width": 400, "height": 1000})
        drawn(page)
        violations[path or "overview", "telephone"] = findings(page, WCAG)
        page.set_viewport_size({"width": 1280, "height": 1000})
    assert {where: what for where, what in violations.items() if what} == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_view_of_a_page_fails_a_wcag_rule_in_either_theme(serve, page, sample_home, part):
    """In parts, which run beside each other."""
    address = serve(sample_home)
    violations = {}
    for path, names in list(VIEWS.items())[part::PARTS]:
        opened(page, f"{address}/{path}")
        violations |= in_both_themes(page, path)
        for name in names:
            press(page, name)
            violations |= in_both_themes(page, f"{path}: {name}")
    assert {where: what for where, what in violations.items() if what} == {}
