"""Whatever bytes come, in whatever order and at whatever pace: a right answer or one error, in time."""

from __future__ import annotations

import base64
import gzip
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hevo_api import HevoClient, HevoError, InvalidRequest, Pipeline, Unavailable, UnreadableAnswer
from tests.conftest import free_port
from tests.raw_server import (
    KEY,
    PIPELINE,
    SECRET,
    RawServer,
    Reply,
    Stopwatch,
    answer,
    chunked,
    client,
    page,
    said,
)

HOME = Path(__file__).parent.parent
WHOLE = said({"data": PIPELINE})
HEAD, BODY = WHOLE.split(b"\r\n\r\n")
HEAD += b"\r\n\r\n"
PADDED = said({"data": {**PIPELINE, "padding": "x" * 400}})
GZIP_HEAD = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
EXPECTED = Pipeline.from_json(PIPELINE)

SLOW: dict[str, Reply] = {
    "hangs": lambda visit: visit.hang(),
    "hangs after the status": lambda visit: visit.send(b"HTTP/1.1 200 OK\r\n").hang(),
    "hangs in the body": lambda visit: visit.send(HEAD + BODY[:9]).hang(),
    "drips its status line": lambda visit: visit.drip(PADDED),
    "drips its headers": lambda visit: visit.send(b"HTTP/1.1 200 OK\r\n").drip(b"X-A: " + b"x" * 500),
    "drips its body": lambda visit: visit.send(PADDED[: PADDED.index(b"{")]).drip(BODY * 9),
    "drips chunks": lambda visit: visit.send(chunked(BODY[:9])).drip(b"1\r\n \r\n" * 99),
    "drips a chunk's size": lambda visit: visit.send(chunked()).drip(b"0" * 500),
    "drips trailers": lambda visit: visit.send(chunked(BODY) + b"0\r\n").drip(b"X: y\r\n" * 99),
    "goes on with 100 Continue": lambda visit: visit.flood(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    "drips gzip of nothing": lambda visit: visit.send(GZIP_HEAD).flood(gzip.compress(b""), 0.01),
}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW.keys())
def test_the_deadline_holds_when_hevo(reply: Reply) -> None:
    with RawServer(reply) as server, Stopwatch() as watch, pytest.raises(Unavailable):
        client(server, deadline=0.4).get_pipeline(1)
    assert 0.35 < watch.seconds < 2


def test_an_error_keeps_its_status_even_when_its_body_never_ends() -> None:
    with (
        RawServer(lambda visit: visit.send(answer("x" * 9, "400 Bad", "Content-Length: 99")).hang()) as server,
        pytest.raises(InvalidRequest) as caught,
    ):
        client(server, deadline=0.3).get_pipeline(1)
    assert caught.value.status == 400


def test_after_a_deadline_no_thread_and_no_socket_is_left() -> None:
    with RawServer(SLOW["drips its headers"]) as server:
        asking = client(server, deadline=0.2)
        before = (threading.active_count(), _open_sockets_to(server.port))
        for _ in range(3):
            with pytest.raises(Unavailable):
                asking.get_pipeline(1)
    _eventually(lambda: threading.active_count() <= before[0])
    assert _open_sockets_to(server.port) == before[1]


def test_a_name_that_nobody_resolves_does_not_hold_us_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    lookups: list[str] = []

    def never(host: str, *_: Any, **__: Any) -> list[Any]:
        lookups.append(host)
        release.wait(5)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    asking = HevoClient(KEY, SECRET, region="eu", deadline=0.3)
    with Stopwatch() as watch, pytest.raises(Unavailable) as caught:
        asking.get_pipeline(1)
    with pytest.raises(Unavailable):
        asking.get_pipeline(1)
    release.set()
    assert watch.seconds < 2
    assert caught.value.sent is False
    assert lookups == ["eu.hevodata.com"]  # one lookup, whoever waits for it


def test_a_connection_that_is_not_accepted_does_not_hold_us_up() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        with Stopwatch() as watch, pytest.raises(Unavailable):
            HevoClient(KEY, SECRET, base_url=f"http://127.0.0.1:{address[1]}", deadline=0.4).get_pipeline(1)
        for filler in fillers:
            filler.close()
    assert watch.seconds < 2


BROKEN: dict[str, Reply] = {
    "resets": lambda visit: visit.reset(),
    "closes": lambda visit: visit.close(),
    "resets in the headers": lambda visit: visit.send(HEAD[:20]).reset(),
    "resets in the body": lambda visit: visit.send(HEAD + BODY[:9]).reset(),
    "closes in the headers": lambda visit: visit.send(HEAD[:20]).close(),
    "cuts the body": lambda visit: visit.send(HEAD + BODY[:9]).close(),
    "cuts a body of unknown length": lambda visit: visit.send(b"HTTP/1.1 200 OK\r\n\r\n" + BODY[:-9]).close(),
    "cuts the chunks": lambda visit: visit.send(chunked(BODY)).close(),
    "cuts the gzip": answer(gzip.compress(BODY)[:-20], "200 OK", "Content-Encoding: gzip"),
    "tells a length that is too short": answer(BODY, "200 OK", f"Content-Length: {len(BODY) - 9}"),
    "sends headers that are none": answer(BODY).replace(b"Content-Type", b" \r\nno header\r\nContent-Type"),
    "tells two lengths": answer(BODY, "200 OK", "Content-Length: 3", "Content-Length: 7"),
    "does not speak HTTP": b"\x00\xff hello\r\n\r\n",
    "lies about gzip": answer(BODY, "200 OK", "Content-Encoding: gzip"),
    "packs twice": answer(gzip.compress(gzip.compress(BODY)), "200 OK", "Content-Encoding: gzip, gzip"),
    "packs as we did not ask": answer(zlib.compress(BODY), "200 OK", "Content-Encoding: deflate"),
    "sends a chunk of negative size": answer(b"-5\r\nxxxxx\r\n", "200 OK", "Transfer-Encoding: chunked"),
    "sends a web page": answer("<html>Sign in</html>", "200 OK", "Content-Type: text/html"),
    "sends nothing": answer(b""),
    "sends no UTF-8": answer(BODY.replace(b"Orders", b"Ord\xff\xfe")),
    "sends UTF-16": answer(BODY.decode().encode("utf-16")),
    "sends NaN": answer(BODY.replace(b"6590", b"NaN")),
    "sends Infinity": answer(BODY.replace(b"6590", b"-Infinity")),
    "sends a number of 5,000 digits": answer(BODY.replace(b"6590", b"9" * 5000)),
    "nests deeply": answer(b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "sends a list for an object": said({"data": [PIPELINE]}),
    "sends text for an object": said({"data": "x"}),
    "sends a bare list": said([PIPELINE]),
    "sends an object of something else": said({"success": True}),
    "has nothing to say": answer(b"", "204 No Content"),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_one_error_and_then_a_right_answer_when_hevo_once(reply: Reply) -> None:
    with RawServer(reply, WHOLE) as server:
        assert client(server).get_pipeline(6590) == EXPECTED
        assert len(server.asked) == 2


@pytest.mark.parametrize("kind", ["resets", "cuts the gzip", "sends a web page"])
def test_one_error_after_three_attempts_when_hevo_always(kind: str) -> None:
    with RawServer(BROKEN[kind]) as server, pytest.raises((Unavailable, UnreadableAnswer)):
        client(server, deadline=3).get_pipeline(6590)
    assert len(server.asked) == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    garbage=st.binary(max_size=300),
    cut=st.integers(0, len(WHOLE)),
    kept=st.integers(0, len(WHOLE)),
)
def test_any_bytes_are_an_answer_or_an_error(garbage: bytes, cut: int, kept: int) -> None:
    reply = WHOLE[:cut] + garbage + WHOLE[kept:]
    with RawServer(lambda visit: visit.send(reply).close()) as server, suppress(HevoError):
        assert isinstance(client(server, deadline=1).get_pipeline(6590), Pipeline)


def large() -> dict[str, Reply]:
    """What is too much to read. Made when it is needed: every process of the tests reads this file."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(200)) + packer.flush()
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    nothings = gzip.compress(b'{"data":[' + b"{}," * 9_000_000 + b"{}]}")
    deflate = GZIP_HEAD.replace(b"gzip", b"deflate") + b"\x78\x9c"
    zipped = "Content-Encoding: gzip"
    return {
        "a bomb": answer(packed, "200 OK", zipped),
        "a bomb in chunks": answer(chunks, "200 OK", zipped, "Transfer-Encoding: chunked"),
        "a bomb that redirects": answer(packed, "302 Found", "Location: /elsewhere", zipped),
        "a bomb that refuses": answer(packed, "403 Forbidden", zipped),
        "an endless body": lambda visit: visit.send(b"HTTP/1.1 200 OK\r\n\r\n").flood(),
        "an endless header": lambda visit: visit.send(b"HTTP/1.1 200 OK\r\nX: ").flood(),
        "an endless chunk size": lambda visit: visit.send(chunked()).flood(),
        "a chunk of negative size": lambda visit: visit.send(chunked() + b"-5\r\n").flood(),
        "an endless row of empty gzips": lambda visit: visit.send(GZIP_HEAD).flood(gzip.compress(b"") * 3000),
        "an endless row of empty blocks": lambda visit: visit.send(deflate).flood(b"\x00\x00\x00\xff\xff" * 20_000),
        "millions of empty objects": answer(nothings, "200 OK", zipped),
    }


MEASURE = f"""
import re, sys, time
from hevo_api import HevoClient, HevoError

def peak():
    return int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]) // 1024

for url in sys.argv[1:]:
    before, began = peak(), time.monotonic()
    try:
        HevoClient({KEY!r}, {SECRET!r}, base_url=url, deadline=1.0).get_pipeline(1)
    except HevoError:
        print(peak() - before, time.monotonic() - began)
"""


def test_no_answer_however_large_fills_the_memory_or_takes_its_time() -> None:
    replies = large().values()
    with ExitStack() as stack:
        urls = [stack.enter_context(RawServer(reply)).url for reply in replies]
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, *urls], capture_output=True, text=True, check=True, timeout=60, cwd=HOME
        )
    grown = [[float(number) for number in line.split()] for line in measured.stdout.splitlines()]
    assert len(grown) == len(replies)
    assert sum(megabytes for megabytes, _ in grown) < 120
    assert max(seconds for _, seconds in grown) < 3


def test_an_answer_just_below_the_limit_is_read() -> None:
    padding = "x" * (32 * 1024 * 1024 - 1000)
    with RawServer(said({"data": {**PIPELINE, "padding": padding}})) as server:
        assert client(server).get_pipeline(6590) == EXPECTED


def test_gzip_is_read() -> None:
    with RawServer(answer(gzip.compress(BODY), "200 OK", "Content-Encoding: gzip")) as server:
        assert client(server).get_pipeline(6590) == EXPECTED


def test_connections_are_kept_and_used_again() -> None:
    with RawServer(*[page([{"id": n}], f"after-{n}") for n in range(20)], page([])) as server:
        assert len(client(server).list_pipelines()) == 20
    assert {asked.connection for asked in server.asked} == {1}


def test_a_connection_that_hevo_closed_meanwhile_is_no_trouble_for_a_get() -> None:
    with RawServer(lambda visit: visit.send(WHOLE).close(), WHOLE) as server:
        asking = client(server)
        assert asking.get_pipeline(6590) == asking.get_pipeline(6590) == EXPECTED


def test_an_answer_before_the_answer_is_not_taken_for_it_nor_is_what_follows() -> None:
    with RawServer(b"HTTP/1.1 103 Early Hints\r\n\r\n", WHOLE) as server:
        assert client(server).get_pipeline(6590) == EXPECTED
    assert [asked.connection for asked in server.asked] == [1, 2]


def test_what_follows_an_answer_is_not_taken_for_the_next_one() -> None:
    other = said({"data": {**PIPELINE, "status": "INACTIVE"}})
    with RawServer(WHOLE + other, WHOLE) as server:
        asking = client(server)
        assert asking.get_pipeline(6590) == asking.get_pipeline(6590) == EXPECTED


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "304 Not"]
)
def test_a_redirect_is_never_followed(status: str) -> None:
    with RawServer(WHOLE) as elsewhere:
        with (
            RawServer(answer(b"", status, f"Location: {elsewhere.url}/pipelines/1")) as server,
            pytest.raises(UnreadableAnswer) as caught,
        ):
            client(server).get_pipeline(1)
        assert caught.value.status == int(status[:3])
        assert len(server.asked) == 1
        assert elsewhere.asked == []


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with RawServer(answer(BODY, "200 OK", "Set-Cookie: a=b"), WHOLE) as server:
        asking = client(server)
        asking.get_pipeline(1)
        asking.get_pipeline(1)
    authorizations = {asked.headers["Authorization"] for asked in server.asked}
    assert authorizations == {"Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()}
    assert all("Cookie" not in asked.headers for asked in server.asked)


def test_only_our_own_setting_chooses_a_proxy() -> None:
    with RawServer(WHOLE) as proxy:
        asking = HevoClient(KEY, SECRET, base_url="http://127.0.0.1:9/api", proxy=proxy.url)
        assert asking.get_pipeline(6590) == EXPECTED
    assert proxy.asked[0].path == "http://127.0.0.1:9/api/pipelines/6590"


def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent() -> None:
    with (
        RawServer(answer(b"", "407 Proxy Authentication Required")) as proxy,
        pytest.raises(Unavailable) as caught,
    ):
        HevoClient(KEY, SECRET, region="in", proxy=proxy.url).run_pipeline(1)
    assert caught.value.sent is False
    assert [asked.method for asked in proxy.asked] == ["CONNECT"]
    assert "Authorization" not in proxy.asked[0].headers


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for asia.hevodata.com that nobody but our own test trusts."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    host = ["-subj", "/CN=asia.hevodata.com", "-addext", "subjectAltName=DNS:asia.hevodata.com"]
    files = ["-keyout", f"{path}.key", "-out", str(path)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *host, *files],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture
def asia(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RawServer]]:
    """Starts a server that answers for every name, over TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, f"{certificate}.key")
    with ExitStack() as stack:

        def start(*replies: Reply, encrypted: bool = True) -> RawServer:
            server = stack.enter_context(RawServer(*replies, tls=tls if encrypted else None))
            here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [here])
            return server

        yield start


def test_https_works_and_its_drips_end_in_time(certificate: Path, asia: Callable[..., RawServer]) -> None:
    server = asia(WHOLE, WHOLE, SLOW["drips its headers"])
    asking = HevoClient(KEY, SECRET, region="asia", ca_bundle=str(certificate), deadline=0.6)
    assert asking.get_pipeline(6590) == asking.get_pipeline(6590) == EXPECTED
    assert {asked.connection for asked in server.asked} == {1}
    with Stopwatch() as watch, pytest.raises(Unavailable):
        asking.get_pipeline(6590)
    assert watch.seconds < 2


def test_a_certificate_that_nobody_vouches_for_gets_no_key(asia: Callable[..., RawServer]) -> None:
    server = asia(WHOLE)
    with pytest.raises(Unavailable, match="certificate verify failed") as caught:
        HevoClient(KEY, SECRET, region="asia", deadline=1).run_pipeline(1)
    assert caught.value.sent is False
    assert server.asked == []


def test_a_certificate_of_another_host_gets_no_key(certificate: Path, asia: Callable[..., RawServer]) -> None:
    server = asia(WHOLE)
    with pytest.raises(Unavailable, match="Hostname mismatch"):
        HevoClient(KEY, SECRET, region="au", ca_bundle=str(certificate), deadline=1).run_pipeline(1)
    assert server.asked == []


def test_a_handshake_that_drips_ends_in_time(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", listener.getsockname())
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [here])
        stop = threading.Event()

        def drip() -> None:
            visitor, _ = listener.accept()
            with suppress(OSError):
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 400:
                    visitor.sendall(bytes([byte]))
                    if stop.wait(0.03):
                        break
            visitor.close()

        threading.Thread(target=drip, daemon=True).start()
        with Stopwatch() as watch, pytest.raises(Unavailable) as caught:
            HevoClient(KEY, SECRET, region="us2", ca_bundle=str(certificate), deadline=0.5).get_pipeline(1)
        stop.set()
    assert watch.seconds < 2
    assert caught.value.sent is False


def test_an_address_that_is_dead_does_not_hide_one_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(WHOLE) as server:
        dead, alive = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (free_port(), server.port)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [dead, alive])
        assert client(server).get_pipeline(6590) == EXPECTED


def _open_sockets_to(port: int) -> int:
    """How many sockets of this process are connected to the port from our side."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    mine = {os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and each.exists()}
    fields = [line.split() for line in lines]
    return sum(1 for each in fields if each[2].endswith(f":{port:04X}") and f"socket:[{each[9]}]" in mine)


def _eventually(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 2
    while not is_so():
        assert time.monotonic() < until
        threading.Event().wait(0.01)
