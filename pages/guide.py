"""Guide: what the words mean, what a run does, what this dashboard cannot know, and how to connect an account."""

import streamlit as st

from dashboard import connect_form, frame, sign_in
from dashboard.marks import MARKS
from dashboard.words import guide
from dashboard.words.states import NAMES
from monitor.health import Word

screen = frame.title("Guide")
first = st.container()
st.subheader("What each word means", anchor=False)
for word in Word:
    st.markdown(f"{MARKS[word]} **{NAMES[word]}** · {guide.MEANINGS[word]}")
st.markdown(guide.VERDICT)

st.subheader("What a run does, and what it does not do", anchor=False)
st.markdown(guide.RUN)
st.markdown(sign_in.who_may_run(screen.settings.access))

st.subheader("Why history begins when it begins", anchor=False)
st.markdown(guide.HISTORY)

st.subheader("What this dashboard cannot know", anchor=False)
st.markdown(guide.LIMITS)

asked_how_to_connect = "connect" in st.query_params
with first if asked_how_to_connect else st.container():
    st.subheader("Connect your Hevo account", anchor=False)
    st.markdown(guide.CONNECT)
    connect_form.show(screen)

st.subheader("Questions people ask", anchor=False)
for question, answer in guide.QUESTIONS:
    with st.expander(question):
        st.markdown(answer)
