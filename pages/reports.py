"""Reports: can this report be trusted now, and whom to ask if not."""

import streamlit as st

from dashboard import frame, linked, reports, teams
from dashboard.screen import current
from dashboard.words import reports as words
from dashboard.words import states
from dashboard.words.text import plain

key = st.query_params.get("report")
report = next((row for row in current().now.reports if row.report.key == key), None)

if report and reports.is_tile():
    st.fragment(reports.tile, run_every=frame.TICK)(report, current())
elif report:
    screen = frame.title(plain(report.report.name, 80))
    reports.show_one(report, screen)
elif key:
    frame.title("This report is not here")
    st.markdown(words.UNKNOWN_REPORT)
    linked.show(linked.link("All reports", linked.address("reports")), key="back")
elif not current().now.reports:
    frame.title("Reports")
    st.markdown(words.NONE_NAMED)
else:
    named = teams.of_reports(current().now.reports)
    team = teams.asked(named)
    told = words.headline(teams.own(current().now.reports, team), current().now.confirmed)
    screen = frame.title(states.of_team(told, team))
    st.markdown(words.WHAT_A_REPORT_IS)
    reports.show_list(team, screen)
    teams.links("reports", team, named)
