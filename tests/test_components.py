"""The scripts of our components travel once, not with each redraw."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.components import ADDRESS, FOLDER
from sandbox import Sandbox
from server.files import FILES
from tests.app_house import OpenTab


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.iterdir()))
def test_each_script_is_served_with_its_kind_under_its_version(name: str) -> None:
    with TestClient(Starlette(routes=FILES)) as client:
        answer = client.get(f"{ADDRESS}/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))
    assert answer.text == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fmain.py", "nothing.js"])
def test_nothing_else_is_served(path: str) -> None:
    with TestClient(Starlette(routes=FILES)) as client:
        assert client.get(f"{ADDRESS}/{path}").status_code == 404


def test_an_element_carries_no_script_of_its_own(open_tab: OpenTab, hevo: Sandbox) -> None:
    ours = [node.proto for node in open_tab(hevo).open().app._tree if node.type == "bidi_component"]
    assert ours
    assert max(len(each.js_content) + len(each.css_content) for each in ours) < 250
