"""Overview: is everything all right, and if not, what is broken, since when, and what can be done."""

import streamlit as st

from dashboard import cards, charts, connection, frame, words
from dashboard.picture import current
from monitor.health import Word

SHOWN = 10  # problems with buttons of their own; the rest is a link into the table

board = current().board
now = frame.title(words.headline(board.counts))
if connection.is_sample(now.settings):
    st.markdown(words.WHAT_A_PIPELINE_IS)
frame.slowed(now)
if not board.rows:
    st.markdown("As soon as somebody makes a pipeline in Hevo, it shows up here by itself.")
    st.stop()

cards.counts(now)

problems = board.having(Word.FAILED, Word.NOT_CHECKED, Word.UNKNOWN)
for row in problems[:SHOWN]:
    cards.problem(row, now)
if len(problems) > SHOWN:
    st.page_link(cards.PIPELINES, label=f"See all {len(problems):,} in the table")

st.subheader(words.since_you_looked(cards.last_visit(now), now.times), anchor=False)
st.markdown(words.tally(cards.changes_since_last_visit(now)))
charts.draw_fleet(cards.RANGES[cards.fitting_range(now)], now)

if unstable := board.having(Word.UNSTABLE):
    cards.folded(f"{words.counted(len(unstable))} working now, but failed in the last 24 hours", unstable, "unstable")
if healthy := board.having(Word.HEALTHY):
    cards.folded(f"{words.counted(len(healthy))} healthy", healthy, "healthy")
if paused := board.having(Word.PAUSED):
    st.caption(words.plain(words.paused_line([row.pipeline.label for row in paused]), 400))
