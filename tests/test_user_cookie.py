"""Who asks outside a page: the cookie is written by Streamlit itself, as at sign-in, and read by us."""

from __future__ import annotations

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.responses import Response
from streamlit.web.server.starlette.starlette_auth_routes import _set_auth_cookie

from server.doors import claims_in

ANA = {"is_logged_in": True, "email": "ana@example.com", "email_verified": True}
LONG = ANA | {"groups": [sha256(bytes([number])).hexdigest() for number in range(200)]}  # more than a cookie holds


def cookies_of(claims: Any) -> dict[str, str]:
    """The cookies that Streamlit sets when the sign-in service has said this."""
    response = Response()
    with ThreadPoolExecutor(1) as apart:  # browser tests leave a running loop in this thread
        apart.submit(asyncio.run, _set_auth_cookie(response, claims, {})).result()
    jar = SimpleCookie()
    for header in response.headers.getlist("set-cookie"):
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items() if morsel.value}


def read(cookies: dict[str, str]) -> dict[str, Any]:
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return dict(claims_in({"type": "http", "headers": [(b"cookie", sent.encode("latin-1"))]}))


@pytest.mark.parametrize("claims", [ANA, LONG], ids=["one cookie", "several cookies"])
def test_what_streamlit_signs_we_read(claims: dict[str, Any]) -> None:
    assert read(cookies_of(claims)) == claims


def test_a_cookie_that_streamlit_did_not_sign_says_nothing() -> None:
    told = base64.urlsafe_b64encode(json.dumps(ANA).encode()).decode()
    signed = cookies_of(ANA)["_streamlit_user"]
    for forged in ("", told, f"{told}.{signed.partition('.')[2]}", signed[:-1], signed.swapcase(), "é"):
        assert read({"_streamlit_user": forged}) == {}
    assert read({"_streamlit_user_tokens": signed}) == {}
    assert read({}) == {}


def test_a_cookie_in_pieces_of_which_one_is_missing_says_nothing() -> None:
    pieces = {name: value for name, value in cookies_of(LONG).items() if "tokens" not in name}
    assert len(pieces) > 2
    for name in pieces:
        assert read({other: value for other, value in pieces.items() if other != name}) == {}


def test_what_is_signed_but_no_set_of_claims_says_nothing() -> None:
    assert read(cookies_of(["ana@example.com"])) == {}
