"""What stands around every page: the browser tab's title, the sample line, our own trouble, the age of the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import connection, lines, sign_in
from dashboard.components import component
from dashboard.screen import Screen, current, theme_now, unbroken
from dashboard.times import duration
from dashboard.words import states, text, trouble
from monitor.catalog.reader import is_address
from monitor.schedule import CONFIRMED_FOR

HERE = Path(__file__).parent
LOGO = HERE / "logo.svg"
FAVICON = HERE / "favicon.png"
GUIDE = "../pages/guide.py"
TICK = 5.0  # seconds between two glances at what the server already knows; none of them asks Hevo
FOCUS = """<style>
  :is(a, button, summary):focus-visible { outline: 2px solid %(focus)s !important; outline-offset: 2px !important }
  h1:focus { outline: none !important }
  [data-hands=keys] h1:focus-visible { box-shadow: -.5rem 0 %(paper)s, -.7rem 0 %(focus)s }
</style>"""  # Streamlit's own ring is missing where it draws links as tiles or as navigation
_UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
_VOICE = component("voice", f'<div role="status" aria-live="polite" style="{_UNSEEN}"></div>', isolate_styles=False)
RED_AFTER = 600.0  # seconds of outage after which the line at the top turns red


def page_config(page: StreamlitPage, screen: Screen) -> None:
    """The browser tab's title carries the number of problems, so that a pinned tab tells it."""
    problems = len(screen.now.problems)
    count = f"({problems}{'' if screen.now.confirmed else '?'}) " if problems else ""
    st.set_page_config(page_title=f"{count}{page.title} · Hevo pipelines", page_icon=FAVICON, layout="wide")
    st.html(FOCUS % {"focus": screen.palette.focus, "paper": screen.palette.paper})
    if not st.context.is_embedded:
        st.logo(LOGO, size="medium")


def top(screen: Screen) -> None:
    """What must be known before anything else on the page: whose data this is, whether we can see at all, and what
    became of what this viewer asked. What is new in it is said to screen readers."""
    if connection.is_sample(screen.settings):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sample"):
            st.page_link(GUIDE, label=f":gray[:material/science:] {states.SAMPLE}", query_params={"connect": "yes"})
    said = []
    if screen.now.problem:
        said.append(trouble.of_store(screen.now.problem, screen.answered))
        lines.line(said[-1], "trouble")
    if screen.now.trouble is not None:
        said.append(trouble.briefly(screen.now.trouble.cause, screen.settings.requests_per_minute))
        st.fragment(_trouble, run_every=1.0)()
    said.append(lines.following(screen))
    st.session_state.said = " ".join(filter(None, said))


def announce(page: StreamlitPage) -> None:
    """Says what is new at the top to who listens. Stands at the script's end: the same element on every page.

    Focus that is lost goes to the new page's heading, or back to what opened a question when that was answered.
    """
    here = f"{page.url_path}?{st.query_params.get('pipeline', '')}"
    told = {"text": st.session_state.get("said", ""), "page": here, "asking": "confirming" in st.session_state}
    _VOICE(key="voice", data=told, on_again_change=_begin_again, height=1)


@unbroken
def _begin_again() -> None:
    """Leads from one pipeline, incident or filter back to all that the page is about."""
    st.query_params.clear()


def _trouble() -> None:
    """Ticks while something is wrong on our side, so that the seconds to the next try are true."""
    screen = current()
    now = screen.account.now(watching=False)
    if now.trouble is None:
        return
    whom, told = None, screen.settings.contact
    if told is not None:
        whom = text.one_line(told.removeprefix("mailto:"), 120), told if is_address(told) else None
    limit = screen.settings.requests_per_minute
    sentence = trouble.of_hevo(now.trouble, screen.answered, now.next_look_in, limit, whom and whom[0])
    old = now.age is None or now.age > RED_AFTER
    lines.line(sentence, "grave" if old else "trouble", whom)


def title(heading: str) -> Screen:
    """A page's first line, and under it how old the picture is. Returns the screen for the rest of the page."""
    st.title(heading, anchor=False)
    screen = current()
    st.session_state.question_drawn = False  # until this run draws one
    under_way = any(not request.is_over for request in screen.now.requests)
    busy = screen.now.looking or under_way or "confirming" in st.session_state
    st.fragment(_freshness, run_every=1.0 if busy else TICK)()
    return screen


def _freshness() -> None:
    """Ticks: tells the age of what is shown, and redraws the page as soon as the account has something new."""
    screen = current()
    paused = st.session_state.get("updates_paused", False)
    latest = screen.account.now(watching=not paused)
    is_old = latest.version != screen.now.version
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.caption(states.checked(screen.now.answered_at, replace(screen.times, now=latest.at)), width="content")
        if screen.paused_at is not None:
            st.caption(states.paused_by_you(screen.paused_at, is_old, screen.times), width="content")
        if not st.context.is_embedded:
            st.button("Refresh now", key="refresh_now", type="tertiary", icon=":material/refresh:", on_click=_refresh)
            st.toggle("Pause updates", key="updates_paused", persist_state="session")
    if wait := st.session_state.pop("refresh_wait", 0.0):
        st.caption(f"This was checked a moment ago. You can ask again in {duration(wait + 1)}.")
    if sign_in.has_left() or (_is_to_redraw(screen, is_old and not paused) and not _is_asking(screen, latest.at)):
        st.rerun()


def _is_to_redraw(screen: Screen, has_news: bool) -> bool:
    """Also when this viewer has just paused the updates, or goes on, for the toggle draws these lines alone; when the
    browser has turned dark or light; and when a question was answered, but the redraw that takes it away was cut off by
    another one."""
    has_turned = st.session_state.get("updates_paused", False) != (screen.paused_at is not None)
    has_turned = has_turned or theme_now() != screen.theme
    is_answered = st.session_state.get("question_drawn", False) and "confirming" not in st.session_state
    return lines.follow_up(screen.account) or has_news or has_turned or is_answered


def _is_asking(screen: Screen, at: float) -> bool:
    """True while a question lies over a page that is not too old: a redraw would build the dialog anew, and so take
    the focus from whoever is answering it."""
    return "confirming" in st.session_state and at - (screen.now.answered_at or at) < CONFIRMED_FOR


@unbroken
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
