"""The Reports page, its tile and its badge, on an account and a catalogue of this test."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import connection
from sandbox import Sandbox
from server.routes import ROUTES
from tests.app_house import OpenTab
from tests.conftest import StartDashboard, settings_for

CATALOG = """
[teams.sales]
name = "Sales"
contact = "mailto:data-desk@example.com"

[teams.ops]
name = "Operations <b>"

[[pipelines]]
match = "Orders DB"
name = "Orders of the web shop"
team = "sales"
note = "Starts after the stock count."

[[reports]]
key = "monday"
name = "Monday sales"
link = "https://bi.example.com/sales"
team = "sales"
needs = ["Orders*", "Web shop"]

[[reports]]
key = "stock"
name = "Stock _today_ <script>"
team = "ops"
needs = ["Warehouse stock"]

[[reports]]
key = "odd"
name = "What is not there"
needs = ["Nobody has this", "Salesforce"]
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG, encoding="utf-8")
    return path


def numbers(hevo: Sandbox) -> dict[str, int]:
    return {one.body["source"]["name"]: one.id for one in hevo.fleet.pipelines if one.id is not None}


def test_reports_stand_worst_first_each_with_its_sentence_and_whom_to_ask(
    open_tab: OpenTab, hevo: Sandbox, catalog: Path
) -> None:
    hevo.fleet.pin(numbers(hevo)["Orders DB"], health_status="FAILED")
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports")
    assert tab.title == "2 of 3 reports need care"
    assert [link for link in tab.links if tab.links[link].startswith("reports?report=")] == [
        "Monday sales",
        "What is not there",
        "Stock _today_ <script>",
    ]
    assert re.search(r"Failed · 1 of 2 sources is fine\. Orders of the web shop failed at \d\d:\d\d\.", tab.text)
    assert "Unknown · 1 of 2 sources is fine. Hevo does not have Nobody has this." in tab.text
    assert "Healthy · Its one source is healthy." in tab.text
    assert "Ask: Sales, data-desk@example.com" in tab.text
    assert '<a href="mailto:data-desk@example.com">' in tab.html
    assert "<script>" not in tab.html
    assert "Operations <b>" not in tab.html


def test_a_link_to_a_teams_reports_shows_those_alone(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports", team="ops")
    assert tab.title == "Operations <b>: the one report is fine"
    assert [link for link in tab.links if tab.links[link].startswith("reports?report=")] == ["Stock _today_ <script>"]
    assert (tab.links["All reports"], tab.links["Sales"]) == ("reports", "reports?team=sales")


def test_a_report_opens_with_its_pipelines_and_runs_what_failed(
    open_tab: OpenTab, hevo: Sandbox, catalog: Path
) -> None:
    failing = numbers(hevo)["Orders DB"]
    hevo.fleet.pin(failing, health_status="FAILED")
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports", report="monday")
    assert tab.title == "Monday sales"
    assert list(tab.problems) == [str(failing), str(numbers(hevo)["Web shop"])]
    tab.press("Run what failed")
    assert 'Run "Orders of the web shop" now?' in tab.text


def test_a_report_that_is_not_there_says_so(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports", report="gone")
    assert tab.title == "This report is not here"


def test_nobody_can_confirm_a_report_during_an_outage(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports")
    answered = tab.shown.now.answered_at
    assert answered
    knowledge = tab.account._knowledge
    knowledge.known = replace(knowledge.known, answered_at=answered - 400)
    tab.draw()
    assert tab.title == "We cannot confirm the 3 reports right now"
    assert "Healthy, not confirmed since" in tab.text
    assert "#00917A" not in tab.html


def test_the_overview_names_the_reports_that_are_affected(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    hevo.fleet.pin(numbers(hevo)["Orders DB"], health_status="FAILED")
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open()
    assert "2 reports are affected" in tab.text
    assert "Feeds: Monday sales" in tab.text
    assert "Orders of the web shop" in tab.text


def test_a_wrong_catalogue_keeps_the_last_good_one(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports")
    catalog.write_text("[[reports]\n", encoding="utf-8")
    os.utime(catalog, (1, 1))
    tab.account._knowledge._catalog_file._looked = -inf  # type: ignore[union-attr]
    tab.look_again()
    assert "Monday sales" in tab.text


@pytest.fixture
def served(start_dashboard: StartDashboard, hevo: Sandbox, catalog: Path) -> str:
    """A running dashboard with the catalogue, which tells its status to everybody."""
    settings = settings_for(hevo) | {"HEVO_CATALOG": str(catalog), "HEVO_STATUS_JSON": "true"}
    return start_dashboard(**settings).url


def test_badges_and_the_status_tell_a_reports_word_and_no_more(served: str) -> None:
    badge = requests.get(f"{served}/badge/monday.svg", timeout=10)
    assert badge.headers["content-type"].startswith("image/svg+xml")
    assert re.search(r'aria-label="Healthy · [a-z0-9 ]+"', badge.text)
    assert "Monday" not in badge.text
    assert "Orders" not in badge.text
    assert 'aria-label="Healthy · ' in requests.get(f"{served}/badge/all.svg", timeout=10).text
    assert requests.get(f"{served}/badge/nothing.svg", timeout=10).status_code == 404
    told = {one["key"]: one for one in requests.get(f"{served}/status.json", timeout=10).json()["reports"]}
    assert told["monday"]["name"] == "Monday sales"
    assert told["monday"]["word"] == "healthy"
    assert told["monday"]["sentence"].startswith("All 2 sources are healthy")
    assert told["odd"]["word"] == "unknown"
    assert isinstance(told["odd"]["age"], int)


@pytest.mark.parametrize(
    ("token", "status"), [(None, 404), ("Bearer wrong-token-of-16", 404), ("Bearer right-token-of-16", 200)]
)
def test_a_badge_asks_for_the_token_where_people_have_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[..., None], hevo: Sandbox, token: str | None, status: int
) -> None:
    settings(**settings_for(hevo), HEVO_STATUS_TOKEN="right-token-of-16")
    auth = {"redirect_uri": "x", "cookie_secret": "c" * 32, "client_id": "me"}
    monkeypatch.setattr(connection, "_secrets", lambda: {"auth": auth})
    client = TestClient(Starlette(routes=ROUTES))
    answer = client.get("/badge/all.svg", headers={"Authorization": token} if token else {})
    assert answer.status_code == status


def test_a_team_has_an_overview_of_its_own(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    for name in ("Orders DB", "Salesforce"):
        hevo.fleet.pin(numbers(hevo)[name], health_status="FAILED")
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open()
    assert tab.title == "2 of 24 pipelines need attention"
    assert tab.links["Sales"] == "./?team=sales"
    tab.open("overview", team="sales")  # what was worked out of the whole account is of no use here
    assert tab.title == "Sales: 1 of 1 pipeline needs attention"
    assert tab.problems == [str(numbers(hevo)["Orders DB"])]
    assert tab.links["All pipelines"] == "./"
    assert "Salesforce" not in tab.text


def test_a_team_is_a_filter_of_the_table_too(open_tab: OpenTab, hevo: Sandbox, catalog: Path) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("overview", team="sales").open("pipelines", team="sales")
    assert list(tab.table["name"]) == ["Orders of the web shop"]


def test_last_months_figures_of_a_report_are_one_click_away_and_stay_those_of_the_report(
    open_tab: OpenTab, hevo: Sandbox, catalog: Path
) -> None:
    tab = open_tab(hevo, HEVO_CATALOG=str(catalog)).open("reports", report="monday")
    page, _, query = tab.links["Last month in figures"].partition("?")
    asked = dict(parse_qsl(query))
    assert (page, asked["report"]) == ("history", "monday")
    tab.open("history", **asked)
    assert "Report Monday sales. Days of UTC time." in tab.text
    assert "report=monday" in tab.links["Month before"]
    assert "This month was not watched" in tab.open("history", month=asked["month"], report="odd").text
