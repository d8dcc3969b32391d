"""A served workbench and a real browser in front of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.config.project import PROJECT_DIR
from tests.e2e.browser import find_browser

START_SECONDS = 120
Server = Callable[..., str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = find_browser()
    if path is None:
        pytest.fail("no Chromium found; run: python -m tests.e2e.browser")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, 1280 pixels wide; fails the test that makes a request leave the machine or its
    script stumble.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    outside: list[str] = []
    stumbles: list[str] = []
    opened.on("pageerror", lambda error: stumbles.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            outside.append(request.url)
            if not request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
            else None
        ),
    )
    yield opened
    context.close()
    assert outside == []
    assert stumbles == []


@pytest.fixture
def sample_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shared home: whoever opens a server on a home writes to its audit trail."""
    return Path(shutil.copytree(sample_home, tmp_path_factory.mktemp("sample") / "home"))


@pytest.fixture(autouse=True)
def _sample_home_as_it_was() -> None:
    """Each test here has a copy of its own, which it may change."""


@pytest.fixture
def serve_and_print() -> Iterator[Server]:
    """Start the workbench on a home as `make run` does; the address that it prints."""
    started: list[subprocess.Popen] = []

    def serving(home: Path, *options: str) -> str:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pipeline",
                "--home",
                str(home),
                "serve",
                "--port",
                str(free_port()),
                *options,
            ],
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        for line in process.stdout:
            if "http://127.0.0.1" in line:
                return line.split()[-1]
        raise AssertionError(f"the server ended with {process.wait()}")

    yield serving
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


@pytest.fixture
def serve(serve_and_print: Server, page: Page) -> Server:
    """As `serve_and_print`, with the browser context of `page` let in; the address without the
    token.
    """

    def serving(home: Path, *options: str) -> str:
        printed = serve_and_print(home, *options)
        answer = page.context.request.get(printed, max_redirects=0)
        assert answer.status == 303, answer.text()
        return printed.partition("/?")[0]

    return serving


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
