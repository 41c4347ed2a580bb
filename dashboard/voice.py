"""For ears and for the keyboard: what is new is said aloud, and focus that a redraw lost is put where one goes on."""

from __future__ import annotations

import streamlit as st

from dashboard.components import component

_UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
_VOICE = component("voice", f'<div role="status" aria-live="polite" style="{_UNSEEN}"></div>', isolate_styles=False)


def say(text: str, page: str) -> None:
    """Says politely what was not said yet. Stands at the script's end: the same element on every page, `page` by page.

    Focus that is lost goes to the new page's heading, or back to what opened a question when that was answered.
    """
    asking = "confirming" in st.session_state
    _VOICE(key="voice", data={"text": text, "page": page, "asking": asking}, height=1)
