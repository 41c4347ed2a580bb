"""How cost grows with pipelines and viewers: the points, and the picture that Streamlit and Chromium make of them."""

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
SERIES = {
    "Load, no delay at all": "Time in ms",
    "Script of the overview page, after a day": "Time in ms",
    "Script of the pipelines page, after a day": "Time in ms",
    "Script of the history page, after a day": "Time in ms",
    "First sentence": "Time in ms",
    "Search to table": "Time in ms",
    "The server's memory, seven viewers, after a day": "Memory in MB",
    "Memory with viewers": "Memory with viewers in MB",
    "Memory with viewers, after a day": "Memory with viewers in MB",
}


def save(figures: Iterable[Figure]) -> None:
    """growth.csv and growth.png, beside the results."""
    points = [
        (SERIES[one.about], one.about, int(one.size.partition(" ")[0].replace(",", "")), one.value)
        for one in figures
        if one.about in SERIES
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
