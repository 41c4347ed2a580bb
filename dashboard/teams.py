"""A team's own overview: the same page, narrowed to what the team owns, by a link that it can pin (?team=sales)."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import linked
from dashboard.linked import address, link
from dashboard.screen import Screen, current
from dashboard.words.text import one_line
from monitor import history as frames
from monitor.catalog import Team
from monitor.now import Judged, Now


def all_of(now: Now) -> dict[str, Team]:
    """Every team that owns a pipeline, by its key, in the order of their names."""

    def collect() -> dict[str, Team]:
        owners = {row.owned.team.key: row.owned.team for row in now.rows if row.owned.team}
        return dict(sorted(owners.items(), key=lambda item: item[1].name.casefold()))

    return now.once("teams", collect)


def asked(screen: Screen) -> Team | None:
    """The team that the address bar names, if there is one."""
    return all_of(screen.now).get(st.query_params.get("team", ""))


def narrowed(team: Team | None) -> Screen:
    """The screen of this run with the team's pipelines and reports alone, worked out once a look."""
    screen = current()
    if team is None:
        return screen
    judged = screen.now.once(("team", team.key), lambda: _own(screen.now.judged, team))
    history = screen.once(("team's history", team.key), lambda: frames.only(screen.history, list(judged.by_id)))
    return replace(screen, now=replace(screen.now, judged=judged), history=history)


def _own(judged: Judged, team: Team) -> Judged:
    rows = (row for row in judged.rows if row.owned.team and row.owned.team.key == team.key)
    return judged.of(rows, (it for it in judged.reports if it.report.team and it.report.team.key == team.key))


def links(team: Team | None) -> None:
    """The way to each team's overview, and back; nothing where the catalogue names no team."""
    teams = all_of(current().now)
    if not teams:
        return
    ways = [link(one_line(one.name, 40), address("./", team=key)) for key, one in teams.items() if one != team]
    back = [link("All pipelines", address("./"))] if team else []
    linked.show(f"<div>{'Other teams' if team else 'Teams'}: {', '.join([*back, *ways])}</div>", key="teams")
