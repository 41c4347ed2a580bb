"""Lines at the top of a page: what must be known first. Drawn with an edge and a shape."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Literal

import streamlit as st

from dashboard.marks import PALETTES, RING, STYLES, picture
from monitor.health import Word

Kind = Literal["trouble", "grave", "asked", "healthy", "failing"]
_SIGN = '<path d="M10 1.6L19 18H1z" fill="none" stroke="{c}" stroke-width="1.8" stroke-linejoin="round"/>'
_SIGN += '<path d="M10 7v5.4" stroke="{c}" stroke-width="2"/><circle cx="10" cy="15.2" r="1.2" fill="{c}"/>'
_GOING = RING + '<path d="M8 6.4l5.6 3.6L8 13.6z" fill="{c}"/>'
LOOKS: dict[Kind, tuple[str, str]] = {  # each kind's shape, and the name of its colour
    "trouble": (_SIGN, "warning"),
    "grave": (_SIGN, "failed"),
    "asked": (_GOING, "asked"),
    "healthy": (STYLES[Word.HEALTHY].shape, "healthy"),
    "failing": (STYLES[Word.FAILED].shape, "failed"),
}


def line(text: str, kind: Kind, contact: tuple[str, str | None] | None = None) -> None:
    """One line with an edge in the colour of its kind. `contact`: what stands in it for an address, and the address."""
    palette = PALETTES["dark" if st.context.theme.type == "dark" else "light"]
    shape, name = LOOKS[kind]
    colour = getattr(palette, name)
    drawn, told = picture(shape.format(c=colour, p=palette.paper)), escape(text)
    source = f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"  # Streamlit lets no SVG into its HTML
    if contact and contact[1]:
        label, address = escape(contact[0]), escape(contact[1])
        told = told.replace(label, f'<a href="{address}" style="color:inherit">{label}</a>', 1)
    st.html(
        f'<div style="display:flex;gap:.65rem;border-left:4px solid {colour};background:{palette.line}40;'
        'border-radius:.25rem;padding:.5rem .75rem;line-height:1.45">'
        f'<img alt="" width="18" height="18" style="flex:none;margin-top:.2rem" src="{source}">'
        f'<span style="overflow-wrap:anywhere">{told}</span></div>'
    )
