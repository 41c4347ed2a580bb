"""Guide: what the words mean, what a run does, what this dashboard cannot know, and how to connect an account."""

import streamlit as st

from dashboard import connect_form, connection, frame, guide, sign_in
from dashboard.marks import MARKS, NOT_CONFIRMED
from dashboard.words import guide as words
from dashboard.words.states import NAMES
from monitor.health import Word

screen = frame.title("Guide")
first = st.container()
st.header("What each word means", anchor=False)
st.markdown(words.VERDICT)
for word in Word:
    st.markdown(f"{MARKS[word]} **{NAMES[word]}** · {words.MEANINGS[word]}")
st.markdown(f"{NOT_CONFIRMED} {words.NOT_CONFIRMED}")

st.header("When is a pipeline late?", anchor=False)
st.markdown(words.LATENESS)

st.header("What a run does, and what it does not do", anchor=False)
st.markdown(words.RUN)
st.markdown(sign_in.who_may_run(screen.settings.access))

st.header("Why history begins when it begins", anchor=False)
sample = connection.is_sample(screen.settings)
st.markdown(words.history(screen.settings.watch_seconds, screen.settings.keep_days, sample))
st.markdown(words.INCIDENTS)

st.header("What this dashboard cannot know", anchor=False)
st.markdown(words.LIMITS)

with first if "connect" in st.query_params else st.container():
    st.header("Connect your Hevo account", anchor=False)
    st.markdown(words.FOR_EVERYBODY)
    st.code(words.SETTINGS, language=None, wrap_lines=True)
    st.markdown(words.FOR_YOU)
    connect_form.show(screen)

st.header("Questions people ask", anchor=False)
for question, answer in words.QUESTIONS:
    with st.expander(question):
        st.markdown(answer)

guide.show_notes(screen)
