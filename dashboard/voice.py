"""For ears and for the keyboard: what is new is said aloud, and focus that a redraw lost is put where one goes on."""

from __future__ import annotations

import streamlit as st

_KEY = "voice"
_VOICE = st.components.v2.component(
    "hevo_voice",
    html="""
<div role="status" aria-live="polite"
     style="position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"></div>
""",
    js="""
export default function ({ data, parentElement }) {
  const region = parentElement.querySelector("[role=status]")
  // A region that is born with its text is not read out: the text comes a moment later.
  setTimeout(() => { if (region.textContent !== data.text) region.textContent = data.text }, 200)

  const memory = (window.hevoVoice ??= { page: data.page, asking: data.asking })
  const note = (event) => {
    const pressed = event.composedPath()[0].closest?.("button, a")
    if (pressed && !document.querySelector("[role=dialog]")) memory.last = pressed
  }
  document.addEventListener("click", note, true)
  const opener = () => {
    const { last } = memory
    if (last?.isConnected || !last?.dataset?.run) return last?.isConnected ? last : null
    const same = `[data-run="${CSS.escape(last.dataset.run)}"]` // its list was drawn anew
    return [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector(same)).find(Boolean)
  }
  const moved = memory.page !== data.page
  if (moved || (memory.asking && !data.asking)) {
    setTimeout(() => {
      if (document.activeElement && document.activeElement !== document.body) return
      const heading = document.querySelector("h1")
      heading?.setAttribute("tabindex", "-1")
      const next = (!moved && opener()) || heading
      next?.focus({ preventScroll: true })
    }, 400)
  }
  memory.page = data.page
  memory.asking = data.asking
  return () => document.removeEventListener("click", note, true)
}
""",
    isolate_styles=False,
)


def say(text: str, page: str) -> None:
    """Says politely what was not said yet. Stands at the script's end: the same element on every page, `page` by page.

    Focus that is lost goes to the new page's heading, or back to what opened a question when that was answered.
    """
    asking = "confirming" in st.session_state
    _VOICE(key=_KEY, data={"text": text, "page": page, "asking": asking}, height=1)
