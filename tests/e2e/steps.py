"""What every journey does in the browser: wait for a page, follow the menu, choose, pick a row and
go to a cell of a grid.

A grid is drawn on a canvas, so a place in it says nothing of what lies there: columns get their
width after the grid is shown, and whatever is drawn above moves it. Steps therefore go by the table
that the grid keeps for screen readers, and look there at what they did.
"""

import re

from playwright.sync_api import Locator, Page, TimeoutError, expect

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


def cell_of(grid: Locator, column: str) -> Locator:
    """The cell of the first row in a column."""
    return (
        grid.locator("tbody tr")
        .first.locator("td")
        .nth(grid.locator("th").all_text_contents().index(column))
    )


def go_to_cell(page: Page, grid: Locator, column: str) -> None:
    """Move the marked cell of the first row to a column, by the arrow keys."""
    target, marked = cell_of(grid, column), grid.locator("tbody td[aria-selected=true]")
    grid.get_by_test_id("data-grid-canvas").focus()
    for _ in range(PAGE_MS // 500):
        if marked.count() == 1:
            steps = int(target.get_attribute("aria-colindex")) - int(
                marked.get_attribute("aria-colindex")
            )
            if steps == 0:
                return
            page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
        page.wait_for_timeout(500)
    expect(target).to_have_attribute("aria-selected", "true")


def type_into_cell(page: Page, grid: Locator, column: str, text: str) -> None:
    """Write over the marked cell, which is that of `column`; again if keys came faster than the
    grid takes them in.
    """
    written = cell_of(grid, column)
    for _ in range(PAGE_MS // AGAIN_MS):
        page.keyboard.press("Enter")
        expect(page.locator(".gdg-input")).to_be_focused(timeout=PAGE_MS)
        page.keyboard.press("Control+A")
        page.keyboard.type(text, delay=50)
        page.wait_for_timeout(200)
        page.keyboard.press("Enter")
        try:
            expect(written).to_have_text(text, timeout=AGAIN_MS)
            return
        except AssertionError:
            continue
    expect(written).to_have_text(text)


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
