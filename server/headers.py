"""Security headers on every answer: nothing from other hosts runs, loads or frames this dashboard."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.doors import rules

POLICY = (
    "default-src 'self'; script-src 'self' blob: {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors {frames}; form-action 'self'"
)


class SecurityHeaders:
    """ASGI middleware: adds the headers to each answer, a refusal of the websocket included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                headers = MutableHeaders(scope=message)
                headers.update(security_headers(rules().embed_hosts))
                if "/media/" in scope["path"]:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


@cache
def security_headers(embed_hosts: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers, with the inline scripts of the installed Streamlit's own page allowed by their hashes.

    X-Frame-Options cannot name hosts, so it stays away where some may embed the dashboard.
    """
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    found = re.findall(r"<script>(.*?)</script>", index, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found]
    scripts = " ".join(f"'sha256-{one}'" for one in hashes)
    frames = " ".join(embed_hosts) or "'none'"
    return {
        "Content-Security-Policy": POLICY.format(scripts=scripts, frames=frames),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        **({} if embed_hosts else {"X-Frame-Options": "DENY"}),
    }
