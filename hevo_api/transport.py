"""One request, one answer, or one error: in time, of bounded size, and touched by nothing in the environment.

A `requests.Session` heeds proxies, .netrc and cookies, and loads the whole body of a redirect. Its adapter
alone does none of that, keeps connections open and may be shared between threads, so that is what we use.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError
from urllib3.util.ssl_ import create_urllib3_context

from hevo_api.answers import Answer
from hevo_api.errors import HevoError, Unavailable, UnreadableAnswer

CONNECT = 3.05
SILENCE = 10.0
MAX_BYTES = 32 * 1024 * 1024
MAX_WIRE_BYTES = (
    MAX_BYTES + MAX_BYTES // 4
)  # what no reader above us bounds: endless lines, chunks of one byte
MAX_ERROR_BYTES = 64 * 1024
CHUNK = 64 * 1024
FAILURES = (OSError, ValueError, HTTPError, HTTPException)  # requests' own are OSErrors
POOL_SIZE = 32
ENCODINGS = (
    "",
    "identity",
    "gzip",
    "x-gzip",
    "deflate",
)  # one layer only: layers of nothing can take minutes


class TooLarge(HTTPException):
    """An answer of more bytes than we are ready to hold."""


class UnknownEncoding(HTTPException):
    """An answer in an encoding that we did not ask for."""


class Transport:
    """Sends requests of one client; keeps connections open between them."""

    def __init__(
        self, headers: Mapping[str, str], proxy: str | None = None, ca_bundle: str | None = None
    ) -> None:
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._verify = ca_bundle or True
        self._shared = _Adapter(pool_maxsize=POOL_SIZE)

    def exchange(self, method: str, url: str, query: Mapping[str, str] | None, seconds: float) -> Answer:
        """The answer, whatever its status, within so many seconds of real time; or a HevoError."""
        if seconds <= 0:
            raise _never_sent("no time left")
        request = Request(method, url, headers=self._headers, params=query).prepare()
        try:
            with self._adapter(method) as adapter:
                return self._send(adapter, request, seconds)
        except FAILURES as error:
            failure = _failure(error)
        raise failure  # out here, so that no error of requests, which knows our headers, travels along

    def _send(self, adapter: HTTPAdapter, request: PreparedRequest, seconds: float) -> Answer:
        timeout: Any = Timeout(total=seconds, connect=min(CONNECT, seconds))
        with adapter.send(
            request, stream=True, timeout=timeout, verify=self._verify, proxies=self._proxies
        ) as response:
            return _read(response)

    @contextmanager
    def _adapter(self, method: str) -> Iterator[HTTPAdapter]:
        """A POST gets a new connection: on a used one a stale socket would look like a lost answer."""
        if method == "GET":
            yield self._shared
            return
        fresh = _Adapter()
        try:
            yield fresh
        finally:
            fresh.close()


def _read(response: Response) -> Answer:
    """The answer as a stream of bounded size; of an error's body as much as can be had."""
    body = bytearray()
    failed = response.status_code >= 300
    try:
        if response.headers.get("Content-Encoding", "").strip().lower() not in ENCODINGS:
            raise UnknownEncoding
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > (MAX_ERROR_BYTES if failed else MAX_BYTES):
                raise TooLarge
    except FAILURES:
        if not failed:
            raise
    return Answer(response.status_code, response.reason or "", response.headers, body)


def _failure(error: Exception) -> HevoError:
    """Which error it is, in words that no server chose: they may hold what we sent."""
    chain = list(_chain(error))
    root = chain[-1]
    detail = f"{type(root).__name__} {getattr(root, 'strerror', None) or ''}"
    if any(isinstance(each, NewConnectionError) for each in chain):
        return _never_sent(detail)
    return Unavailable(detail) if isinstance(root, (OSError, TimeoutError)) else UnreadableAnswer(detail)


def _never_sent(detail: str) -> Unavailable:
    error = Unavailable(detail)
    error.sent = False
    return error


def _chain(error: object) -> Iterator[BaseException]:
    """An error of requests wraps one of urllib3, which wraps one of Python: each, from the outside in."""
    while isinstance(error, BaseException):
        yield error
        inner = [each for each in error.args if isinstance(each, BaseException)]
        error = getattr(error, "reason", None) or (inner[-1] if inner else None)


class _Timed:
    """A socket whose timeout is for all that follows, not for each read, so that drips cannot stretch it."""

    def settimeout(self, seconds: float | None) -> None:
        self._until = time.monotonic() + (SILENCE if seconds is None else seconds)
        self._bytes_left = MAX_WIRE_BYTES
        super().settimeout(seconds)  # type: ignore[misc]

    def recv_into(self, *args: Any) -> int:
        left = min(self._until - time.monotonic(), SILENCE)
        if left <= 0 or self._bytes_left <= 0:
            raise socket.timeout if left <= 0 else TooLarge
        super().settimeout(left)  # type: ignore[misc]
        count: int = super().recv_into(*args)  # type: ignore[misc]
        self._bytes_left -= count
        return count


class _Socket(_Timed, socket.socket):
    pass


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


class _Connecting:
    """Name, addresses, proxy and TLS share one timeout; what fails before they are done was never sent."""

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


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """requests' adapter, on sockets that keep time."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return manager


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
