"""One pipeline in full: its word, four facts, its last day, its tables, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from dashboard import choices, frame, hands, incidents, linked, overview, run_dialog, teams
from dashboard.linked import address, link
from dashboard.marks import STYLES, colour
from dashboard.screen import Screen, current, unbroken
from dashboard.table import tables_frame
from dashboard.words import incidents as about_notes
from dashboard.words import pipelines as words
from dashboard.words import runs as run_words
from dashboard.words import states
from dashboard.words.text import one_line, plain
from monitor import history as frames
from monitor.health import Word
from monitor.now import Row
from monitor.requests import newest
from monitor.schedule import CONFIRMED_FOR

LISTED = 10  # changes, and notes


def show(pipeline_id: str) -> None:
    """The opened pipeline; one that Hevo does not have any more keeps its history."""
    screen = current()
    row = screen.now.get(pipeline_id)
    if row is None:
        _gone(pipeline_id, screen)
        return
    screen.account.reader.open(pipeline_id)
    row = replace(row, fresh=screen.account.reader.fresh(pipeline_id) or row.fresh)
    frame.title(plain(row.label, 80))
    _word(row, screen)
    _facts(row, screen)
    _actions(row, screen)
    _notes(row, screen)
    _owner(row)
    _last_day(pipeline_id, screen)
    _tables(pipeline_id, screen)
    _details(row)


def _gone(pipeline_id: str, screen: Screen) -> None:
    """What is no longer there: its name and its history, as far as anybody watched it."""
    watched = pipeline_id in screen.history.names  # in the last two days; the name is known for as long as it is kept
    known = watched or pipeline_id in screen.now.judged.names
    frame.title(plain(screen.now.name(pipeline_id), 80) if known else words.NOT_HERE)
    st.markdown(states.GONE)
    with st.container(horizontal=True):
        _back()
    if watched:
        _last_day(pipeline_id, screen)


def _back() -> None:
    st.button("Back to the table", icon=":material/arrow_back:", key="back", on_click=_leave)


@unbroken
def _leave() -> None:
    """The rest of the address is the filter, and stays."""
    hands.lead_back()
    st.query_params.pop("pipeline", None)


def _word(row: Row, screen: Screen) -> None:
    """The badge, what it means, and where the data comes from and goes to. Colour stands only in the badge's shape and
    edge, and none where nobody could confirm the word."""
    confirmed, palette = screen.now.confirmed, screen.palette
    edge = colour(row.word, palette) if confirmed else palette.hatch
    told = f"{overview.mark(row.word, screen)}{states.NAMES[row.word]}"
    route = f"{escape(states.route(row))} · Number {escape(row.pipeline.id)}"
    linked.show(
        f'<div class="word"><b style="border-left-color:{edge}">{told}</b><span class="quiet">{route}</span></div>',
        key="word",
    )
    if not confirmed:
        st.markdown(words.not_confirmed(screen.answered))
    step = states.NEXT_STEPS.get(row.word, "") if confirmed else ""
    st.markdown(plain(f"{states.meaning(row, screen.now.at)} {step}", 300))
    if on := screen.now.on_it.get(row.pipeline.id):
        st.markdown(f":material/person_check: {plain(about_notes.on_it(on, screen.times), 500)}")
    for note in screen.now.about(row.pipeline.id):
        if note.is_announced_at(screen.now.at):
            st.markdown(f"{STYLES[Word.PLANNED].icon} {plain(about_notes.planned(note, screen.times), 500)}")


def _facts(row: Row, screen: Screen) -> None:
    """Since when, and when nobody watched since then for longer than a word is believed; when it last ran, how often
    it usually does, how often it failed."""
    begin, end = row.since.first_seen, screen.now.answered_at or screen.now.at
    past = screen.once(("away", row.pipeline.id), lambda: screen.past(begin, [row.pipeline.id]))
    gaps = frames.unwatched(past, round(begin * 1000), round(end * 1000))[["start", "end"]] / 1000
    away = [(start, stop) for start, stop in gaps.itertuples(index=False) if stop - start > CONFIRMED_FOR]
    told = (
        f'<div><dt class="quiet">{escape(name)}</dt><dd>{escape(value)}</dd><dd class="quiet">{escape(more)}</dd></div>'
        for name, value, more in words.facts(row, screen.times, away)
    )
    linked.show(f"<dl>{''.join(told)}</dl>", key="facts")


def _actions(row: Row, screen: Screen) -> None:
    with st.container(horizontal=True, key="actions"):
        if not row.is_paused:
            fails = row.word in (Word.FAILED, Word.LATE)
            st.button(
                "Run",
                type="primary" if fails else "secondary",
                key="run",
                on_click=run_dialog.ask,
                args=([row.pipeline.id],),
            )
        if page := screen.account.client.pipeline_page(row.pipeline.id):
            st.link_button("Open in Hevo", page, icon=":material/open_in_new:")
        choices.copy_link()
        _back()
    if latest := newest(screen.now.requests).get(row.pipeline.id):  # it stands beside the word and never replaces it
        st.markdown(f":blue[:material/play_circle:] {plain(run_words.standing(latest, screen.times), 240)}")


def _notes(row: Row, screen: Screen) -> None:
    """What people wrote about it, newest first."""
    told = sorted(incidents.written(screen.now.about(row.pipeline.id)), reverse=True)[:LISTED]
    if told:
        st.header("What people wrote", anchor=False)
        st.markdown("\n".join(f"- {screen.times.when(at)} · {plain(said, 600)}" for at, said in told))


def _owner(row: Row) -> None:
    """What the dashboard's owner wrote about it: a note, whom to ask, which reports it feeds."""
    owned, told = row.owned, []
    if owned.note:
        told.append(escape(one_line(owned.note, 400)))
    if owned.team:
        told.append(teams.whom_to_ask(owned.team))
    if owned.reports:
        ways = [link(one_line(each.name, 60), address("reports", report=each.key)) for each in owned.reports]
        told.append(f"Feeds: {', '.join(ways)}")
    if told:
        linked.show(f"<ul>{''.join(f'<li>{line}</li>' for line in told)}</ul>", key="owner")


def _last_day(pipeline_id: str, screen: Screen) -> None:
    """Its strip, and what changed in that time, newest first; all of it stands on the History page."""
    start, end = screen.last_day
    if screen.is_young:
        st.caption(words.JUST_BEGUN)
    else:
        st.header(words.last_hours((end - start) / 1000), anchor=False)
        linked.show(overview.wide(pipeline_id, screen.history, screen), key="day")
    found = frames.transitions(frames.only(screen.history, [pipeline_id]), start, end)
    lines = [
        f"- {screen.times.at(at / 1000)} · {states.NAMES[Word(before)]} → {states.NAMES[Word(word)]}"
        for at, before, word in found[["at", "before", "word"]].head(LISTED).itertuples(index=False)
    ]
    if lines:
        st.markdown("\n".join(lines))
    if len(found) > LISTED:
        st.caption(words.more_changes(len(found) - LISTED))


def _tables(pipeline_id: str, screen: Screen) -> None:
    """Each with its state, the longest silent first. They are read in the background: nobody waits for them."""
    st.header("Tables", anchor=False)
    tables = screen.account.reader.tables(pipeline_id)
    if tables is None:
        is_away = screen.now.problem == "away"
        st.caption(words.no_tables("away" if is_away else screen.account.reader.refused.get(pipeline_id)))
        st.fragment(_await, run_every=1.0)(pipeline_id)
        return
    st.markdown(words.tables(tables))
    if tables:
        st.dataframe(
            tables_frame(tables, screen.times),
            hide_index=True,
            column_config={
                "table": "Table",
                "last_ran": st.column_config.DatetimeColumn("Last ran", format="distance"),
                "state": st.column_config.TextColumn("State", width="large"),
            },
            placeholder="not known",
            alt="The pipeline's tables, the longest silent first, each with when it last ran and its state",
        )


def _await(pipeline_id: str) -> None:
    """Ticks until they were read."""
    if current().account.reader.tables(pipeline_id) is not None:
        st.rerun()


def _details(row: Row) -> None:
    """What only Hevo understands stands here, as Hevo writes it."""
    with st.expander("Details, as Hevo writes it"):
        st.dataframe(
            pd.DataFrame(words.details(row), columns=["what", "value"]),
            hide_index=True,
            column_config={"what": "What", "value": st.column_config.TextColumn("As Hevo writes it", width="large")},
            placeholder="not said",
            alt="What Hevo says of this pipeline, as it writes it",
        )
