"""Who is here, and the wall in front of every page. Who may do what stands in monitor/access.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from dashboard import connection
from dashboard.words import text
from monitor.access import Access, SettingsError, address

MOST_LEFT = 10_000  # sign-outs that are remembered; the oldest are forgotten first
_left: dict[str, None] = {}  # those who signed out: a session lives on in other tabs when its cookie is gone


def claims() -> Mapping[str, Any]:
    """What the sign-in service says about this session's person."""
    return st.user.to_dict()


def who() -> str | None:
    """The person's address, for the log; None without sign-in."""
    return address(claims())


def may_run() -> bool:
    """Asked in the action itself, by the rules as they are now; no when they cannot be read."""
    try:
        return connection.access().may_run(claims()) and not has_left()
    except SettingsError:
        return False


def has_left(told: Mapping[str, Any] | None = None) -> bool:
    """True when this sign-in was ended, in whatever tab of its browser."""
    return _sign_in(claims() if told is None else told) in _left


def leave(told: Mapping[str, Any]) -> None:
    """From now on this sign-in is ended, and no other one."""
    if told.get("is_logged_in") is True and "iat" in told:
        _left[_sign_in(told)] = None
        for oldest in list(_left)[:-MOST_LEFT]:
            _left.pop(oldest, None)


def _sign_in(told: Mapping[str, Any]) -> str:
    """What tells one sign-in from any other, the same person's later one too: what the service stamps each with."""
    return repr([told.get(name) for name in ("iss", "sub", "email", "iat", "exp", "nonce", "jti")])


def navigation() -> Literal["top", "hidden"]:
    """The pages' names are for those who have come in; a wall screen (?embed=true) shows the page alone."""
    outside = claims().get("is_logged_in") is False or has_left()
    return "hidden" if outside or st.context.is_embedded else "top"


def wall(access: Access) -> None:
    """Ends the run here, before any data is touched, unless this person may look."""
    left = has_left()
    if access.may_look(claims()) and not left:
        return
    st.set_page_config(page_title="Sign in · Hevo pipelines", layout="centered")
    if claims().get("is_logged_in") is True and not left:
        _turned_away()
        st.stop()
    st.title("Hevo pipelines", anchor=False)
    st.markdown("Sign in to see how the pipelines are doing.")
    for provider in access.providers:
        name = "" if len(access.providers) == 1 else f" with {text.plain(provider.capitalize())}"
        st.button(f"Sign in{name}", key=f"sign-in-{provider}", type="primary", on_click=st.login, args=(provider,))
    st.stop()


def _turned_away() -> None:
    st.title("You may not look at this dashboard", anchor=False)
    who_here = who()
    if who_here is None:
        st.markdown("The sign-in service has not confirmed your e-mail address. Confirm it there, then sign in again.")
    else:
        st.markdown(f"You are signed in as {text.plain(who_here)}. Ask the owner of this dashboard to let you in.")
    _sign_out_button()


def show_who(access: Access) -> None:
    """Who is signed in, and the way out."""
    if access.providers:
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="who"):
            st.caption(text.plain(who() or ""), width="content")
            _sign_out_button()


def _sign_out_button() -> None:
    st.button("Sign out", type="tertiary", icon=":material/logout:", on_click=_sign_out)


def _sign_out() -> None:
    leave(claims())
    connection.disconnect_own()
    st.session_state.clear()
    st.logout()


def who_may_run(access: Access) -> str:
    """Which rule holds here, in a sentence."""
    if access.read_only:
        return "Here nobody may run pipelines: the owner has set this dashboard to look only."
    if not access.providers:
        return "Here everybody who can open this dashboard may also run pipelines."
    names = sorted(name for name in access.operators if not name.startswith("@"))
    asked = text.plain(" or ".join(names[:3]), 200) or "the owner of this dashboard"
    return "You may run pipelines." if may_run() else f"You can look, but not run. Ask {asked}."
