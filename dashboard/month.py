"""A month in figures, on the History page (?month=2026-11): for all, a team or a report; it prints well on A4."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import choices, downloads, linked, marks
from dashboard import incidents as incidents_page
from dashboard.linked import address, link
from dashboard.screen import Screen
from dashboard.table import safe_csv
from dashboard.times import Times, zone_named
from dashboard.words import incidents as words
from dashboard.words.text import counted, one_line, plain
from monitor import months
from monitor.days import NOT_SEEN
from monitor.health import Word
from monitor.months import Month
from monitor.store import StoreError

DAY_MS, WORST = 86_400_000, 20
_PRINT = st.components.v2.component(
    "hevo_print",
    html='<button type="button">Print</button>',
    css="""
button { font: inherit; min-height: 2.5rem; padding: .25rem .75rem; cursor: pointer; border-radius: .5rem;
  color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color) }
@media print { button { display: none } }
""",
    js="""
export default function ({ parentElement }) {
  parentElement.querySelector("button").onclick = () => window.print()
}
""",
)
ON_PAPER = Path(__file__).with_name("month.css").read_text(encoding="utf-8")


def asked() -> str | None:
    """The month that the address names, if it names any."""
    return st.query_params.get("month")


def heading(screen: Screen) -> str | None:
    """'November 2026', where the address asks for a month."""
    if asked() is None:
        return None
    zone = zone_named(screen.settings.time_zone)
    start, _ = months.bounds(_month(screen), zone)
    return plain(words.month_name(start / 1000, Times(zone, screen.now.at, screen.now.correction)))


def _month(screen: Screen) -> str:
    """The month that is asked for, if it is one of which anything may be kept; else the present one."""
    present, wanted = months.month_of(screen.now.at, zone_named(screen.settings.time_zone)), asked() or ""
    known = (months.other(present, -back) for back in range(months.KEPT + 1))
    return wanted if wanted in known else present


def show(screen: Screen) -> None:
    """The figures with the month before beside them, the worst first, the days, CSV and print."""
    zone = zone_named(screen.settings.time_zone)
    clock = Times(zone, screen.now.at, screen.now.correction)
    present, month = months.month_of(screen.now.at, zone), _month(screen)
    starts, ends = months.bounds(month, zone)
    if month != asked():
        st.caption(words.NOT_A_MONTH)
    of, among = _choose(screen)
    try:
        figures = _figures(screen.account.month(month), among)
        before = _figures(screen.account.month(months.other(month, -1), days=False), among)
    except StoreError:
        st.markdown("We cannot reach our own records now, so there are no figures.")
        return
    until = min(ends, screen.now.history.latest or ends)
    st.caption(plain(words.until(of, until / 1000, ends / 1000, clock)))
    runs = [_runs(each, screen, among) for each in (month, months.other(month, -1))]
    st.html(f"<style>{ON_PAPER}</style><div class=month>{_table(figures, before, runs, starts, clock)}</div>")
    if len(figures):
        st.header("The worst first", anchor=False)
        st.html(f"<div class=month>{_worst(figures, screen)}</div>")
    if days := _calendar(month, screen, among):
        st.header("Each day, by its worst state", anchor=False)
        st.html(f'<div class=month><ol aria-label="Days">{days}</ol></div>')
    with st.container(horizontal=True, vertical_alignment="center", key="month_ways"):
        downloads.link("Download as CSV", month, lambda: csv_of(figures, screen), screen, dated=False)
        _PRINT(key="print", height="content")
    with st.container(horizontal=True, key="month_back"):
        ways = {"Month before": months.other(month, -1), "Month after": months.other(month, 1)}
        kept = choices.scoped()
        told = [link(label, address("history", month=to, **kept)) for label, to in ways.items() if to <= present]
        linked.show(" · ".join([*told, link("History", address("history"))]), key="month_links")


def last_month(screen: Screen, **of: str) -> str:
    """A link to the figures of the month that ended last, of a team or report."""
    present = months.month_of(screen.now.at, zone_named(screen.settings.time_zone))
    return link("Last month in figures", address("history", month=months.other(present, -1), **of))


def _choose(screen: Screen) -> tuple[str, frozenset[str] | None]:
    """All, a team or a report, which stands in the address bar: what it is called, and its pipelines."""
    teams = {row.owned.team.key: row.owned.team.name for row in screen.now.rows if row.owned.team}
    offered = {("team", key): f"Team {one_line(name, 60)}" for key, name in teams.items()}
    offered |= {("report", it.report.key): f"Report {one_line(it.report.name, 60)}" for it in screen.now.reports}
    if not offered:
        return words.ALL, None
    known = list(offered)
    link_to = next((each for each in known if st.query_params.get(each[0]) == each[1]), None)
    with st.container(key="month_choice"):
        chosen = st.selectbox(
            "Figures of",
            known,
            index=known.index(link_to) if link_to else None,
            format_func=offered.__getitem__,
            placeholder=words.ALL,
            width=320,
        )
    for name in ("team", "report"):
        if chosen and chosen[0] == name:
            st.query_params[name] = chosen[1]
        elif name in st.query_params:
            del st.query_params[name]
    if not chosen:
        return words.ALL, None
    return offered[chosen], incidents_page.scope(screen) or frozenset()


def _figures(month: Month, among: frozenset[str] | None) -> pd.DataFrame:
    """months.figures of the pipelines that were watched in it, or planned."""
    found = month.figures
    watched = found[found["unwatched"] < found[list(months.LENGTHS)].sum(axis=1)]
    return watched if among is None else watched[watched.index.isin(among)]


def _runs(month: str, screen: Screen, among: frozenset[str] | None) -> int:
    start, end = months.bounds(month, zone_named(screen.settings.time_zone))
    log = screen.now.once("log", screen.account.log)
    return sum(
        start <= one.asked_at * 1000 < end and one.sent_at is not None and (among is None or one.pipeline_id in among)
        for one in log
    )


def summed(figures: pd.DataFrame) -> dict[str, Any]:
    """The figures of several pipelines as one: sums in ms, the longest, the percentage, the share that was watched."""
    sums: dict[str, Any] = {name: int(figures[name].sum()) for name in months.COLUMNS}
    sums["longest"] = int(figures["longest"].max()) if len(figures) else 0
    whole = sum(sums[name] for name in months.LENGTHS) - sums["planned"]
    sums["coverage"] = 1 - sums["unwatched"] / whole if whole else 0.0
    sums["percent"] = months.percent(sums["well"], sums["failing"])
    return sums


def _told(figures: pd.DataFrame, runs: int) -> list[tuple[str, str]]:
    """The month's figures, each with its name, in people's words."""
    if not len(figures):
        return []
    sums = summed(figures)
    return [
        ("Healthy", words.percentage(sums["percent"], sums["coverage"])),
        ("Watched", f"{100 * sums['coverage']:.0f}% of the time"),
        ("Incidents", f"{sums['incidents']:,} (each pipeline's own)"),
        ("Time failing, all added up", words.hours(sums["failing"])),
        ("Late, all added up", words.hours(sums["late"])),
        ("The longest", words.hours(sums["longest"])),
        ("Planned work, apart", words.hours(sums["planned"])),
        ("Runs asked from here", f"{runs:,}"),
    ]


def _table(figures: pd.DataFrame, before: pd.DataFrame, runs: Sequence[int], starts: int, clock: Times) -> str:
    told, earlier = _told(figures, runs[0]), dict(_told(before, runs[1]))
    if not told:
        return "<p>Nobody watched in this month, so there are no figures.</p>"
    names = [words.month_name(at / 1000, clock) for at in (starts, starts - DAY_MS)[: 1 + bool(earlier)]]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    cells = ((name, escape(value), f"<td>{escape(earlier[name])}</td>" if earlier else "") for name, value in told)
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{now}</td>{then}</tr>' for name, now, then in cells)
    return (
        f'<table class="figures"><thead><tr><th scope="col">Figure</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _worst(figures: pd.DataFrame, screen: Screen) -> str:
    """The pipelines with the most trouble first; those without any are counted."""
    bad = figures.assign(bad=figures["failing"] + figures["late"])
    bad = bad[(bad["bad"] > 0) | (bad["incidents"] > 0)].sort_values(["bad", "incidents"], ascending=False)
    rows = "".join(_row(str(name), row, screen) for name, row in bad[:WORST].iterrows())
    heads = ("Pipeline", "Healthy", "Failing", "Late", "Incidents", "The longest")
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    table = f"<table class=worst><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    parts = [f"{len(bad) - WORST:,} more with trouble, in the CSV." if len(bad) > WORST else ""]
    parts += [f"{counted(len(figures) - len(bad))} without any." if len(figures) > len(bad) else ""]
    return f"{table}<p>{' '.join(filter(None, parts))}</p>"


def _row(name: str, row: pd.Series[Any], screen: Screen) -> str:
    sums = summed(row.to_frame().T.astype("int64"))
    told = (
        *(one_line(screen.now.name(name), 80), words.percentage(sums["percent"], sums["coverage"])),
        *(words.hours(sums["failing"]), words.hours(sums["late"]), f"{sums['incidents']:,}"),
        words.hours(sums["longest"]),
    )
    first, *others = map(escape, told)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{each}</td>" for each in others)}</tr>'


def _calendar(month: str, screen: Screen, among: frozenset[str] | None) -> str:
    """A picture and words for each day, as far as its history is kept."""
    zone = zone_named(screen.settings.time_zone)
    clock = Times(zone, screen.now.at, screen.now.correction)
    told = _days(screen.account.month(month).days, among)
    if not any(word for _, word in told):
        return ""
    return "".join(
        f"<li>{_picture(word, screen)}<span>{escape(words.day(clock.moment(start / 1000), word))}</span></li>"
        for start, word in told
    )


def _picture(word: Word | None, screen: Screen) -> str:
    if word is None:
        return ""
    looks = {"glass": screen.theme, "paper": "light"}
    return "".join(f'<img alt="" class={on} src="{marks.icon_address(word, theme)}">' for on, theme in looks.items())


def _days(days: pd.DataFrame, among: frozenset[str] | None) -> list[tuple[int, Word | None]]:
    """Each day's beginning (ms) and its worst word; None where nobody watched."""
    worst = (days if among is None else days[days.index.isin(among)]).min()
    seen = [None if code >= len(Word) else [*Word][code] for code in worst.fillna(NOT_SEEN).astype(int)]
    return list(zip(map(int, days.columns.to_numpy()), seen, strict=True))


def csv_of(figures: pd.DataFrame, screen: Screen) -> bytes:
    """A row a pipeline, in seconds, worst first."""
    rows = figures.sort_values(["failing", "late"], ascending=False)
    told = pd.DataFrame({"number": rows.index, "name": [screen.now.name(each) for each in rows.index]}, dtype="object")
    for name in (*months.LENGTHS, "longest"):
        told[f"{name}_seconds"] = (rows[name] // 1000).to_numpy()
    told["incidents"] = rows["incidents"].to_numpy()
    told["healthy_percent"] = [months.percent(*each) for each in zip(rows["well"], rows["failing"], strict=True)]
    return safe_csv(told)
