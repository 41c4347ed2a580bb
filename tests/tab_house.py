"""A house for tests in a browser tab: when a page stands, what is on it, what it downloads, whether it fits."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.account_house import until

DRAWN = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart], [data-testid=stDataFrame]')]
  .every(one => one.querySelector('canvas, svg'))"""

FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
  .every(one => one.scrollWidth <= one.clientWidth)"""

FOCUS = """() => {
  let one = document.activeElement
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  const texts = ['A', 'BUTTON'].includes(one.tagName) ? [one] : [...one.labels ?? []]
  const name = [one.ariaLabel, ...texts.map(text => text.innerText)].join(' ').replace(/\\s+/g, ' ')
  const style = getComputedStyle(one)
  const rings = [style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1, style.boxShadow !== 'none']
  return [name, rings.some(Boolean)]
}"""


def comes_true(page: Page, script: str) -> None:
    """Waits until a script says so. Playwright's own waiting would ask within the page, where our policy forbids it."""
    until(lambda: page.evaluate(script))


def focused(page: Page) -> str:
    """The name and the words of what has the focus."""
    return str(page.evaluate(FOCUS)[0])


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the focus is on what has this name, as somebody without a mouse does; it is seen there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        has_focus, is_seen = page.evaluate(FOCUS)
        if name in has_focus:
            assert is_seen, f"Nothing shows that {name!r} has the focus."
            return
    raise AssertionError(f"Tab never came to {name!r}")


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    """Waits for the page's first line."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def drawn(page: Page) -> None:
    """Waits until a page stands as it will: its age, nothing still loading, its charts and tables painted."""
    expect(page.get_by_text(re.compile("^Checked ")).first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    comes_true(page, DRAWN)


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
    comes_true(page, FITS)
