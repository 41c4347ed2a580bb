"""Guide: what the words mean, what a run does, what this dashboard cannot know, and how to connect an account."""

import streamlit as st

from dashboard import connect_form, frame, guide_text, sign_in
from dashboard.marks import MARKS
from monitor.health import Word

now = frame.title("Guide")
first = st.container()
st.subheader("What each word means", anchor=False)
for word in Word:
    st.markdown(f"{MARKS[word]} **{guide_text.NAMES[word]}** · {guide_text.MEANINGS[word]}")
st.markdown(guide_text.VERDICT)

st.subheader("What a run does, and what it does not do", anchor=False)
st.markdown(guide_text.RUN)
st.markdown(sign_in.who_may_run(now.settings.access))

st.subheader("Why history begins when it begins", anchor=False)
st.markdown(guide_text.HISTORY)

st.subheader("What this dashboard cannot know", anchor=False)
st.markdown(guide_text.LIMITS)

asked_how_to_connect = "connect" in st.query_params
with first if asked_how_to_connect else st.container():
    st.subheader("Connect your Hevo account", anchor=False)
    st.markdown(guide_text.CONNECT)
    connect_form.show(now)

st.subheader("Questions people ask", anchor=False)
for question, answer in guide_text.QUESTIONS:
    with st.expander(question):
        st.markdown(answer)
