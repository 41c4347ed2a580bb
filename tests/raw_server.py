"""A server of raw sockets that says exactly what a test wants: to the byte, at any pace, or nothing."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from hevo_api import HevoClient

KEY, SECRET = "raw-key-41d8", "raw-secret-f3a7"
PIPELINE = {"id": 6590, "status": "ACTIVE", "health_status": "OK", "source": {"name": "Orders DB"}}


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `connection` numbers the sockets in the order they were opened."""

    method: str
    path: str
    headers: dict[str, str]
    connection: int


class Visit:
    """What a reply may do with the socket of one request, in a row: `visit.send(head).hang()`.

    The connection stays open for the next request unless it is closed here.
    """

    def __init__(self, connection: socket.socket, stopped: threading.Event, asked: Asked) -> None:
        self.connection, self.stopped, self.asked = connection, stopped, asked

    def send(self, data: bytes) -> Self:
        self.connection.sendall(data)
        return self

    def drip(self, data: bytes, pause: float = 0.05) -> Self:
        """One byte at a time."""
        for byte in data:
            self.send(bytes([byte]))
            if self.stopped.wait(pause):
                break
        return self

    def flood(self, piece: bytes = b"x" * 65536, pause: float = 0.0) -> Self:
        """The same for ever."""
        while not self.stopped.wait(pause):
            self.send(piece)
        return self

    def hang(self) -> Self:
        """Says nothing more until the client has gone."""
        self.connection.recv(1)
        return self

    def reset(self) -> Self:
        """Ends with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        return self

    def close(self) -> Self:
        self.connection.shutdown(socket.SHUT_RDWR)
        return self


Reply = bytes | Callable[[Visit], object]


class RawServer:
    """Gives the replies in turn, the last one for ever; `asked` is all that arrived."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.replies, self.tls, self.asked = replies, tls, list[Asked]()

    def __enter__(self) -> Self:
        self._lock, self._stopped, self._sockets = threading.Lock(), threading.Event(), list[socket.socket]()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in (self._listener, *self._sockets):
            with suppress(OSError):
                connection.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._sockets.append(connection)
                threading.Thread(target=self._serve, args=(connection, len(self._sockets)), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._sockets.append(connection)
            while asked := _next_request(connection, number):
                with self._lock:
                    reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
                    self.asked.append(asked)
                visit = Visit(connection, self._stopped, asked)
                visit.send(reply) if isinstance(reply, bytes) else reply(visit)
        with suppress(OSError):
            connection.close()


def answer(body: bytes | str = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A well-formed answer; a header given replaces the usual one of its name."""
    data = body.encode() if isinstance(body, str) else body
    names = {header.split(":")[0].lower() for header in headers}
    usual = [f"Content-Length: {len(data)}", "Content-Type: application/json"]
    lines = [*headers, *(line for line in usual if line.split(":")[0].lower() not in names)]
    if "transfer-encoding" in names:
        lines = [line for line in lines if not line.startswith("Content-Length")]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + data


def said(value: Any, status: str = "200 OK", *headers: str) -> bytes:
    """An answer of JSON."""
    return answer(json.dumps(value), status, *headers)


def page(items: Iterable[Any], cursor: Any = None) -> bytes:
    """A page of a list; without a cursor the last one."""
    listed = list(items)
    rest = {"pagination": {"starting_after": cursor, "count": len(listed)}} if cursor is not None else {}
    return said({"data": listed, **rest})


def chunked(*chunks: bytes) -> bytes:
    """An answer in chunks, without the end that every such answer must have."""
    lines = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return answer(lines, "200 OK", "Transfer-Encoding: chunked")


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(server: RawServer, clock: Clock | None = None, **options: Any) -> HevoClient:
    """A client of this server that has a budget of its own and waits without waiting."""
    clock = clock or Clock()
    return HevoClient(KEY, SECRET, base_url=server.url, clock=clock, sleep=clock.sleep, **options)


class Stopwatch:
    """The seconds that a block took."""

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self.began


def _next_request(connection: socket.socket, number: int) -> Asked | None:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            return None
        head += more
    first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    method, path, _ = first.split(" ")
    return Asked(method, path, dict(line.split(": ", 1) for line in lines), number)
