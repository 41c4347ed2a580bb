"""Where this dashboard is found: each address of our own is built on the path that Streamlit serves it under."""

from __future__ import annotations

from urllib.parse import urlencode

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
