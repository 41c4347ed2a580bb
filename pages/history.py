"""History: how each pipeline was over time, as far as somebody looked."""

from functools import partial

import streamlit as st

from dashboard import cards, charts, frame, words
from dashboard.table import health_frame, history_csv

now = frame.title("History")
st.markdown(words.history_begins(now.history.begins, now.times))
if not now.board.rows:
    st.stop()

length = cards.choose_range(now)
begin = now.until - length
chosen = cards.choose_rows(
    "Pipelines shown", now, "history_rows", empty="The 12 worst. Type names to choose others", most=charts.MOST_STRIPS
)
rows = chosen or now.board.rows[:12]

st.subheader("Each pipeline", anchor=False)
charts.draw_strips(rows, length, now)

st.subheader("All pipelines together", anchor=False)
charts.draw_words_over_time(length, now)

st.subheader("What changed", anchor=False)
cards.changes(*cards.changes_within(length, now), now)

st.subheader("How much of the time each was healthy", anchor=False)
st.dataframe(
    health_frame(rows, now.history, begin, now.until),
    hide_index=True,
    column_config={"pipeline": "Pipeline", "healthy": "Healthy", "watched": "Time watched", "failed": "Failed"},
    alt="For each pipeline the share of the time that it was healthy, and how much of the time was watched",
)
st.download_button(
    "Download the history as CSV",
    partial(history_csv, now.board.rows, now.history, begin, now.until),
    file_name=f"hevo-history-{now.times.moment(now.view.at):%Y-%m-%d-%H%M}.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
)
