"""Lines of our own with links and buttons in them, as one element: quick, of one height, and with the tab kept alive.

A link is a real one, so it can be copied or opened in a new tab; a plain click goes there within this session. Whoever
writes the HTML escapes what is from outside.
"""

from __future__ import annotations

from functools import partial
from html import escape
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from dashboard import run_dialog
from dashboard.components import component
from dashboard.screen import current, unbroken

PAGES = {name: f"../pages/{name}.py" for name in ("pipelines", "history", "run", "guide", "reports")}
PAGES["./"] = "../pages/overview.py"  # it has no name of its own in the address bar
_CLICKED = "clicked_link"
_LINKED = component("linked", "<section></section>")


def show(html: str, key: str) -> None:
    """Draws it; a link that is clicked is followed, a button *Run* asks."""
    palette = current().palette
    colours = f"--muted:{palette.muted};--edge:{palette.outline};--asked:{palette.asked};--paper:{palette.paper}"
    framed = f'<div class="all" style="{colours}">{html}</div>'
    _LINKED(key=key, data={"html": framed}, on_open_change=partial(_open, key), on_run_change=partial(_ask, key))


def follow() -> None:
    """Goes where a clicked link leads. Stands at the top, before anything is drawn of the page that is left."""
    if target := st.session_state.pop(_CLICKED, None):
        page, query = target
        st.switch_page(page, query_params=query)


@unbroken
def _open(key: str) -> None:
    st.session_state[_CLICKED] = _place(st.session_state[key].open)


@unbroken
def _ask(key: str) -> None:
    pipeline_id = st.session_state[key].run
    if isinstance(pipeline_id, str):
        run_dialog.ask([pipeline_id])


def _place(href: object) -> tuple[str, list[tuple[str, str]]] | None:
    """The page that a link means; None for anything that none of ours says: it comes from the browser."""
    if not isinstance(href, str):
        return None
    name, _, query = href.partition("?")
    return (PAGES[name], parse_qsl(query)) if name in PAGES else None


def address(page: str, **query: str | list[str]) -> str:
    """'pipelines?status=failed', as links on pages of this house write it."""
    return f"{page}?{urlencode(query, doseq=True)}" if query else page


def link(text: str, href: str, of: str = "", title: str = "") -> str:
    """A link with this text, both escaped; `of` is its class."""
    attributes = f' class="{of}"' if of else ""
    attributes += f' title="{escape(title)}"' if title else ""
    return f'<a data-open href="{escape(href)}"{attributes}>{escape(text)}</a>'
