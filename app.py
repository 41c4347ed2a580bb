"""The front door: `streamlit run app.py` serves the dashboard with its headers, its doors and its error net."""

import gc

import altair  # noqa: F401 - it loads now, and not while the first viewer waits
import streamlit as st
from starlette.middleware import Middleware

from monitor import masking
from server.doors import Doors
from server.downloads import DOWNLOADS
from server.drawings import DRAWINGS
from server.errors import PlainErrors, say_sorry
from server.headers import SecurityHeaders
from server.life import life
from server.routes import ROUTES
from server.scripts import SCRIPTS

masking.install()
app = st.App(
    "dashboard/main.py",
    routes=[*ROUTES, *DRAWINGS, *DOWNLOADS, *SCRIPTS],
    middleware=[Middleware(SecurityHeaders), Middleware(PlainErrors), Middleware(Doors)],
    on_script_error=say_sorry,
    lifespan=life,
)

gc.collect()
gc.freeze()  # Streamlit collects all garbage after each run; what was imported is none
