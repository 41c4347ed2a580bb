"""What people announced and wrote, seen in a real Chromium: on the overview, the pipeline's page and in the table."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from monitor.clock import Clock
from monitor.notes import About, Kind, Note
from monitor.store import Store, Tx, notes
from sandbox import Sandbox
from tests.conftest import StartDashboard, settings_for
from tests.tab_house import drawn, fits, heading


def write(folder: Path, note: Note) -> None:
    """As another server writes it, into the store that they share."""

    def work(tx: Tx) -> None:
        [account] = tx.one("SELECT max(number) FROM account") or (0,)
        assert notes.write(tx, account, note, "ana")

    Store.in_folder(folder, Clock()).write(work)


@pytest.fixture
def url(start_dashboard: StartDashboard, hevo: Sandbox, failing: int, tmp_path: Path) -> str:
    """A dashboard on which planned work goes on at what fails, and Ana is on another that fails."""
    hevo.fleet.pin(hevo.fleet.ids[1], health_status="FAILED")
    url = start_dashboard(**settings_for(hevo), HEVO_STATUS_JSON="true").url
    requests.get(f"{url}/status.json", timeout=20).raise_for_status()  # it has looked
    plan = Note(Kind.PLANNED, About.PIPELINES, (str(failing),), "Snowflake is being moved", "Ben")
    write(tmp_path / "data", replace(plan, begins=time.time(), ends=time.time() + 7_200))
    write(tmp_path / "data", Note(Kind.ON_IT, About.PIPELINES, (str(hevo.fleet.ids[1]),), "vendor outage", "Ana"))
    return url


def test_planned_work_and_who_is_on_it_are_seen_wherever_a_pipeline_stands(
    url: str, page: Page, hevo: Sandbox, failing: int
) -> None:
    page.goto(url)
    heading(page, "1 of 24 pipelines needs attention; Ana is on 1 of them")
    expect(page.get_by_role("link", name="1 Planned work")).to_be_visible()
    expect(page.get_by_text(re.compile("Planned until .*: Snowflake is being moved"))).to_be_visible()
    expect(page.get_by_text("1 pipeline in trouble under planned work")).to_be_visible()
    expect(page.get_by_text(re.compile("^Ana is on it, since .*: vendor outage"))).to_be_visible()
    page.goto(f"{url}/pipelines?pipeline={failing}")
    expect(page.get_by_text("Planned work", exact=True).first).to_be_visible()
    expect(page.get_by_text(re.compile("Planned until .*: Snowflake is being moved"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"· Ben \(name typed, not checked\) planned work: Snowflake"))).to_be_visible()
    page.goto(f"{url}/pipelines?pipeline={hevo.fleet.ids[1]}")
    expect(page.get_by_text(re.compile("Ana is on it, since .*: vendor outage")).first).to_be_visible()
    fits(page, 390)


def test_the_table_and_the_badge_say_who_is_on_it(url: str, page: Page) -> None:
    page.goto(f"{url}/pipelines?status=failed&status=planned")
    drawn(page)
    cells = page.get_by_test_id("stDataFrame").locator("[role=gridcell]")
    expect(cells.filter(has_text="Failed; Ana is on it")).to_have_count(1)
    expect(cells.filter(has_text="Planned work")).to_have_count(1)
    badge = requests.get(f"{url}/badge/all.svg", timeout=10).text
    assert re.search(r"Failing since [\d:, A-z]+ UTC; Ana is on it · ", badge)
