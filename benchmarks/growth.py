"""How cost grows with pipelines and days: the points, and the picture that Streamlit and Chromium make of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.houses import script
from benchmarks.measure import Figure
from tests.browser import ensure_browser
from tests.conftest import QUIET

HERE = Path(__file__).parent
TIME, SPACE, LONG = "Time in ms", "Size on disk in MB", "From the store, in ms"
PANELS = {
    "Load, no delay at all": TIME,
    "Script of the overview page, first after a look": TIME,
    "Script of the overview page, and then": TIME,
    "Script of the pipelines page, and then": TIME,
    "Script of the history of 90d page, and then": TIME,
    "First sentence": TIME,
    "Search to table": TIME,
    **{f"Size on disk, {days} days": SPACE for days in (7, 90)},
    **{f"A new server's first picture, {days} days": LONG for days in (7, 90)},
    **{f"History of 50 pipelines, {days} days": LONG for days in (7, 90)},
}


def save(figures: Iterable[Figure]) -> None:
    """growth.csv and growth.png, beside the results."""
    points = [
        (PANELS[one.about], one.about, int(one.size.replace(",", "")), one.value)
        for one in figures
        if one.about in PANELS
    ]
    frame = pd.DataFrame(points, columns=["panel", "series", "size", "value"]).drop_duplicates()
    frame.to_csv(HERE / "growth.csv", index=False)
    with script("growth", {}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=QUIET)
        page = browser.new_page(viewport={"width": 1300, "height": 800})
        page.goto(server.url)
        chart = page.get_by_test_id("stVegaLiteChart")
        chart.locator("canvas, svg").first.wait_for()
        chart.screenshot(path=HERE / "growth.png")
        browser.close()
