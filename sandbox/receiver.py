"""A receiver to try webhooks on: it keeps what is posted to it, checks its signature, and fails to order."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .faults import Faults
from .server import Server
from .variants import Variants

KEPT_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """One event that was posted here; `verified` is None where no secret says how to check it."""

    at: float
    path: str
    headers: Mapping[str, str]
    body: str
    verified: bool | None

    @property
    def id(self) -> str:
        """The event's id: the same in each attempt to deliver it."""
        return self.headers.get("webhook-id", "")

    @property
    def type(self) -> str:
        """What the body calls itself; empty when that cannot be read."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return ""
        return str(body.get("type", "")) if isinstance(body, dict) else ""

    def __str__(self) -> str:
        """The event in one line, without what could steer a terminal."""
        told = {True: "verified", False: "NOT verified", None: "not checked"}[self.verified]
        clock = time.strftime("%H:%M:%S", time.localtime(self.at))
        line = f"{clock}  {self.type[:80] or 'no type'}  {self.id[:80] or 'no id'}  {told}"
        return "".join(sign if sign.isprintable() else "?" for sign in line)


class Receiver(Server):
    """Takes every POST with 204 and keeps it; a context manager, or `start()` and `stop()`.

    An event that a fault refuses is not kept, unless the fault `acts`.
    """

    def __init__(
        self,
        secret: str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        tell: Callable[[Received], None] = lambda _: None,
    ) -> None:
        super().__init__(host, port)
        self.clock, self.tell = clock, tell
        self.received: list[Received] = []
        self.faults = Faults(self._take, Variants())
        self._key = None if secret is None else key_of(secret)

    @property
    def url(self) -> str:
        """Where to post."""
        return f"{self.address}/webhook"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application: what is posted meets its fault; all else is told what was received, oldest first."""
        if scope["method"] == "POST":
            await self.faults(scope, receive, send)
        else:
            await JSONResponse([asdict(event) for event in self.received])(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep an event."""
        request = Request(scope, receive)
        body = await request.body()
        verified = None if self._key is None else signed(self._key, request.headers, body)
        headers, text = dict(request.headers), body.decode(errors="replace")
        event = Received(self.clock(), request.url.path, headers, text, verified)
        self.received.append(event)
        del self.received[:-KEPT_EVENTS]
        self.tell(event)
        await Response(status_code=204)(scope, receive, send)


def key_of(secret: str) -> bytes:
    """The key in a secret that Standard Webhooks writes as `whsec_` and base64; ValueError for anything else."""
    try:
        prefix, _, encoded = secret.partition("_")
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if prefix != "whsec" or not key:
        raise ValueError("The secret is whsec_ and then base64.")
    return key


def signed(key: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """True when one of the signatures fits the id, the time and the body (Standard Webhooks, version 1)."""
    content = b".".join([headers.get("webhook-id", "").encode(), headers.get("webhook-timestamp", "").encode(), body])
    right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(b"v1," + right, one) for one in given)
