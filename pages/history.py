"""History: what happened, how each pipeline was over time, what a month was like, as far as somebody looked."""

import streamlit as st

from dashboard import frame, incidents, month, over_time
from dashboard.screen import current
from dashboard.words import history, states

screen = frame.title(month.heading(current()) or incidents.heading(current()))
if not screen.now.rows:
    st.markdown(states.NO_PIPELINES)
    st.stop()
if month.asked() is not None:
    month.show(screen)
    st.stop()
if one := incidents.opened(screen):
    incidents.open_one(one, screen)
    st.stop()

length = over_time.choose_range(screen)
known = over_time.past(screen, length)
if known.partly:
    st.caption(history.ONLY_LATELY)
if known.end - known.begin < over_time.YOUNG:
    st.markdown(history.BEGINS_NOW)

st.header("Incidents", anchor=False)
incidents.show(screen, known.history, known.begin / 1000, known.end / 1000)

st.header("All pipelines together", anchor=False)
over_time.draw_by_word(known, screen)

shown = over_time.choose(screen, known)
chosen = bool(st.session_state.get("history_rows"))
st.header(history.strips_heading(len(shown.labels), len(screen.now.rows), chosen), anchor=False)
over_time.draw_strips(shown, screen)

st.header("What changed", anchor=False)
over_time.draw_changes(shown, known, screen)

st.header("How much of the time each was healthy", anchor=False)
over_time.draw_health(shown, screen)
over_time.download(shown, known, screen)
st.caption(history.begins(over_time.first_look(known, length), screen.times))
