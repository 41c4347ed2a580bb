"""Where this dashboard is found, and what a tab's browser fetches from it.

Each address of our own is built on the path that Streamlit serves it under.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from weakref import WeakValueDictionary

import streamlit as st

from monitor.access import Access

_PATH = st.get_option("server.baseUrlPath").strip("/")
BASE = f"/{_PATH}" if _PATH else ""


def public(access: Access, pipeline: str | None = None) -> str | None:
    """Where a pipeline, or without one everything, is shown; None where no host of ours is named."""
    host = next((host for host in access.public_host if not host.startswith("*")), None)
    if host is None:
        return None
    return f"https://{host}{BASE}/" + (f"pipelines?{urlencode({'pipeline': pipeline})}" if pipeline else "")


@dataclass(eq=False)
class File:
    """What a tab offers: the file's name, and how it is made; `make` is called outside of any page."""

    name: str
    make: Callable[[], bytes]


_offered: WeakValueDictionary[str, File] = WeakValueDictionary()


def of_file(about: str, name: str, make: Callable[[], bytes]) -> str:
    """Where the tab's browser fetches a file: about one thing the same through every redraw, as long as the tab is
    there."""
    key = f"download_{about}"
    token, _ = st.session_state.get(key) or (secrets.token_urlsafe(24), None)
    st.session_state[key] = token, File(name, make)
    _offered[token] = st.session_state[key][1]
    return f"{BASE}/download/{token}"


def offered(token: str) -> File | None:
    """What stands behind such an address, while its tab is there."""
    return _offered.get(token)
