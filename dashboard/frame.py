"""What stands around every page: the browser tab's title, the sample line, our own trouble, the age of the picture."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import connection, words
from dashboard.picture import Picture, current
from dashboard.times import duration
from monitor.health import Word

HERE = Path(__file__).parent
LOGO = HERE / "logo.svg"
FAVICON = HERE / "favicon.png"
GUIDE = "../pages/guide.py"
TICK = 5.0  # seconds between two glances at what the server already knows; none of them asks Hevo
RED_AFTER = 600.0  # seconds of outage after which the line at the top turns red


def page_config(page: StreamlitPage, now: Picture) -> None:
    """The browser tab's title carries the number of problems, so that a pinned tab tells it."""
    problems = sum(now.board.counts[word] for word in (Word.FAILED, Word.UNKNOWN))
    count = f"({problems}) " if problems and now.view.confirmed else ""
    st.set_page_config(page_title=f"{count}{page.title} · Hevo pipelines", page_icon=FAVICON, layout="wide")
    if not st.context.is_embedded:
        st.logo(LOGO, size="medium")


def top(now: Picture) -> None:
    """What must be known before anything else on the page: whose data this is, and whether we can see at all."""
    if connection.is_sample(now.settings):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sample"):
            st.page_link(GUIDE, label=f":gray[:material/science:] {words.SAMPLE}", query_params={"connect": "yes"})
    if now.view.trouble is not None:
        st.fragment(_trouble, run_every=1.0)()


def _trouble() -> None:
    """Ticks while something is wrong on our side, so that the seconds to the next try are true."""
    now = current()
    view = now.account.view(watching=False)
    if view.trouble is None:
        return
    trouble, limit = view.trouble, now.settings.requests_per_minute
    sentence = words.trouble(trouble.cause, now.answered, view.next_look_in, trouble.reference, limit)
    old = view.age is None or view.age > RED_AFTER
    (st.error if old else st.warning)(sentence, icon=":material/cloud_off:")


def title(text: str) -> Picture:
    """A page's first line, and under it how old the picture is. Returns the picture for the rest of the page."""
    st.title(text, anchor=False)
    now = current()
    busy = now.view.looking or any(not run.is_over for run in now.view.runs)
    st.fragment(_freshness, run_every=1.0 if busy else TICK)()
    return now


def _freshness() -> None:
    """Ticks: tells the age, and redraws the page as soon as the account has something new."""
    shown = current()
    paused = st.session_state.get("updates_paused", False)
    view = shown.account.view(watching=not paused)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.caption(_age(shown, view.age), width="content")
        if not st.context.is_embedded:
            _controls()
    if wait := st.session_state.pop("refresh_wait", 0.0):
        st.caption(f"This was checked a moment ago. You can ask again in {duration(wait + 1)}.")
    if view.version != shown.view.version and not paused:
        st.rerun()


def _controls() -> None:
    st.button("Refresh now", key="refresh_now", type="tertiary", icon=":material/refresh:", on_click=_refresh)
    st.toggle("Pause updates", key="updates_paused", persist_state="session")


def _age(shown: Picture, age: float | None) -> str:
    snapshot = shown.view.snapshot
    if snapshot is None or age is None:
        return "Not checked yet"
    return words.checked(age, snapshot.answered_at, shown.times)


def _refresh() -> None:
    st.session_state.refresh_wait = current().account.refresh_now()


def slowed(now: Picture) -> None:
    """A large account is looked at less often, and the page says so."""
    if now.view.slowed and now.view.snapshot:
        st.caption(words.slowed(len(now.view.snapshot.pipelines), now.view.interval))


def waiting(now: Picture) -> None:
    """Before the first answer: what we are doing, or why there is nothing to show."""
    title("Asking Hevo" if now.view.trouble is None else "Nothing to show yet")
    if now.view.trouble is None:
        read = f" {words.counted(now.view.progress)} read so far." if now.view.progress else ""
        st.markdown(f"Reading the list of pipelines.{read}")
        st.skeleton(height=240)
    else:
        st.markdown("As soon as Hevo answers, this page fills by itself. There is no need to reload it.")
