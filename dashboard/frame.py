"""What stands around every page: the browser tab's title, the sample line, our own trouble, the age of the picture."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import connection
from dashboard.screen import Screen, current
from dashboard.times import duration
from dashboard.words import states, text, trouble
from monitor.health import NEEDS_ATTENTION

HERE = Path(__file__).parent
LOGO = HERE / "logo.svg"
FAVICON = HERE / "favicon.png"
GUIDE = "../pages/guide.py"
TICK = 5.0  # seconds between two glances at what the server already knows; none of them asks Hevo
RED_AFTER = 600.0  # seconds of outage after which the line at the top turns red


def page_config(page: StreamlitPage, screen: Screen) -> None:
    """The browser tab's title carries the number of problems, so that a pinned tab tells it."""
    problems = sum(screen.now.counts.get(word, 0) for word in NEEDS_ATTENTION)
    count = f"({problems}{'' if screen.now.confirmed else '?'}) " if problems else ""
    st.set_page_config(page_title=f"{count}{page.title} · Hevo pipelines", page_icon=FAVICON, layout="wide")
    if not st.context.is_embedded:
        st.logo(LOGO, size="medium")


def top(screen: Screen) -> None:
    """What must be known before anything else on the page: whose data this is, and whether we can see at all."""
    if connection.is_sample(screen.settings):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sample"):
            st.page_link(GUIDE, label=f":gray[:material/science:] {states.SAMPLE}", query_params={"connect": "yes"})
    if screen.now.problem:
        st.warning(trouble.of_store(screen.now.problem, screen.answered), icon=":material/inventory_2:")
    if screen.now.trouble is not None:
        st.fragment(_trouble, run_every=1.0)()


def _trouble() -> None:
    """Ticks while something is wrong on our side, so that the seconds to the next try are true."""
    screen = current()
    now = screen.account.now(watching=False)
    if now.trouble is None:
        return
    limit = screen.settings.requests_per_minute
    sentence = trouble.of_hevo(now.trouble.cause, screen.answered, now.next_look_in, now.trouble.reference, limit)
    old = now.age is None or now.age > RED_AFTER
    (st.error if old else st.warning)(sentence, icon=":material/cloud_off:")


def title(heading: str) -> Screen:
    """A page's first line, and under it how old the picture is. Returns the screen for the rest of the page."""
    st.title(heading, anchor=False)
    screen = current()
    busy = screen.now.looking or any(not request.is_over for request in screen.now.requests)
    st.fragment(_freshness, run_every=1.0 if busy else TICK)()
    return screen


def _freshness() -> None:
    """Ticks: tells the age of what is shown, and redraws the page as soon as the account has something new."""
    screen = current()
    paused = st.session_state.get("updates_paused", False)
    latest = screen.account.now(watching=not paused)
    is_old = latest.version != screen.now.version
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.caption(_age(screen, latest.at), width="content")
        if screen.paused_at is not None:
            st.caption(states.paused_by_you(screen.paused_at, is_old, screen.times), width="content")
        if not st.context.is_embedded:
            _controls()
    if wait := st.session_state.pop("refresh_wait", 0.0):
        st.caption(f"This was checked a moment ago. You can ask again in {duration(wait + 1)}.")
    if is_old and not paused:
        st.rerun()


def _controls() -> None:
    st.button("Refresh now", key="refresh_now", type="tertiary", icon=":material/refresh:", on_click=_refresh)
    st.toggle("Pause updates", key="updates_paused", persist_state="session")


def _age(screen: Screen, at: float) -> str:
    answered_at = screen.now.answered_at
    if answered_at is None:
        return "Not checked yet"
    return states.checked(max(0.0, at - answered_at), answered_at, screen.times)


def _refresh() -> None:
    st.session_state.refresh_wait = current().account.refresh()


def slowed(screen: Screen) -> None:
    """A large account is looked at less often, and the page says so."""
    if screen.now.slowed:
        st.caption(states.slowed(len(screen.now.rows), screen.now.interval))


def waiting(screen: Screen) -> None:
    """Before the first answer: what we are doing, or why there is nothing to show."""
    now = screen.now
    title("Asking Hevo" if now.trouble is None else "Nothing to show yet")
    if now.trouble is None:
        read = f" {text.counted(now.progress)} read so far." if now.progress else ""
        st.markdown(f"Reading the list of pipelines.{read}")
        st.skeleton(height=240)
    elif now.trouble.cause != "key":
        st.markdown("As soon as Hevo answers, this page fills by itself. There is no need to reload it.")
