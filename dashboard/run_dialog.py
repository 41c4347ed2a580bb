"""Asks before anything runs: the dialog's words, and the one place from which a run is requested."""

from __future__ import annotations

import logging

import streamlit as st

from dashboard import sign_in
from dashboard.screen import Screen, current
from dashboard.times import ago
from dashboard.words import runs, states
from dashboard.words.text import plain
from monitor.now import Row

_log = logging.getLogger("dashboard")
MANY = 20  # from here on, the number must be typed


def ask(pipeline_ids: list[str]) -> None:
    """Opens the question for these pipelines (a button's callback)."""
    st.session_state.confirming = pipeline_ids


def show() -> None:
    """Draws the open question, also after a redraw, until it is answered or dismissed."""
    if chosen := st.session_state.get("confirming"):
        screen = current()
        rows = [row for row in map(screen.now.get, chosen) if row]
        runnable = [row for row in rows if not row.is_paused]
        names = [row.pipeline.label for row in runnable or rows] or ["this pipeline"]
        question = plain(runs.question(names))
        st.dialog(question, on_dismiss=_close)(_body)(screen, rows, runnable)


def _body(screen: Screen, rows: list[Row], runnable: list[Row]) -> None:
    if not sign_in.may_run():
        st.markdown(sign_in.who_may_run(screen.settings.access))
        return
    st.markdown(runs.RUN_MEANS)
    if len(rows) == 1:
        st.markdown(f"Now: {states.for_how_long(rows[0], screen.times)}.")
    elif runnable:
        with st.container(height=160 if len(runnable) > 5 else "content", border=len(runnable) > 5):
            st.markdown("\n".join(f"- {plain(row.pipeline.label)}" for row in runnable))
    if screen.now.age is not None:
        st.caption(f"Checked {ago(screen.now.age)}.")
    if len(rows) > len(runnable):
        st.markdown(runs.skipped(len(rows) - len(runnable), len(rows)))
    confirmed = len(runnable) <= MANY or _typed(len(runnable))
    with st.container(horizontal=True):
        ids = [row.pipeline.id for row in runnable]
        label = "Run pipeline" if len(ids) < 2 else f"Run {len(ids)} pipelines"
        if st.button(label, type="primary", disabled=not ids or not confirmed, on_click=request, args=(ids,)):
            st.rerun()
        if st.button("Don't run", on_click=_close):
            st.rerun()


def _typed(number: int) -> bool:
    typed = st.text_input(f"This is a lot at once. Type {number} to go on.")
    return typed.strip() == str(number)


def request(pipeline_ids: list[str]) -> None:
    """Only if this person may run now. At most one request a pipeline leaves, however often this is called."""
    if not sign_in.may_run():
        _log.warning("A run was refused: %s may not run pipelines.", sign_in.who() or "somebody")
        return
    st.session_state.asked = current().account.run(pipeline_ids, by=sign_in.who())
    _close()


def _close() -> None:
    st.session_state.pop("confirming", None)
