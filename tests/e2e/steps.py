"""What every journey does in the browser: wait for a page, follow the menu, choose, pick a row and
go to a cell of a grid.

A grid is drawn on a canvas, so a place in it says nothing of what lies there: columns get their
width after the grid is shown, and whatever is drawn above moves it. Steps therefore go by the table
that the grid keeps for screen readers, and look there at what they did.
"""

import re

from playwright.sync_api import FrameLocator, Locator, Page, TimeoutError, expect

PAGE_MS, BUILD_MS = 30_000, 180_000
#: A step that has not had its effect after this long did not reach the page, and is done again.
AGAIN_MS = 4_000


def settled(page: Page) -> None:
    """Until the page has a heading and its script has ended."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PAGE_MS)
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PAGE_MS
    )


def go(page: Page, name: str, heading: str) -> None:
    """Follow the menu."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=PAGE_MS)


def metric(page: Page, label: str) -> int:
    """The number on the tile with this label."""
    tile = page.get_by_test_id("stMetric").filter(has_text=re.compile(rf"^{re.escape(label)}"))
    return int(re.sub(r"[^0-9]", "", tile.first.get_by_test_id("stMetricValue").inner_text()))


def choose(page: Page, label: str, option: str) -> None:
    """Take an option of a select box; its list closes when the page is drawn under it, so it is
    opened until it stays.
    """
    item = page.get_by_role("option", name=option, exact=True)
    for _ in range(10):
        page.get_by_role("combobox", name=label, exact=True).first.click()
        page.wait_for_timeout(500)
        if item.is_visible():
            break
    item.click()
    settled(page)


def shown_grid(page: Page, number: int) -> Locator:
    """The grid with this place among those shown (-1: the last), its cells drawn."""
    grid = page.locator("[data-testid=stDataFrame]:visible").nth(number)
    expect(grid.locator("tbody td").first).to_be_attached(timeout=PAGE_MS)
    grid.scroll_into_view_if_needed()
    return grid


def pick_first_row(page: Page, grid: Locator) -> None:
    """Pick the first row of a grid by keyboard."""
    canvas, first = grid.get_by_test_id("data-grid-canvas"), grid.locator("tbody tr").first
    for _ in range(PAGE_MS // AGAIN_MS):
        if first.get_attribute("aria-selected") != "true":
            canvas.focus()
            page.keyboard.press("Shift+Space")
        try:
            expect(first).to_have_attribute("aria-selected", "true", timeout=AGAIN_MS)
            return
        except AssertionError:
            continue
    expect(first).to_have_attribute("aria-selected", "true")


def repair_grid(page: Page) -> FrameLocator:
    """The grid of open rows on Quarantine."""
    return page.frame_locator("iframe[title*=repair_grid]")


def repair_cell(page: Page, row: int, column: str) -> Locator:
    """A cell of the grid of open rows."""
    grid = repair_grid(page)
    expect(grid.get_by_role("columnheader", name=column, exact=True)).to_be_visible(timeout=PAGE_MS)
    place = grid.locator("th").all_text_contents().index(column)
    return grid.locator("tbody tr").nth(row).locator("td").nth(place)


def write_into(page: Page, row: int, column: str, text: str) -> None:
    """Write over a cell of the grid of open rows, and wait until it is judged."""
    cell = repair_cell(page, row, column)
    cell.click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(cell.locator("ins")).to_have_text(text)
    expect(cell).to_have_class(re.compile("bad|good"), timeout=PAGE_MS)


def click_cell(page: Page, grid: Locator, row: int, across: float, address: re.Pattern) -> None:
    """Click on a cell of a grid whose choice shows in the address.

    `row`: 0 is the first under the heading; `across`: where in the width of the grid, 0 to 1.
    """
    high = 35
    for _ in range(PAGE_MS // AGAIN_MS):
        grid.click(position={"x": across * grid.bounding_box()["width"], "y": high * (row + 1.5)})
        try:
            page.wait_for_url(address, timeout=AGAIN_MS, wait_until="commit")
            return
        except TimeoutError:
            continue
    expect(page).to_have_url(address)
