"""What the measurements start: the sandbox, the dashboard and the floors, each in a process of its own; and viewers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from benchmarks import past
from hevo_api import HevoClient
from monitor import Clock, Store
from sandbox import Sandbox
from tests.conftest import free_port

ROOT = Path(__file__).parent.parent
APPS = Path(__file__).parent / "apps"
SCENARIOS = {1_000: "large", 10_000: "huge"}
MANY = 10_000  # requests a minute: the limit is not what is measured


@dataclass(frozen=True)
class Server:
    """A server that was started for a measurement."""

    url: str
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Milliseconds of processor time that it has used: what a page costs, however busy the machine is."""
        return time.clock_gettime(~self.process.pid << 3 | 2) * 1000  # the kernel's name for that process's clock


def rest(*servers: Server, most: float = 75.0) -> None:
    """Returns when all have hardly anything to do for a second and a half, so that no glance of theirs disturbs."""
    until = time.monotonic() + most
    before, busy = [server.cpu() for server in servers], True
    while busy and time.monotonic() < until:
        time.sleep(1.5)
        spent = [server.cpu() for server in servers]
        busy, before = any(now - then > 60 for now, then in zip(spent, before, strict=True)), spent


@contextmanager
def started(port: int, *command: str, ready: str, **settings: str) -> Iterator[Server]:
    """Starts it, waits until `ready` answers, and ends it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEVO_", "STREAMLIT_"))}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=clean | settings, **quiet)  # type: ignore[call-overload]
    url = f"http://127.0.0.1:{port}"
    try:
        retries = requests.adapters.Retry(total=90, connect=90, backoff_factor=0.1, backoff_max=0.5)
        with requests.Session() as session:
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
            session.get(url + ready, timeout=60)
        yield Server(url, process)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def sandbox_of(size: int) -> Iterator[dict[str, str]]:
    """A sandbox with so many pipelines; yields the settings that point a dashboard at it."""
    port = free_port()
    command = ("-m", "sandbox", "--port", str(port), "--scenario", SCENARIOS[size], "--requests-per-minute", "1000000")
    with started(port, *command, ready="/sandbox") as server:
        key, secret = Sandbox.api_key, Sandbox.api_secret
        yield {"HEVO_BASE_URL": server.url, "HEVO_API_KEY": key, "HEVO_API_SECRET": secret}


def client_of(settings: dict[str, str]) -> HevoClient:
    """A client with these settings."""
    address, key, secret = (settings[f"HEVO_{name}"] for name in ("BASE_URL", "API_KEY", "API_SECRET"))
    return HevoClient(key, secret, base_url=address, requests_per_minute=MANY)


def streamlit(script: str, settings: dict[str, str]) -> AbstractContextManager[Server]:
    """Streamlit on a port of its own; looks come seldom and no tables are read, so that none disturbs a round."""
    port = free_port()
    quiet = {"HEVO_REFRESH_SECONDS": "3600", "HEVO_WATCH_SECONDS": "3600", "HEVO_FRESHNESS": "false"}
    own = {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    settings = quiet | own | {"HEVO_REQUESTS_PER_MINUTE": str(MANY)} | settings
    return started(port, "-m", "streamlit", "run", script, ready="/_stcore/health", **settings)


def script(name: str, settings: dict[str, str]) -> AbstractContextManager[Server]:
    """One of the floors."""
    return streamlit(str(APPS / f"{name}.py"), settings)


class Viewer:
    """A viewer without a browser: a real session over the websocket, which draws pages and waits."""

    def __init__(self, url: str) -> None:
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(address, subprotocols=["streamlit"], max_size=None, compression=None)  # type: ignore[list-item]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def draw(self, page: str = "", query: str = "") -> None:
        """Asks for the page; returns when its script has ended and all that it drew has arrived."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        asked.rerun_script.context_info.timezone = "UTC"
        self._socket.send(asked.SerializeToString())
        ended = None
        while ended not in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
            message = ForwardMsg.FromString(self._socket.recv(60, decode=False))
            assert message.delta.new_element.WhichOneof("type") != "exception", "The page shows an error."
            ended = message.script_finished if message.WhichOneof("type") == "script_finished" else None


@dataclass(frozen=True)
class Dashboard:
    """The dashboard as `make run` starts it, on a store that is full already, and another server that looks."""

    server: Server
    watcher: past.Watcher


def look(*houses: Dashboard) -> None:
    """In each house the other server looks; returns when all have heard of it."""
    for house in houses:
        house.watcher.look()
    time.sleep(1.2)
    rest(*(house.server for house in houses), most=20)


@contextmanager
def dashboard(
    settings: dict[str, str], size: int, days: int, a_day: int, postgres: bool = False
) -> Iterator[Dashboard]:
    """Starts it after so many days, with 500 reports at 10,000, and yields it when it has an answer."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "catalog.toml"
        catalog.write_text(past.catalog(size) if size == 10_000 else "")
        own = {"HEVO_DATA_DIR": folder, "HEVO_CATALOG": str(catalog)}
        if postgres:
            own["HEVO_DATABASE_URL"] = past.database(size, days, a_day)
            store = Store.in_database(own["HEVO_DATABASE_URL"], Clock())
        else:
            shutil.copytree(past.folder(size, days, a_day), folder, dirs_exist_ok=True)
            store = Store.in_folder(Path(folder), Clock())
        past.rename(store, client_of(settings).fingerprint)
        with streamlit("app.py", settings | own) as server:
            with Viewer(server.url) as viewer:
                viewer.draw()
            until = time.monotonic() + 60
            while requests.get(f"{server.url}/ready", timeout=60).json()["hevo"] != "reached":
                assert time.monotonic() < until, "The dashboard saw no answer."
                time.sleep(0.1)
            yield Dashboard(server, past.Watcher(store))
        past.rename(store, past.NAME)
        store.close()


@contextmanager
def pages_server() -> Iterator[str]:
    """The quickest server of pages that can be; yields its address."""
    port = free_port()
    with started(port, "-m", "benchmarks.pages_server", str(port), ready="/1/0/pipelines?limit=100") as server:
        yield server.url
