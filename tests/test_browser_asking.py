"""Asking for a run in a real Chromium: the question keeps the focus, what comes of it is said aloud."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.app_house import AT, posts
from tests.conftest import StartDashboard, settings_for
from tests.tab_house import heading, tab_to

HEADINGS_RING = "() => getComputedStyle(document.querySelector('h1')).boxShadow"


@pytest.mark.usefixtures("failing")
def test_the_question_keeps_its_focus_over_news_and_gives_it_back(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox, ids: list[int]
) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
    page.get_by_role("link", name="1 Failed").focus()
    tab_to(page, "Run Orders DB")  # from link to link within one element, as people do
    page.keyboard.press("Enter")
    confirm = page.get_by_role("dialog").get_by_role("button", name="Run pipeline")
    confirm.focus()
    dialog = page.get_by_role("dialog").element_handle()
    for number in ids[1:3]:  # two looks bring news while the question is open
        looks = len(hevo.arrivals)
        hevo.fleet.pin(number, health_status="FAILED")
        while len(hevo.arrivals) < looks + 2:
            page.wait_for_timeout(200)
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
    assert len(posts(hevo)) == 1


@pytest.mark.usefixtures("failing")
def test_focus_that_a_page_takes_along_goes_to_the_next_heading(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
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


def test_pausing_keeps_the_picture_and_tells_its_true_age(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox, failing: int
) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
    heading(page, "1 of 24 pipelines needs attention")
    page.get_by_text("Pause updates").click()
    expect(page.get_by_text(re.compile(rf"^Paused by you at {AT}\."))).to_be_visible()
    hevo.fleet.pin(failing, health_status="OK")
    expect(page.get_by_text(re.compile("Newer data is waiting."))).to_be_visible()
    expect(page.get_by_text(re.compile("^Checked ([6-9]|[1-9][0-9]) seconds ago"))).to_be_visible()
    heading(page, "1 of 24 pipelines needs attention")
    expect(page).to_have_title(re.compile(r"^\(1\) Overview"))
    page.get_by_text("Pause updates").click()
    heading(page, re.compile("All 23 pipelines that are on are working now"))


def test_trouble_is_said_aloud_once_and_its_line_counts_on(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
    heading(page, re.compile("healthy"))
    hevo.faults.order("status", status=503)
    line = page.get_by_text(re.compile(rf"^Hevo is not answering\. Last answer {AT}\. Trying again in \d+ seconds?\."))
    expect(line).to_be_visible()
    region = page.get_by_role("status").filter(has_text="Hevo is not answering.")
    expect(region).to_have_text("Hevo is not answering.")
    expect(page.get_by_role("alert")).to_have_count(0)
    heading(page, re.compile("healthy"))  # one failed look doubts nothing yet
    hevo.faults.clear()
    expect(line).to_have_count(0)
    expect(region).to_have_count(0)


@pytest.mark.usefixtures("failing")
def test_a_download_pressed_while_the_page_is_drawn_anew_still_comes(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    page.goto(f"{start_dashboard(**settings_for(hevo)).url}/run")
    page.get_by_role("button", name="Choose the one that failed").click()
    page.get_by_role("button", name="Run 1 pipeline…").click()
    page.get_by_role("dialog").get_by_role("button", name="Run pipeline").click()
    button = page.get_by_role("link", name="Download the log as CSV")
    expect(button).to_be_visible()
    for _ in range(3):
        page.get_by_role("button", name="Refresh now").click()
        with page.expect_download(timeout=8_000) as download:
            button.click()
        assert "Orders DB" in download.value.path().read_text(encoding="utf-8-sig")
