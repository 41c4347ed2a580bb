"""The overview's pieces: the counts as tiles, problems as lines of one height, what happened, and the quiet rest."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard import choices, linked, strips, teams
from dashboard.linked import address, link
from dashboard.marks import shape
from dashboard.screen import Screen
from dashboard.words import incidents, states
from dashboard.words import overview as words
from dashboard.words import reports as about_reports
from dashboard.words.text import counted, one_line, plain
from monitor import history as frames
from monitor import incidents as inc
from monitor.health import Word
from monitor.history import History
from monitor.now import Row
from monitor.requests import newest

SHOWN = 12  # problems with a line of their own; the rest is a link into the table
LISTED = 100  # names of a quiet list
DAY_MS, WEEK, HOUR = 86_400_000, 604_800, 3_600


def counts_and_problems(screen: Screen) -> None:
    """How many there are of each word, and a line for each problem: one element, which the browser draws at once.

    Each whole tile opens exactly the rows it counts.
    """
    said = about_reports.affected(screen.now.reports)
    reports = f'<p class="reports">{link(said, address("reports"))}</p>' if said else ""
    mail = escape(words.summary(screen.now, screen.times, st.context.url or ""))
    button = f'<button type="button" class="tool" data-copy="{mail}">{words.COPY}</button>'
    copy = f'<div class="copy">{button}<span role="status" class="quiet"></span></div>'
    tiles = [
        f'<li><a data-open class="tile" href="{address("pipelines", status=word.value)}"><b>{mark(word, screen)}'
        f'<span>{number:,}</span></b><span class="quiet">{states.NAMES[word]}</span></a></li>'
        for word, number in screen.now.counts.items()
        if number
    ]
    bar = f'<div class="bar"><ul class="tiles">{"".join(tiles)}</ul>{copy}</div>'
    linked.show(f"{reports}{bar}{lines(screen.now.problems, screen)}", key="problems")


def mark(word: Word, screen: Screen) -> str:
    """The word's shape; the word itself stands beside it."""
    drawn = shape(word, screen.palette, screen.now.confirmed)
    return f'<svg viewBox="0 0 20 20" aria-hidden="true">{drawn}</svg>'


def axis(screen: Screen) -> str:
    """Both ends of the last day, above or below its strips."""
    ends = "" if screen.is_young else "".join(f"<span>{screen.times.when(at / 1000)}</span>" for at in screen.last_day)
    return f'<span class="axis" aria-hidden="true">{ends}</span>'


def wide(name: str, history: History, screen: Screen) -> str:
    """The strip of one in this history, of the last day in full width, both its ends labelled, and in words."""
    strip = strips.strips(history, [name], *screen.last_day, screen.palette)[name]
    return f'<div class="strip">{strip.svg}{axis(screen)}<div>{escape(strip.says)}</div></div>'


def lines(rows: Sequence[Row], screen: Screen) -> str:
    """The problems, one under the other, all of one height, with one time axis for all.

    Above them what they share, said once; below the way to exactly these in the table, and what the shapes mean.
    """
    if not rows:
        return ""
    days, visit = day_strips([row.pipeline.id for row in rows[:SHOWN]], screen), screen.last_visit
    told = "".join(line(row, days.get(row.pipeline.id, ""), words.is_new(row, visit), screen) for row in rows[:SHOWN])
    present, fact, rest = list(dict.fromkeys(row.word.value for row in rows)), "", ""
    if shared := words.in_common(rows, screen.now.rows):
        said, name, value = shared
        fact = link(said, address("pipelines", status=present, **{name: value}))
    if len(rows) > SHOWN:
        rest = link(words.see_all(len(rows)), address("pipelines", status=present))
    head = f'<div class="line head quiet"><span class="fact cut">{fact}</span>{axis(screen)}</div>'
    key = f'<span class="quiet">{words.LEGEND}</span>' if days else ""
    return f'{head}<ul>{told}</ul><div class="foot"><span>{rest}</span>{key}</div>'


def day_strips(ids: Sequence[str], screen: Screen) -> dict[str, str]:
    """The last day of each, drawn once a look for all who see the same lines; none while there is hardly a history."""
    if screen.is_young:
        return {}
    begin, end = screen.last_day

    def draw() -> dict[str, str]:
        drawn = strips.strips(screen.history, ids, begin, end, screen.palette)
        return {name: strip.svg for name, strip in drawn.items()}

    return screen.once(("day strips", tuple(ids), end, screen.theme), draw)


def line(row: Row, strip: str, is_new: bool, screen: Screen) -> str:
    """One problem: mark, linked name, route, since when, what is known besides, the day, and *Run*."""
    name, way = one_line(row.label, 200), words.route_line(row, screen.now.at)
    new = f'<span class="new">{words.NEW}</span>' if is_new else ""
    asks = f'data-run="{escape(row.pipeline.id)}" aria-label="Run {escape(name)}"'
    run = f'<button type="button" class="run" {asks}>Run</button>' if can_open(row, screen) else "<span></span>"
    return (
        f'<li class="line">{mark(row.word, screen)}'
        f'<div class="what"><div class="top">{named(row, screen, "name cut")}{new}</div>'
        f'<div class="quiet cut" title="{escape(way)}">{escape(way)}</div></div>'
        f'{state(row, screen)}<div class="day">{strip}</div>{run}</li>'
    )


def can_open(row: Row, screen: Screen) -> bool:
    """True when its number leads to it, and to no other."""
    return screen.now.get(row.pipeline.id) is row


def named(row: Row, screen: Screen, of: str = "") -> str:
    """Its name, as a link where that leads to it; `of` is its class."""
    name = one_line(row.label, 200)
    if can_open(row, screen):
        return link(name, address("pipelines", pipeline=row.pipeline.id), of, name)
    return f'<span class="{of}" title="{escape(name)}">{escape(name)}</span>'


def state(row: Row, screen: Screen) -> str:
    """Since when, and in quiet what is known besides; a run that was asked stands beside the word."""
    now, clock = screen.now, screen.times
    at = now.at if now.confirmed else now.answered_at or now.at
    said, kind, note = words.for_so_long(row, at, clock), "quiet", words.about(row)
    request = newest(now.requests).get(row.pipeline.id)
    if request and request.asked_at > now.at - HOUR:
        kind, note = "quiet asked", words.asked(request, clock)
    elif not now.confirmed:
        note = f"{words.LAST_CONFIRMED} {screen.answered}"
    elif on := now.on_it.get(row.pipeline.id):
        note = incidents.on_it(on, clock)
    told = f'<div class="{kind} cut" title="{escape(note)}">{escape(note)}</div>' if note else ""
    return f'<div class="state"><div class="top cut" title="{escape(said)}">{escape(said)}</div>{told}</div>'


def since_last_visit(screen: Screen) -> None:
    """What began and what ended since this browser looked last, at most a week ago, by name."""
    visit, history, end = screen.last_visit, screen.history, round(screen.until * 1000)
    if screen.is_young and visit is None:
        return
    begin = end - DAY_MS if visit is None else round(max(visit, screen.until - WEEK) * 1000)
    if history.begins is not None and history.begins > begin:
        history = screen.once(("older", begin), lambda: screen.past(begin / 1000))
    begin = begin if history.begins is None else min(end, max(begin, history.begins))
    st.header(plain(words.since_heading(visit, begin / 1000, end / 1000, screen.times)), anchor=False)
    tally = zip(screen.once(("tally", begin, end), lambda: frames.tally(history, begin, end)), words.TALLY, strict=True)
    told = "".join(f"<li>{len(ids):,} {what}: {_names(ids, screen)}</li>" for ids, what in tally if ids)
    changed = f"<ul>{told}</ul>" if told else f"<div>{words.NOTHING_CHANGED}</div>"
    linked.show(incidents_since(begin, end, screen) + changed, key="since")


def incidents_since(begin: int, end: int, screen: Screen) -> str:
    """'2 incidents, 5 pipelines, the longest 3 h 30 min': a link to the list."""
    among = screen.now.judged.by_id if "team" in st.query_params else None
    found = screen.now.once(("since", begin, end), lambda: inc.listed(screen.now.judged.incidents, begin, end, among))
    found = found[found["at"] >= begin]
    if not len(found):
        return ""
    longest = (found["end_at"].clip(upper=end) - found["at"]).max() / 1000
    own = screen.now.judged.incidents.own
    pipelines = own["pipeline"][own["group"].isin(found["group"])].nunique()
    way = address("history", range=choices.shortest((end - begin) / 1000), **teams.scoped())
    return f"<p>{link(incidents.since(len(found), pipelines, longest), way)}</p>"


def _names(ids: Sequence[str], screen: Screen) -> str:
    """'Orders DB, Ads', linked."""
    shown = [
        link(one_line(screen.now.name(one), 60), address("pipelines", pipeline=one)) for one in ids[: words.MOST_NAMED]
    ]
    more = f" and {len(ids) - words.MOST_NAMED:,} more" if len(ids) > words.MOST_NAMED else ""
    return ", ".join(shown) + more


def folded(word: Word, screen: Screen) -> None:
    """A quiet list, made when somebody opens it: name and route; the first hundred, and a link to the rest."""
    rows, key = screen.now.having(word), word.value
    if not rows:
        return
    st.session_state[key] = st.session_state.get(key, False)  # else another number on it would close it
    fold = st.expander(f"{counted(len(rows))} {words.FOLDED[word]}", key=key, on_change="rerun")
    if not fold.open:
        return
    told = [f'<li>{named(row, screen)} <span class="quiet">{escape(states.route(row))}</span></li>' for row in rows]
    if len(rows) > LISTED:
        rest = link(words.see_all(len(rows)), address("pipelines", status=key))
        told[LISTED:] = [f"<li>{rest}</li>"]
    with fold:
        linked.show(f"<ul>{''.join(told)}</ul>", key=f"{key}-list")
