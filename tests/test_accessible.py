"""For everybody: axe-core on every page, narrow screens, the keyboard alone, the viewer's own clock, a wall screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from monitor.catalog import SAMPLE
from sandbox import Sandbox
from tests.app_house import posts
from tests.conftest import Dashboard, StartDashboard, free_port, launch, settings_for
from tests.tab_house import drawn, fits, heading, tab_to, unfold

# All rules of axe, whatever their impact.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
STREAMLITS_OWN = {  # what we cannot mend: the rule, and what its element is known by
    ("region", "stSkipToContent"),  # the link that skips the navigation, where a wall screen has none
}
TALL, PHONE = (ViewportSize(width=width, height=4500) for width in (1280, 390))
TITLE = "2 of 24 pipelines need attention"
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 19, 24)"}
PAGES = {  # by the links that lead there, one after the other, each with the first line of where it leads
    "Customer accounts": "Customer accounts",
    "Reports": "1 of 4 reports needs care",
    "Pipelines": "Pipelines",
    "History": "History",
    "Guide": "Guide",
    "Run": "Run",
}


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
    folder = tmp_path_factory.mktemp("accessible")
    with launch(folder, free_port(), **settings_for(hevo, 60), HEVO_CATALOG=str(SAMPLE)) as dashboard:
        yield dashboard


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds: the rule and the element; without what is Streamlit's own."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    told = [(rule["id"], node["html"][:300]) for rule in found for node in rule["nodes"]]
    return [one for one in told if not any(one[0] == rule and part in one[1] for rule, part in STREAMLITS_OWN)]


@pytest.mark.parametrize(("theme", "judged", "narrow"), [("light", TALL, 390), ("dark", PHONE, 320)])
def test_no_page_and_no_question_breaks_a_rule_and_all_fit_a_phone(
    page: Page, dashboard: Dashboard, theme: Literal["light", "dark"], judged: ViewportSize, narrow: int
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(judged)
    page.goto(dashboard.url)
    heading(page, TITLE)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", PAPER[theme])
    keeps_the_rules(page, judged, narrow)
    for link, first_line in PAGES.items():
        page.set_viewport_size(TALL)
        page.get_by_role("link", name=link, exact=True).click()
        heading(page, first_line)
        keeps_the_rules(page, judged, narrow)
    page.get_by_role("button", name="Choose the one that failed").click()
    page.get_by_role("button", name="Run 1 pipeline…").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Run pipeline")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{dashboard.url}/?embed=true")
    heading(page, TITLE)
    keeps_the_rules(page, judged, narrow)


def keeps_the_rules(page: Page, judged: ViewportSize, narrow: int) -> None:
    """All of a page, also what is folded: judged on a desk so tall that all is, or on a phone; and it fits a phone."""
    page.set_viewport_size(judged)
    drawn(page)
    unfold(page)
    assert (page.url, violations(page)) == (page.url, [])
    fits(page, narrow)


def test_a_run_and_its_outcome_by_keyboard_alone(start_dashboard: StartDashboard, page: Page, hevo: Sandbox) -> None:
    failing = hevo.fleet.ids[1]
    page.goto(start_dashboard(**settings_for(hevo, 60)).url)
    heading(page, TITLE)
    expect(page.get_by_role("button", name="Run Customer accounts")).to_be_visible()
    tab_to(page, "Pipelines")
    tab_to(page, "Run Customer accounts")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, "Run pipeline")
    page.keyboard.press("Enter")
    said = page.get_by_role("status").filter(has_text="That does not mean it worked yet.")
    expect(said).to_have_count(1)
    assert len(posts(hevo)) == 1
    assert str(failing) in posts(hevo)[0]


def test_who_goes_on_by_keyboard_opens_what_is_counted_and_what_is_named(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    page.goto(start_dashboard(**settings_for(hevo, 60)).url)
    heading(page, TITLE)
    expect(page.get_by_role("link", name="1 Failed")).to_be_visible()
    tab_to(page, "1 Failed")
    page.keyboard.press("Enter")
    heading(page, "Pipelines")
    expect(page.get_by_text("1 pipeline shown, 23 hidden by the filter.")).to_be_visible()


def test_times_are_on_the_viewers_own_clock(dashboard: Dashboard, context: BrowserContext, hevo: Sandbox) -> None:
    assert context.browser
    abroad = context.browser.new_context(timezone_id="America/New_York").new_page()
    abroad.goto(dashboard.url)
    said = abroad.get_by_text(re.compile(r"^Checked .*, at \d\d:\d\d")).inner_text()
    abroad.context.close()
    looked = [datetime.fromtimestamp(arrival.at, ZoneInfo("America/New_York")) for arrival in hevo.arrivals]
    told = re.findall(r"at (\d\d:\d\d) \((.*)\)", said)[0]
    assert told in {(f"{look:%H:%M}", "America/New York time") for look in looked}


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
