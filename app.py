"""The front door: `streamlit run app.py` serves the dashboard with its headers, its doors and its error net."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import altair  # noqa: F401 - it loads now, and not while the first viewer waits
import streamlit as st
from starlette.middleware import Middleware

from dashboard import connection
from monitor import masking
from monitor.access import SettingsError
from server.doors import Doors
from server.errors import PlainErrors, say_sorry
from server.files import FILES
from server.headers import SecurityHeaders
from server.routes import ROUTES

LAST_SECONDS = 4.0  # in which a request that is under way may still end


@asynccontextmanager
async def life(_: object) -> AsyncIterator[None]:
    """Around the server's life. Whatever takes time happens in a thread, so that pages are served meanwhile."""
    beginning = asyncio.get_running_loop().run_in_executor(None, begin)
    try:
        yield
    finally:
        await beginning
        await asyncio.get_running_loop().run_in_executor(None, partial(connection.close_all, LAST_SECONDS))


def begin() -> None:
    """Opens the account, and watches it from now on if it is the owner's; wrong settings are the pages' to tell."""
    with suppress(SettingsError):
        chosen = connection.settings()
        account = connection.shared_account(chosen)
        if not chosen.sample:
            account.start()


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
