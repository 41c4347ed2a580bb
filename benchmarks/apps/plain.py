"""A plain Streamlit script that shows the same pipelines in a table with a search, with no dashboard around it."""

import os

import pandas as pd
import streamlit as st

from hevo_api import HevoClient, pipelines_frame


@st.cache_resource(show_spinner=False)
def pipelines() -> pd.DataFrame:
    address, key, secret = (os.environ[f"HEVO_{name}"] for name in ("BASE_URL", "API_KEY", "API_SECRET"))
    return pipelines_frame(HevoClient(key, secret, base_url=address, requests_per_minute=10_000).list_pipelines())


frame = pipelines()
found = st.text_input("Search", live=True)
shown = frame[frame["name"].str.contains(found, case=False, regex=False)] if found else frame
st.title(f"{len(shown):,} of {len(frame):,} pipelines", anchor=False)
st.dataframe(shown, hide_index=True)
