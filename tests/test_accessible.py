"""For everybody: axe-core on every page, narrow screens, the keyboard alone, the viewer's own clock, a wall screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect

from sandbox import Sandbox
from tests.conftest import WAIT, Dashboard, StartDashboard, free_port, launch, settings_for
from tests.tab_house import drawn, fits, heading, unfold

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
TALL: ViewportSize = {"width": 1280, "height": 3000}
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 19, 24)"}
FOCUSED = """() => {
  const one = document.activeElement
  const texts = ['A', 'BUTTON'].includes(one.tagName) ? [one] : [...one.labels ?? []]
  return [one.ariaLabel, ...texts.map(text => text.innerText)].join(' ')
}"""


@pytest.fixture(scope="module")
def hevo() -> Iterator[Sandbox]:
    """A calm account in which one pipeline fails, one is unknown and one is paused."""
    with Sandbox("calm") as sandbox:
        sandbox.fleet.pin(sandbox.fleet.ids[0], health_status=None)
        sandbox.fleet.pin(sandbox.fleet.ids[1], health_status="FAILED")
        yield sandbox


@pytest.fixture(scope="module")
def dashboard(hevo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it."""
    dashboard = launch(tmp_path_factory.mktemp("accessible"), free_port(), **settings_for(hevo, 60))
    yield dashboard
    dashboard.stop()


@pytest.fixture(scope="module", params=["light", "dark"])
def tab(request: pytest.FixtureRequest, chromium: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A tab in one of the two themes, so tall that nothing is scrolled away and left unjudged."""
    page = chromium.new_context(viewport=TALL, color_scheme=request.param).new_page()
    page.set_default_timeout(WAIT)
    page.goto(dashboard.url)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", PAPER[request.param])
    yield page
    page.context.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds: the rule and the element."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [(rule["id"], node["html"][:300]) for rule in found for node in rule["nodes"]]


def judge(page: Page) -> None:
    """No rule of WCAG is broken, and at the width of a phone nothing scrolls sideways."""
    drawn(page)
    unfold(page)
    assert violations(page) == []
    fits(page, 390)
    fits(page, 320)


@pytest.mark.parametrize("title", ["Overview", "Pipelines", "History", "Run", "Guide"])
def test_a_page_breaks_no_rule_of_wcag_and_fits_a_phone(tab: Page, title: str) -> None:
    tab.set_viewport_size(TALL)
    tab.get_by_role("link", name=title, exact=True).click()
    heading(tab, "2 of 24 pipelines need attention" if title == "Overview" else title)
    judge(tab)


def test_an_opened_pipeline_and_its_confirmation_break_no_rule_either(
    tab: Page, dashboard: Dashboard, hevo: Sandbox
) -> None:
    tab.set_viewport_size(TALL)
    tab.goto(f"{dashboard.url}/pipelines?pipeline={hevo.fleet.ids[0]}")
    tab.get_by_role("button", name="Ask Hevo for its tables").click()
    expect(tab.get_by_test_id("stDataFrame")).to_be_visible()
    judge(tab)
    tab.get_by_role("button", name="Run now").click()
    expect(tab.get_by_role("dialog").get_by_role("button", name="Run pipeline")).to_be_visible()
    assert violations(tab) == []
    tab.get_by_role("dialog").get_by_role("button", name="Don't run").click()
    expect(tab.get_by_role("dialog")).to_have_count(0)


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the focus is on what has this name, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in str(page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"Tab never came to {name!r}")


def test_the_five_questions_are_answered_by_keyboard_alone(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    failing = hevo.fleet.ids[1]
    page.goto(start_dashboard(**settings_for(hevo, 60)).url)
    heading(page, "2 of 24 pipelines need attention")
    expect(page.get_by_text(re.compile(r"^Checked just now, at \d\d:\d\d \("))).to_be_visible()
    tab_to(page, "1 Failed")
    page.keyboard.press("Enter")
    heading(page, "Pipelines")
    tab_to(page, "Open a pipeline")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name=f"({failing})")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hevo reports a problem. New data may not be arriving.")).to_be_visible()
    expect(page.get_by_text("Failed · failing since at least")).to_be_visible()
    tab_to(page, "Run now")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, "Run pipeline")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That does not mean it worked yet.")).to_be_visible()
    hevo.fleet.pin(failing, health_status="OK")
    tab_to(page, "Refresh now")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Asked Hevo at \d\d:\d\d\. Healthy at \d\d:\d\d\."))).to_be_visible()
    hevo.fleet.pin(failing, health_status="FAILED")


@pytest.mark.parametrize(
    ("zone", "shown"), [("Asia/Kolkata", "Asia/Kolkata time"), ("America/New_York", "America/New York time")]
)
def test_times_are_on_the_viewers_own_clock(
    dashboard: Dashboard, chromium: Browser, hevo: Sandbox, zone: str, shown: str
) -> None:
    page = chromium.new_context(timezone_id=zone).new_page()
    page.goto(dashboard.url)
    said = page.get_by_text(re.compile(r"^Checked .*, at \d\d:\d\d")).inner_text()
    page.context.close()
    looked = [datetime.fromtimestamp(arrival.at, ZoneInfo(zone)) for arrival in hevo.arrivals]
    assert re.findall(r"at (\d\d:\d\d) \((.*)\)", said)[0] in {(f"{look:%H:%M}", shown) for look in looked}


def test_a_wall_screen_shows_the_overview_alone_and_refreshes_itself(
    start_dashboard: StartDashboard, page: Page
) -> None:
    with Sandbox("calm") as hevo:
        page.goto(f"{start_dashboard(**settings_for(hevo, 5)).url}/?embed=true")
        heading(page, "All 23 pipelines that are on are healthy")
        expect(page.get_by_test_id("stHeader").locator("*")).to_have_count(0)
        expect(page.get_by_role("link", name="Guide", exact=True)).to_have_count(0)
        hevo.fleet.pin(hevo.fleet.ids[0], health_status="FAILED")
        heading(page, "1 of 24 pipelines needs attention")
        fits(page, 320)
