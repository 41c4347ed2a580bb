"""The line that follows what this viewer asked, on every page, until it is dismissed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard import lines
from dashboard.screen import Screen, unbroken
from dashboard.words import runs as words
from monitor.account import Account
from monitor.requests import Outcome, Request, Standing

RUN = "../pages/run.py"


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


def line(screen: Screen) -> str:
    """Draws the line that follows what this viewer asked; returns what it says."""
    follow_up(screen.account)
    followed: list[Request] = st.session_state.get("followed", [])
    if not followed:
        return ""
    said = words.followed(followed, screen.times)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-line"):
        lines.line(said, _kind(followed))
        if not st.context.is_embedded:
            if not (st.context.url or "").partition("?")[0].endswith("/run"):
                st.page_link(RUN, label="See the log")
            st.button("Dismiss", key="dismiss_run_line", type="tertiary", on_click=_dismiss)
    return said


def _kind(followed: Sequence[Request]) -> lines.Kind:
    """Green only when all came out well."""
    if all(request.outcome is Outcome.HEALTHY for request in followed):
        return "healthy"
    if any(request.standing in (Standing.REFUSED, Standing.UNCLEAR) for request in followed):
        return "trouble"
    return "failing" if any(request.outcome is Outcome.FAILING for request in followed) else "asked"


@unbroken
def _dismiss() -> None:
    st.session_state.pop("followed", None)
