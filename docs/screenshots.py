"""Take the picture of every page again: `python -m docs.screenshots` writes
docs/screenshots/<page>.png.

The shipped sample is built in a temporary home and served as `make run` does. The light theme; 1280
pixels wide, cut below the last thing on the page or at 1600 pixels, and few colours, so that a
picture stays under 150 kB. Takes about a minute.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from pages.widgets import menu
from pipeline.config.project import PROJECT_DIR
from tests.e2e.browser import find_browser

FOLDER = PROJECT_DIR / "docs" / "screenshots"
WIDTH, LOWEST, HIGHEST, COLOURS = 1280, 700, 1600, 256
STEWARD = "steward"
PORT = 8617
#: What shows a page best, after its address.
CHOICES = {
    "tables": "?table=provider_scorecard",
    "providers": "?provider=2246459798",
    "networks": "?shows=Map",
    "referrals": "?for=anybody&employer=91002&procedure=27130",
}
#: Picture -> address; each page of the menu.
PICTURES = {
    entry.key: ("" if entry is menu.ENTRIES[0] else entry.url_path) + CHOICES.get(entry.key, "")
    for entry in menu.ENTRIES
}
#: Files that are dropped before the picture of the upload page; the one with the wrong cells is
#: shown in full.
DROPPED = sorted(map(str, (PROJECT_DIR / "data" / "deliveries" / "delivery_1").glob("*.csv")))
SHOWN_IN_FULL = "encounters_details.csv"


def main() -> None:
    """Build, serve, and take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "home") as printed,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": LOWEST}, color_scheme="light")
        page.goto(printed)
        address = printed.partition("/?")[0]
        for name, path in PICTURES.items():
            picture_file = FOLDER / f"{name}.png"
            picture_file.write_bytes(picture(page, f"{address}/{path}"))
            print(
                f"{picture_file.relative_to(PROJECT_DIR)}  {picture_file.stat().st_size / 1000:.0f} kB"
            )
        browser.close()


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of the workbench on the sample, in a process of its own; whoever runs it is
    called a steward in the pictures.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "--home", str(home), "serve", "--port", str(PORT)],
        cwd=PROJECT_DIR,
        env=os.environ | {"ICON_HEALTH_USER": STEWARD},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(line.split()[-1] for line in server.stdout if "http://127.0.0.1" in line)
    finally:
        server.terminate()
        server.wait()


def picture(page: Page, address: str) -> bytes:
    """The page at an address as a PNG of few colours, once it is drawn."""
    page.set_viewport_size({"width": WIDTH, "height": LOWEST})
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    if address.endswith("/upload"):
        page.locator('input[type="file"]').set_input_files(DROPPED)
        expect(
            page.get_by_role("button", name=re.compile(f"Load {len(DROPPED)} files$"))
        ).to_be_enabled(timeout=60_000)
        page.locator("summary").filter(has_text=SHOWN_IN_FULL).click()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)
    if address.endswith("/run_pipeline"):
        expect(page.frame_locator("iframe").get_by_role("button").first).to_be_visible(
            timeout=30_000
        )
    page.wait_for_timeout(1_000)
    height = page.evaluate(
        "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    )
    page.set_viewport_size({"width": WIDTH, "height": min(max(height, LOWEST), HIGHEST)})
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    # kmeans brings the pale grounds back to their own colour
    small = (
        Image.open(io.BytesIO(page.screenshot()))
        .convert("RGB")
        .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    )
    packed = io.BytesIO()
    small.save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    main()
