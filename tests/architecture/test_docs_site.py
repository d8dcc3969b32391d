"""The docs as a site: built without a warning, whole, and without a request to another host."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

#: What makes a browser ask for something while it draws a page; a link asks only when clicked.
ASKS = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="((?:https?:)?//[^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=PROJECT_DIR,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_every_page_of_the_docs_and_of_the_top_is_in_the_site(site):
    written = {path.with_suffix(".html").name for path in (PROJECT_DIR / "docs").glob("*.md")}
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    top = {"index.html", "CHANGELOG.html", "CONTRIBUTING.html", "SECURITY.html", "LICENSE.html"}
    assert written | top | {"data/index.html"} <= made


def test_links_between_the_docs_and_the_top_lead_to_pages_of_the_site(site):
    start = (site / "index.html").read_text(encoding="utf-8")
    assert {"CONTRIBUTING.html", "architecture.html", "data/index.html"} <= set(
        re.findall(r'href="([^"#]+)"', start)
    )
    assert 'src="screenshots/overview.png"' in start
    privacy = (site / "privacy.html").read_text(encoding="utf-8")
    assert 'href="data/index.html"' in privacy


def test_no_page_of_the_site_asks_another_host(site):
    pages = sorted(site.rglob("*.html"))
    assert pages
    asked = {
        (page.name, host)
        for page in pages
        for host in ASKS.findall(page.read_text(encoding="utf-8"))
    }
    assert asked == set()
