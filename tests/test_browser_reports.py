"""The tile of a report in a frame on somebody else's page, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.conftest import Listen, StartDashboard, free_port, settings_for
from tests.test_page_reports import CATALOG, numbers

WIKI = '<!doctype html><title>Wiki</title><iframe width="320" height="96" style="border:0" src="{url}"></iframe>'


@pytest.fixture
def wiki(tmp_path: Path) -> Iterator[str]:
    """Somebody else's site: a folder on a port of its own."""
    folder = tmp_path / "wiki"
    folder.mkdir()
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_the_tile_stands_in_a_frame_of_a_page_that_the_owner_named_and_follows_the_account(
    start_dashboard: StartDashboard, hevo: Sandbox, wiki: str, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    port = free_port()
    tile = f"http://127.0.0.1:{port}/reports?report=monday&embed=true"
    (tmp_path / "wiki" / "index.html").write_text(WIKI.format(url=tile.replace("&", "&amp;")), encoding="utf-8")
    start_dashboard(port, **settings_for(hevo), HEVO_EMBED_HOSTS=wiki, HEVO_CATALOG=str(tmp_path / "catalog.toml"))
    page.goto(wiki)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Monday sales: Healthy")).to_be_visible()
    expect(frame.get_by_text("All 2 sources are healthy")).to_be_visible()
    inside = page.frames[1]
    assert inside.evaluate("document.documentElement.scrollHeight <= 96 && document.documentElement.scrollWidth <= 320")
    assert frame.get_by_text("Checked").bounding_box()["y"] < 96 + page.locator("iframe").bounding_box()["y"]  # type: ignore[index]
    hevo.fleet.pin(numbers(hevo)["Orders DB"], health_status="FAILED")
    expect(frame.get_by_text("Monday sales: Failing since")).to_be_visible()


def test_a_page_that_nobody_named_may_not_show_it(
    start_dashboard: StartDashboard, hevo: Sandbox, wiki: str, page: Page, listen: Listen, tmp_path: Path
) -> None:
    (tmp_path / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    port = free_port()
    (tmp_path / "wiki" / "index.html").write_text(WIKI.format(url=f"http://127.0.0.1:{port}/"), encoding="utf-8")
    start_dashboard(port, **settings_for(hevo))
    refused = []
    listen("console", lambda said: refused.append(said.text))
    page.goto(wiki)
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in said or "X-Frame-Options" in said for said in refused)
