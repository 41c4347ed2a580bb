"""The pieces of the Reports page: the list, one report in full, and the tile that stands in other pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard import choices, run_dialog
from dashboard.marks import CLOCK, SHAPES, colour, mark
from dashboard.screen import Screen
from dashboard.words import reports as words
from dashboard.words import states
from dashboard.words.text import one_line, plain
from monitor.health import Word
from monitor.now import ReportRow, Row

TICK = 5.0  # seconds between two glances at what the server already knows
PIPELINES = "../pages/pipelines.py"
REPORTS = "../pages/reports.py"


def teams(screen: Screen) -> list[str]:
    """The keys of all teams that own a report, in the order of their names."""
    owners = {report.report.team.key: report.report.team.name for report in screen.now.reports if report.report.team}
    return sorted(owners, key=lambda key: owners[key].casefold())


def choose_team(screen: Screen) -> Sequence[ReportRow]:
    """A filter by team, in the address bar (?team=sales); without teams all reports."""
    known, asked = teams(screen), st.query_params.get("team")
    if not known:
        return screen.now.reports
    names = {report.report.team.key: report.report.team.name for report in screen.now.reports if report.report.team}
    chosen = st.selectbox(
        "Team",
        known,
        index=known.index(asked) if asked in known else None,
        format_func=lambda key: one_line(names[key], 60),
        placeholder="All teams",
        width=280,
    )
    if chosen:
        st.query_params["team"] = chosen
    elif "team" in st.query_params:
        del st.query_params["team"]
    return [it for it in screen.now.reports if not chosen or (it.report.team and it.report.team.key == chosen)]


def show_list(reports: Sequence[ReportRow], screen: Screen) -> None:
    """A line a report, worst first: its mark, its name as a link, its sentence, whom to ask."""
    for report in reports:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"report-{report.report.key}"):
            st.markdown(mark(report.word, screen.now.confirmed), width="content")
            with st.container(gap=None):
                st.page_link(
                    REPORTS, label=f"**{plain(report.report.name, 80)}**", query_params={"report": report.report.key}
                )
                st.markdown(_line(report, screen))
            if report.report.link:
                st.link_button("Open report", report.report.link, icon=":material/open_in_new:")


def _line(report: ReportRow, screen: Screen) -> str:
    told = [f"**{_word(report, screen)}** · {plain(sentence(report, screen), 240)}"]
    if ask := words.ask(report.report):
        told.append(f":small[:gray[Ask: {plain(ask, 160)}]]")
    return "  \n".join(told)


def _word(report: ReportRow, screen: Screen) -> str:
    name = states.NAMES[report.word]
    return name if screen.now.confirmed else f"{name}, {words.not_confirmed(screen.answered)}"


def sentence(report: ReportRow, screen: Screen) -> str:
    """Its sentence, worked out once a look."""
    question = ("report", report.report.key, screen.now.at // 60)
    return screen.now.once(question, lambda: words.sentence(report, rows_of(report, screen), screen.times))


def rows_of(report: ReportRow, screen: Screen) -> list[Row]:
    """The rows of its pipelines, worst first."""
    found = [row for row in map(screen.now.get, report.pipelines) if row]
    return sorted(found, key=lambda row: (row.word.severity, row.label.casefold()))


def find(key: str, screen: Screen) -> ReportRow | None:
    """The report with this key, if the catalogue has it."""
    return next((report for report in screen.now.reports if report.report.key == key), None)


def show_one(report: ReportRow, screen: Screen) -> None:
    """One report: its word, its sentence, its pipelines, and what can be done."""
    rows = rows_of(report, screen)
    failing = [row.pipeline.id for row in rows if row.word in (Word.FAILED, Word.LATE)]
    st.markdown(_line(report, screen))
    with st.container(horizontal=True):
        st.page_link(REPORTS, label="All reports", icon=":material/arrow_back:")
        if failing:
            label = "Run what failed" if len(failing) == 1 else f"Run the {len(failing)} that failed"
            st.button(label, type="primary", on_click=run_dialog.ask, args=(failing,))
        if report.report.link:
            st.link_button("Open report", report.report.link, icon=":material/open_in_new:")
        choices.copy_link()
    st.header("What it needs", anchor=False)
    for row in rows:
        _source(row, screen)
    for name in report.missing:
        st.markdown(f"{mark(Word.UNKNOWN, screen.now.confirmed)} {plain(name, 80)} · Hevo does not have it.")


def _source(row: Row, screen: Screen) -> None:
    since = states.since_when(row.word, row.since, screen.times) if row.since else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(mark(row.word, screen.now.confirmed), width="content")
        st.page_link(PIPELINES, label=plain(row.label, 80), query_params={"pipeline": row.pipeline.id}, width="content")
        st.markdown(f":small[{states.NAMES[row.word]} · {plain(since, 120)}]", width="stretch")


def is_tile() -> bool:
    """True for the small frame that stands in a report's own page: nothing else is drawn there."""
    return bool(st.context.is_embedded) and "report" in st.query_params


def tile(report: ReportRow, screen: Screen) -> None:
    """One line of 320 × 96 pixels for a frame in another page: mark, word, sentence, age. It follows the account."""
    st.fragment(_tile, run_every=TICK)(report, screen)


def _tile(report: ReportRow, screen: Screen) -> None:
    if screen.account.now().version != screen.now.version:
        st.rerun()
    confirmed, palette = screen.now.confirmed, screen.palette
    fill = colour(report.word, palette) if confirmed else palette.hatch
    shape = (SHAPES[report.word] if confirmed else CLOCK).format(c=fill, p=palette.paper)
    age = states.checked(screen.now.age or 0.0, screen.now.answered_at or 0.0, screen.times)
    says = f"{one_line(report.report.name, 60)}: {_word(report, screen)}"
    st.html(
        '<div style="display:flex;gap:10px;align-items:flex-start;max-height:92px;overflow:hidden">'
        f'<svg width="20" height="20" viewBox="0 0 20 20" style="flex:none;margin-top:2px" aria-hidden="true">{shape}'
        f'</svg><div><div style="font-weight:600;font-size:15px">{escape(says)}</div>'
        f'<div style="font-size:13px">{escape(sentence(report, screen))}</div>'
        f'<div style="font-size:12px;color:{palette.muted}">{escape(age)}</div></div></div>'
    )
