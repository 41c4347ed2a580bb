"""Security headers on every answer: nothing from other hosts runs, loads or frames this dashboard."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSED_PATHS = frozenset({"/_stcore/metrics"})  # answers anybody, with details of the process
POLICY = (
    "default-src 'self'; script-src 'self' blob: {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class SecurityHeaders:
    """ASGI middleware: adds the headers to each HTTP answer, and closes what nobody here needs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in CLOSED_PATHS:
            await PlainTextResponse("Not found", status_code=404)(scope, receive, _with_headers(send))
        else:
            await self.app(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(security_headers())
        await send(message)

    return send_with_headers


@cache
def security_headers() -> dict[str, str]:
    """The headers, with the inline scripts of the installed Streamlit's own page allowed by their hashes."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return {
        "Content-Security-Policy": POLICY.format(scripts=" ".join(map(_hash, inline_scripts(index)))),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }


def inline_scripts(page: str) -> list[str]:
    """The bodies of the scripts that stand in the page itself."""
    return re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
