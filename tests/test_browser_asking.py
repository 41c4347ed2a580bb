"""Asking for a run in a real Chromium: the question keeps the focus, what comes of it is said aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.account_house import until
from tests.app_house import AT, posts
from tests.conftest import Dashboard, free_port, launch, settings_for
from tests.tab_house import heading, tab_to

HEADINGS_RING = "() => getComputedStyle(document.querySelector('h1')).boxShadow"
ALL_WELL = re.compile("healthy|working now")  # the second where one has failed before


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    """The account of all these tests."""
    with Sandbox("calm") as sandbox:
        yield sandbox


@pytest.fixture
def hevo(account: Sandbox) -> Iterator[Sandbox]:
    """The account, which no test before has left in trouble."""
    yield account
    account.faults.clear()
    for number in account.fleet.ids:
        account.fleet.unpin(number)


@pytest.fixture(scope="module")
def dashboard(account: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it whose pages soon tell what is new, and that soon asks again after a look that failed."""
    soon = {"dashboard.frame.TICK": 1.0, "monitor.schedule.COOL_DOWN": 2.0}
    with launch(tmp_path_factory.mktemp("asking"), free_port(), constants=soon, **settings_for(account)) as dashboard:
        yield dashboard


@pytest.fixture
def overview(page: Page, dashboard: Dashboard, hevo: Sandbox, ids: list[int]) -> Page:
    """The overview, once it tells of the one that fails and of none that failed in tests before."""
    hevo.fleet.pin(ids[0], health_status="FAILED")
    page.goto(dashboard.url)
    expect(page.get_by_role("button", name="Run Orders DB")).to_be_visible()
    heading(page, "1 of 24 pipelines needs attention")
    return page


def await_look(hevo: Sandbox) -> None:
    """Waits until the dashboard has begun to look once more."""
    before = len(hevo.arrivals)
    until(lambda: any(arrival.path.endswith("/pipelines") for arrival in hevo.arrivals[before:]))


def test_the_question_keeps_its_focus_over_news_and_gives_it_back(
    overview: Page, hevo: Sandbox, ids: list[int]
) -> None:
    page = overview
    page.get_by_role("link", name="1 Failed").focus()
    tab_to(page, "Run Orders DB")  # from link to link within one element, as people do
    page.keyboard.press("Enter")
    confirm = page.get_by_role("dialog").get_by_role("button", name="Run pipeline")
    confirm.focus()
    dialog = page.get_by_role("dialog").element_handle()
    for number in ids[1:3]:  # two looks bring news while the question is open
        hevo.fleet.pin(number, health_status="FAILED")
        await_look(hevo)
        page.wait_for_timeout(1_500)
        assert page.evaluate("one => one.isConnected", dialog)
        expect(confirm).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    heading(page, "3 of 24 pipelines need attention")
    expect(page.get_by_role("button", name="Run Orders DB")).to_be_focused()
    said = rf"Orders DB: asked {AT}\. That does not mean it worked yet\."
    expect(page.locator(".st-key-run-line")).to_contain_text(re.compile(said))
    expect(page.get_by_role("status").filter(has_text=re.compile(said))).to_have_count(1)
    assert len([path for path in posts(hevo) if f"/{ids[0]}/" in path]) == 1


def test_focus_that_a_page_takes_along_goes_to_the_next_heading(overview: Page) -> None:
    page = overview
    page.get_by_role("link", name="1 Failed").focus()
    page.keyboard.press("Enter")
    heading(page, "Pipelines")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.evaluate(HEADINGS_RING) != "none"
    page.mouse.click(5, 300)
    page.get_by_role("heading", level=1).focus()
    assert page.evaluate(HEADINGS_RING) == "none", "Whoever uses a pointer sees no ring around a heading."
    page.get_by_role("link", name="Run", exact=True).focus()
    page.keyboard.press("Enter")
    heading(page, "Run")
    expect(page.get_by_role("link", name="Run", exact=True)).to_be_focused()


def test_pausing_keeps_the_picture_and_tells_its_true_age(overview: Page, hevo: Sandbox, ids: list[int]) -> None:
    page = overview
    page.get_by_text("Pause updates").click()
    expect(page.get_by_text(re.compile(rf"^Paused by you at {AT}\."))).to_be_visible()
    hevo.fleet.pin(ids[0], health_status="OK")
    expect(page.get_by_text(re.compile("Newer data is waiting."))).to_be_visible()
    expect(page.get_by_text(re.compile("^Checked ([6-9]|[1-9][0-9]) seconds ago"))).to_be_visible()
    heading(page, "1 of 24 pipelines needs attention")
    expect(page).to_have_title(re.compile(r"^\(1\) Overview"))
    page.get_by_text("Pause updates").click()
    heading(page, re.compile("All 23 pipelines that are on are working now"))


def test_trouble_is_said_aloud_once_and_its_line_counts_on(page: Page, dashboard: Dashboard, hevo: Sandbox) -> None:
    page.goto(dashboard.url)
    heading(page, ALL_WELL)
    hevo.faults.order("status", status=503)
    line = page.get_by_text(re.compile(rf"^Hevo is not answering\. Last answer {AT}\. Trying again in \d+ seconds?\."))
    expect(line).to_be_visible()
    region = page.get_by_role("status").filter(has_text="Hevo is not answering.")
    expect(region).to_have_text("Hevo is not answering.")
    expect(page.get_by_role("alert")).to_have_count(0)
    heading(page, ALL_WELL)  # one failed look doubts nothing yet
    hevo.faults.clear()
    expect(line).to_have_count(0)
    expect(region).to_have_count(0)


def test_a_download_pressed_while_the_page_is_drawn_anew_still_comes(
    page: Page, dashboard: Dashboard, hevo: Sandbox, ids: list[int]
) -> None:
    hevo.fleet.pin(ids[3], health_status="FAILED")  # no other test asks for it
    page.goto(dashboard.url)
    page.get_by_role("button", name="Run Salesforce", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run pipeline").click()
    page.get_by_role("link", name="Run", exact=True).click()
    heading(page, "Run")
    button = page.get_by_role("link", name="Download the log as CSV")
    expect(button).to_be_visible()
    for _ in range(3):
        page.get_by_role("button", name="Refresh now").click()
        with page.expect_download(timeout=8_000) as download:
            button.click()
        assert "Salesforce" in download.value.path().read_text(encoding="utf-8-sig")
