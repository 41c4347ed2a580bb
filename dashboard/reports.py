"""The pieces of the Reports page: the list, one report in full, and the tile that stands in other pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from dashboard import choices, linked, month, overview, run_dialog, teams
from dashboard.linked import address, link
from dashboard.screen import Screen
from dashboard.words import reports as words
from dashboard.words import states
from dashboard.words.text import one_line, plain
from monitor import history as frames
from monitor.catalog import ReportRow, Team
from monitor.health import Word


def show_list(team: Team | None, screen: Screen) -> None:
    """A line a report, worst first: its mark, its name as a link, its sentence, whom to ask, the way to it."""

    def draw() -> str:
        return f"<ul>{''.join(_line(report, screen) for report in teams.own(screen.now.reports, team))}</ul>"

    linked.show(screen.each_minute(("reports", team and team.key), draw), key="reports")


def _line(report: ReportRow, screen: Screen) -> str:
    name = link(one_line(report.report.name, 120), address("reports", report=report.report.key), "name")
    asked = teams.whom_to_ask(report.report.team) if report.report.team else ""
    told = f"<b>{escape(word(report, screen))}</b> · {escape(sentence(report, screen))}"
    way = "<span></span>"
    if report.report.link:
        opens = f'aria-label="Open {escape(one_line(report.report.name, 80))}" href="{escape(report.report.link)}"'
        way = f'<a class="run" target="_blank" rel="noopener" {opens}>Open</a>'
    return (
        f'<li class="line report">{overview.mark(report.word, screen)}<div class="what">{name}'
        f'<div class="quiet">{asked}</div></div><div>{told}</div>{way}</li>'
    )


def word(report: ReportRow, screen: Screen) -> str:
    """The report's word, or that nobody could confirm it."""
    name = states.NAMES[report.word]
    return name if screen.now.confirmed else f"{name}, {words.not_confirmed(screen.answered)}"


def sentence(report: ReportRow, screen: Screen) -> str:
    """What it says of its sources, and who is on them."""
    said = words.sentence(report, words.rows_of(report, screen.now), screen.times)
    on = states.who_is_on_it(report.pipelines, screen.now)
    return f"{said} {on}." if on else said


def show_one(report: ReportRow, screen: Screen) -> None:
    """One report: its word and sentence, its day, what can be done, and what it needs."""
    rows = words.rows_of(report, screen.now)
    failing = [row.pipeline.id for row in rows if row.word in (Word.FAILED, Word.LATE)]
    linked.show(f"<ul>{_line(report, screen)}</ul>{_day(report, screen)}", key="report")
    with st.container(horizontal=True, vertical_alignment="center"):
        if failing:
            label = words.run_what_failed(len(failing))
            st.button(label, type="primary", on_click=run_dialog.ask, args=(failing,))
        choices.copy_link()
    key = report.report.key
    happened = link("Its incidents", address("history", report=key, range="7d"))
    ways = [happened, month.last_month(screen, report=key), link("All reports", address("reports"))]
    linked.show(" · ".join(ways), key="back")
    st.header("What it needs", anchor=False)
    shown = rows[: choices.OFFERED]
    days = overview.day_strips([row.pipeline.id for row in shown], screen)
    told = "".join(overview.line(row, days.get(row.pipeline.id, ""), False, screen) for row in shown)
    linked.show(f"<ul>{told}</ul>", key="needs")
    for name in report.missing:
        st.markdown(f"{plain(name, 80)}: Hevo does not have it.")


def _day(report: ReportRow, screen: Screen) -> str:
    """The strip of the last day, each moment as the worst of what the report needs was then."""
    if screen.is_young or not report.pipelines:
        return ""
    question = ("report's day", report.report.key, screen.last_day)
    history = screen.once(question, lambda: _together(screen.history, report.pipelines))
    return overview.wide("all", history, screen)


def _together(history: frames.History, pipelines: Sequence[str]) -> frames.History:
    """One pipeline's history made of several: at each moment the worst word that any of them had."""
    own = frames.only(history, pipelines).changes
    wide = own.pivot_table(index="at", columns="pipeline", values="word", aggfunc="last", observed=True)
    codes = wide.apply(lambda column: column.astype(frames.WORDS).cat.codes).where(lambda code: code >= 0).ffill()
    worst = pd.Categorical.from_codes(codes.min(axis=1).fillna(-1).astype(int), dtype=frames.WORDS)
    after = own.groupby("at")["after"].min().reindex(codes.index)
    changes = pd.DataFrame({"pipeline": "all", "after": after.to_numpy(), "at": codes.index, "word": worst})
    return frames.history(changes, history.watch, history.trouble)


def is_tile() -> bool:
    """True for the small frame that stands in a report's own page: nothing else is drawn there."""
    return bool(st.context.is_embedded) and "report" in st.query_params


def tile(report: ReportRow, screen: Screen) -> None:
    """One line of 320 × 96 pixels for a frame in another page: mark, word, sentence, age. Ticks: it follows the
    account."""
    latest = screen.account.now()
    if latest.version != screen.now.version:
        st.rerun()
    age = states.checked(screen.now.answered_at, replace(screen.times, now=latest.at))
    told = word(report, screen)
    if screen.now.confirmed:
        told = states.in_short(report.word, report.pipelines, screen.now, screen.times)
    says = f"{one_line(report.report.name, 60)}: {told}"
    st.html('<style>[data-testid="stMainBlockContainer"]{padding:8px}</style>')
    linked.show(
        f'<div class="frame">{overview.mark(report.word, screen)}<div><b>{escape(says)}</b>'
        f'<p>{escape(sentence(report, screen))}</p><div class="quiet">{escape(age)}</div></div></div>',
        key="tile",
    )
