"""Overview: is everything all right, and if not, what is broken, since when, and what can be done."""

import streamlit as st

from dashboard import connection, frame, incidents, over_time, overview, teams
from dashboard.screen import current
from dashboard.words import overview as words
from dashboard.words import states
from dashboard.words.text import plain
from monitor.health import Word

named = teams.all_of(current().now)
team = teams.asked(named)
screen = teams.narrowed(team)
now = screen.now
frame.title(states.of_team(plain(states.headline(now), 200), team))
if not now.confirmed and screen.answered:
    st.markdown(states.last_known(now, screen.answered))
frame.slowed(screen)
if not now.rows:
    st.markdown(words.FILLS_BY_ITSELF)
    st.stop()

overview.counts_and_problems(screen)
incidents.announced(screen)
overview.since_last_visit(screen)
over_time.draw_failing(screen)

for word in words.FOLDED:
    overview.folded(word, screen)
if paused := now.having(Word.PAUSED):
    st.caption(plain(states.paused_line([row.label for row in paused]), 400))
teams.links("./", team, named)
if connection.is_sample(screen.settings):
    st.caption(states.WHAT_A_PIPELINE_IS)
