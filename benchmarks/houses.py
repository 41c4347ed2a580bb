"""What the measurements start: the sandbox, the dashboard and the floors, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import requests

from sandbox import Sandbox

ROOT = Path(__file__).parent.parent
APPS = Path(__file__).parent / "apps"
SCENARIOS = {24: "everyday", 1_000: "large", 10_000: "huge"}
MANY = "10000"  # requests a minute: the limit is not what is measured


class Server:
    """A server that was started for a measurement."""

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url, self.process = url, process

    def cpu(self) -> float:
        """Milliseconds of processor time that it has used: what a page costs, however busy the machine is."""
        return time.clock_gettime(~self.process.pid << 3 | 2) * 1000  # the kernel's name for that process's clock


@contextmanager
def started(port: int, *command: str, ready: str, **settings: str) -> Iterator[Server]:
    """Starts it, waits until `ready` answers, and ends it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEVO_", "STREAMLIT_"))}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=clean | settings, **quiet)  # type: ignore[call-overload]
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}")
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> None:
    retries = requests.adapters.Retry(total=90, connect=90, backoff_factor=0.1, backoff_max=0.5)
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
        session.get(address, timeout=60)


@contextmanager
def sandbox_of(size: int) -> Iterator[dict[str, str]]:
    """A sandbox with so many pipelines; yields the settings that point a dashboard at it."""
    port = free_port()
    command = ("-m", "sandbox", "--port", str(port), "--scenario", SCENARIOS[size], "--requests-per-minute", "1000000")
    with started(port, *command, ready="/sandbox") as server:
        key, secret = Sandbox.api_key, Sandbox.api_secret
        yield {"HEVO_BASE_URL": server.url, "HEVO_API_KEY": key, "HEVO_API_SECRET": secret}


@contextmanager
def streamlit(*command: str, **settings: str) -> Iterator[Server]:
    """Streamlit on a port and a data folder of its own; looks come seldom, so that none disturbs a round."""
    port = free_port()
    seldom = {"HEVO_REFRESH_SECONDS": "3600", "HEVO_REQUESTS_PER_MINUTE": MANY}
    own = {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    with tempfile.TemporaryDirectory() as folder:
        where = {"HEVO_DATA_DIR": folder}
        with started(port, *command, ready="/_stcore/health", **seldom, **own, **where, **settings) as server:
            yield server


def dashboard(settings: dict[str, str], aged: bool = False) -> AbstractContextManager[Server]:
    """The dashboard as `make run` starts it; `aged` with a day of history behind it."""
    command = ("-m", "benchmarks.apps.aged") if aged else ("-m", "streamlit", "run", "app.py")
    return streamlit(*command, **settings)


def wait_for_an_answer(server: Server) -> None:
    """Returns when the dashboard has something to show."""
    until = time.monotonic() + 60
    while requests.get(f"{server.url}/ready", timeout=60).json()["hevo"] != "reached":
        assert time.monotonic() < until, "The dashboard saw no answer."
        time.sleep(0.1)


def script(name: str, settings: dict[str, str]) -> AbstractContextManager[Server]:
    """One of the floors."""
    return streamlit("-m", "streamlit", "run", str(APPS / f"{name}.py"), **settings)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def pages_server() -> Iterator[str]:
    """The quickest server of pages that can be; yields its address."""
    port = free_port()
    with started(port, "-m", "benchmarks.pages_server", str(port), ready="/1/0/pipelines?limit=100") as server:
        yield server.url
