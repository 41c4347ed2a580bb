"""Files that a tab offers: to be had as long as the tab is there, by whoever has its address."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import tab_memory
from sandbox import Sandbox
from server.files import FILES
from tests.app_house import OpenTab, Screen


@pytest.fixture
def served() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=FILES)) as client:
        yield client


def address(tab: Screen) -> str:
    """Where the tab's file is."""
    found = re.search(r'href="(/download/[^"]+)"', tab.drawn)
    assert found
    return found[1]


def test_a_file_has_what_is_filtered_now_and_the_time_in_its_name(
    open_tab: OpenTab, hevo: Sandbox, served: TestClient
) -> None:
    tab = open_tab(hevo).open("pipelines", search="orders")
    answer = served.get(address(tab))
    assert re.search(r'filename="hevo-pipelines-\d{4}-\d\d-\d\d-\d{4}\.csv"', answer.headers["content-disposition"])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b'\xef\xbb\xbf"number","name"')
    assert answer.text.count("\n") == 2
    assert "Orders DB" in answer.text


def test_an_address_outlives_every_redraw_and_tells_what_is_new(
    open_tab: OpenTab, hevo: Sandbox, served: TestClient
) -> None:
    tab = open_tab(hevo).open("pipelines")
    before = address(tab)
    hevo.fleet.pin(hevo.fleet.ids[0], health_status="FAILED")
    tab.wait_a_second().look_again()
    assert address(tab) == before
    assert '"Failed"' in served.get(before).text


def test_what_a_tab_remembers_is_fetched_and_no_redraw_carries_it(
    open_tab: OpenTab, hevo: Sandbox, served: TestClient
) -> None:
    tab = open_tab(hevo).open("pipelines")
    told = next(node.proto.json for node in tab.app._tree if "hevo_memory" in str(getattr(node, "proto", "")))
    answer = served.get(json.loads(told)["address"])
    assert answer.headers["content-type"] == "application/json"
    history, _ = tab_memory.read([answer.text, None], tab.account.name, tab.shown.now.at)
    assert history is not None
    assert history.changes.equals(tab.shown.history.changes)
    assert "healthy" in answer.text
    assert "healthy" not in told


def test_an_address_of_nobody_says_so(open_tab: OpenTab, hevo: Sandbox, served: TestClient) -> None:
    first, other = open_tab(hevo).open("pipelines"), open_tab(hevo).open("pipelines")
    assert address(first) != address(other)
    assert served.get("/download/guessed").status_code == 404
    left = address(first)
    del first.app.session_state["download_pipelines"]
    gc.collect()
    assert served.get(left).status_code == 404
