"""Guide: what the words mean, what a run does, what this dashboard cannot know, and how to connect an account."""

import streamlit as st

from dashboard import frame, guide
from dashboard.words.guide import CONNECT, SECTIONS

screen = frame.title("Guide")
first, facts = st.container(), guide.facts(screen)
for heading, text in SECTIONS:
    with first if heading == CONNECT and "connect" in st.query_params else st.container():
        st.header(heading, anchor=False)
        guide.draw(text.format(**facts))
        if heading == CONNECT:
            guide.connect_form(screen)
guide.show_notes(screen)
