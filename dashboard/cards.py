"""Pieces that several pages show: the counts as links, a problem with its actions, what was asked just now."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from dashboard import run_dialog, tab_memory, words
from dashboard.marks import MARKS
from dashboard.picture import Picture
from monitor.board import DAY, Row, Tally, tally
from monitor.health import Word
from monitor.history import Change
from monitor.run import Standing

PIPELINES = "../pages/pipelines.py"
RANGES = {"15 minutes": 900, "1 hour": 3_600, "6 hours": 21_600, "24 hours": 86_400}
LISTED = 100  # lines of a quiet list
OFFERED = 1_000  # pipelines in a choice, worst first; more would make each click slow


def counts(now: Picture) -> None:
    """How many pipelines have each word; each count opens exactly the rows it counts."""
    with st.container(horizontal=True, gap="small", key="counts"):
        for word, number in now.board.counts.items():
            if number:
                label = f"{MARKS[word]} **{number:,}** {words.NAMES[word]}"
                with st.container(border=True, width="content", key=f"count-{word}"):
                    st.page_link(PIPELINES, label=label, query_params={"status": word.value})


def problem(row: Row, now: Picture) -> None:
    """A pipeline that needs somebody: what it is, since when, what that means, and what can be done."""
    pipeline = row.pipeline
    key = f"problem-{pipeline.id}" if pipeline.id in now.board else None
    told = [
        f"{MARKS[row.word]} **{words.plain(pipeline.label, 80)}**",
        f":small[:gray[{words.plain(words.route_and_number(pipeline), 160)}]]",
        f"**{words.NAMES[row.word]}**{since(row, now)}",
        words.plain(f"{words.meaning(row.verdict, now.answered)} {words.next_step(row.word)}", 240),
        note(row, now),
    ]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=key):
        st.markdown("  \n".join(filter(None, told)), width="stretch")  # one element: a browser takes its time for each
        actions(row, now)


def actions(row: Row, now: Picture) -> None:
    """Run now, and the way into Hevo where there is one."""
    pipeline = row.pipeline
    if pipeline.id in now.board and not row.is_paused:
        st.button("Run now", key=f"run-{pipeline.id}", on_click=run_dialog.ask, args=([pipeline.id],))
    if page := now.account.client.pipeline_page(pipeline.id):
        st.link_button("Open in Hevo", page)


def note(row: Row, now: Picture) -> str:
    """'Run asked' stands beside the word and never replaces it; nothing when nobody asked."""
    runs = [run for run in now.view.runs if run.pipeline_id == row.pipeline.id]
    latest = next((run for run in runs if run.standing is not Standing.IGNORED), None)
    return f":blue[:material/play_circle:] {words.plain(words.standing(latest, now.times), 240)}" if latest else ""


def since(row: Row, now: Picture) -> str:
    """' · Failing since …', or nothing when it was never seen before or cannot be confirmed."""
    if row.since is None or row.word is Word.NOT_CHECKED:
        return ""
    return f" · {words.plain(words.since(row.word, row.since.earliest, row.since.at, now.times))}"


def folded(label: str, rows: Sequence[Row], key: str) -> None:
    """A quiet list, made when somebody opens it: name and route; the first hundred, and a link to the rest."""
    st.session_state[key] = st.session_state.get(key, False)  # else another number on it would close it
    fold = st.expander(label, key=key, on_change="rerun")
    if not fold.open:
        return
    listed = [
        f"- {MARKS[row.word]} {words.plain(row.pipeline.label, 80)} · {words.plain(words.route(row.pipeline))}"
        for row in rows[:LISTED]
    ]
    fold.markdown("\n".join(listed))
    if len(rows) > LISTED:
        query = {"status": rows[0].word.value}
        fold.page_link(PIPELINES, label=f"See all {len(rows):,} in the table", query_params=query)


def changes(items: Sequence[Change], number: int, now: Picture) -> None:
    """What changed, newest first, as a small table: '09:22 | Orders DB: Healthy → Failed'."""
    if not items:
        st.markdown("No change was seen in this time.")
        return
    shown = [
        f"| {now.times.at(item.at)} | {words.plain(words.change(_name(item.pipeline_id, now), item), 200)} |"
        for item in items
    ]
    st.markdown("\n".join(["| Seen at | What changed |", "|---|---|", *shown]))
    if number > len(items):
        st.caption(f"{number - len(items):,} older changes are in the download on the History page.")


def _name(pipeline_id: str, now: Picture) -> str:
    row = now.board.get(pipeline_id)
    return row.pipeline.label if row else f"Pipeline {pipeline_id}"


def copy_link() -> None:
    """The address of what is shown now, with a button of Streamlit's own that copies it."""
    address, _, _ = (st.context.url or "").partition("?")
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    with st.popover("Copy link", icon=":material/link:"):
        st.caption("A colleague who opens this link sees the same.")
        st.code(f"{address}?{query}" if query else address, language=None, wrap_lines=True)


def choose_rows(label: str, now: Picture, key: str, empty: str = "Type a name", most: int | None = None) -> list[Row]:
    """A choice of pipelines by typing, worst first. What is no longer there drops out of the choice."""
    st.session_state[key] = [one for one in st.session_state.get(key, ()) if one in now.board]
    chosen = st.multiselect(
        label,
        list(dict.fromkeys(offered(now.board.rows, now) + st.session_state[key])),
        format_func=lambda one: called(one, now),
        key=key,
        max_selections=most,
        placeholder=empty,
        persist_state="session",
    )
    return [row for row in map(now.board.get, chosen) if row]


def offered(rows: Sequence[Row], now: Picture) -> list[str]:
    """The numbers of the first thousand of these that can be told apart."""
    return [row.pipeline.id for row in rows[:OFFERED] if row.pipeline.id in now.board]


def called(pipeline_id: str, now: Picture) -> str:
    """'Orders DB (6590)': made once a look, so that each viewer's choices share the text."""
    return now.once(("called", pipeline_id), lambda: f"{words.one_line(_name(pipeline_id, now), 60)} ({pipeline_id})")


def choose_ids(key: str, pipeline_ids: list[str]) -> None:
    """Puts pipelines into such a choice (a button's callback)."""
    st.session_state[key] = pipeline_ids


def changes_within(length: float, now: Picture) -> tuple[Sequence[Change], int]:
    """What changed in the last so many seconds: the newest, and how many there are in all."""
    end = now.until
    return now.once(("changes", length, end), lambda: now.history.newest_changes(end - length, end, LISTED))


def changes_since_last_visit(now: Picture) -> Tally:
    """What happened since this tab looked last, or in the last 24 hours."""
    visit = last_visit(now)
    begin, end = visit or now.until - DAY, now.until
    return now.once(("tally", begin, end), lambda: tally(now.history.turns(begin, end)))


def last_visit(now: Picture) -> float | None:
    """When this tab looked before its present session; None on a first visit."""
    return tab_memory.last_visit(now.account.fingerprint)


def fitting_range(now: Picture) -> str:
    """The shortest range that holds all that was seen, so that a young history is not a sliver."""
    seen = now.view.at - (now.history.begins or now.view.at)
    return next((name for name, seconds in RANGES.items() if seen <= seconds), "24 hours")


def choose_range(now: Picture) -> int:
    """How far back the charts go, in seconds."""
    if "history_range" not in st.session_state:
        st.session_state.history_range = fitting_range(now)
    return RANGES[st.selectbox("Time shown", list(RANGES), key="history_range", persist_state="session")]
