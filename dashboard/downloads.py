"""Files to download: made when somebody asks for one, and still to be had while their page is drawn anew.

The address stays the same as long as a tab is open, and what stands behind it lives as long as the tab's session.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from weakref import WeakValueDictionary

import streamlit as st

from dashboard.addresses import BASE
from dashboard.screen import Screen


@dataclass(eq=False)
class File:
    """What a tab offers: the file's name, and how it is made; `make` is called outside of any page."""

    name: str
    make: Callable[[], bytes]


_offered: WeakValueDictionary[str, File] = WeakValueDictionary()


def link(label: str, about: str, make: Callable[[], bytes], screen: Screen, dated: bool = True) -> None:
    """A link that looks like the buttons beside it; the file is named after what it is about and, `dated`, the time."""
    moment = f"-{screen.times.moment(screen.now.at):%Y-%m-%d-%H%M}" if dated else ""
    name, palette, key = f"hevo-{about}{moment}.csv", screen.palette, f"download_{about}"
    token, _ = st.session_state.get(key) or (secrets.token_urlsafe(24), None)
    st.session_state[key] = token, File(name, make)
    _offered[token] = st.session_state[key][1]
    st.html(
        f'<a href="{BASE}/download/{token}" download="{escape(name)}" style="display:inline-flex;align-items:center;'
        f"min-height:2.5rem;padding:0 .75rem;font-size:.875rem;border:1px solid {palette.line};border-radius:.5rem;"
        f'color:{palette.text};text-decoration:none;white-space:nowrap">{escape(label)}</a>',
        width="content",
    )


def offered(token: str) -> File | None:
    """What stands behind an address, while its tab is there."""
    return _offered.get(token)
