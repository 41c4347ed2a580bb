"""What only the browser knows of who uses the table: by keyboard or by pointer, on a narrow window or a wide one.

And the way back to the table leads the focus back as well.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components import component, nothing
from dashboard.screen import unbroken

_KEY, _ENTERED, _LED_BACK = "hands", "hands_entered", "hands_led_back"
_TABLE = component("table", "<span hidden></span>")


def listen() -> None:
    """Stands behind the table that wants to know."""
    turn = st.session_state.get(_LED_BACK, 0)
    told = {"typing": on_the_keyboard(), "narrow": narrow(), "seen": seen(), "turn": turn}
    _TABLE(
        key=_KEY,
        data=told,
        on_typing_change=nothing,
        on_narrow_change=nothing,
        on_seen_change=nothing,
        on_enter_change=_entered,
        height=1,
    )


@unbroken
def _entered() -> None:
    st.session_state[_ENTERED] = True


def has_entered(table: str) -> bool:
    """True once after Enter was pressed in the table of this name."""
    return bool(st.session_state.pop(_ENTERED, False)) and seen() in (None, table)


def seen() -> str | None:
    """The name that the table had when it was last used; None before."""
    told = getattr(st.session_state.get(_KEY), "seen", None)
    return told if isinstance(told, str) else None


def on_the_keyboard() -> bool:
    """True when a key, and not the pointer, led to where the person is now."""
    return bool(getattr(st.session_state.get(_KEY), "typing", False))


def narrow() -> int:
    """How wide the window is, in pixels, if it is a phone's; else 0."""
    told = getattr(st.session_state.get(_KEY), "narrow", 0)
    return told if type(told) is int and 0 <= told < 640 else 0


def lead_back() -> None:
    """The table of the next page gets the focus: whoever was on one of its rows goes on from there."""
    st.session_state[_LED_BACK] = st.session_state.get(_LED_BACK, 0) + 1
