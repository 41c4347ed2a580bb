"""Sockets that keep time, for requests to use.

The timeout of requests is for each read: a byte now and then keeps it waiting for ever. Here it is for all of an
answer, headers and body, and for all of connecting: name, addresses, proxy and TLS. No thread watches over it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from concurrent.futures import Future
from http.client import HTTPException, HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

SILENCE = 10.0


class Malformed(HTTPException):
    """Headers that are none, which urllib3 would log with all they echo; or an answer before the answer."""


class TimedAdapter(HTTPAdapter):
    """requests' adapter, on sockets that keep time."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _Https if pool.scheme == "https" else _Http
        return pool


class _Timed:
    """A socket whose timeout is for all that follows, not for each read, so that drips cannot stretch it."""

    def settimeout(self, seconds: float | None) -> None:
        self._until = time.monotonic() + (SILENCE if seconds is None else seconds)
        super().settimeout(seconds)  # type: ignore[misc]

    def recv_into(self, *args: Any) -> int:
        left = min(self._until - time.monotonic(), SILENCE)
        if left <= 0:
            raise TimeoutError("no time left")
        super().settimeout(left)  # type: ignore[misc]
        return super().recv_into(*args)  # type: ignore[misc, no-any-return]


class _Socket(_Timed, socket.socket):
    pass


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


class _Response(HTTPResponse):
    def begin(self) -> None:
        super().begin()
        if self.status < 200 or self.msg.defects or self.msg.get_payload():
            raise Malformed


class _Connecting:
    """Name, addresses, proxy and TLS share one timeout; what fails before they are done was never sent."""

    response_class: Any = _Response

    def _new_conn(self: Any) -> socket.socket:
        until = time.monotonic() + self.timeout
        addresses = _look_up(self._dns_host, self.port, self.timeout)
        for tried, (family, kind, protocol, _, address) in enumerate(addresses, start=1):
            connection = _Socket(family, kind, protocol)
            try:
                share = (until - time.monotonic()) / (len(addresses) - tried + 1)
                connection.settimeout(max(share, 0.001))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.connect(address)
                connection.settimeout(max(until - time.monotonic(), 0.001))
                return connection
            except OSError:
                connection.close()
                if tried == len(addresses):
                    raise
        raise OSError("no address")

    def connect(self: Any) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:
            failure = NewConnectionError(self, "no connection")
            failure.reason = error  # type: ignore[attr-defined]
            raise failure from error


class _Http(_Connecting, HTTPConnection):
    pass


class _Https(_Connecting, HTTPSConnection):
    def connect(self) -> None:
        self.ssl_context = create_urllib3_context()
        self.ssl_context.sslsocket_class = _TlsSocket
        super().connect()


_Addresses = list[tuple[Any, ...]]
_lookups: dict[tuple[str, int], Future[_Addresses]] = {}
_lookups_lock = threading.Lock()


def _look_up(host: str, port: int, seconds: float) -> _Addresses:
    """A name's addresses, in time. No lookup can be stopped, so it runs apart, one for all who wait."""
    key = (host, port)
    with _lookups_lock:
        if key not in _lookups:
            _lookups[key] = Future()
            threading.Thread(target=_finish_lookup, args=(key, _lookups[key]), daemon=True).start()
        lookup = _lookups[key]
    return lookup.result(seconds)


def _finish_lookup(key: tuple[str, int], lookup: Future[_Addresses]) -> None:
    try:
        lookup.set_result(list(socket.getaddrinfo(*key, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError) as error:
        lookup.set_exception(error)
    finally:
        with _lookups_lock:
            del _lookups[key]
