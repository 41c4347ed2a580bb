"""Incidents on the History page: the list, one of them in full, and the forms for what people write about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from html import escape

import pandas as pd
import streamlit as st

from dashboard import choices, lines, linked, month, overview, run_dialog, sign_in, strips, teams
from dashboard.components import component, nothing
from dashboard.linked import address, link
from dashboard.marks import STYLES
from dashboard.screen import Screen, current, unbroken
from dashboard.table import safe_csv, utc
from dashboard.words import incidents as words
from dashboard.words import runs
from dashboard.words.overview import LEGEND
from dashboard.words.text import listed as names_listed
from dashboard.words.text import one_line, plain
from monitor import incidents as inc
from monitor import notes
from monitor.health import NEEDS_ATTENTION, Word
from monitor.history import History
from monitor.incidents import Incident
from monitor.notes import About, Kind, Note
from monitor.requests import Request, Standing

SHOWN, MOST, COURSE, STRIPS = 12, 100, 200, 50  # lines of a list, of a whole one, of one incident's course; its strips
HOUR = 3_600.0
_NAME = component("my_name", "<span hidden></span>")


def found(screen: Screen, begin: float, end: float, among: frozenset[str] | None = None) -> pd.DataFrame:
    """The incidents of this time (UTC seconds), open ones first, then the newest; worked out once a look."""
    start, stop = round(begin * 1000), round(end * 1000)
    question = ("incidents", start // 60_000, stop // 60_000, among)
    return screen.now.once(question, lambda: inc.listed(screen.now.judged.incidents, start, stop, among))


def opened(screen: Screen) -> Incident | None:
    """The incident that the address names (?incident=6590-20261121T0210), if there is one."""
    return inc.find(screen.now.judged.incidents, st.query_params.get("incident", ""))


def heading(screen: Screen) -> str:
    """The page's first line: what happened, where one incident is opened."""
    one = opened(screen)
    return plain(words.what(one, screen.now.name)) if one else "History"


def show(screen: Screen, history: History, begin: float, end: float) -> None:
    """The list: open ones on top, then the newest, with our own trouble in grey; planned work; CSV."""
    if st.query_params.get("incident"):
        st.caption(words.UNKNOWN_KEY)
    among = teams.scope(screen)
    rows = found(screen, begin, end, among)
    said()
    announced(screen, may_end=True)
    shown = MOST if st.session_state.get("incidents_all") else SHOWN
    told = [_line(one, screen) for one in inc.told(screen.now.judged.incidents, rows[:shown])]
    none = "" if told else f"<p>{words.NONE}</p>"
    more = f'<p class="quiet">{words.more(len(rows) - shown)}</p>' if len(rows) > shown else ""
    linked.show(f"{none}<ul>{''.join(told + _own_troubles(history, begin, screen))}</ul>{more}", key="incidents")
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(rows) > SHOWN:
            st.toggle("Show more", key="incidents_all", persist_state="session")
        if len(rows):
            choices.download("Download as CSV", "incidents", lambda: csv_of(rows, screen), screen)
        way = {"month": month.present(screen), **teams.scoped()}
        st.page_link(
            "../pages/history.py", label="This month in figures", query_params=way, icon=":material/date_range:"
        )
        form(Kind.PLANNED, screen)


def _line(one: Incident, screen: Screen) -> str:
    """Mark, what failed as a link, names and reports; when and how long, who is on it, what was run."""
    what = link(words.what(one, screen.now.name), address("history", incident=one.key), "name")
    names = names_listed([screen.now.name(each) for each in one.pipelines], 4) if len(one.pipelines) > 1 else ""
    quiet = " · ".join(filter(None, [names, _feeds(one, screen)]))
    mark = overview.mark(Word.PLANNED if screen.now.plan_of(one) else Word.FAILED, screen)
    if one.ended is not None:  # what is over stands in grey
        mark = mark.replace(screen.palette.failed, screen.palette.outline)
    return (
        f'<li class="line report">{mark}<div class="what">{what}<div class="quiet">{escape(quiet)}</div>'
        f'</div><div>{escape(words.line(one, screen.times))}<div class="quiet">{escape(_who(one, screen))}</div></div>'
        "<span></span></li>"
    )


def _feeds(one: Incident, screen: Screen) -> str:
    reports = dict.fromkeys(report.name for row in screen.now.present(one.pipelines) for report in row.owned.reports)
    return f"Feeds: {names_listed([*reports], 3)}" if reports else ""


def _who(one: Incident, screen: Screen) -> str:
    """Who is on it, the work it was planned for, and who ran what."""
    on = list({note.id: note for each in one.pipelines if (note := screen.now.on_it.get(each))}.values())
    told = [words.on_it(note, screen.times) for note in on] if one.ended is None else []
    if plan := screen.now.plan_of(one):
        told.append(words.in_plan(plan))
    asked = _runs(one, screen.now.requests)
    if asked:
        by = list(dict.fromkeys(request.by or "somebody" for request in asked))
        several = "them" if len(one.pipelines) > 1 else "it"
        told.append(f"{names_listed(by, 3)} ran {several} at {screen.times.at(asked[0].asked_at)}")
    return ". ".join(told)


def _runs(one: Incident, requests: Iterable[Request]) -> list[Request]:
    """What was asked for while it lasted, newest first."""
    until = float("inf") if one.ended is None else one.ended
    return [
        request
        for request in requests
        if request.pipeline_id in one.pipelines
        and one.began <= request.asked_at <= until
        and request.standing is not Standing.IGNORED
    ]


def _own_troubles(history: History, begin: float, screen: Screen) -> list[str]:
    """The last three times since then (UTC seconds) at which Hevo did not answer us."""
    rows = history.trouble
    rows = rows[(rows["last"] >= begin * 1000) & (rows["last"] > rows["first"])][-3:]
    spans = (screen.times.span(*each) for each in (rows[["first", "last"]] / 1000).itertuples(index=False))
    told = (escape(words.OWN_TROUBLE.format(when=span)) for span in spans)
    mark = overview.mark(Word.UNKNOWN, screen)
    return [f'<li class="line report quiet">{mark}<div class="what">{each}</div></li>' for each in told]


def csv_of(rows: pd.DataFrame, screen: Screen) -> bytes:
    """A row an incident; moments that nobody knows are empty."""
    told = [
        {
            "incident": one.key,
            "what": words.what(one, screen.now.name),
            "pipelines": ", ".join(screen.now.name(each) for each in one.pipelines),
            "shared": one.name,
            "not_before_utc": utc(one.not_before),
            "first_seen_utc": utc(one.began),
            "ended_after_utc": None if one.ended is None else utc(one.end_after),
            "ended_utc": utc(one.ended),
            "lasted": words.lasted(one, screen.now.at),
            "failures": one.count,
        }
        for one in inc.told(screen.now.judged.incidents, rows)
    ]
    return safe_csv(pd.DataFrame(told, dtype="object"))


def open_one(one: Incident, screen: Screen) -> None:
    """One incident: when and what it shares, what can be done, its strips, its course in sentences, its summary."""
    said()
    for told in filter(None, [words.line(one, screen.times), _who(one, screen), _feeds(one, screen)]):
        st.markdown(plain(told, 600))
    _offer(one, screen)
    _draw_strips(one, screen)
    st.header("What happened", anchor=False)
    own = _notes(one, screen)
    course = [(screen.times.at(at), told) for at, told in _course(one, own, screen)]
    st.markdown("\n".join(f"- {plain(at, 40)} {plain(told, 600)}" for at, told in course[:COURSE]))
    mine = [note for note in own if note.taken_at is None][:10]
    if mine and sign_in.may_run():
        with st.expander("Take a note back"):
            for note in mine:
                st.button(plain(words.note_line(note), 120), key=f"take-{note.id}", on_click=take_back, args=(note.id,))
    with st.expander("Summary for a mail"):
        summary = [words.whole(one, screen.now.name, screen.times), *(f"{at} {told}" for at, told in course)]
        st.code("\n".join([*summary[:30], st.context.url or ""]), language=None, wrap_lines=True)
    linked.show(link("All incidents", address("history")), key="back")


def _offer(one: Incident, screen: Screen) -> None:
    """What can be done: run it and say who is on it while it fails, add a note, pass it on."""
    ids = [row.pipeline.id for row in screen.now.present(one.pipelines) if row.word in NEEDS_ATTENTION]
    with st.container(horizontal=True, vertical_alignment="center"):
        if ids:
            label = f"Run what still fails ({len(ids)})" if len(ids) > 1 else "Run it"
            st.button(label, type="primary", on_click=run_dialog.ask, args=(ids,))
            form(Kind.ON_IT, screen, one.pipelines)
        form(Kind.NOTE, screen, one.pipelines)
        choices.copy_link()


def _draw_strips(one: Incident, screen: Screen) -> None:
    """Its pipelines only, from an hour before to an hour after."""
    begin = round(1000 * (one.began - HOUR))
    end = round(1000 * min(screen.until, (one.ended or screen.until) + HOUR))
    ids = one.pipelines[:STRIPS]
    history = screen.once(("of an incident", ids, begin), lambda: screen.past(begin / 1000, ids))
    begin = max(begin, history.begins or begin)
    drawn = strips.strips(history, ids, begin, end, screen.palette)
    told = [
        f'<li class="strip">{link(one_line(screen.now.name(each), 80), address("pipelines", pipeline=each))}'
        f"{strip.svg}</li>"
        for each, strip in drawn.items()
    ]
    axis = f"{screen.times.when(begin / 1000)} to {screen.times.when(end / 1000)}. {LEGEND}"
    linked.show(f'<ul>{"".join(told)}</ul><p class="quiet">{escape(axis)}</p>', key="incident-strips")


def _course(one: Incident, own_notes: Iterable[Note], screen: Screen) -> list[tuple[float, str]]:
    """Beginnings, ends, runs and notes, one after another: when (UTC seconds), and a sentence."""
    told = list[tuple[float, str]]()
    for own in one.members:
        after, called = None if own.after < 0 else own.after / 1000, screen.now.name(own.pipeline)
        told.append((own.at / 1000, words.began(called, after, screen.times, own.at / 1000)))
        if own.end_at < inc.OPEN:
            told.append((own.end_at / 1000, words.ended(called, own.how, own.count)))
    for request in _runs(one, screen.account.log()):
        asked = f"{request.by or 'Somebody'} asked to run {one_line(request.name, 60)}: "
        told.append((request.asked_at, asked + runs.standing(request, screen.times)))
    return sorted(told + written(own_notes))


def written(found: Iterable[Note]) -> list[tuple[float, str]]:
    """When each was written (UTC seconds), and taken back where it was, and a sentence for it."""
    told = list[tuple[float, str]]()
    for note in found:
        told.append((note.written_at, words.note_line(note)))
        if note.taken_at:
            told.append((note.taken_at, words.taken_back(note)))
    return told


def _notes(one: Incident, screen: Screen) -> list[Note]:
    """What was written about any of its pipelines while it lasted, or on the day after; newest first."""
    until = float("inf") if one.ended is None else one.ended + 24 * HOUR
    return [
        note
        for note in screen.now.notes
        if one.began <= note.written_at <= until
        and (note.about is not About.ALL or note.kind is not Kind.NOTE)
        and not screen.now.judged.covered(note).isdisjoint(one.pipelines)
    ]


def announced(screen: Screen, may_end: bool = False) -> None:
    """Planned work that goes on, or begins within a day."""
    for note in screen.now.notes:
        if note.is_announced_at(screen.now.at):
            with st.container(horizontal=True, vertical_alignment="center"):
                told = words.planned(note, screen.times, words.about(note, screen.now.name))
                st.markdown(f"{STYLES[Word.PLANNED].icon} {plain(told, 500)}", width="content")
                if may_end and sign_in.may_run():
                    st.button("End it", key=f"end-{note.id}", on_click=take_back, args=(note.id,))


def said() -> None:
    """What became of what was written last; the browser remembers the name that was typed."""
    mine = st.session_state.get("my_name", "")
    kept = {"name": mine, "asked": "name_asked" in st.session_state}
    told = _NAME(key="name_memory", data=kept, on_name_change=nothing).name
    if told and not mine:
        st.session_state.name_asked, st.session_state.my_name = True, str(told)[: notes.LONGEST_NAME]
    if done := st.session_state.pop("note_said", None):
        lines.line(done, "asked")


def form(kind: Kind, screen: Screen, pipelines: tuple[str, ...] = ()) -> None:
    """What somebody may write, behind a button; who may not is told whom to ask."""
    title, means, example, press = words.FORMS[kind]
    key = kind.value.replace(" ", "-")
    with st.popover(title):
        if not sign_in.may_run():
            st.markdown(sign_in.who_may_run(screen.settings.access))
            return
        st.markdown(means)
        with st.form(f"form-{key}", border=False, clear_on_submit=False):
            if kind is Kind.PLANNED:
                _plan_fields(screen)
            st.text_area("What to say", key=f"text-{key}", max_chars=notes.LONGEST_TEXT, placeholder=example, height=80)
            if not sign_in.who():
                mine = st.session_state.get("my_name", "")
                st.text_input(words.YOUR_NAME, mine, key=f"name-{key}", max_chars=notes.LONGEST_NAME)
            st.form_submit_button(press, type="primary", on_click=write, args=(kind, pipelines))


def covers(screen: Screen) -> dict[teams.Covered, str]:
    """What planned work may be about, each with the words that it is chosen with."""
    places = sorted({place for row in screen.now.rows if (place := notes.destination(row.pipeline))})
    told: dict[teams.Covered, str] = {(About.ALL, ()): words.ALL}
    told |= {(About.DESTINATION, (place,)): f"All into {one_line(place, 60)}" for place in places}
    told |= teams.to_choose(screen)
    return told | {(About.PIPELINES, (one,)): choices.called(one, screen) for one in choices.offered(screen)}


def _plan_fields(screen: Screen) -> None:
    now = screen.times.moment(screen.now.at).replace(tzinfo=None, second=0, microsecond=0)
    offered = covers(screen)
    st.selectbox("What", list(offered), key="plan_what", format_func=lambda one: offered.get(one, ""))
    st.datetime_input("From", now, key="plan_from")
    st.datetime_input("Until", now + timedelta(hours=2), key="plan_until")
    st.caption(screen.times.zone_name)


def write(kind: Kind, pipelines: tuple[str, ...]) -> None:
    """Writes what the form says, if this person may."""

    def press(screen: Screen) -> str:
        state, key, who = st.session_state, kind.value.replace(" ", "-"), sign_in.who()
        about, of, begins, ends = About.PIPELINES, pipelines, 0.0, None
        if kind is Kind.PLANNED:
            wanted = state.get("plan_what")
            about, of = wanted if wanted in covers(screen) else (About.PIPELINES, ())
            begins, ends = _moment(state.get("plan_from"), screen) or 0.0, _moment(state.get("plan_until"), screen)
        text, state.my_name = state.get(f"text-{key}", ""), state.get(f"name-{key}", "")
        note = Note(kind, about, of, text, who or state.my_name, typed=who is None, begins=begins, ends=ends)
        done = screen.account.diary.write(note, who or f"tab {state.get('tab_session', '')}")
        return words.REFUSALS[done] if isinstance(done, str) else words.note_line(done)

    _once(press)


def take_back(note_id: str) -> None:
    """Takes it back, if this person may."""

    def press(screen: Screen) -> str:
        by = sign_in.who() or st.session_state.get("my_name") or "Somebody"
        why = screen.account.diary.take_back(note_id, by)
        return words.REFUSALS[why] if why else "Taken back. A line stays where it stood."

    _once(press)


def _once(press: Callable[[Screen], str]) -> None:
    """Does it, if this person may; what became of it is said at the page's top."""
    done = list[str]()

    @unbroken
    def pressed() -> None:
        if not done:
            screen = current()
            done.append(press(screen) if sign_in.may_run() else sign_in.who_may_run(screen.settings.access))
        st.session_state.note_said = done[0]

    pressed()


def _moment(chosen: object, screen: Screen) -> float | None:
    if not isinstance(chosen, datetime):
        return None
    return chosen.replace(tzinfo=screen.times.zone).timestamp() - screen.times.correction
