"""Each fault that can be ordered, as it looks from the wire."""

import json
import socket
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.faults import KINDS

OWNER = ("sandbox-key", "sandbox-secret")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def call(sandbox: Sandbox, path: str = "/pipelines?limit=1", method: str = "GET") -> requests.Response:
    return requests.request(method, sandbox.base_url + path, auth=OWNER, timeout=5, allow_redirects=False)


def connection(sandbox: Sandbox, path: str = "/pipelines?limit=1") -> socket.socket:
    """A raw connection that has sent a request for this path."""
    wire = socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)
    token = b64encode(":".join(OWNER).encode()).decode()
    request = f"GET /api/public/v2.0{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n\r\n"
    wire.sendall(request.encode())
    return wire


def everything(wire: socket.socket) -> bytes:
    """All bytes until the other side closes the connection."""
    return b"".join(iter(lambda: wire.recv(65_536), b""))


def test_a_status_comes_as_often_as_ordered(sandbox: Sandbox) -> None:
    sandbox.faults.order("status", status=502, times=2)
    assert [call(sandbox).status_code for _ in range(3)] == [502, 502, 200]
    assert sandbox.faults.orders == []


def test_a_fault_without_times_stays_until_cleared(sandbox: Sandbox) -> None:
    sandbox.faults.order("status")
    assert {call(sandbox).status_code for _ in range(5)} == {503}
    sandbox.faults.clear()
    assert call(sandbox).status_code == 200


def test_a_fault_strikes_only_the_requests_it_was_ordered_for(sandbox: Sandbox) -> None:
    number = sandbox.fleet.ids[0]
    sandbox.faults.order("status", status=500, path="/run-now", method="POST")
    sandbox.faults.order("status", status=400, path="starting_after=")
    assert call(sandbox).status_code == 200
    assert call(sandbox, f"/pipelines/{number}/run-now").status_code == 405
    assert call(sandbox, f"/pipelines/{number}/run-now", "POST").status_code == 500
    cursor = call(sandbox).json()["pagination"]["starting_after"]
    assert call(sandbox, f"/pipelines?starting_after={cursor}").status_code == 400


@pytest.mark.parametrize("status", [204, 304, 408, 418, 500, 504, 599])
def test_any_status_can_be_ordered(sandbox: Sandbox, status: int) -> None:
    sandbox.faults.order("status", status=status, retry_after="soon")
    answer = call(sandbox)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "soon")


def test_the_limit_speaks_hevos_words_with_and_without_the_time_to_wait(sandbox: Sandbox) -> None:
    sandbox.faults.order("limit", times=1)
    sandbox.faults.order("limit", times=1, retry_after=7)
    sandbox.faults.order("limit", times=1, status=200)
    plain, timed, good = (call(sandbox) for _ in range(3))
    assert [a.status_code for a in (plain, timed, good)] == [429, 429, 200]
    assert {a.json()["message"] for a in (plain, timed, good)} == {"Request rate limit exceeded"}
    assert ["Retry-After" in a.headers for a in (plain, timed)] == [False, True]


@pytest.mark.parametrize("kind", ["reset", "hang", "status", "down", "html", "garbage"])
@pytest.mark.parametrize("acts", [True, False])
def test_a_run_whose_answer_is_lost_may_have_begun_or_not(sandbox: Sandbox, kind: str, acts: bool) -> None:
    path = f"/pipelines/{sandbox.fleet.ids[0]}/run-now"
    sandbox.faults.order(kind, times=1, acts=acts)
    with suppress(requests.RequestException):
        requests.post(sandbox.base_url + path, auth=OWNER, timeout=0.3)
    began = call(sandbox, path, "POST").json()["message"] != "Pipeline is already ingesting"
    assert began != acts


def test_a_delayed_answer_is_right_and_late(sandbox: Sandbox) -> None:
    sandbox.faults.order("delay", seconds=0.2, acts=True)
    began = time.monotonic()
    answer = call(sandbox, f"/pipelines/{sandbox.fleet.ids[0]}/run-now", "POST")
    assert answer.json()["message"] == "Pipeline run has been triggered", "it was carried out once"
    assert time.monotonic() - began >= 0.2


def test_a_hanging_request_is_read_and_never_answered(sandbox: Sandbox) -> None:
    sandbox.faults.order("hang")
    with connection(sandbox) as wire:
        wire.settimeout(0.2)
        with pytest.raises(TimeoutError):
            wire.recv(1)
    assert [a.path for a in sandbox.arrivals] == ["/api/public/v2.0/pipelines"]


@pytest.mark.parametrize("part", ["header", "body"])
def test_a_dripping_answer_is_whole_in_the_end(sandbox: Sandbox, part: str) -> None:
    expected = call(sandbox, "/destinations/12").content
    sandbox.faults.order("drip", part=part, seconds=0.0001)
    with connection(sandbox, "/destinations/12") as wire:
        head, _, body = everything(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == expected


@pytest.mark.parametrize("part", ["header", "body"])
def test_a_drip_holds_back_the_header_or_only_the_body(sandbox: Sandbox, part: str) -> None:
    sandbox.faults.order("drip", part=part, seconds=0.2)
    with connection(sandbox) as wire:
        first = wire.recv(65_536)
    assert (b"\r\n\r\n" in first) == (part == "body")


@pytest.mark.parametrize(("part", "length"), [("start", 0), ("header", 20), ("body", 100)])
def test_a_reset_tears_the_connection_down_wherever_it_strikes(sandbox: Sandbox, part: str, length: int) -> None:
    sandbox.faults.order("reset", part=part)
    with connection(sandbox) as wire:
        received = wire.recv(length) if length else b""
        assert len(received) == length
        with pytest.raises(ConnectionResetError):
            everything(wire)


@pytest.mark.parametrize("part", ["header", "body"])
def test_a_truncated_answer_ends_before_its_promise(sandbox: Sandbox, part: str) -> None:
    sandbox.faults.order("truncate", part=part)
    with connection(sandbox) as wire:
        head, end, body = everything(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert bool(end) == (part == "body")
    if part == "body":
        promised = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
        assert 0 < len(body) < promised


def test_down_closes_the_connection_without_a_word(sandbox: Sandbox) -> None:
    sandbox.faults.order("down")
    with connection(sandbox) as wire:
        assert everything(wire) == b""


def test_html_and_garbage_come_with_a_good_status(sandbox: Sandbox) -> None:
    sandbox.faults.order("html", times=1)
    sandbox.faults.order("garbage", times=1)
    page, noise = call(sandbox), call(sandbox)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (noise.status_code, noise.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"."):
        json.loads(noise.content)


def test_a_bomb_is_small_on_the_wire_and_valid_when_unpacked(sandbox: Sandbox) -> None:
    sandbox.faults.order("bomb", megabytes=8)
    answer = requests.get(sandbox.base_url + "/pipelines", auth=OWNER, timeout=5, stream=True)
    packed = answer.raw.read(decode_content=False)
    assert len(packed) < 100_000
    unpacked = zlib.decompress(packed, wbits=31)
    assert len(unpacked) > 8 * 2**20
    assert json.loads(unpacked) == {"data": []}


@pytest.mark.parametrize("limit", [10, 100])
def test_a_repeated_cursor_never_ends(sandbox: Sandbox, limit: int) -> None:
    sandbox.faults.order("repeat_cursor")
    cursors, query = [], f"limit={limit}"
    for _ in range(4):
        cursors.append(call(sandbox, f"/pipelines?{query}").json()["pagination"]["starting_after"])
        query = f"limit={limit}&starting_after={cursors[-1]}"
    assert len(set(cursors)) == 1


def test_a_redirect_leads_to_what_looks_like_success(sandbox: Sandbox) -> None:
    path = f"/pipelines/{sandbox.fleet.ids[0]}/run-now"
    sandbox.faults.order("redirect", times=2)
    answer = call(sandbox, path, "POST")
    assert (answer.status_code, answer.headers["location"]) == (302, "/api/public/v2.0/pipelines")
    assert requests.post(sandbox.base_url + path, auth=OWNER, timeout=5).status_code == 200
    assert [(a.method, a.key) for a in sandbox.arrivals] == [
        ("POST", "sandbox-key"),
        ("POST", "sandbox-key"),
        ("GET", "sandbox-key"),
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_stopping_waits_for_no_fault(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox() as sandbox:
        sandbox.faults.order(kind, seconds=60)
        wires = [connection(sandbox) for _ in range(5)]
        arrived = threading.Event()
        while len(sandbox.arrivals) < len(wires):
            arrived.wait(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    for wire in wires:
        wire.close()
    assert caplog.messages == []


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "plague"},
        {"kind": "status", "status": "503"},
        {"kind": "status", "status": 99},
        {"kind": "status", "times": "often"},
        {"kind": "status", "times": 0},
        {"kind": "drip", "part": "middle"},
        {"kind": "delay", "seconds": None},
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(sandbox: Sandbox, order: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        sandbox.faults.order(**order)
    assert sandbox.faults.orders == []
