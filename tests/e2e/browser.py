"""The browser of the end-to-end tests: one that the system has, else Debian's chromium, else
Playwright's own.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Path of a Chromium that the system or Playwright has; None when there is neither."""
    for name in NAMES:
        if found_path := shutil.which(name):
            return found_path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install_browser() -> None:
    """Install a Chromium; raises SystemExit with what to do when none can be had."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )
    if find_browser() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if find_browser() is None:
        raise SystemExit(
            "error: no Chromium found and none could be installed; install the package chromium and run again"
        )


if __name__ == "__main__":
    if find_browser() is None:
        install_browser()
