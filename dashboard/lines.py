"""Lines at the top of a page: what must be known first, drawn with an edge and a shape; and on every page the line
that follows what this viewer asked, until it is dismissed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import streamlit as st

from dashboard.marks import PALETTES, RING, STYLES, picture
from dashboard.screen import Screen, theme_now, unbroken
from dashboard.words import runs as words
from monitor.account import Account
from monitor.health import Word
from monitor.requests import Outcome, Request, Standing

Kind = Literal["trouble", "grave", "asked", "healthy", "failing"]
RUN = "../pages/run.py"
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
    palette = PALETTES[theme_now()]
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


def follow(asked: Iterable[Request]) -> None:
    """From now on a line on every page tells this viewer what becomes of these, until it is dismissed."""
    kept = {request.pipeline_id: request for request in st.session_state.get("followed", ())}
    news = [one for one in asked if one.standing is not Standing.IGNORED or one.pipeline_id not in kept]
    st.session_state.followed = list({**kept, **{one.pipeline_id: one for one in news}}.values())


def follow_up(account: Account) -> bool:
    """Brings up to date what is followed; True when there is news. Also while this viewer has paused the rest."""
    before = st.session_state.get("followed")
    if not before:
        return False
    latest = {request.id: request for request in account.now(watching=False).requests}
    st.session_state.followed = [latest.get(request.id, request) for request in before]
    return bool(st.session_state.followed != before)


def following(screen: Screen) -> str:
    """Draws the line that follows what this viewer asked; returns what it says."""
    follow_up(screen.account)
    followed: list[Request] = st.session_state.get("followed", [])
    if not followed:
        return ""
    said = words.followed(followed, screen.times)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-line"):
        line(said, _kind(followed))
        if not st.context.is_embedded:
            if not (st.context.url or "").partition("?")[0].endswith("/run"):
                st.page_link(RUN, label="See the log")
            st.button("Dismiss", key="dismiss_run_line", type="tertiary", on_click=_dismiss)
    return said


def _kind(followed: Sequence[Request]) -> Kind:
    """Green only when all came out well."""
    if all(request.outcome is Outcome.HEALTHY for request in followed):
        return "healthy"
    if any(request.standing in (Standing.REFUSED, Standing.UNCLEAR) for request in followed):
        return "trouble"
    return "failing" if any(request.outcome is Outcome.FAILING for request in followed) else "asked"


@unbroken
def _dismiss() -> None:
    st.session_state.pop("followed", None)
