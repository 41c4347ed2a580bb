"""The last changes as a feed: for whoever has the token, with names as text, under ids that stay."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import connection
from monitor.health import Word
from sandbox import Sandbox
from server.feed import feed
from server.routes import ROUTES
from tests.conftest import settings_for

TOKEN = "a-token-of-the-tests-0123456789"
ATOM = "{http://www.w3.org/2005/Atom}"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def basic(password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'anybody:{password}'.encode()).decode()}"}


@pytest.fixture
def asked(hevo: Sandbox, settings: Callable[..., None]) -> TestClient:
    """A server whose account was looked at, and then a pipeline changed."""
    settings(**settings_for(hevo), HEVO_STATUS_TOKEN=TOKEN, HEVO_PUBLIC_HOST="*.example.com, dash.example.com")
    account = connection.shared_account(connection.settings())
    assert account.now(wait=4).rows
    hevo.fleet.pin(hevo.fleet.ids[0], health_status="FAILED")
    while not account.now().history.changes["word"].eq("failed").any():
        account.refresh()
        time.sleep(0.05)
    return TestClient(Starlette(routes=ROUTES), base_url="http://localhost")


def test_only_with_the_token_there_is_a_feed_also_for_a_reader_that_knows_only_passwords(asked: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, basic("wrong"), {"Authorization": "Basic !"}):
        assert asked.get("/changes.atom", headers=headers).status_code == 404, headers
    answer, other = asked.get("/changes.atom", headers=BEARER), asked.get("/changes.atom", headers=basic(TOKEN))
    assert (answer.status_code, other.status_code) == (200, 200)
    assert answer.content == other.content
    assert answer.headers["content-type"] == "application/atom+xml"
    assert answer.headers["cache-control"] == "no-store"


def test_an_entry_names_the_pipeline_what_changed_and_where_to_look(asked: TestClient, hevo: Sandbox) -> None:
    root = ElementTree.fromstring(asked.get("/changes.atom", headers=BEARER).content)  # noqa: S314 - it is ours
    [entry] = root.findall(f"{ATOM}entry")
    number = str(hevo.fleet.ids[0])
    name = connection.shared_account(connection.settings()).now().name(number)
    assert entry.findtext(f"{ATOM}title") == f"{name}: Healthy → Failed"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"https://dash.example.com/pipelines?pipeline={number}"
    for parent in (root, entry):
        assert all(parent.findtext(f"{ATOM}{needed}") for needed in ("id", "title", "updated"))
    assert root.findtext(f"{ATOM}author/{ATOM}name")


@pytest.mark.usefixtures("asked")
def test_a_hostile_name_leaves_a_feed_that_can_be_read() -> None:
    now = connection.shared_account(connection.settings()).now()
    names = {"1": "<b>&amp;]]>\x00\ufffe\ud800\u202e name"}
    odd = replace(now, judged=replace(now.judged, names=names))
    text = feed(odd, [("1", 1, Word.HEALTHY, Word.FAILED)], lambda _: None)
    title = ElementTree.fromstring(text).findtext(f"{ATOM}entry/{ATOM}title")  # noqa: S314 - it is ours
    assert " ".join((title or "").split()) == "<b>&amp;]]> name: Healthy → Failed"
