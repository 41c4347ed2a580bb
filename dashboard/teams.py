"""Teams and reports: the pages of all, narrowed to what a team owns or a report needs (?team=sales, ?report=monday)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from dashboard import linked
from dashboard.linked import address, link
from dashboard.screen import Screen, current
from dashboard.words.reports import ask
from dashboard.words.text import one_line
from monitor import history as frames
from monitor.catalog import ReportRow, Team
from monitor.notes import About, Kind, Note
from monitor.now import Judged, Now

Covered = tuple[About, tuple[str, ...]]  # what a note may be about
BACK = {"./": "All pipelines", "reports": "All reports"}


def all_of(now: Now) -> Mapping[str, Team]:
    """Every team that owns a pipeline, by its key, in the order of their names."""
    return now.once("teams", lambda: _named(row.owned.team for row in now.rows))


def whom_to_ask(team: Team) -> str:
    """'Ask: Sales, data-desk@…', with a link where the contact is an address."""
    told = escape(ask(team))
    return f'Ask: <a href="{escape(team.address)}">{told}</a>' if team.address else f"Ask: {told}"


def of_reports(reports: Iterable[ReportRow]) -> Mapping[str, Team]:
    """The same of reports."""
    return _named(it.report.team for it in reports)


def _named(teams: Iterable[Team | None]) -> Mapping[str, Team]:
    found = {team.key: team for team in teams if team}
    return dict(sorted(found.items(), key=lambda item: item[1].name.casefold()))


def asked(teams: Mapping[str, Team]) -> Team | None:
    """The one of these that the address bar names, if there is one."""
    return teams.get(st.query_params.get("team", ""))


def own(reports: Sequence[ReportRow], team: Team | None) -> Sequence[ReportRow]:
    """The reports of this team; all where none is named."""
    return [it for it in reports if team is None or (it.report.team and it.report.team.key == team.key)]


def narrowed(team: Team | None) -> Screen:
    """The screen of this run with the team's pipelines and reports alone, worked out once a look."""
    screen = current()
    if team is None:
        return screen

    def work_out() -> Judged:
        rows = (row for row in screen.now.rows if row.owned.team and row.owned.team.key == team.key)
        return screen.now.judged.of(rows, own(screen.now.reports, team))

    judged = screen.now.once(("team", team.key), work_out)
    history = screen.once(("team's history", team.key), lambda: frames.only(screen.history, list(judged.by_id)))
    return replace(screen, now=replace(screen.now, judged=judged), history=history)


def scoped() -> dict[str, str]:
    """The team or report in the address bar, for a link that keeps it."""
    return {name: st.query_params[name] for name in ("team", "report") if name in st.query_params}


def scope(screen: Screen) -> frozenset[str] | None:
    """The pipelines of the team or report in the address bar; None for all."""
    for about, name in scoped().items():
        return screen.now.judged.covered(Note(Kind.NOTE, About(about), (name,), "", "")) or None
    return None


def to_choose(screen: Screen) -> dict[Covered, str]:
    """The teams and reports of the catalogue, each with the words that it is chosen with."""
    owners, reports = all_of(screen.now), screen.now.reports
    told: dict[Covered, str] = {(About.TEAM, (key,)): f"Team {one_line(it.name, 60)}" for key, it in owners.items()}
    return told | {(About.REPORT, (it.report.key,)): f"Report {one_line(it.report.name, 60)}" for it in reports}


def links(page: str, team: Team | None, teams: Mapping[str, Team]) -> None:
    """The way to each team's page, and back; nothing where the catalogue names no team."""
    if not teams:
        return
    ways = [link(one_line(one.name, 40), address(page, team=key)) for key, one in teams.items() if one != team]
    back = [link(BACK[page], address(page))] if team else []
    linked.show(f"<div>{'Other teams' if team else 'Teams'}: {', '.join([*back, *ways])}</div>", key="teams")
