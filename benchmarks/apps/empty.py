"""Streamlit's own empty page: a title, and a search that changes it. Nothing of ours."""

import streamlit as st

found = st.text_input("Search", live=True)
st.title(f"Empty{found}", anchor=False)
