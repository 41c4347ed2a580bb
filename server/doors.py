"""Who is let in before anything is served: only by our own names, from our own pages, and files only to viewers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard import connection
from dashboard.sign_in import has_left
from monitor.access import Access, SettingsError

LOCAL = ("localhost", "127.0.0.1", "::1")  # health checks; a page of somebody else never comes by these names
FILES = ("/media/", "/download/")
CLOSED = "/_stcore/metrics"  # answers anybody, with details of the process
HOST_CONFIG = "/_stcore/host-config"  # names the hosts whose pages may steer ours by messages when they embed it


class Doors:
    """ASGI middleware: turns away what has no business here. The rules are read afresh for each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        access = rules()
        if scope["path"].endswith(HOST_CONFIG):  # Streamlit's own list holds its makers' hosts and those of their tests
            config.set_option("client.allowedOrigins", list(access.embed_hosts))
        inner = _turned_away(scope, access) or self.app
        hosts = [*access.public_host, *LOCAL] if access.public_host else ["*"]
        await TrustedHostMiddleware(inner, hosts, www_redirect=False)(scope, receive, send)


def rules() -> Access:
    """As they are set now; none while the settings are wrong, for then the pages show nothing but that."""
    with suppress(SettingsError):
        return connection.access()
    return Access()


def may_look(scope: Scope, access: Access) -> bool:
    """Whether the pages would let this request's person in."""
    if not access.providers:
        return True
    told = claims_in(scope)
    return access.may_look(told) and not has_left(told)


def claims_in(scope: Scope) -> Mapping[str, Any]:
    """What the sign-in service says about who sent this request; nothing without a cookie signed by us.

    How that is read is borrowed from Streamlit's inside, and only here: it tells who somebody is (`st.user`) in pages
    alone, while downloads are asked for by plain requests. tests/test_user_cookie.py tells when a new Streamlit writes
    it in another way.
    """
    cookie = _get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    told = json.loads(cookie) if cookie else {}
    return told if isinstance(told, dict) else {}


def _turned_away(scope: Scope, access: Access) -> ASGIApp | None:
    """The refusal, if this request deserves one."""
    path = scope["path"].rstrip("/")
    if path.endswith(CLOSED):
        return PlainTextResponse("Not found", status_code=404)
    if scope["type"] == "websocket" and _is_from_another_page(Headers(scope=scope)):
        return PlainTextResponse("Not from another page", status_code=403)
    if any(name in path for name in FILES) and not may_look(scope, access):  # the logo travels within the page
        return PlainTextResponse("Sign in first", status_code=403)
    return None


def _is_from_another_page(headers: Headers) -> bool:
    """True for a foreign origin, unless the owner let it in by Streamlit's own settings. (Streamlit would let in
    any page on the viewer's machine, and would first ask a host on the internet for the server's own address.)"""
    origin = headers.get("origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return False
    return urlsplit(origin).netloc != headers.get("host") and origin not in st.get_option("server.corsAllowedOrigins")
