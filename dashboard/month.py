"""A month in figures, on the History page (?month=2026-11): for all, a team or a report; it prints well on A4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import choices, linked, teams
from dashboard.linked import address, link
from dashboard.marks import Theme, mark_address
from dashboard.screen import Screen
from dashboard.table import safe_csv
from dashboard.times import Times
from dashboard.words import incidents as words
from dashboard.words.history import percentage
from dashboard.words.text import counted, one_line, plain
from monitor import months
from monitor.days import NOT_SEEN
from monitor.health import Word
from monitor.months import Month
from monitor.store import StoreError

WORST = 20
ON_PAPER = Path(__file__).with_name("month.css").read_text(encoding="utf-8")


def asked() -> str | None:
    """The month that the address names, if it names any."""
    return st.query_params.get("month")


def heading(screen: Screen) -> str | None:
    """'November 2026', where the address asks for a month."""
    if asked() is None:
        return None
    return plain(words.month_name(_month(screen)))


def _clock(screen: Screen) -> Times:
    """Months are those of the owner's zone, whoever looks."""
    return replace(screen.times, zone=screen.account.diary.zone)


def present(screen: Screen) -> str:
    """This month: "2026-11"."""
    return months.month_of(screen.now.at, screen.account.diary.zone)


def _month(screen: Screen) -> str:
    """The month that is asked for, if it is one of which anything may be kept; else the present one."""
    latest, wanted = present(screen), asked() or ""
    known = (months.other(latest, -back) for back in range(months.KEPT + 1))
    return wanted if wanted in known else latest


def show(screen: Screen) -> None:
    """The figures with the month before beside them, the worst first, the days, CSV and print."""
    month = _month(screen)
    month_before = months.other(month, -1)
    if month != asked():
        st.caption(words.NOT_A_MONTH)
    of, among = _choose(screen)
    try:
        shown = screen.account.diary.month(month)
        before = screen.account.diary.month(month_before, days=False)
    except StoreError:
        st.markdown("We cannot reach our own records now, so there are no figures.")
        return
    clock = _clock(screen)
    st.caption(plain(words.until(of, shown.end / 1000, months.bounds(month, clock.zone)[1] / 1000, clock)))
    figures = _watched(shown, among)
    told = _figures({month: shown, month_before: before}, among, screen)
    st.html(f"<style>{ON_PAPER}</style><div class=month>{told}</div>")
    if len(figures):
        st.header("The worst first", anchor=False)
        st.html(f"<div class=month>{_worst(figures, screen)}</div>")
    if days := _calendar(shown.days, screen, among):
        st.header("Each day, by its worst state", anchor=False)
        st.html(f'<div class=month><ol aria-label="Days">{days}</ol></div>')
    _ways(month, figures, screen)


def _ways(month: str, figures: pd.DataFrame, screen: Screen) -> None:
    """To a file, to paper, to the months beside it and back."""
    with st.container(horizontal=True, vertical_alignment="center", key="month_ways"):
        choices.download("Download as CSV", month, lambda: csv_of(figures, screen), screen, dated=False)
        linked.show('<button type="button" class="run print" data-print>Print</button>', key="print")
    with st.container(horizontal=True, key="month_back"):
        ways = {"Month before": months.other(month, -1), "Month after": months.other(month, 1)}
        kept = teams.scoped()
        told = [link(name, address("history", month=to, **kept)) for name, to in ways.items() if to <= present(screen)]
        linked.show(" · ".join([*told, link("History", address("history"))]), key="month_links")


def last_month(screen: Screen, **of: str) -> str:
    """A link to the figures of the month that ended last, of a team or report."""
    return link("Last month in figures", address("history", month=months.other(present(screen), -1), **of))


def _choose(screen: Screen) -> tuple[str, frozenset[str] | None]:
    """All, a team or a report, which stands in the address bar: what it is called, and its pipelines."""
    offered = teams.to_choose(screen)
    if not offered:
        return words.ALL, None
    asked_of = (place for place, (about, [key]) in enumerate(offered) if st.query_params.get(about) == key)
    with st.container(key="month_choice"):
        chosen = st.selectbox(
            "Figures of",
            list(offered),
            index=next(asked_of, None),
            format_func=offered.__getitem__,
            placeholder=words.ALL,
            width=320,
        )
    wanted = {chosen[0].value: chosen[1][0]} if chosen else {}
    for name in teams.scoped().keys() - wanted.keys():
        del st.query_params[name]
    st.query_params.update(wanted)
    return (offered[chosen], teams.scope(screen) or frozenset()) if chosen else (words.ALL, None)


def _watched(month: Month, among: frozenset[str] | None) -> pd.DataFrame:
    """months.figures of the pipelines that were watched in it, or planned."""
    found = month.figures
    watched = found[found["unwatched"] < found[[*months.LENGTHS]].sum(axis=1)]
    return watched if among is None else watched[watched.index.isin(among)]


def summed(figures: pd.DataFrame) -> dict[str, Any]:
    """The figures of several pipelines as one: sums in ms, the longest, the percentage, the share that was watched."""
    sums: dict[str, Any] = {name: int(figures[name].sum()) for name in months.COLUMNS}
    sums["longest"] = int(figures["longest"].max()) if len(figures) else 0
    whole = sum(sums[name] for name in months.LENGTHS) - sums["planned"]
    sums["coverage"] = 1 - sums["unwatched"] / whole if whole else 0.0
    sums["percent"] = months.percent(sums["well"], sums["failing"]) if sums["coverage"] >= 0.5 else None
    return sums


def _figures(those: Mapping[str, Month], among: frozenset[str] | None, screen: Screen) -> str:
    """The months' figures beside one another, in people's words; a month before it that nobody watched is left out."""
    watched = {name: figures for name, month in those.items() if len(figures := _watched(month, among))}
    if next(iter(those)) not in watched:
        return "<p>This month was not watched, or only for a moment, so there are no figures.</p>"
    told = [_told(summed(figures), _runs(name, screen, among)) for name, figures in watched.items()]
    return _table(
        "figures",
        ["Figure", *map(words.month_name, watched)],
        ([name, *(each[name] for each in told)] for name in told[0]),
    )


def _told(sums: Mapping[str, Any], runs: int) -> dict[str, str]:
    return {
        "Healthy": percentage(sums["percent"]),
        "Watched": f"{100 * sums['coverage']:.0f}% of the time",
        "Incidents": f"{sums['incidents']:,} (each pipeline's own)",
        "Time failing, all added up": words.hours(sums["failing"]),
        "Late, all added up": words.hours(sums["late"]),
        "The longest": words.hours(sums["longest"]),
        "Planned work, apart": words.hours(sums["planned"]),
        "Runs asked from here": f"{runs:,}",
    }


def _runs(month: str, screen: Screen, among: frozenset[str] | None) -> int:
    start, end = months.bounds(month, screen.account.diary.zone)
    return sum(
        start <= one.asked_at * 1000 < end and one.sent_at is not None and (among is None or one.pipeline_id in among)
        for one in screen.now.once("log", screen.account.log)
    )


def _table(of: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Of this class; each row begins with its head."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(each)}</td>" for each in others)}</tr>'
        for first, *others in rows
    )
    return f'<table class="{of}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _worst(figures: pd.DataFrame, screen: Screen) -> str:
    """The pipelines with the most trouble first; those without any are counted."""
    bad = figures.assign(bad=figures["failing"] + figures["late"])
    bad = bad[(bad["bad"] > 0) | (bad["incidents"] > 0)].sort_values(["bad", "incidents"], ascending=False)
    heads = ("Pipeline", "Healthy", "Failing", "Late", "Incidents", "The longest")
    rows = list[Sequence[str]]()
    for name in bad.index[:WORST]:
        sums, called = summed(bad.loc[[name]]), one_line(screen.now.name(name), 80)
        failing, late, longest = (words.hours(sums[each]) for each in ("failing", "late", "longest"))
        rows.append([called, percentage(sums["percent"]), failing, late, f"{sums['incidents']:,}", longest])
    parts = [f"{len(bad) - WORST:,} more with trouble, in the CSV."] if len(bad) > WORST else []
    parts += [f"{counted(len(figures) - len(bad))} without any."] if len(figures) > len(bad) else []
    return f"{_table('worst', heads, rows) if len(bad) else ''}<p>{' '.join(parts)}</p>"


def _calendar(days: pd.DataFrame, screen: Screen, among: frozenset[str] | None) -> str:
    """A picture, for the screen and for paper, and words for each day, as far as its history is kept."""
    worst = (days if among is None else days[days.index.isin(among)]).min().fillna(NOT_SEEN).astype(int)
    if (worst == NOT_SEEN).all():
        return ""
    looks: Mapping[str, Theme] = {"glass": screen.theme, "paper": "light"}
    told = list[str]()
    for start, code in zip(worst.index, worst, strict=True):
        word, moment = [*Word, None][code], _clock(screen).moment(start / 1000)
        marked = [
            f'<img alt="" class={on} src="{mark_address(word, theme, True)}">' for on, theme in looks.items() if word
        ]
        told.append(f"<li>{''.join(marked)}<span>{escape(words.day(moment, word))}</span></li>")
    return "".join(told)


def csv_of(figures: pd.DataFrame, screen: Screen) -> bytes:
    """A row a pipeline, in seconds, worst first."""
    rows = figures.sort_values(["failing", "late"], ascending=False)
    told = pd.DataFrame({"number": rows.index, "name": [screen.now.name(each) for each in rows.index]}, dtype="object")
    for name in (*months.LENGTHS, "longest"):
        told[f"{name}_seconds"] = (rows[name] // 1000).to_numpy()
    told["incidents"] = rows["incidents"].to_numpy()
    told["healthy_percent"] = [months.percent(*each) for each in zip(rows["well"], rows["failing"], strict=True)]
    return safe_csv(told)
