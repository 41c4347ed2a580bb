"""What the guide tells the owner: what was set aside, what cannot be read, what is wrong in the catalogue."""

from __future__ import annotations

import streamlit as st

from dashboard import connection, sign_in
from dashboard.screen import Screen
from dashboard.words import events
from dashboard.words import guide as words
from dashboard.words.text import plain


def notes(screen: Screen) -> list[str]:
    """The sentences, none while all is well; they are for who may run, who can do something about them."""
    if not sign_in.may_run():
        return []
    aside = [words.SET_ASIDE] if screen.now.note == "set-aside" else []
    aside += [words.NOT_READ] if "" in screen.account.unread else []
    if connection.has_own():
        return aside
    found = (*connection.catalog(screen.settings).mistakes, *screen.now.judged.warnings)
    aside += filter(None, (events.not_taken(*each) for each in screen.account.webhooks.state()))
    return [*aside, *(f"In the catalogue: {sentence}" for sentence in found)]


def show_notes(screen: Screen) -> None:
    """The notes as a list of their own, if there are any."""
    if told := notes(screen):
        st.header("For the owner of this dashboard", anchor=False)
        st.markdown("\n".join(f"- {plain(note, 400)}" for note in told))
