"""What machines may ask, and who is turned away at the door: by a wrong name, from another page, without a token."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import connection
from sandbox import Sandbox
from server.routes import ROUTES
from tests.conftest import Dashboard, free_port, launch, settings_for

TOKEN = "a-token-of-the-tests-0123456789"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
TOLD = {"sentence", "counts", "age_seconds", "confirmed", "incidents", "reports"}


@dataclass
class Server:
    """A dashboard with a name, a host that embeds it, and an open status; and the account behind it."""

    dashboard: Dashboard
    hevo: Sandbox

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.dashboard.url + path, headers=headers, timeout=20)

    def knock(self, **headers: str) -> int:
        """The status with which the websocket is opened or refused."""
        with closing(HTTPConnection(urlsplit(self.dashboard.url).netloc, timeout=20)) as line:
            line.request("GET", "/_stcore/stream", headers=UPGRADE | headers)
            return line.getresponse().status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all of these tests."""
    rules = {
        "HEVO_PUBLIC_HOST": "dash.example.com",
        "HEVO_EMBED_HOSTS": "https://wiki.example.com",
        "HEVO_STATUS_JSON": "true",
    }
    folder = tmp_path_factory.mktemp("server")
    with Sandbox("calm") as hevo, launch(folder, free_port(), **settings_for(hevo, 60), **rules) as dashboard:
        yield Server(dashboard, hevo)


def test_being_ready_asks_hevo_nothing(server: Server) -> None:
    answer = server.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "hevo": "not asked"}
    assert server.hevo.arrivals == []


def test_the_status_tells_the_sentence_the_counts_and_the_age_but_no_name(server: Server) -> None:
    answer = server.get("/status.json")
    told = answer.json()
    assert set(told) == TOLD
    assert sum(told["counts"].values()) == len(server.hevo.fleet.ids)
    assert told["sentence"].startswith("All ")
    assert told["age_seconds"] < 60
    assert answer.headers["Cache-Control"] == "no-store"
    assert server.get("/ready").json() == {"ready": True, "hevo": "reached"}


@pytest.mark.parametrize("path", ["/", "/run", "/ready", "/status.json", "/_stcore/health"])
def test_only_our_own_name_is_answered(server: Server, path: str) -> None:
    assert server.get(path, Host="rebound.example").status_code == 400
    assert server.get(path, Host="dash.example.com.rebound.example").status_code == 400
    assert server.get(path, Host="dash.example.com").status_code == 200
    assert server.get(path).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("dash.example.com", "https://dash.example.com", 101),
        ("dash.example.com", None, 101),
        ("dash.example.com", "https://evil.example", 403),
        ("dash.example.com", "http://localhost:3000", 403),
        ("dash.example.com", "https://dash.example.com.evil.example", 403),
        ("dash.example.com", "null", 403),
        ("rebound.example", "https://rebound.example", 400),
    ],
)
def test_the_websocket_is_for_our_own_pages(server: Server, host: str, origin: str | None, status: int) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    assert server.knock(**headers) == status


def test_only_the_named_hosts_may_embed_it(server: Server) -> None:
    answer = server.get("/")
    assert "frame-ancestors https://wiki.example.com;" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert server.get("/_stcore/host-config").json()["allowedOrigins"] == ["https://wiki.example.com"]


def test_closed_doors_tell_nothing(server: Server) -> None:
    assert server.get("/_stcore/metrics").status_code == 404
    other_ways = ("/_stcore/metrics/", "/_stcore/%6detrics", "//_stcore/metrics")
    for path in (*other_ways, "/_stcore/agent/mcp", "/app/static/x"):
        answer = server.get(path)
        assert "cache_memory_bytes" not in answer.text
        assert answer.status_code in (404, 405) or "<title>Streamlit" in answer.text, path


def test_a_file_of_secrets_that_cannot_be_read_closes_the_dashboard(tmp_path: Path, hevo: Sandbox) -> None:
    (tmp_path / "secrets.toml").write_text('[auth\nclient_secret = "half a file"')
    torn = {"STREAMLIT_SECRETS_FILES": str(tmp_path / "secrets.toml"), "HEVO_STATUS_JSON": "true"}
    with launch(tmp_path, free_port(), **settings_for(hevo), **torn) as dashboard:
        answer = requests.get(f"{dashboard.url}/ready", timeout=20)
        status = requests.get(f"{dashboard.url}/status.json", timeout=20)
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "hevo": "not asked"})
    assert status.status_code == 404
    assert hevo.arrivals == []
    assert "half a file" not in dashboard.log.read_text()


def test_a_hundred_askers_hold_up_no_page_while_hevo_hangs(tmp_path: Path, hevo: Sandbox) -> None:
    hevo.faults.order("hang")
    dashboard = launch(tmp_path, free_port(), **settings_for(hevo), HEVO_STATUS_JSON="true")
    address = urlsplit(dashboard.url)
    with ExitStack() as lines:
        lines.callback(dashboard.stop)
        asking = [lines.enter_context(closing(HTTPConnection(address.netloc, timeout=20))) for _ in range(100)]
        begin = time.monotonic()
        for line in asking:
            line.request("GET", "/status.json")
        assert requests.get(dashboard.url, timeout=20).status_code == 200
        assert requests.get(f"{dashboard.url}/ready", timeout=20).json() == {"ready": True, "hevo": "not asked"}
        assert time.monotonic() - begin < 5
        answers = [line.getresponse() for line in asking]
        assert {answer.status for answer in answers} == {200}
        assert {json.load(answer)["sentence"] for answer in answers} == {"Not checked yet."}
        assert time.monotonic() - begin < 30
        assert len(hevo.arrivals) <= 1 + (time.monotonic() - begin) / 10  # what hangs is tried anew after ten seconds


Ask = Callable[..., TestClient]


@pytest.fixture
def routes(settings: Callable[..., None], hevo: Sandbox) -> Ask:
    """The routes alone, in this process, with the rules given by name."""

    def with_rules(**rules: str) -> TestClient:
        settings(**settings_for(hevo), **rules)
        return TestClient(Starlette(routes=ROUTES))

    return with_rules


def test_an_outage_of_hevo_is_told_and_we_stay_ready(routes: Ask, hevo: Sandbox) -> None:
    hevo.faults.order("status", status=503)
    client = routes(HEVO_STATUS_JSON="true")
    told = client.get("/status.json").json()
    assert (told["sentence"], told["age_seconds"], told["confirmed"]) == ("Not checked yet.", None, False)
    assert not any(told["counts"].values())
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "hevo": "not reached"})


def test_with_a_token_set_only_who_sends_it_is_told(routes: Ask) -> None:
    client = routes(HEVO_STATUS_TOKEN=TOKEN, HEVO_STATUS_JSON="true")
    for sent in ("", TOKEN, "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "é"):
        assert client.get("/status.json", headers={"Authorization": sent.encode()}).status_code == 404, sent
    told = client.get("/status.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert told.keys() == TOLD | {"pipelines"}
    assert {"id", "name", "word", "last_ran", "usually_seconds"} == told["pipelines"][0].keys()


def test_the_status_is_off_unless_switched_on_and_being_ready_starts_nothing(routes: Ask, hevo: Sandbox) -> None:
    assert routes().get("/status.json").status_code == 404
    assert routes().get("/ready").json() == {"ready": True, "hevo": "not asked"}
    assert connection.started_account(connection.settings()) is None
    assert hevo.arrivals == []


def test_no_message_from_a_browser_resets_the_shared_account(routes: Ask, hevo: Sandbox) -> None:
    client = routes(HEVO_STATUS_JSON="true")
    assert client.get("/status.json").json()["confirmed"]
    account = connection.started_account(connection.settings())
    st.cache_data.clear()  # this is what Streamlit does
    st.cache_resource.clear()  # when any tab sends it `clear_cache`
    assert account is not None
    assert connection.shared_account(connection.settings()) is account
    assert client.get("/status.json").json()["confirmed"]
    assert len(hevo.arrivals) == 1
