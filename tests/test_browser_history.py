"""What only a browser can tell of the History page: what its tab remembers, what its charts offer, whether it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from sandbox import Sandbox
from tests.conftest import Dashboard, Listen, StartDashboard, free_port, launch, settings_for
from tests.tab_house import FITS, comes_true, drawn, fits, heading

A4_WIDTH, A4 = 680, b"/MediaBox [0 0 594.95996 841.91998]"  # px between the margins; the paper in points


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The sample data, for those who change nothing of it."""
    with launch(tmp_path_factory.mktemp("sample"), free_port()) as dashboard:
        yield dashboard


def test_a_tab_brings_its_history_and_its_visit_to_a_server_that_knows_nothing(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox, failing: int, tmp_path: Path
) -> None:
    port = free_port()
    dashboard = start_dashboard(port, **settings_for(hevo))
    page.goto(f"{dashboard.url}/history")
    heading(page, "History")
    hevo.fleet.pin(failing, health_status="OK")
    change = page.get_by_text(re.compile(r"Failed → Healthy$"))
    expect(change).to_be_visible()
    comes_true(page, "Object.keys(sessionStorage).some(key => sessionStorage[key].includes('failed'))")
    page.reload()
    expect(change).to_be_visible()
    dashboard.stop()
    start_dashboard(port, **settings_for(hevo), HEVO_DATA_DIR=str(tmp_path / "another"))
    page.goto(f"{dashboard.url}/history")
    expect(change).to_be_visible()


def test_another_tab_of_this_browser_knows_when_it_last_looked(
    start_dashboard: StartDashboard, context: BrowserContext, hevo: Sandbox
) -> None:
    dashboard = start_dashboard(**settings_for(hevo))
    first = context.new_page()
    first.goto(dashboard.url)
    expect(first.get_by_role("link", name=re.compile("Healthy$"))).to_be_visible()
    comes_true(first, "Object.keys(localStorage).some(key => key.startsWith('hevo-dashboard-'))")
    first.close()
    second = context.new_page()
    second.goto(dashboard.url)
    expect(second.get_by_text(re.compile("^Since you last looked"))).to_be_visible()


def test_the_charts_offer_no_developers_menu_complain_of_nothing_and_fit(
    sample: Dashboard, page: Page, listen: Listen
) -> None:
    told: list[str] = []

    def note(message: ConsoleMessage) -> None:
        told.append(message.text)

    listen("console", note)
    page.goto(f"{sample.url}/history?range=7d")
    heading(page, "History")
    drawn(page)
    page.get_by_test_id("stVegaLiteChart").last.hover()
    expect(page.get_by_role("button", name=re.compile("Vega-Lite spec"))).to_have_count(0)
    assert not [text for text in told if "WARN" in text or "Content Security Policy" in text]
    fits(page, 320)


def test_what_happened_is_one_click_away_and_last_month_of_a_report_three_and_that_prints_on_a4(
    sample: Dashboard, page: Page
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(sample.url)
    page.get_by_role("link", name=re.compile(r"^\d+ incidents, \d+ pipelines, the longest ")).click()
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(" failed")).first).to_be_visible()
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Monday sales report").first.click()
    page.get_by_role("link", name="Last month in figures").click()
    expect(page.get_by_text("Report Monday sales report. Days of UTC time.")).to_be_visible()
    page.get_by_role("link", name="Month after").click()
    expect(page.get_by_role("heading", name="Each day, by its worst state")).to_be_visible()
    drawn(page)
    page.evaluate("addEventListener('beforeprint', () => { document.body.dataset.printed = 'yes' })")
    page.get_by_role("button", name="Print").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "yes")
    prints(page)


def prints(page: Page) -> None:
    """Nothing but the figures is on paper, of what they are is said, all of it is light and nothing is cut off."""
    page.set_viewport_size({"width": A4_WIDTH, "height": 1_000})
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    for gone in (
        page.get_by_role("button", name="Print"),
        page.get_by_role("combobox"),
        page.get_by_text("Month before"),
    ):
        expect(gone).to_be_hidden()
    expect(page.get_by_text(re.compile("^Report Monday sales report"))).to_be_visible()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    comes_true(page, FITS)
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert A4 in paper
