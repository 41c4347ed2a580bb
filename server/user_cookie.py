"""Who asks outside a page: read from the cookie that Streamlit signed when the person came in.

Borrowed from Streamlit's inside, and only here: it tells who somebody is (`st.user`) in pages alone, while downloads
are asked for by plain requests. tests/test_user_cookie.py tells when a new Streamlit writes it in another way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Scope
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard.sign_in import has_left
from monitor.access import Access


def claims_in(scope: Scope) -> Mapping[str, Any]:
    """What the sign-in service says about who sent this request; nothing without a cookie signed by us."""
    cookie = _get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    told = json.loads(cookie) if cookie else {}
    return told if isinstance(told, dict) else {}


def may_look(scope: Scope, access: Access) -> bool:
    """Whether the pages would let this request's person in."""
    if not access.providers:
        return True
    told = claims_in(scope)
    return access.may_look(told) and not has_left(told)
