"""The frame around every page. It runs first at each visit, whatever address was opened, and then runs the page."""

from functools import partial

import streamlit as st

from dashboard import connection, frame, picture, run_dialog, sign_in, tab_memory
from monitor.access import SettingsError

OVERVIEW = st.Page("../pages/overview.py", title="Overview", default=True)
PIPELINES = st.Page("../pages/pipelines.py", title="Pipelines")
HISTORY = st.Page("../pages/history.py", title="History")
RUN = st.Page("../pages/run.py", title="Run")
GUIDE = st.Page("../pages/guide.py", title="Guide")

page = st.navigation([OVERVIEW, PIPELINES, HISTORY, RUN, GUIDE], position=sign_in.navigation())

try:
    settings = connection.settings()
    sign_in.check_library(settings.access)
except SettingsError as wrong:
    st.title("This dashboard is not set up yet", anchor=False)
    st.error(str(wrong), icon=":material/settings:")
    st.stop()

sign_in.wall(settings.access)
now = picture.take(settings)
frame.page_config(page, now)
sign_in.show_who(settings.access)
frame.top(now)
if now.ready or page is GUIDE:
    page.run()
else:
    frame.waiting(now)
run_dialog.show()
tab_memory.keep(now.account.fingerprint, now.view, partial(now.once, "text", now.history.to_json))
