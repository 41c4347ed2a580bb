"""The tab's memory: the session's history, mirrored to the tab's sessionStorage, so that a reload loses nothing.

A session lives in the server and dies with a reload; the tab's storage lives on. The component below answers once, when
a new session finds something that an earlier session of this tab left, and from then on keeps what Python gives it.
What comes back is the browser's word, not ours: History.from_json reads it strictly, and what is odd is dropped.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from monitor.account import View
from monitor.history import History

_log = logging.getLogger("dashboard")
_KEY = "tab_memory"
_DAY = 86_400
SENT_FOR = 15.0  # seconds in which each run of the script sends the text: the first ones may have been broken off
_COMPONENT = st.components.v2.component(
    "hevo_tab_memory",
    html="<span hidden></span>",
    js="""
export default function ({ data, setTriggerValue }) {
  const mine = data.session + "\\n"
  let left = null
  try { left = window.sessionStorage.getItem(data.name) } catch { return }
  if (left && !data.restored && !left.startsWith(mine)) {
    setTriggerValue("left", left.slice(left.indexOf("\\n") + 1))
  } else if (data.text !== null && mine + data.text !== left) {
    try { window.sessionStorage.setItem(data.name, mine + data.text) } catch { /* full: the session still has it */ }
  }
}
""",
)


def remembered(account: str, view: View) -> History:
    """The account's history, with what this tab saw before the server did; kept in the session's state."""
    _restore(account, view.at)
    older = st.session_state.get(f"older_{account}")
    if not isinstance(older, History):
        st.session_state.history = view.history
    elif st.session_state.get("history_version") != (account, view.version):
        st.session_state.history = view.history.extended(older)
        st.session_state.history_version = account, view.version
    history: History = st.session_state.history
    return history


def last_visit(account: str) -> float | None:
    """When this tab looked before its present session began (UTC epoch seconds); None on a first visit."""
    return st.session_state.get(f"last_visit_{account}")


def _restore(account: str, now: float) -> None:
    left = _left_by_an_earlier_session(account)
    if left is None:
        return
    try:
        older, seen_at = _read(left, account, now)
    except ValueError as odd:
        _log.info("The tab's memory was not readable and is dropped: %s", odd)
        return
    st.session_state[f"older_{account}"] = older
    st.session_state[f"last_visit_{account}"] = seen_at


def _left_by_an_earlier_session(account: str) -> object:
    state: Any = st.session_state.get(_KEY)
    left = getattr(state, "left", None)
    if left is None or st.session_state.get(f"restored_{account}"):
        return None
    st.session_state[f"restored_{account}"] = True
    return left


def _read(left: object, account: str, now: float) -> tuple[History, float]:
    """Strict: ValueError on anything that this dashboard did not write for this account."""
    if not isinstance(left, str) or len(left) > 3_000_000:
        raise ValueError("not a text of bearable length")
    try:
        kept = json.loads(left)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(kept, dict) or kept.get("account") != account:
        raise ValueError("not of this account")
    seen_at = kept.get("seen_at")
    if not isinstance(seen_at, int) or not now - 30 * _DAY < seen_at <= now + 60:
        raise ValueError("no believable time")
    return History.from_json(kept.get("history"), now), float(seen_at)


def keep(account: str, view: View, history: Callable[[], str]) -> None:
    """Mirrors the session's history, given as text, into the tab. Mounted once a run, at the script's end."""
    _COMPONENT(
        key=_KEY,
        data={
            "name": f"hevo-dashboard-{account}",
            "text": _text(account, view, history),
            "session": st.session_state.setdefault("tab_session", secrets.token_hex(4)),
            "restored": bool(st.session_state.get(f"restored_{account}")),
        },
        on_left_change=lambda: None,
        height=1,
    )


def _text(account: str, view: View, history: Callable[[], str]) -> str | None:
    """The text to keep, sent only while it is new: every click would carry it otherwise."""
    if view.snapshot is None:
        return None
    seen = account, view.version
    first_seen, seen_at = st.session_state.get("tab_memory_seen", (None, 0.0))
    if first_seen != seen:
        seen_at = view.at
        st.session_state.tab_memory_seen = seen, seen_at
    if view.at - seen_at >= SENT_FOR:
        return None
    return json.dumps({"account": account, "seen_at": int(seen_at), "history": history()})
