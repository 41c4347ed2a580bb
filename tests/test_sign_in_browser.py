"""Sign-in in a real Chromium against a real sign-in service on this machine: the wall, the rights, the way out."""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.conftest import Dashboard, Listen, free_port, launch, settings_for

PAGES = ("/", "/pipelines", "/history", "/run", "/guide", "/pipelines?pipeline=1")
DEEP = ("/history", "/pipelines?pipeline=1")
CLIENT_SECRET, COOKIE_SECRET = "the-client-secret-of-the-tests", "the-cookie-secret-of-the-tests-is-long"
OPERATOR, VIEWER, STRANGER, UNVERIFIED = "Ana@Example.com", "ben@example.com", "eve@other.org", "una@example.com"
SECRETS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "{cookie_secret}"
client_id = "dashboard"
client_secret = "{client_secret}"
server_metadata_url = "http://localhost:{port}/.well-known/openid-configuration"

[dashboard]
viewers = ["@example.com"]
operators = ["ana@example.com"]
status_json = true
"""


@dataclass
class House:
    """A dashboard with a wall around it, and the account behind it."""

    dashboard: Dashboard
    hevo: Sandbox
    folder: Path
    kept: Any = None  # the cookies of a viewer who does not sign out

    @property
    def url(self) -> str:
        return self.dashboard.url


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all of these tests."""
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    people = [
        User(sub=email, claims={"email": email, "email_verified": email != UNVERIFIED})
        for email in (OPERATOR, VIEWER, STRANGER, UNVERIFIED)
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox("calm") as hevo,
        run_server_in_thread(user_claims=people) as service,
    ):
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the service is on this machine
        url = f"http://127.0.0.1:{port}"
        told = {"url": url, "port": service.server_port, "cookie_secret": COOKIE_SECRET, "client_secret": CLIENT_SECRET}
        (folder / "secrets.toml").write_text(SECRETS.format(**told))
        secrets = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml")}
        with launch(folder, port, **settings_for(hevo, 60), **secrets, HEVO_WATCH_SECONDS="0") as dashboard:
            yield House(dashboard, hevo, folder)


def sign_in(page: Page, house: House, email: str) -> None:
    """As a person does it: our button, the service's page, and back."""
    page.route(re.compile("^https:"), lambda route: route.abort())  # the service's own page wants a style sheet
    page.goto(house.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=email, exact=True).click()
    page.wait_for_url(f"{house.url}/")


def come_back(page: Page, house: House) -> None:
    """As a viewer who has signed in before: with the cookies that the browser then kept."""
    if house.kept is None:
        sign_in(page, house, VIEWER)
        house.kept = page.context.cookies()
    page.context.add_cookies(house.kept)


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def received(listen: Listen) -> list[bytes]:
    """Everything that the server sends over the tab's websockets, from now on."""
    frames: list[bytes] = []

    def note(payload: bytes | str) -> None:
        frames.append(payload if isinstance(payload, bytes) else payload.encode())

    listen("websocket", lambda socket: socket.on("framereceived", note))
    return frames


def names(house: House) -> list[str]:
    """The names of the pipelines, as the account has them."""
    key = (house.hevo.api_key, house.hevo.api_secret)
    listed = requests.get(f"{house.hevo.base_url}/pipelines", auth=key, timeout=10).json()["data"]
    return [pipeline["source"]["name"] for pipeline in listed]


def test_a_stranger_finds_the_wall_at_every_address_and_nothing_behind_it(
    page: Page, listen: Listen, house: House
) -> None:
    frames = received(listen)
    for path in PAGES:
        page.goto(house.url + path)
        heading(page, "Hevo pipelines")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("link", name="Pipelines", exact=True)).to_have_count(0)
    looked = len(house.hevo.arrivals)
    sent = b"".join(frames) + page.content().encode()
    assert looked == 0
    assert frames
    assert [name for name in names(house) if name.encode() in sent] == []


@pytest.mark.parametrize(
    ("email", "said"),
    [(STRANGER, "Ask the owner of this dashboard to let you in."), (UNVERIFIED, "has not confirmed your e-mail")],
)
def test_who_is_not_named_or_not_verified_is_turned_away_everywhere(
    page: Page, listen: Listen, house: House, email: str, said: str
) -> None:
    sign_in(page, house, email)
    frames = received(listen)
    for path in DEEP:
        page.goto(house.url + path)
        heading(page, "You may not look at this dashboard")
        expect(page.get_by_text(said)).to_be_visible()
    sent = b"".join(frames)
    assert [name for name in names(house) if name.encode() in sent] == []


def test_an_operator_signs_in_runs_a_pipeline_and_signs_out(page: Page, house: House) -> None:
    pipeline_id = house.hevo.fleet.ids[0]
    house.hevo.fleet.pin(pipeline_id, status="ACTIVE", health_status="FAILED")
    sign_in(page, house, OPERATOR)
    heading(page, re.compile("pipeline"))
    page.get_by_role("button", name="Refresh now").click()
    page.goto(f"{house.url}/pipelines?pipeline={pipeline_id}")
    page.get_by_role("button", name=re.compile("^Run")).click()
    page.get_by_role("dialog").get_by_role("button", name="Run pipeline").click()
    expect(page.get_by_text("That does not mean it worked yet.").first).to_be_visible()
    with closing(sqlite3.connect(house.folder / "data" / "hevo.db")) as store:
        assert store.execute("SELECT DISTINCT by_whom FROM request").fetchall() == [(OPERATOR.lower(),)]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{house.url}/")
    for path in DEEP:
        page.goto(house.url + path)
        heading(page, "Hevo pipelines")


def test_who_signs_out_in_one_tab_sees_nothing_more_in_the_others(page: Page, house: House) -> None:
    sign_in(page, house, VIEWER)
    other, address = page.context.new_page(), f"{house.url}/pipelines"
    other.goto(address)
    heading(other, "Pipelines")
    file = house.url + str(other.get_by_role("link", name="Download as CSV").get_attribute("href"))
    assert page.context.request.get(file).status == 200
    cookies: Any = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    heading(other, "Hevo pipelines")  # within its next glance, without a click
    expect(other.get_by_test_id("stDataFrame")).to_have_count(0)
    page.context.add_cookies(cookies)  # somebody kept them
    assert page.context.request.get(file).status == 403
    other.goto(address)
    heading(other, "Hevo pipelines")


def test_a_viewer_sees_all_and_is_told_whom_to_ask_for_a_run(page: Page, house: House) -> None:
    before = sum(arrival.method == "POST" for arrival in house.hevo.arrivals)
    come_back(page, house)
    page.goto(f"{house.url}/guide")
    expect(page.get_by_text(re.compile("You can look, but not run. Ask ana@"))).to_be_visible()
    page.get_by_role("link", name="Pipelines", exact=True).click()
    heading(page, "Pipelines")
    page.goto(f"{house.url}/pipelines?pipeline={house.hevo.fleet.ids[1]}")
    page.get_by_role("button", name=re.compile("^Run")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You can look, but not run.")
    expect(dialog.get_by_role("button", name="Run pipeline")).to_have_count(0)
    assert sum(arrival.method == "POST" for arrival in house.hevo.arrivals) == before


def test_a_download_is_for_viewers_only_and_kept_by_nobody_on_the_way(page: Page, house: House) -> None:
    come_back(page, house)
    page.goto(f"{house.url}/pipelines")
    address = house.url + str(page.get_by_role("link", name="Download as CSV").get_attribute("href"))
    answer = page.context.request.get(address)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"].startswith("text/csv")
    forged = {"_streamlit_user": base64.b64encode(b'{"is_logged_in": true}').decode()}
    assert requests.get(address, timeout=10).status_code == 403
    assert requests.get(address, cookies=forged, timeout=10).status_code == 403


def test_a_viewer_has_our_icon_and_the_wall_needs_none(page: Page, house: House) -> None:
    page.goto(house.url)
    heading(page, "Hevo pipelines")
    icon = page.locator("link[rel='shortcut icon']")
    assert "/media/" not in str(icon.get_attribute("href"))
    come_back(page, house)
    page.goto(house.url)
    expect(icon).to_have_attribute("href", re.compile("/media/.*png"))
    answer = page.context.request.get(house.url + urlsplit(str(icon.get_attribute("href"))).path)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")


def test_the_status_for_machines_is_off_behind_the_wall(house: House) -> None:
    assert requests.get(f"{house.url}/status.json", timeout=10).status_code == 404
    assert requests.get(f"{house.url}/ready", timeout=10).json()["ready"] is True


def test_no_secret_reaches_the_browser_or_the_log(page: Page, listen: Listen, house: House) -> None:
    frames = received(listen)
    sign_in(page, house, VIEWER)
    for path in DEEP:
        page.goto(house.url + path)
        page.wait_for_load_state("networkidle")
    seen = b"".join(frames) + page.content().encode() + house.dashboard.log.read_bytes()
    pair = base64.b64encode(f"{house.hevo.api_key}:{house.hevo.api_secret}".encode()).decode()
    for secret in (house.hevo.api_key, house.hevo.api_secret, pair, CLIENT_SECRET, COOKIE_SECRET):
        assert secret.encode() not in seen
