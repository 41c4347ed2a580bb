"""What the browser remembers for us: this tab's history, over a reload, and when this browser last looked.

A session lives in the server and dies with a reload; the tab's sessionStorage lives on, and the browser's localStorage
outlives the tab (one number, no personal data). The component answers once, when a new session finds what an earlier
one left, and from then on keeps what Python gives it. What comes back is the browser's word: it is read strictly.
"""

from __future__ import annotations

import json
import logging
import secrets
from functools import partial
from typing import Any

import streamlit as st

from dashboard import addresses
from dashboard.components import component, nothing
from monitor import history as frames
from monitor import history_text
from monitor.history import History
from monitor.now import Now

_log = logging.getLogger("dashboard")
_KEY = "tab_memory"
_DAY = 86_400
MOST_TEXT = 200_000  # letters of history: a tab's memory is small
ANSWERS_WITHIN = 15.0  # seconds in which a new session's browser has told what an earlier one left
NOTHING_LEFT = None, None
_MEMORY = component("memory", "<span hidden></span>")


def remembered(account: str, now: Now) -> tuple[History, float | None]:
    """The account's history, with what this tab saw before the server did, joined once a look; and when this browser
    looked before this tab's visit began (UTC epoch seconds), None on a first visit."""
    left, name = getattr(st.session_state.get(_KEY), "left", None), f"restored_{account}"
    if left is not None and name not in st.session_state:
        try:
            st.session_state[name] = read(left, account, now.at)
        except ValueError as odd:
            _log.info("The tab's memory was not readable and is dropped: %s", odd)
            st.session_state[name] = NOTHING_LEFT
    older, visit = st.session_state.get(name, NOTHING_LEFT)
    if older is None:
        return now.history, visit
    _, joined = now.once(("joined", id(older)), lambda: (older, frames.older_joined(now.history, older)))
    return joined, visit


def read(left: object, account: str, now: float) -> tuple[History | None, float | None]:
    """What a tab and its browser left: the tab's history, and the visit before; ValueError on anything odd.

    A reloaded tab goes on with its own visit; another tab begins one, and the last one is the browser's.
    """
    if not isinstance(left, list) or len(left) != 2:
        raise ValueError("not what the component sends")
    tab, visit = map(_json, left)
    if tab is None:
        return None, _moment(visit, now)
    if not isinstance(tab, dict) or tab.get("account") != account:
        raise ValueError("not of this account")
    before = tab.get("last_visit")
    older = history_text.from_json(tab.get("history"), round(now * 1000))
    return older, None if before is None else _moment(before, now)


def _json(text: object) -> Any:
    """What a text says; None for none."""
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > 3_000_000:
        raise ValueError("not a text of bearable length")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _moment(seen_at: object, now: float) -> float:
    if type(seen_at) is not int or not now - 90 * _DAY < seen_at <= now + 60:
        raise ValueError("no believable time")
    return float(seen_at)


def keep(account: str, now: Now) -> None:
    """Mirrors the session's history into the tab, and this visit into the browser. Mounted at the script's end.

    The browser fetches the history when it is new: no redraw has to wait for it.
    """
    begun = st.session_state.setdefault("tab_began", now.at)
    if now.answered_at is not None and now.at - begun > ANSWERS_WITHIN:
        st.session_state.setdefault(f"restored_{account}", NOTHING_LEFT)  # what lies there is by now no older one's
    kept = partial(_kept, account, now, *remembered(account, now))
    _MEMORY(
        key=_KEY,
        data={
            "name": f"hevo-dashboard-{account}",
            "address": None if now.answered_at is None else addresses.of_file("tab", "tab.json", kept),
            "version": now.version,
            "visit": str(int(now.at)),
            "session": st.session_state.setdefault("tab_session", secrets.token_hex(4)),
            "restored": f"restored_{account}" in st.session_state,
        },
        on_left_change=nothing,
        height=1,
    )


def _kept(account: str, now: Now, history: History, visit: float | None) -> bytes:
    """What lies in the tab. Made outside of any page, once a look for all tabs that remember the same."""
    told = now.once(("text", id(history)), lambda: history_text.to_json(history, MOST_TEXT))
    return json.dumps({"account": account, "last_visit": visit and int(visit), "history": told}).encode()
