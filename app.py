"""The front door: `streamlit run app.py` serves the dashboard with its security headers and its error net."""

import streamlit as st
from starlette.middleware import Middleware

from dashboard.errors import say_sorry
from dashboard.headers import SecurityHeaders

app = st.App(
    "dashboard/main.py",
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=say_sorry,
)
