"""Lines at the top of a page: what must be known first. Drawn with an edge and a shape, and said to screen readers."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from dashboard.marks import RING, SHAPES, Palette
from monitor.health import Word

Kind = Literal["trouble", "grave", "asked", "healthy", "failing"]
_SIGN = '<path d="M10 1.6L19 18H1z" fill="none" stroke="{c}" stroke-width="1.8" stroke-linejoin="round"/>'
_SIGN += '<path d="M10 7v5.4" stroke="{c}" stroke-width="2"/><circle cx="10" cy="15.2" r="1.2" fill="{c}"/>'
_GOING = RING + '<path d="M8 6.4l5.6 3.6L8 13.6z" fill="{c}"/>'
_ANNOUNCER = st.components.v2.component(
    "hevo_announcer",
    html='<div role="status" aria-live="polite"></div>',
    css="div { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }",
    js="""
export default function ({ data, parentElement }) {
  const region = parentElement.querySelector("[role=status]")
  // A region that is born with its text is not read out: the text comes a moment later.
  setTimeout(() => { if (region.textContent !== data.text) region.textContent = data.text }, 200)
}
""",
)


def line(text: str, kind: Kind, palette: Palette, contact: tuple[str, str | None] | None = None) -> None:
    """One line with an edge in the colour of its kind. `contact`: what stands in it for an address, and the address."""
    shape, colour = _looks(kind, palette)
    told = escape(text)
    if contact and contact[1]:
        label, address = escape(contact[0]), escape(contact[1])
        told = told.replace(label, f'<a href="{address}">{label}</a>', 1)
    st.html(
        f'<div style="display:flex;gap:.65rem;border-left:4px solid {colour};background:{palette.line}40;'
        'border-radius:.25rem;padding:.5rem .75rem;line-height:1.45">'
        '<svg aria-hidden="true" width="18" height="18" viewBox="0 0 20 20" style="flex:none;margin-top:.2rem">'
        f"{shape.format(c=colour, p=palette.paper)}</svg>"
        f'<span style="overflow-wrap:anywhere">{told}</span></div>'
    )


def _looks(kind: Kind, palette: Palette) -> tuple[str, str]:
    return {
        "trouble": (_SIGN, palette.warning),
        "grave": (_SIGN, palette.failed),
        "asked": (_GOING, palette.asked),
        "healthy": (SHAPES[Word.HEALTHY], palette.healthy),
        "failing": (SHAPES[Word.FAILED], palette.failed),
    }[kind]


def announce(text: str) -> None:
    """Says it politely to who listens; nothing when it was said already."""
    _ANNOUNCER(key="announcer", data={"text": text}, height=1, isolate_styles=False)
