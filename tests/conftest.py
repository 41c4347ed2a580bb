"""What the tests start: the sandbox over real sockets, the dashboard as a user starts it, and a real Chromium."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from sandbox import Sandbox
from tests.browser import ensure_browser
from tests.dashboard_child import FORKS, ROOT, serve
from tests.postgres import Cluster

if TYPE_CHECKING:
    from tests.app_house import OpenTab

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each worker and each server of a test compiles all anew
hypothesis.settings.register_profile("busy", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.load_profile("busy")
RUNNER = sys.modules["__main__"]  # AppTest puts its script there, and a fork would run that first
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
TOGETHER = "--process-per-site"  # a tab starts in the process of those before, whatever its port
WAIT = 25_000.0  # milliseconds; these machines are shared
HEVO_SETTINGS = ("HEVO_", "STREAMLIT_")
# The files that take longest, those that mostly wait between those that mostly work: with small ones at the end, no
# worker is left alone with a long one. Which they are tells `--durations=100`; a wrong order costs seconds only.
LONGEST_FIRST = """
    sign_in_browser postgres accessible in_browser kills browser_asking unknown_hevo webhooks_kills browser_history
    hostile browser_overview webhooks browser_table tallies weekend account_machine reader history_model incidents
    hevo_api_transport postgres_notes routes webhooks_postgres addresses browser_reports browser_notes months
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they were."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST_FIRST.split())}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@dataclass
class Dashboard:
    """A dashboard that runs in a process of its own, until what it is needed for ends."""

    url: str
    process: BaseProcess
    log: Path

    def stop(self) -> None:
        """Ends it as Ctrl-C does."""
        if self.process.is_alive():
            os.kill(self.process.pid or 0, signal.SIGINT)
        self.process.join(10)
        self.process.kill()
        self.process.join()

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


StartDashboard = Callable[..., Dashboard]
Listen = Callable[[str, Callable[[Any], None]], None]


@pytest.fixture
def start_dashboard(tmp_path: Path) -> Iterator[StartDashboard]:
    """Starts dashboards with the settings given by name, each with a data folder of this test."""
    with ExitStack() as started:
        yield lambda port=None, **settings: started.enter_context(launch(tmp_path, port or free_port(), **settings))


def launch(
    folder: Path,
    port: int,
    script: Path = ROOT / "app.py",
    as_users_do: bool = False,
    constants: dict[str, float] | None = None,
    **settings: str,
) -> Dashboard:
    """Starts a dashboard and waits until it answers.

    As users do: by the command, which takes seconds longer. Constants: what else would take longer than a test may.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(HEVO_SETTINGS)}
    own = {
        "HEVO_DATA_DIR": str(folder / "data"),
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    }
    log = folder / f"dashboard-{port}.log"
    process = FORKS.Process(
        target=serve, args=(script, clean | own | settings, log, as_users_do, constants or {}), daemon=True
    )
    sys.modules["__main__"] = RUNNER
    process.start()
    base = settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    dashboard = Dashboard(f"http://127.0.0.1:{port}{base}", process, log)
    wait_until_up(dashboard)
    return dashboard


def wait_until_up(dashboard: Dashboard) -> None:
    """Returns when the server answers; fails with its log when it does not within 30 seconds."""
    retries = requests.adapters.HTTPAdapter(
        max_retries=requests.adapters.Retry(total=60, connect=60, backoff_factor=0.1, backoff_max=0.5)
    )
    with requests.Session() as session:
        session.mount("http://", retries)
        try:
            session.get(f"{dashboard.url}/_stcore/health", timeout=30).raise_for_status()
        except requests.RequestException as error:
            dashboard.stop()
            raise AssertionError(f"The dashboard did not start:\n{dashboard.log.read_text()}") from error


_ports: list[int] = []


def free_port() -> int:
    """A port that nobody uses now; one of those used before if it can be, as the browser then knows its files."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for port in (*_ports, 0):
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                break
        found = int(probe.getsockname()[1])
    if found not in _ports:
        _ports.append(found)
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserContext]:
    """One real browser for the whole session, with one profile: what it fetched once, it has; in a fixed time zone."""
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=[*QUIET, TOGETHER])
        profile = browser.new_context(timezone_id="Asia/Kolkata")
        profile.set_default_timeout(WAIT)
        window = profile.new_page()  # it stays open, and with it the process that has compiled the pages' scripts
        window.route("http://127.0.0.1/", lambda route: route.fulfill(body="The tests' own tab"))
        window.goto("http://127.0.0.1/")
        profile.new_page()
        yield profile
        browser.close()


@pytest.fixture
def context(chromium: BrowserContext) -> Iterator[BrowserContext]:
    """The browser, in which nobody was here before: no cookie, nothing stored, one tab with nothing in it."""
    session = chromium.new_cdp_session(chromium.pages[1])
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    session.detach()
    chromium.clear_cookies()
    yield chromium
    for tab in chromium.pages[2:]:
        tab.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab, tall enough that nothing is scrolled away: the one of all tests, as a new one reads every script anew."""
    tab = context.pages[1]
    tab.bring_to_front()  # else the keyboard is another's
    tab.emulate_media(media="null", color_scheme="null")
    tab.set_viewport_size({"width": 1280, "height": 3000})
    yield tab
    tab.unroute_all()
    tab.goto("about:blank")


@pytest.fixture
def listen(page: Page) -> Iterator[Listen]:
    """Hears what happens in the tab, until the test is over."""
    heard = list[tuple[str, Callable[[Any], None]]]()

    def to(event: str, told: Callable[[Any], None]) -> None:
        page.on(event, told)
        heard.append((event, told))

    yield to
    for event, told in heard:
        page.remove_listener(event, told)


@pytest.fixture
def hevo() -> Iterator[Sandbox]:
    """A calm Hevo account whose pipelines a test can pin to a state."""
    with Sandbox("calm") as sandbox:
        yield sandbox


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Sets exactly what is given by name, with a data folder and shared accounts of this test, in this process."""
    from dashboard import connection

    def set_all(**values: str) -> None:
        for name in filter(lambda name: name.startswith("HEVO_"), list(os.environ)):
            monkeypatch.delenv(name)
        for name, value in {"HEVO_DATA_DIR": str(tmp_path / "data"), **values}.items():
            monkeypatch.setenv(name, value)

    connection.close_all()
    yield set_all
    connection.close_all(wait=10)


@pytest.fixture
def open_tab(settings: Callable[..., None]) -> Iterator[OpenTab]:
    """Opens a tab on a sandbox, or with exactly the settings that are given by name."""
    from tests.app_house import Screen

    tabs: list[Screen] = []

    def open_one(hevo: Sandbox | None = None, zone: str = "UTC", **values: str) -> Screen:
        settings(**(settings_for(hevo, 60) if hevo else {}) | values)
        tabs.append(Screen(zone))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        if "screen" in tab.app.session_state:
            tab.account.close(wait=10)


@pytest.fixture
def ids(hevo: Sandbox) -> list[int]:
    """The pipelines of the calm account that are turned on."""
    return [one.id for one in hevo.fleet.pipelines if one.id is not None and one.status == "ACTIVE"]


@pytest.fixture
def failing(hevo: Sandbox, ids: list[int]) -> int:
    """A pipeline that fails until somebody says otherwise."""
    hevo.fleet.pin(ids[0], health_status="FAILED")
    return ids[0]


def settings_for(sandbox: Sandbox, refresh_seconds: int = 5) -> dict[str, str]:
    """The settings that point a dashboard at a sandbox."""
    return {
        "HEVO_API_KEY": sandbox.api_key,
        "HEVO_API_SECRET": sandbox.api_secret,
        "HEVO_BASE_URL": sandbox.base_url,
        "HEVO_REFRESH_SECONDS": str(refresh_seconds),
    }


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One real PostgreSQL for the whole session."""
    cluster = Cluster()
    cluster.start()
    yield cluster
    cluster.remove()


@pytest.fixture
def database(cluster: Cluster) -> str:
    """The address of a new and empty database."""
    return cluster.database()
