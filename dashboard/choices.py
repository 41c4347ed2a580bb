"""What several pages let people choose: pipelines by typing, how far back, and to take along what is shown."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import urlencode

import streamlit as st

from dashboard import addresses
from dashboard.screen import Screen
from dashboard.words.text import one_line
from monitor.now import Row

OFFERED = 1_000  # pipelines in a choice, worst first; more would make each click slow
RANGES = {"1h": "1 hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
SECONDS = {"1h": 3_600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000, "90d": 7_776_000}


def shortest(seconds: float) -> str:
    """The shortest range that is so long, or the longest."""
    return next((key for key, length in SECONDS.items() if seconds <= length), "90d")


def pipelines(label: str, screen: Screen, key: str, empty: str = "Type a name", most: int | None = None) -> list[Row]:
    """A choice of pipelines by typing, worst first. What is no longer there drops out of the choice."""
    st.session_state[key] = [one for one in st.session_state.get(key, ()) if screen.now.get(one)]
    chosen = st.multiselect(
        label,
        list(dict.fromkeys(offered(screen) + st.session_state[key])),
        format_func=lambda one: called(one, screen),
        key=key,
        max_selections=most,
        placeholder=empty,
        persist_state="session",
    )
    return screen.now.present(chosen)


def offered(screen: Screen) -> list[str]:
    """The numbers of the first thousand that can be told apart."""
    return [row.pipeline.id for row in screen.now.rows[:OFFERED] if screen.now.get(row.pipeline.id)]


def called(pipeline_id: str, screen: Screen) -> str:
    """'Orders DB (6590)': made once a look, so that each viewer's choices share the text."""
    name = screen.now.name
    return screen.now.once(("called", pipeline_id), lambda: f"{one_line(name(pipeline_id), 60)} ({pipeline_id})")


def query() -> dict[str, list[str]]:
    """What stands in the address bar behind the question mark."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def copy_link() -> None:
    """The address of what is shown now, with a button of Streamlit's own that copies it."""
    address, _, _ = (st.context.url or "").partition("?")
    asked = urlencode(query(), doseq=True)
    with st.popover("Copy link", icon=":material/link:"):
        st.caption("A colleague who opens this link sees the same.")
        st.code(f"{address}?{asked}" if asked else address, language=None, wrap_lines=True)


def download(label: str, about: str, make: Callable[[], bytes], screen: Screen, dated: bool = True) -> None:
    """A link that looks like the buttons beside it; the file is named after what it is about and, `dated`, the time."""
    moment = f"-{screen.times.moment(screen.now.at):%Y-%m-%d-%H%M}" if dated else ""
    name, palette = f"hevo-{about}{moment}.csv", screen.palette
    st.html(
        f'<a href="{addresses.of_file(about, name, make)}" download="{escape(name)}" style="display:inline-flex;'
        f"align-items:center;min-height:2.5rem;padding:0 .75rem;font-size:.875rem;border:1px solid {palette.line};"
        f'border-radius:.5rem;color:{palette.text};text-decoration:none;white-space:nowrap">{escape(label)}</a>',
        width="content",
    )
