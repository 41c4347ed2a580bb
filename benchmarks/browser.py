"""What a person waits for, in a real Chromium that has been here before: the first sentence, and a changed table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.houses import SCENARIOS, Server, dashboard, rest, sandbox_of, script
from benchmarks.measure import Figure, compare
from tests.browser import ensure_browser
from tests.conftest import QUIET

ROUNDS, PRESSES = 5, 6
WHY = "Each letter draws the page around the table too: what the filters offer, the address, the file to download."
KEY = "k"  # a letter that some names have and others lack

# Told by the page itself, in milliseconds since the request or since the key went down.
SEEN = """
new MutationObserver(() => {
  const line = document.querySelector("h1")?.textContent ?? ""
  if (!window.seen && /pipelines|Empty/i.test(line)) window.seen = performance.now()
}).observe(document, { childList: true, subtree: true, characterData: true })
"""
PRESSED = """() => {
  const shown = () => document.querySelector("[data-testid=stDataFrame] table")?.getAttribute("aria-rowcount")
  const before = shown()
  window.changed = null
  addEventListener("keydown", () => {
    const pressed = performance.now()
    const look = () => {
      const now = shown()
      if (now && now !== before) window.changed = performance.now() - pressed
      else requestAnimationFrame(look)
    }
    look()
  }, { capture: true, once: true })
}"""

# The page's own policy forbids what Playwright would wait with.
UNTIL = """name => new Promise((done, fail) => {
  setTimeout(() => fail(name + ": it never happened"), 30000)
  const look = () => window[name] ? done(window[name]) : requestAnimationFrame(look)
  look()
})"""


def figures() -> Iterator[Figure]:
    """At two sizes, against Streamlit's empty page and against a plain script with the same pipelines."""
    with sync_playwright() as playwright, script("empty", {}) as empty:
        chromium = playwright.chromium.launch(executable_path=ensure_browser(), args=QUIET)
        tab = chromium.new_context(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(60_000)
        tab.add_init_script(SEEN)
        for size in SCENARIOS:
            with (
                sandbox_of(size) as settings,
                dashboard(settings, size, 1, 24) as mine,
                script("plain", settings) as plain,
            ):
                rest(mine.server, most=10)
                yield from of_a_visit(tab, mine.server, empty, plain, size)
        chromium.close()


def of_a_visit(tab: BrowserContext, mine: Server, empty: Server, plain: Server, size: int) -> Iterator[Figure]:
    """From the request to the sentence, and from a key in the search to the table."""
    with tab.new_page() as page:
        floors = {"an empty page": first_sentence(page, empty.url)}
        yield from compare("First sentence", size, first_sentence(page, mine.url), floors, ROUNDS, most_ratio=1.5)
    with tab.new_page() as page, tab.new_page() as other:
        floors = {"a plain script with the table": search(other, plain.url)}
        ours = search(page, f"{mine.url}/pipelines")
        yield from compare("Search to table", size, ours, floors, PRESSES, WHY, most_ratio=1.15)


def first_sentence(page: Page, url: str) -> Callable[[], float]:
    """Milliseconds until the page's first line stands there."""

    def visit() -> float:
        page.goto("about:blank")
        page.goto(url, wait_until="commit")
        return float(page.evaluate(UNTIL, "seen"))

    return visit


def search(page: Page, url: str) -> Callable[[], float]:
    """Milliseconds until another number of rows is shown: a letter is typed, and the next time deleted."""
    page.goto(url)
    page.evaluate(UNTIL, "seen")
    page.get_by_role("textbox", name="Search").wait_for()
    page.locator("[data-testid=stDataFrame] table").wait_for(state="attached")

    keys = cycle((KEY, "Backspace"))

    def press() -> float:
        page.bring_to_front()
        page.evaluate(PRESSED)
        page.get_by_role("textbox", name="Search").press(next(keys))
        return float(page.evaluate(UNTIL, "changed"))

    return press
