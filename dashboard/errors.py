"""The error net: whatever raises, the person reads a plain sentence and the log gets the details."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

_log = logging.getLogger("dashboard")


def say_sorry(error: BaseException) -> bool:
    """One sentence with a reference on screen; the trace under the same reference in the log. True: handled."""
    reference = secrets.token_hex(4)
    _log.error("Reference %s", reference, exc_info=error)
    st.error(
        "Something in this dashboard did not work. Your pipelines are not affected. "
        f"Reload the page; if it happens again, give the dashboard's owner this reference: {reference}",
        icon=":material/error:",
    )
    return True
