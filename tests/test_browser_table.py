"""The table in a real Chromium: opened by the mouse and by the keyboard, led back, and fit for a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Position, expect

from dashboard.marks import PALETTES
from sandbox import Sandbox
from tests.account_house import until
from tests.conftest import Dashboard, free_port, launch, settings_for
from tests.tab_house import comes_true, downloaded, drawn, heading

IN_TABLE = "() => document.activeElement.matches('[role=gridcell], [data-testid=data-grid-canvas]')"
NAME: Position = {"x": 150, "y": 35 + 18}  # pixels: the first row's name, painted on a canvas
STATE: Position = {"x": 320, "y": 35 + 18}


@pytest.fixture(scope="module")
def hevo() -> Iterator[Sandbox]:
    """A calm account in which one fails."""
    with Sandbox("calm") as sandbox:
        sandbox.fleet.pin(sandbox.fleet.ids[0], status="ACTIVE", health_status="FAILED")
        yield sandbox


@pytest.fixture(scope="module")
def dashboard(hevo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it."""
    with launch(tmp_path_factory.mktemp("table"), free_port(), **settings_for(hevo, 600)) as dashboard:
        yield dashboard


@pytest.fixture
def opened(dashboard: Dashboard, page: Page) -> Page:
    """The table, searched for two of its pipelines."""
    page.goto(f"{dashboard.url}/pipelines?search=ads")
    drawn(page)
    return page


def test_a_click_on_a_name_opens_it_and_back_leads_to_the_same_rows_and_into_the_table(opened: Page) -> None:
    opened.get_by_test_id("stDataFrame").click(position=NAME)
    heading(opened, "Facebook Ads spend")
    expect(opened).to_have_url(re.compile(r"search=ads&pipeline=\d+$"))
    comes_true(opened, "() => document.activeElement.tagName === 'H1'")
    opened.get_by_role("button", name="Back to the table").click()
    heading(opened, "Pipelines")
    expect(opened).to_have_url(re.compile(r"\?search=ads$"))
    comes_true(opened, IN_TABLE)
    expect(opened.get_by_text("2 pipelines shown")).to_be_visible()


def test_a_name_opens_among_the_rows_that_are_seen_when_it_is_clicked(opened: Page) -> None:
    opened.get_by_test_id("stDataFrame").click(position=STATE)
    expect(opened.get_by_role("link", name="Open Facebook Ads spend")).to_be_visible()
    opened.get_by_role("textbox", name="Search").fill("salesforce")
    expect(opened.get_by_text("1 pipeline shown")).to_be_visible()
    opened.get_by_test_id("stDataFrame").click(position=NAME)
    heading(opened, "Salesforce")


def test_the_name_of_the_open_page_leads_back_to_all_of_it(opened: Page, hevo: Sandbox) -> None:
    opened.get_by_test_id("stDataFrame").click(position=NAME)
    heading(opened, "Facebook Ads spend")
    opened.get_by_role("link", name="Pipelines", exact=True).click()
    heading(opened, "Pipelines")
    expect(opened).to_have_url(re.compile(r"/pipelines$"))
    expect(opened.get_by_text(f"{len(hevo.fleet.ids)} pipelines, worst first.")).to_be_visible()


def test_whoever_turns_the_browser_dark_soon_sees_all_in_the_colours_of_the_dark(
    dashboard: Dashboard, page: Page
) -> None:
    page.goto(dashboard.url)
    drawn(page)
    lines = page.locator(".all").first
    expect(lines).to_have_attribute("style", re.compile(PALETTES["light"].muted))
    page.emulate_media(color_scheme="dark")
    expect(lines).to_have_attribute("style", re.compile(PALETTES["dark"].muted))


def test_the_keyboard_passes_through_the_names_and_enter_opens_the_row(opened: Page) -> None:
    opened.get_by_role("textbox", name="Search").focus()
    while not opened.evaluate(IN_TABLE):
        opened.keyboard.press("Tab")
    for key in ("ArrowDown", "ArrowRight"):  # on to the second row's name
        opened.keyboard.press(key)
    expect(opened.get_by_role("link", name="Open Google Ads spend")).to_be_visible()
    heading(opened, "Pipelines")
    opened.keyboard.press("Enter")
    heading(opened, "Google Ads spend")


def test_on_a_phone_since_when_is_seen_without_moving_sideways(opened: Page) -> None:
    opened.set_viewport_size({"width": 320, "height": 1_000})
    expect(opened.get_by_role("button", name="Filter")).to_be_visible()
    table = opened.get_by_test_id("stDataFrame")
    expect(table.locator("[role=columnheader]")).to_contain_text(["Mark", "Pipeline", "Since"])
    until(lambda: (box := table.bounding_box()) and box["width"] <= 288)  # it is drawn before it is narrow


def test_the_search_narrows_the_table_and_what_is_downloaded_and_stands_in_the_address(
    opened: Page, hevo: Sandbox
) -> None:
    assert [row["name"] for row in downloaded(opened)] == ["Facebook Ads spend", "Google Ads spend"]
    search = opened.get_by_role("textbox", name="Search")
    search.fill("no such pipeline")
    hidden = len(hevo.fleet.ids)
    expect(opened.get_by_text(f"No pipeline matches. {hidden} are hidden. Clear the filter.")).to_be_visible()
    opened.get_by_role("button", name="Clear the filter").click()
    expect(opened.get_by_text(f"{hidden} pipelines, worst first.")).to_be_visible()
    search.fill("salesforce")
    expect(opened).to_have_url(re.compile(r"/pipelines\?search=salesforce$"))
