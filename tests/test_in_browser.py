"""The main job in a real Chromium: see the pipelines, see their history, run one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.app_house import posts
from tests.conftest import StartDashboard, settings_for
from tests.tab_house import drawn, heading

HEADINGS: dict[str, str | re.Pattern[str]] = {
    "/": re.compile(r"\d+ of 24 pipelines need attention"),
    "/pipelines": "Pipelines",
    "/history": "History",
    "/run": "Run",
    "/guide": "Guide",
}


@pytest.mark.parametrize("path", HEADINGS)
def test_each_page_opens_first_on_a_fresh_server_asks_no_other_host_and_keeps_the_policy(
    start_dashboard: StartDashboard, page: Page, path: str
) -> None:
    dashboard, foreign, errors = start_dashboard(), [], []
    own = (dashboard.url, "data:", "blob:", dashboard.url.replace("http", "ws"))
    page.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(dashboard.url + path)
    heading(page, HEADINGS[path])
    expect(page.get_by_role("link", name="Sample data. Connect your Hevo account")).to_be_visible()
    for title in ("Overview", "Pipelines", "History", "Run", "Guide"):
        expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()
    drawn(page)
    assert foreign == []
    assert errors == []


def test_a_visitor_finds_what_fails_runs_it_and_sees_it_recover(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox, failing: int
) -> None:
    soon = {"monitor.requests.SETTLING": 1.0}
    page.goto(start_dashboard(**settings_for(hevo), constants=soon).url)
    heading(page, re.compile(r"\d of \d+ pipelines? needs? attention"))
    problem = page.get_by_role("listitem").filter(has_text="Orders DB")
    expect(problem).to_contain_text("failed at least since")
    problem.get_by_role("button", name="Run Orders DB").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The schedule stays as it is.")
    dialog.get_by_role("button", name="Run pipeline").click()
    expect(problem).to_contain_text("run asked")
    assert posts(hevo) == [f"/api/public/v2.0/pipelines/{failing}/run-now"]
    hevo.fleet.pin(failing, health_status="OK")
    expect(page.get_by_text(re.compile(r"^Orders DB: asked \d\d:\d\d, healthy \d\d:\d\d\.$")).first).to_be_visible()


def test_the_healthy_ones_are_folded_until_somebody_opens_them_and_then_stay_open(
    start_dashboard: StartDashboard, page: Page, hevo: Sandbox
) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
    fold = page.locator(".st-key-healthy")
    title = fold.get_by_text(re.compile(r"^\d+ pipelines healthy$"))
    healthy = int(title.inner_text().split()[0])
    expect(fold.get_by_role("listitem")).to_have_count(0)
    title.click()
    expect(fold.get_by_role("listitem")).to_have_count(healthy)
    hevo.fleet.pin(hevo.fleet.ids[0], status="ACTIVE", health_status="DEGRADED")
    expect(fold.get_by_text(f"{healthy - 1} pipelines healthy")).to_be_visible()
    expect(fold.get_by_role("listitem")).to_have_count(healthy - 1)
    fold.get_by_text(f"{healthy - 1} pipelines healthy").click()
    expect(fold.get_by_role("listitem")).to_have_count(0)


@pytest.mark.usefixtures("failing")
def test_three_fast_clicks_send_one_request(start_dashboard: StartDashboard, page: Page, hevo: Sandbox) -> None:
    page.goto(start_dashboard(**settings_for(hevo)).url)
    page.get_by_role("button", name="Run Orders DB").click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Run pipeline")
    confirm.click(click_count=3, delay=5)
    expect(page.get_by_role("listitem").filter(has_text="Orders DB")).to_contain_text("run asked")
    assert len(posts(hevo)) == 1


def test_clicks_on_widgets_ask_hevo_nothing(start_dashboard: StartDashboard, page: Page, hevo: Sandbox) -> None:
    page.goto(start_dashboard(**settings_for(hevo, refresh_seconds=600), HEVO_FRESHNESS="false").url)
    heading(page, re.compile("pipeline"))
    looks = len(hevo.arrivals)
    for title in ("Pipelines", "History", "Run", "Guide"):
        page.get_by_role("link", name=title, exact=True).click()
        heading(page, title)
    page.get_by_role("link", name="Pipelines", exact=True).click()
    page.get_by_role("textbox", name="Search").fill("sales")
    expect(page.get_by_text("hidden by the filter")).to_be_visible()
    assert len(hevo.arrivals) == looks
