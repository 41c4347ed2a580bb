"""The front door: `streamlit run app.py` serves the dashboard with its headers, its doors and its error net."""

import gc

import altair  # noqa: F401 - it loads now, and not while the first viewer waits
import streamlit as st
from starlette.middleware import Middleware

from monitor import masking
from server.doors import Doors
from server.errors import PlainErrors, say_sorry
from server.files import FILES
from server.headers import SecurityHeaders
from server.life import life
from server.routes import ROUTES

masking.install()
app = st.App(
    "dashboard/main.py",
    routes=[*ROUTES, *FILES],
    middleware=[Middleware(SecurityHeaders), Middleware(PlainErrors), Middleware(Doors)],
    on_script_error=say_sorry,
    lifespan=life,
)

gc.collect()
gc.freeze()  # what was imported is no garbage, and need never be looked through again
