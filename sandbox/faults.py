"""Everything that can go wrong between a client and Hevo, to order."""

import asyncio
import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import responses as PHRASES
from typing import Any, get_type_hints

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .variants import Variants

LIMIT_WORDS = "Request rate limit exceeded"
BEGINNING = "YWZ0ZXI6MA=="  # the cursor after nothing
KINDS = (
    *("status", "limit", "delay", "hang", "drip", "reset", "truncate", "down"),
    *("html", "garbage", "bomb", "repeat_cursor", "redirect"),
)


@dataclass(slots=True)
class Fault:
    """An order: what goes wrong, for which requests, and how often."""

    kind: str
    times: int | None = None  # requests that it strikes; None: until it is cleared
    path: str = ""  # only requests whose path and query contain this
    method: str | None = None  # only requests with this method
    status: int | None = None  # of "status", "limit" and "redirect"
    seconds: float | int = 1.0  # before the answer ("delay"), between two bytes ("drip")
    part: str | None = None  # where it strikes: "start", "header" or "body" ("drip", "reset", "truncate")
    retry_after: str | float | int | None = None  # the header of that name, whatever it says
    location: str = "/api/public/v2.0/pipelines"  # of "redirect"; following it looks like success
    megabytes: int = 1024  # of "bomb", once unpacked
    acts: bool = False  # whether the request is carried out although its answer is lost

    def __post_init__(self) -> None:
        """Refuse what could not be carried out; ValueError with a sentence."""
        if self.kind not in KINDS:
            raise ValueError(f"No such fault: {self.kind}. There are {', '.join(KINDS)}.")
        for name, kind in get_type_hints(Fault).items():
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"A fault's {name} cannot be {getattr(self, name)!r}.")
        if self.part not in (None, "start", "header", "body") or not 200 <= (self.status or 503) <= 599:
            raise ValueError("part is start, header or body; status is from 200 to 599.")
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1; leave it out for every time.")


class Faults:
    """An application behind a wire on which the orders in force happen; the first that fits a request strikes it."""

    def __init__(self, app: ASGIApp, variants: Variants) -> None:
        self.app, self.variants = app, variants
        self.orders: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, kind: str, **options: Any) -> Fault:
        """Order a fault: `order("status", status=503, times=2, path="/run-now")`."""
        fault = Fault(kind, **options)
        with self._lock:
            self.orders.append(fault)
        return fault

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self.orders.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the request through, or let it meet its fault."""
        fault = self._take(scope["method"], f"{scope['path']}?{scope['query_string'].decode('latin-1')}")
        if fault is None:
            await self.app(scope, receive, send)
            return
        await Exchange(self.app, self.variants, scope, receive, send).meet(fault)

    def _take(self, method: str, target: str) -> Fault | None:
        """The fault that strikes this request, counted; None when it may pass."""
        with self._lock:
            fitting = (one for one in self.orders if one.path in target and one.method in (None, method))
            fault = next(fitting, None)
            if fault and fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.orders.remove(fault)
        return fault


class Exchange:
    """One request that meets a fault, and what becomes of it and of its connection."""

    def __init__(self, app: ASGIApp, variants: Variants, scope: Scope, receive: Receive, send: Send) -> None:
        self.app, self.variants, self.scope, self.receive, self.send = app, variants, scope, receive, send
        self._answer: Response | None = None
        self.wire: asyncio.Transport = scope["state"]["transport"]  # takes raw bytes, past every rule of HTTP

    async def meet(self, fault: Fault) -> None:
        """What goes wrong."""
        if fault.acts:
            await self.answer()
        match fault.kind:
            case "delay":  # the right answer, late
                answer = await self.answer()
                if await self.wait(fault.seconds):
                    await self.reply(answer)
            case "hang":  # no answer at all, over an open connection
                await self.gone()
            case "drip":
                await self.drip(fault)
            case "reset":  # the connection is torn down, before the answer or in the middle of its header or body
                self.wire.write(await self.half(fault.part or "start"))
                await self.reset()
            case "truncate":  # the answer ends early, although its header promised more
                self.wire.write(await self.half(fault.part or "body"))
                await self.close()
            case "down":  # nobody is at home: the connection closes without a word
                await self.close()
            case "repeat_cursor":
                asked = QueryParams(self.scope["query_string"]).get("starting_after")
                await self.reply(circling(await self.answer(), asked))
            case _:
                await self.reply(instead(fault, self.variants))

    async def answer(self) -> Response:
        """What the application says; the request is carried out once, however often this is asked."""
        if self._answer is None:
            told: list[Message] = []

            async def keep(message: Message) -> None:
                told.append(message)

            await self.app(self.scope, self.receive, keep)
            self._answer = Response(b"".join(part.get("body", b"") for part in told), told[0]["status"])
            self._answer.raw_headers = list(told[0]["headers"])
        return self._answer

    async def half(self, part: str) -> bytes:
        """An answer up to the middle of this part; nothing for "start"."""
        if part == "start":
            return b""
        answer = await self.answer()
        top = head(answer)
        return top[: len(top) // 2] if part == "header" else top + answer.body[: len(answer.body) // 2]

    async def drip(self, fault: Fault) -> None:
        """The right answer, byte by byte: from its start ("header") or from its body on."""
        answer = await self.answer()
        at_once, rest = (b"", head(answer) + answer.body) if fault.part == "header" else (head(answer), answer.body)
        self.wire.write(at_once)
        for byte in bytes(rest):
            if not await self.wait(fault.seconds):
                return
            self.wire.write(bytes([byte]))
        await self.close()

    async def reply(self, response: ASGIApp) -> None:
        """Send this answer."""
        await response(self.scope, self.receive, self.send)

    async def gone(self) -> None:
        """Wait until the client (or the sandbox) closes the connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def wait(self, seconds: float) -> bool:
        """Let time pass; False when the client has gone meanwhile."""
        try:
            await asyncio.wait_for(self.gone(), max(seconds, 0.0001))
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        """Close the connection as a server does that has nothing more to say."""
        self.wire.close()
        await self.gone()

    async def reset(self) -> None:
        """Tear the connection down: the client's system reports a reset."""
        self.wire.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.wait(0.02)  # what was written leaves first
        self.wire.abort()
        await self.gone()


def head(answer: Response) -> bytes:
    """The status line and headers as they go over the wire."""
    lines = [f"HTTP/1.1 {answer.status_code} {PHRASES[answer.status_code]}".encode()]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"connection: close", b"", b""])


def circling(answer: Response, asked: str | None) -> Response:
    """A page that names as the next one the page that was asked for, so that a list never ends."""
    body = bytes(answer.body)
    if not body.startswith(b'{"data":['):  # it is no page and has no cursor to repeat
        return answer
    page = json.loads(body)
    given = page.get("pagination", {}).get("starting_after", BEGINNING)
    page["pagination"] = {"starting_after": asked or given, "count": len(page["data"])}
    return JSONResponse(page, answer.status_code)


def instead(fault: Fault, variants: Variants) -> Response:
    """What comes in place of the answer; errors in the chosen shape, with the time to wait if the fault tells it."""
    match fault.kind:
        case "html":  # somebody's web page, with a good status
            page = "<!doctype html><title>Sign in</title><h1>Sign in to the company network</h1>"
            return Response(page, media_type="text/html")
        case "garbage":  # bytes that are no JSON and no UTF-8, called JSON
            return Response(b'{"data": [\xff\xfe\x00{"id": nan,,', media_type="application/json")
        case "bomb":  # a small answer that unpacks to `megabytes`
            packing = {"Content-Encoding": "gzip"}
            return StreamingResponse(packed(fault.megabytes), 200, packing, "application/json")
        case "redirect":  # an order to go elsewhere; a client that obeys is seen among the arrivals
            return PlainTextResponse("", fault.status or 302, {"Location": fault.location})
        case "limit":  # Hevo's words for too many requests
            status, words = fault.status or int(variants.limit_status), LIMIT_WORDS
        case _:
            status = fault.status or 503
            words = PHRASES.get(status, "Unknown")
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    has_body = status not in (204, 304)
    return variants.error(status, words, headers) if has_body else Response(status_code=status, headers=headers)


def packed(megabytes: int) -> Iterator[bytes]:
    """An empty page with so many blanks in it, in gzip."""
    packer = zlib.compressobj(1, wbits=31)
    for piece in [b'{"data": [', *[b" " * 2**20] * megabytes, b"]}"]:
        yield packer.compress(piece)
    yield packer.flush()
