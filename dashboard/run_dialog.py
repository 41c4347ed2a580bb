"""Asks before anything runs: the dialog's words, and the one place from which a run is requested."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import lines, sign_in
from dashboard.screen import Screen, current, unbroken
from dashboard.words import runs as words
from dashboard.words.text import plain
from monitor.now import Now, Row
from monitor.requests import Request, newest

_log = logging.getLogger("dashboard")
CHOSEN = "run_rows"  # the run page's choice, which is empty again once it was asked for
TICK = 5.0
MANY = 20  # from here on, the number must be typed
LISTED = 5  # names; more are scrolled


@unbroken
def ask(pipeline_ids: list[str]) -> None:
    """Opens the question for these pipelines (a button's callback)."""
    st.session_state.confirming = pipeline_ids
    st.session_state.pop("question", None)


def show() -> None:
    """Draws the open question, also after a redraw, until it is answered or dismissed.

    Its title stays as it was when it opened: a dialog with another title is another dialog, and would take the focus.
    """
    chosen = st.session_state.get("confirming")
    st.session_state.question_drawn = bool(chosen)
    if chosen:
        rows = current().now.present(chosen)
        names = [row.label for row in sent_now(current().now, rows)[0] or rows] or ["this pipeline"]
        question = st.session_state.setdefault("question", plain(words.question(names)))
        st.dialog(question, on_dismiss=_close)(_body)()


def sent_now(now: Now, rows: Sequence[Row]) -> tuple[list[Row], list[Request]]:
    """Those of these for which a run would be sent, and the requests that are why none is for others: under way, or not
    a minute old. None is sent for what is paused."""
    asked, running = newest(now.requests), [row for row in rows if not row.is_paused]
    found = [asked[row.pipeline.id] for row in running if row.pipeline.id in asked]
    lately = {one.pipeline_id: one for one in found if not one.is_over or one.free_at > now.at}
    return [row for row in running if row.pipeline.id not in lately], [*lately.values()]


def _body() -> None:
    if "confirming" not in st.session_state:  # a button has just answered it
        st.rerun()
    screen = current()
    latest = screen.account.now(watching=False)
    rows = latest.present(st.session_state.get("confirming", []))
    ids, confirmed = list[str](), False
    if not sign_in.may_run():
        st.markdown(sign_in.who_may_run(screen.settings.access))
    elif latest.problem:
        st.markdown(words.WHY["unrecorded"])
    elif not rows:
        st.markdown(words.WHY["gone"])
    else:
        ids, confirmed = _offer(screen, latest, rows)
    with st.container(horizontal=True):
        if ids:
            label = "Run pipeline" if len(ids) == 1 else f"Run {len(ids)} pipelines"
            st.button(label, key="confirm_run", type="primary", disabled=not confirmed, on_click=request, args=(ids,))
        st.button("Don't run" if ids else "Close", key="do_not_run", on_click=_close)


def _offer(screen: Screen, latest: Now, rows: Sequence[Row]) -> tuple[list[str], bool]:
    """What a run does, how these are now, which are left out and why. Returns which can be sent, and whether they may
    be: the number of many must be typed."""
    runnable, lately = sent_now(latest, rows)
    st.markdown(words.RUN_MEANS)
    if len(rows) == 1:
        st.fragment(_how_it_is, run_every=TICK)(rows[0].pipeline.id)
    else:
        with st.container(height=160 if len(runnable) > LISTED else "content", border=len(runnable) > LISTED):
            st.markdown("\n".join(f"- {plain(row.label)}" for row in runnable))
    if paused := sum(row.is_paused for row in rows):
        st.markdown(words.skipped(paused, len(rows)))
    if lately:
        st.markdown(plain(words.lately(lately, len(rows), screen.times), 400))
    confirmed = True
    if len(runnable) > MANY:
        typed = st.text_input(f"This is a lot at once. Type {len(runnable)} to go on.", key="typed_number")
        confirmed = typed.strip() == str(len(runnable))
    return [row.pipeline.id for row in runnable], confirmed


def _how_it_is(pipeline_id: str) -> None:
    """Ticks: the page behind rests while a question is open."""
    screen = current()
    latest = screen.account.now(watching=False)
    if row := latest.get(pipeline_id):
        times = replace(screen.times, now=latest.at)
        st.markdown(words.now(row, latest.confirmed, latest.age, times))


def request(pipeline_ids: list[str]) -> None:
    """Only if this person may run now. At most one request a pipeline leaves, however often this is called."""
    asked = list[Request]()

    @unbroken
    def pressed() -> None:
        if not sign_in.may_run():
            _log.warning("A run was refused: %s may not run pipelines.", sign_in.who() or "somebody")
            return
        if not asked:
            asked.extend(current().account.run(pipeline_ids, by=sign_in.who()))
        st.session_state[CHOSEN] = []
        lines.follow(asked)
        _close()

    pressed()


@unbroken
def _close() -> None:
    for name in ("confirming", "question", "typed_number"):
        st.session_state.pop(name, None)
