"""One request, one answer, or one error: in time, of bounded size, and touched by nothing in the environment.

A `requests.Session` heeds proxies, .netrc and cookies, and loads the whole body of a redirect. Its adapter
alone does none of that, keeps connections open and may be shared between threads, so that is what we use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from http.client import HTTPException
from typing import Any

from requests import PreparedRequest, Request, Response
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from hevo_api.answers import Answer
from hevo_api.errors import HevoError, Unavailable, UnreadableAnswer
from hevo_api.sockets import TimedAdapter

CONNECT = 3.05
MAX_BYTES = 32 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
CHUNK = 64 * 1024
POOL_SIZE = 32
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "hevo_api"}
FAILURES = (OSError, ValueError, HTTPError, HTTPException)  # those of requests are OSErrors
# One layer at most: nothing within nothing within nothing unpacks for minutes and never reaches a limit.
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})


class Transport:
    """Sends requests of one client; keeps connections open between them."""

    def __init__(self, headers: Mapping[str, str], proxy: str | None = None, ca_bundle: str | None = None) -> None:
        self._blank = _copier({**HEADERS, **headers})
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._verify = ca_bundle or True
        self._shared = TimedAdapter(pool_maxsize=POOL_SIZE)
        self.closed = False

    def close(self) -> None:
        """Sends nothing more."""
        self.closed = True
        self._shared.close()

    def exchange(self, method: str, url: str, seconds: float) -> Answer:
        """The answer, whatever its status, within so many seconds of real time; or a HevoError.

        A POST gets a new connection: on a used one a stale socket would look like a lost answer.
        """
        if self.closed or seconds <= 0:
            raise _never_sent("the client is closed" if self.closed else "no time left")
        request = self._blank(method)
        request.url = url
        timeout: Any = Timeout(total=seconds, connect=min(CONNECT, seconds))
        options: dict[str, Any] = {"timeout": timeout, "verify": self._verify, "proxies": self._proxies}
        connections = nullcontext(self._shared) if method == "GET" else closing(TimedAdapter())
        try:
            with connections as adapter, adapter.send(request, stream=True, **options) as response:
                return _read(response)
        except FAILURES as error:
            failure = _failure(error)
        raise failure  # out here, so that no error of requests, which knows our headers, travels along


def _copier(headers: Mapping[str, str]) -> Callable[[str], PreparedRequest]:
    """Copies of a prepared request: to prepare another takes a fifth of an exchange's time.

    Only the function knows the headers, so that the secret in them can be read in nobody's attributes.
    """
    prepared = {method: Request(method, "http://localhost", headers).prepare() for method in ("GET", "POST")}
    return lambda method: prepared[method].copy()


def _read(response: Response) -> Answer:
    """The answer as a stream of bounded size; of an error's body as much as can be had."""
    failed, body = response.status_code >= 300, bytearray()
    most = MAX_ERROR_BYTES if failed else MAX_BYTES
    is_readable = response.headers.get("Content-Encoding", "").strip().lower() in ENCODINGS
    try:
        for chunk in response.iter_content(CHUNK) if is_readable else ():
            body += chunk
            is_readable = len(body) <= most
            if not is_readable:
                break
    except FAILURES:
        if not failed:
            raise
    if not is_readable and not failed:
        raise UnreadableAnswer("too large, or packed in a way that we did not ask for")
    return Answer(response.status_code, response.reason or "", response.headers, body)


def _failure(error: Exception) -> HevoError:
    """Which error it is, in words that no server chose: they may hold what we sent."""
    chain: list[BaseException] = []
    inner: object = error
    while isinstance(inner, BaseException):  # one of requests wraps one of urllib3, which wraps one of Python
        chain.append(inner)
        wrapped = [each for each in inner.args if isinstance(each, BaseException)]
        inner = getattr(inner, "reason", None) or (wrapped[-1] if wrapped else None)
    root = chain[-1]
    detail = f"{type(root).__name__} {getattr(root, 'strerror', None) or ''}"
    if any(isinstance(each, NewConnectionError) for each in chain):
        return _never_sent(detail)
    return Unavailable(detail) if isinstance(root, (OSError, ReadTimeoutError)) else UnreadableAnswer(detail)


def _never_sent(detail: str) -> Unavailable:
    error = Unavailable(detail)
    error.sent = False
    return error
