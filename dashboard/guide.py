"""The guide on screen: its sections, filled with what holds here, the form for a key of one's own, and what the owner
of the dashboard must mend."""

from __future__ import annotations

import streamlit as st

from dashboard import connection, lines, sign_in
from dashboard.marks import NOT_CONFIRMED, STYLES
from dashboard.screen import Screen
from dashboard.words import events, states, trouble
from dashboard.words import guide as words
from dashboard.words.runs import RUN_MEANS
from dashboard.words.text import one_line, plain
from monitor.health import Word
from monitor.settings import REGIONS


def facts(screen: Screen) -> dict[str, str]:
    """What the text leaves open: the words with their marks, and what depends on how this dashboard is set up."""
    chosen, sample = screen.settings, connection.is_sample(screen.settings)
    return {
        "words": "\n\n".join(
            f"{STYLES[word].icon} **{states.NAMES[word]}** · {states.EXPLAINED[word]}" for word in Word
        ),
        "not_confirmed": f"{NOT_CONFIRMED} **Not confirmed**",
        "run": RUN_MEANS,
        "who": sign_in.who_may_run(chosen.access),
        "history": words.history(chosen.watch_seconds, chosen.keep_days, sample),
    }


def draw(text: str) -> None:
    """A section's text: what is to be typed can be copied, a question unfolds its answer."""
    body, *questions = text.split("### ")
    for place, part in enumerate(body.split("```")):
        if place % 2:
            st.code(part.strip(), language=None, wrap_lines=True)
        elif part.strip():
            st.markdown(part)
    for question, _, answer in (each.partition("\n") for each in questions):
        with st.expander(question):
            st.markdown(answer)


def connect_form(screen: Screen) -> None:
    """A person's own key, for their own tab only: typed, never stored, never in the address, gone with the session;
    or the way back when this tab has an account of its own."""
    if connection.has_own():
        st.markdown("This tab shows your own account. Nobody else sees it.")
        st.button("Forget my key", on_click=connection.disconnect_own)
        return
    with st.form("own_key", width=480):
        region = st.selectbox("Region", list(REGIONS))
        key = st.text_input("API key", type="password", autocomplete="off").strip()
        secret = st.text_input("API secret", type="password", autocomplete="off").strip()
        if not st.form_submit_button("Use my key in this tab", type="primary"):
            return
        if not key or not secret:
            lines.line("Type both the key and the secret.", "trouble")
            return
        try:
            connection.connect_own(screen.settings, region, key, secret)
        except ValueError as wrong:
            lines.line(one_line(str(wrong), 200), "trouble")
            return
        st.rerun()


def show_notes(screen: Screen) -> None:
    """What is to be mended, if anything; for who may run, who can do something about it."""
    if not sign_in.may_run():
        return
    told = [trouble.SET_ASIDE] if screen.now.note == "set-aside" else []
    told += [words.NOT_READ] if "" in screen.account.reader.refused else []
    if not connection.has_own():
        told += filter(None, (events.not_taken(*each) for each in screen.account.webhooks.state()))
        found = (*connection.catalog(screen.settings).mistakes, *screen.now.judged.warnings)
        told += [f"In the catalogue: {sentence}" for sentence in found]
    if told:
        st.header("For the owner of this dashboard", anchor=False)
        st.markdown("\n".join(f"- {plain(note, 400)}" for note in told))
