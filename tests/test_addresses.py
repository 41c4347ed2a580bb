"""A dashboard that a proxy serves below a path of its own (server.baseUrlPath): every address of ours stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from dashboard import addresses
from monitor.access import Access
from sandbox import Sandbox
from tests.conftest import Dashboard, Listen, free_port, launch, settings_for

TOKEN = "a-token-of-the-tests-0123456789"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    rules = {"HEVO_STATUS_TOKEN": TOKEN, "HEVO_PUBLIC_HOST": "127.0.0.1,tools.example.com"}
    with Sandbox("calm") as hevo:
        hevo.fleet.pin(hevo.fleet.ids[0], health_status="FAILED")
        own = {**settings_for(hevo), **rules, "STREAMLIT_SERVER_BASE_URL_PATH": "/tools/hevo"}
        started = launch(tmp_path_factory.mktemp("below"), free_port(), as_users_do=True, **own)
        yield started
        started.stop()


def test_pictures_scripts_and_files_of_a_page_are_found_below_the_path(
    page: Page, listen: Listen, dashboard: Dashboard
) -> None:
    answers: list[tuple[str, int]] = []
    listen("response", lambda answer: answers.append((answer.url, answer.status)))
    with page.expect_response(re.compile("/mark/")), page.expect_response(re.compile("/browser/")):
        page.goto(f"{dashboard.url}/pipelines")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.url.startswith(f"{dashboard.url}/download/")
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    for kind in ("mark", "browser"):
        ours = [(url, status) for url, status in answers if f"/{kind}/" in url]
        assert ours
        assert all(url.startswith(f"{dashboard.url}/{kind}/") and status == 200 for url, status in ours)


def test_links_on_a_page_stay_below_the_path(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard.url)
    page.locator("a.name").first.click()
    expect(page).to_have_url(re.compile(f"{re.escape(dashboard.url)}/pipelines[?]pipeline=[0-9]+"))


@pytest.mark.parametrize(
    "path", ["ready", "status.json", "badge/all.svg", "changes.atom", "strip/light/healthy-48.svg"]
)
def test_what_is_asked_for_alone_is_found_below_the_path(dashboard: Dashboard, path: str) -> None:
    answer = requests.get(f"{dashboard.url}/{path}", headers=WITH_TOKEN, timeout=20)
    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")


def test_whoever_asks_the_machine_itself_finds_out_whether_it_is_ready(dashboard: Dashboard) -> None:
    assert requests.get(f"{dashboard.url.removesuffix('/tools/hevo')}/ready", timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("base", "hosts", "pipeline", "link"),
    [
        ("", ("*.example.com", "dash.example.com"), "65 90", "https://dash.example.com/pipelines?pipeline=65+90"),
        ("/tools/hevo", ("example.com",), "6590", "https://example.com/tools/hevo/pipelines?pipeline=6590"),
        ("/tools/hevo", ("example.com",), None, "https://example.com/tools/hevo/"),
        ("", ("*.example.com",), None, None),
    ],
)
def test_a_link_for_others_has_our_host_and_the_path(
    monkeypatch: pytest.MonkeyPatch, base: str, hosts: tuple[str, ...], pipeline: str | None, link: str | None
) -> None:
    monkeypatch.setattr(addresses, "BASE", base)
    assert addresses.public(Access(public_host=hosts), pipeline) == link
