"""The main job in a real Chromium: see the pipelines, see their history, run one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.app_house import posts
from tests.conftest import Dashboard, Listen, StartDashboard, free_port, launch, settings_for
from tests.tab_house import drawn, heading

HEADINGS: dict[str, str | re.Pattern[str]] = {
    "/": re.compile(r"\d+ of 24 pipelines need attention"),
    "/pipelines": "Pipelines",
    "/history": "History",
    "/run": "Run",
    "/guide": "Guide",
}


@pytest.fixture(scope="module")
def hevo() -> Iterator[Sandbox]:
    """An account in which one fails from the start; each test changes another, and ends when the dashboard knows."""
    with Sandbox("calm") as sandbox:
        sandbox.fleet.pin(sandbox.fleet.ids[0], health_status="FAILED")
        yield sandbox


@pytest.fixture(scope="module")
def dashboard(hevo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it that soon tells what is new and what came of a run."""
    soon = {"dashboard.frame.TICK": 1.0, "monitor.requests.SETTLING": 1.0}
    with launch(tmp_path_factory.mktemp("job"), free_port(), constants=soon, **settings_for(hevo)) as dashboard:
        yield dashboard


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the first server tells the sample's day, so that the next ones find it told."""
    return str(tmp_path_factory.mktemp("sample"))


@pytest.mark.parametrize("path", HEADINGS)
def test_each_page_opens_first_on_a_fresh_server_asks_no_other_host_and_keeps_the_policy(
    start_dashboard: StartDashboard, page: Page, listen: Listen, folder: str, path: str
) -> None:
    dashboard, foreign, errors = start_dashboard(HEVO_DATA_DIR=folder), [], []
    own = (dashboard.url, "data:", "blob:", dashboard.url.replace("http", "ws"))
    listen("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
    listen("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(dashboard.url + path)
    heading(page, HEADINGS[path])
    expect(page.get_by_role("link", name="Sample data. Connect your Hevo account")).to_be_visible()
    for title in ("Overview", "Pipelines", "History", "Run", "Guide"):
        expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()
    drawn(page)
    assert foreign == []
    assert errors == []


def test_a_visitor_finds_what_fails_runs_it_and_sees_it_recover(
    dashboard: Dashboard, page: Page, hevo: Sandbox, ids: list[int]
) -> None:
    page.goto(dashboard.url)
    heading(page, re.compile(r"\d of \d+ pipelines? needs? attention"))
    problem = page.get_by_role("listitem").filter(has_text="Orders DB")
    expect(problem).to_contain_text("failed at least since")
    problem.get_by_role("button", name="Run Orders DB").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The schedule stays as it is.")
    dialog.get_by_role("button", name="Run pipeline").click()
    expect(problem).to_contain_text("run asked")
    assert posts(hevo).count(f"/api/public/v2.0/pipelines/{ids[0]}/run-now") == 1
    hevo.fleet.pin(ids[0], health_status="OK")
    expect(page.get_by_text(re.compile(r"^Orders DB: asked \d\d:\d\d, healthy \d\d:\d\d\.$")).first).to_be_visible()


def test_the_healthy_ones_are_folded_until_somebody_opens_them_and_then_stay_open(
    dashboard: Dashboard, page: Page, hevo: Sandbox, ids: list[int]
) -> None:
    page.goto(dashboard.url)
    fold = page.locator(".st-key-healthy")
    title = fold.get_by_text(re.compile(r"^\d+ pipelines healthy$"))
    healthy = int(title.inner_text().split()[0])
    expect(fold.get_by_role("listitem")).to_have_count(0)
    title.click()
    expect(fold.get_by_role("listitem")).to_have_count(healthy)
    hevo.fleet.pin(ids[2], health_status="DEGRADED")
    expect(fold.get_by_text(f"{healthy - 1} pipelines healthy")).to_be_visible()
    expect(fold.get_by_role("listitem")).to_have_count(healthy - 1)
    fold.get_by_text(f"{healthy - 1} pipelines healthy").click()
    expect(fold.get_by_role("listitem")).to_have_count(0)


def test_three_fast_clicks_send_one_request(dashboard: Dashboard, page: Page, hevo: Sandbox, ids: list[int]) -> None:
    hevo.fleet.pin(ids[1], health_status="FAILED")
    page.goto(dashboard.url)
    page.get_by_role("button", name="Run Customer accounts").click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Run pipeline")
    confirm.click(click_count=3, delay=5)
    expect(page.get_by_role("listitem").filter(has_text="Customer accounts")).to_contain_text("run asked")
    assert posts(hevo).count(f"/api/public/v2.0/pipelines/{ids[1]}/run-now") == 1
