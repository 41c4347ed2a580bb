"""The sandbox as a server and as a command: starting, steering it over HTTP, and stopping."""

import asyncio
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.__main__ import main

OWNER = ("sandbox-key", "sandbox-secret")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def steer(sandbox: Sandbox, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
    return requests.request(method, sandbox.control_url + path, json=json, headers=headers, timeout=5)


def look(sandbox: Sandbox, path: str) -> requests.Response:
    return requests.get(sandbox.base_url + path, auth=OWNER, timeout=5)


def run_command(*flags: str, last_words: str, visit: Callable[[str], None]) -> str:
    """Starts it, visits it once it has told all, and ends it; returns what it said after that."""
    line = [sys.executable, "-m", "sandbox", "--port", "0", *flags]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        text = ""
        while last_words not in text:
            text += next(iter(process.stdout.readline, ""))
        visit(text)
    finally:
        process.send_signal(signal.SIGTERM)  # Ctrl-C is ignored in whatever a shell runs behind it
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    return rest


def test_it_starts_and_stops_at_once_and_again_on_the_same_port() -> None:
    began = time.monotonic()
    sandbox = Sandbox()
    for _ in range(3):
        sandbox.start()
        address = sandbox.base_url
        assert look(sandbox, "/pipelines").status_code == 200
        sandbox.stop()
        assert sandbox.base_url == address
        with pytest.raises(requests.ConnectionError):
            look(sandbox, "/pipelines")
    sandbox.stop()
    assert time.monotonic() - began < 2


def test_it_starts_in_any_thread_and_leaves_none_behind() -> None:
    before = threading.active_count()

    def visit() -> None:
        with Sandbox() as sandbox:
            look(sandbox, "/pipelines")

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(10)
    assert threading.active_count() == before


def test_every_arrival_is_noted_with_its_key_whatever_became_of_it(sandbox: Sandbox) -> None:
    sandbox.faults.order("status", times=1)
    look(sandbox, "/pipelines?limit=3")
    requests.post(f"{sandbox.base_url}/nothing", timeout=5)
    steer(sandbox, "GET", "")
    assert [(a.method, a.path, a.query, a.key) for a in sandbox.arrivals] == [
        ("GET", "/api/public/v2.0/pipelines", "limit=3", "sandbox-key"),
        ("POST", "/api/public/v2.0/nothing", "", None),
    ]
    assert [a["path"] for a in steer(sandbox, "GET", "/arrivals").json()] == [a.path for a in sandbox.arrivals]


def median_seconds(scenario: str, query: str) -> float:
    """What one request of many over one connection takes."""
    with Sandbox(scenario, requests_per_minute=1_000) as sandbox, requests.Session() as session:
        session.auth = OWNER
        durations = []
        for _ in range(21):
            began = time.perf_counter()
            session.get(f"{sandbox.base_url}/pipelines?{query}", timeout=5)
            durations.append(time.perf_counter() - began)
    return sorted(durations)[10]


def test_the_last_page_of_ten_thousand_costs_no_more_than_the_first_of_a_thousand() -> None:
    last_of_many = median_seconds("huge", "limit=100&starting_after=YWZ0ZXI6OTkwMA==")
    assert last_of_many < 3 * median_seconds("large", "limit=100") + 0.005


def test_no_answer_waits_for_an_acknowledgement_of_its_header() -> None:
    assert median_seconds("calm", "limit=1") < 0.035


def test_the_sandbox_can_be_steered_over_http(sandbox: Sandbox) -> None:
    number = sandbox.fleet.ids[0]
    steer(sandbox, "PUT", f"/pipelines/{number}", {"health_status": "FAILED", "status": None})
    body = look(sandbox, f"/pipelines/{number}").json()["data"]
    assert body["health_status"] == "FAILED"
    assert "status" not in body
    steer(sandbox, "PUT", f"/pipelines/{number}", {})
    assert look(sandbox, f"/pipelines/{number}").json()["data"]["status"] == "ACTIVE"
    state = steer(sandbox, "POST", "/variants", {"envelope": "bare", "run_status": 202}).json()
    assert (state["variants"]["envelope"], sandbox.variants.run_status) == ("bare", "202")
    state = steer(sandbox, "POST", "/faults", {"kind": "status", "status": 500, "times": 3}).json()
    assert state["faults"][0]["times"] == 3
    assert look(sandbox, "/pipelines").status_code == 500
    assert steer(sandbox, "DELETE", "/faults").json()["faults"] == []
    assert steer(sandbox, "DELETE", f"/pipelines/{number}").json()["pipelines"] == 23
    assert look(sandbox, f"/pipelines/{number}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/faults", {"kind": "plague"}, 400),
        ("POST", "/faults", {"sort": "reset"}, 400),
        ("POST", "/faults", ["reset"], 400),
        ("POST", "/faults", None, 400),
        ("POST", "/variants", {"envelope": "paper"}, 400),
        ("PUT", "/pipelines/1", {"status": "ACTIVE"}, 404),
        ("PUT", "/pipelines/6590", {"name": "x"}, 400),
        ("GET", "/nothing", None, 404),
        ("PUT", "/faults", {}, 404),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_words(
    sandbox: Sandbox, method: str, path: str, body: Any, status: int
) -> None:
    answer = steer(sandbox, method, path, body)
    assert answer.status_code == status
    assert answer.json()["message"]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_no_web_page_can_steer_the_sandbox(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert steer(sandbox, "POST", "/faults", {"kind": "down"}, **headers).status_code == 403
    assert sandbox.faults.orders == []


def test_no_other_machine_can_steer_the_sandbox() -> None:
    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/sandbox",
        "headers": [(b"host", b"localhost")],
        "client": ("192.0.2.7", 50_000),
    }
    with ThreadPoolExecutor() as apart:  # the browser tests keep a loop in this thread
        apart.submit(asyncio.run, Sandbox()(scope, nothing, keep)).result()
    assert sent[0]["status"] == 403


def test_the_command_tells_all_that_a_newcomer_needs() -> None:
    def do_as_told(text: str) -> None:
        curl = re.search(r"curl .*", text)
        assert curl
        said = subprocess.run(["sh", "-c", f"{curl[0]} -s"], capture_output=True, text=True, timeout=10)
        assert '"id":"6590"' in said.stdout
        address = re.search(r"HEVO_BASE_URL=(\S+) HEVO_API_KEY=(\S+) HEVO_API_SECRET=(\S+) make run", text)
        assert address
        page = requests.get(f"{address[1]}/pipelines", auth=(address[2], address[3]), timeout=5)
        assert len(page.json()["data"]) == 20

    flags = ("--scenario", "calm", "--variant", "ids=text", "--fault", "delay,seconds=0.01")
    assert "closed" in run_command(*flags, last_words="make run", visit=do_as_told)


def test_the_command_that_receives_prints_a_line_for_each_event() -> None:
    def send(text: str) -> None:
        url = next(word for word in text.split() if word.endswith("/webhook"))
        event, headers = {"type": "pipeline.failed"}, {"webhook-id": "msg_9"}
        said = [requests.post(url, json=event, headers=headers, timeout=5).status_code for _ in range(2)]
        assert said == [500, 204]

    flags = ("--receiver", "--secret", "whsec_b3RoZXI=", "--fault", "status,status=500,times=1")
    lines = run_command(*flags, last_words="/received", visit=send)
    assert "pipeline.failed  msg_9  NOT verified" in lines


@pytest.mark.parametrize(
    ("flags", "status", "words"),
    [
        (("--fault", "plague"), 2, "No such fault: plague"),
        (("--variant", "envelope=paper"), 2, "No such variant: envelope=paper"),
        (("--speed", "0"), 2, "time passes forwards"),
        (("--requests-per-minute", "0"), 2, "at least one request"),
        (("--port", "99999"), 1, "Cannot listen on 127.0.0.1:99999"),
        (("--receiver", "--secret", "hunter2"), 2, "The secret is whsec_ and then base64.\n"),
    ],
)
def test_a_flag_that_makes_no_sense_ends_with_a_sentence(
    flags: tuple[str, ...], status: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sandbox", *flags])
    assert main() == status
    assert words in capsys.readouterr().err


def test_a_port_in_use_is_told_in_a_plain_sentence(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sandbox", "--port", str(sandbox.port)])
    assert main() == 1
    assert capsys.readouterr().err == f"Cannot listen on 127.0.0.1:{sandbox.port}: another program is using it.\n"
