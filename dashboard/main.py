"""The frame around every page. It runs first at each visit, whatever address was opened, and then runs the page."""

import streamlit as st

from dashboard import connection, frame, lines, linked, reports, run_dialog, screen, sign_in, tab_memory
from monitor.access import SettingsError

settings, wrong = None, ""
try:
    settings = connection.settings()
    if settings.database_url and not settings.sample:
        connection.shared_account(settings)  # an error when it is set up wrong; a database that is away is waited for
except SettingsError as error:
    wrong = str(error)

with_reports = settings is not None and bool(connection.catalog(settings).current().reports)
OVERVIEW = st.Page("../pages/overview.py", title="Overview", default=True)
PIPELINES = st.Page("../pages/pipelines.py", title="Pipelines")
REPORTS = st.Page("../pages/reports.py", title="Reports", visibility="visible" if with_reports else "hidden")
HISTORY = st.Page("../pages/history.py", title="History")
RUN = st.Page("../pages/run.py", title="Run")
GUIDE = st.Page("../pages/guide.py", title="Guide")
page = st.navigation([OVERVIEW, PIPELINES, REPORTS, HISTORY, RUN, GUIDE], position=sign_in.navigation())
linked.follow()

if settings is None or wrong:
    st.title("This dashboard is not set up yet", anchor=False)
    lines.line(wrong, "grave")
    st.stop()

sign_in.wall(settings.access)
shown = screen.take(settings)
frame.page_config(page, shown)
if not reports.is_tile():
    sign_in.show_who(settings.access)
    frame.top(shown)
if shown.ready or page is GUIDE:
    page.run()
else:
    frame.waiting(shown)
run_dialog.show()
frame.announce(page)
tab_memory.keep(shown.account.name, shown.now)
