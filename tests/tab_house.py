"""A house for tests in a browser tab: when a page stands, what is on it, what it downloads, whether it fits."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

DRAWN = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart], [data-testid=stDataFrame]')]
  .every(one => one.querySelector('canvas, svg'))"""

FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
  .every(one => one.scrollWidth <= one.clientWidth)"""


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    """Waits for the page's first line."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def drawn(page: Page) -> None:
    """Waits until a page stands as it will: its age, nothing still loading, its charts and tables painted."""
    expect(page.get_by_text(re.compile("^Checked ")).first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function(DRAWN)


def downloaded(page: Page, button: str = "Download as CSV") -> list[dict[str, str]]:
    """The rows of a CSV download."""
    with page.expect_download() as download:
        page.get_by_role("link", name=button).or_(page.get_by_role("button", name=button)).click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def unfold(page: Page) -> None:
    """Opens what is folded."""
    page.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")


def fits(page: Page, width: int) -> None:
    """Waits until nothing must be scrolled sideways in a window so narrow; a page that never fits fails."""
    page.set_viewport_size({"width": width, "height": 3000})
    drawn(page)
    page.wait_for_function(FITS)
