"""The main job in a real Chromium: see the pipelines, see their history, run one. Started as a user starts it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.conftest import StartDashboard, settings_for

PAGES = {
    "/": re.compile(r"pipelines? (that )?(are|is|needs?) |need attention"),
    "/pipelines": "Pipelines",
    "/history": "History",
    "/run": "Run",
    "/guide": "Guide",
}


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_opens_by_direct_link_first_on_a_fresh_server(
    start_dashboard: StartDashboard, page: Page, path: str
) -> None:
    dashboard = start_dashboard()
    page.goto(dashboard.url + path)
    heading(page, PAGES[path])
    expect(page.get_by_role("link", name="Sample data. Connect your Hevo account")).to_be_visible()


def test_a_visitor_finds_what_fails_runs_it_and_sees_it_recover(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    pipeline = next(iter(hevo.fleet.ids()))
    hevo.fleet.pin(pipeline, health_status="FAILED")
    dashboard = start_dashboard(**settings_for(hevo))
    page.goto(dashboard.url)
    heading(page, re.compile("need attention"))
