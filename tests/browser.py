"""Finds a browser for the tests, or gets one: an installed one, else Debian's package, else Playwright's own.

`python -m tests.browser` makes sure that there is one and prints which; it fails with a sentence when there is none.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NONE = (
    "No browser for the tests: no Chromium or Chrome is installed, Debian's chromium package could not be installed, "
    "and Playwright could not download its own. Install Chromium, then run the tests again."
)


def browser_path() -> str | None:
    """The installed Chromium or Chrome, or Playwright's own; None when there is neither."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return installed or (str(MAC) if MAC.exists() else None) or _playwrights_own()


def ensure_browser() -> str:
    """A browser's path, installing one when there is none; SystemExit with a sentence when that fails."""
    for get_one in (lambda: True, lambda: install("chromium"), _download_with_playwright):
        if get_one() and (path := browser_path()):
            return path
    raise SystemExit(NONE)


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _download_with_playwright() -> bool:
    download = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    return subprocess.run(download, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    print(f"Browser for the tests: {ensure_browser()}")  # noqa: T201
