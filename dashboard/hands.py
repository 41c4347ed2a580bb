"""What only the browser knows of who uses a page: by keyboard or by pointer, on a narrow window or a wide one.

And the way back to a table leads the focus back as well.
"""

from __future__ import annotations

import streamlit as st

_KEY, _ENTERED, _LED_BACK = "hands", "hands_entered", "hands_led_back"
_HANDS = st.components.v2.component(
    "hevo_hands",
    html="<span hidden></span>",
    js="""
export default function ({ data, setStateValue, setTriggerValue }) {
  const tell = { typing: data.typing, narrow: data.narrow }
  const say = (name, value) => {
    if (tell[name] === value) return
    tell[name] = value
    setStateValue(name, value)
  }
  const inTable = (event) => event.target.closest?.("[data-testid=stDataFrame], #portal")
  const pressed = (event) => {
    if (event.key !== "Tab" && !inTable(event)) return
    say("typing", true)
    if (event.key !== "Enter") return
    event.preventDefault()
    event.stopPropagation()
    setTimeout(() => setTriggerValue("enter", true), 250) // the table tells which cell is chosen a moment later
  }
  const pointed = () => say("typing", false)
  const measured = () => say("narrow", window.innerWidth < 640 ? window.innerWidth : 0)
  measured()
  document.addEventListener("keydown", pressed, true)
  document.addEventListener("pointerdown", pointed, true)
  window.addEventListener("resize", measured)
  return () => {
    document.removeEventListener("keydown", pressed, true)
    document.removeEventListener("pointerdown", pointed, true)
    window.removeEventListener("resize", measured)
  }
}
""",
)
_FOCUS = st.components.v2.component(
    "hevo_focus",
    html="<span hidden></span>",
    js="""
const seen = new Set([0])
export default function ({ data }) {
  if (seen.has(data.turn)) return
  seen.add(data.turn)
  const move = (tries) => {
    const table = document.querySelector("[data-testid=data-grid-canvas]")
    if (table) table.focus()
    else if (tries) setTimeout(() => move(tries - 1), 50)
  }
  move(20)
}
""",
)


def listen() -> None:
    """Stands on the page whose table wants to know."""
    told = {"typing": on_the_keyboard(), "narrow": narrow()}
    _HANDS(
        key=_KEY, data=told, on_typing_change=_nothing, on_narrow_change=_nothing, on_enter_change=_entered, height=1
    )


def _nothing() -> None:
    """What nobody hears is not told at all."""


def _entered() -> None:
    st.session_state[_ENTERED] = True


def has_entered() -> bool:
    """True once after Enter was pressed in the table."""
    return bool(st.session_state.pop(_ENTERED, False))


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


def focus_if_led_back() -> None:
    """Stands behind the table."""
    _FOCUS(key="focus", data={"turn": st.session_state.get(_LED_BACK, 0)}, height=1)
