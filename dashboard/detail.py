"""One pipeline in full: its word, its history, its tables, its schedule, and the way into Hevo."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import cards, charts, frame, words
from dashboard.marks import MARKS
from dashboard.picture import Picture, current
from dashboard.table import objects_frame_for_people, schedule
from hevo_api import HevoClient, HevoError, NotFound, PipelineObject
from monitor.board import Row


@dataclass(frozen=True, slots=True)
class Inside:
    """What Hevo said of a pipeline's inside when somebody asked, or the sentence why it did not."""

    objects: list[PipelineObject]
    position: str | None
    trouble: str | None


def show(pipeline_id: str) -> None:
    """The opened pipeline, or a plain word when Hevo does not have it."""
    row = current().board.get(pipeline_id)
    if row is None:
        frame.title("This pipeline is not here")
        st.markdown(words.GONE)
        _back()
        return
    now = frame.title(words.plain(row.pipeline.label, 80))
    _state(row, now)
    with st.container(horizontal=True):
        _back()
        cards.actions(row, now)
        cards.copy_link()
    _history(row, now)
    _inside(row, now)


def _back() -> None:
    st.button("All pipelines", icon=":material/arrow_back:", on_click=st.query_params.clear)


def _state(row: Row, now: Picture) -> None:
    st.markdown(f"{MARKS[row.word]} **{words.NAMES[row.word]}**{cards.since(row, now)}")
    st.markdown(words.plain(f"{words.meaning(row.verdict, now.answered)} {words.next_step(row.word)}", 300))
    planned = schedule(row)
    runs = f" · Schedule as Hevo writes it: {planned}" if planned else ""
    st.caption(words.plain(f"{words.route(row.pipeline)} · Number {row.pipeline.id}{runs}", 300))
    if noted := cards.note(row, now):
        st.markdown(noted)


def _history(row: Row, now: Picture) -> None:
    st.subheader("History", anchor=False)
    length = cards.RANGES[cards.fitting_range(now)]
    charts.draw_strips([row], length, now)
    changes = now.history.changes(now.until - length, now.until, row.pipeline.id)
    cards.changes(changes[: cards.LISTED], len(changes), now)


def _inside(row: Row, now: Picture) -> None:
    """The tables inside cost requests, so they are read when a person asks for them, not at each redraw."""
    st.subheader("Tables", anchor=False)
    key = f"inside-{row.pipeline.id}"
    st.button(
        "Ask Hevo for its tables",
        key=f"ask-{key}",
        icon=":material/table_view:",
        on_click=_ask_inside,
        args=(key, now.account.client, row.pipeline.id),
    )
    inside = st.session_state.get(key)
    if not isinstance(inside, Inside):
        st.caption("Which tables it loads, how each is doing and when it last ran.")
    elif inside.trouble:
        st.warning(inside.trouble)
    elif inside.objects:
        _objects(inside.objects, now)
    else:
        st.markdown("Hevo lists no tables for this pipeline.")
    if isinstance(inside, Inside) and inside.position:
        st.caption(words.plain(f"Read from the source up to: {inside.position}", 300))


def _objects(objects: list[PipelineObject], now: Picture) -> None:
    st.dataframe(
        objects_frame_for_people(objects, now.times),
        hide_index=True,
        column_config={
            "table": "Table",
            "state": st.column_config.TextColumn("State", width="large"),
            "last_run": st.column_config.DatetimeColumn("Last ran", format="distance"),
        },
        placeholder="not known",
        alt="The pipeline's tables, each with its state and when it last ran",
    )


def _ask_inside(key: str, client: HevoClient, pipeline_id: str) -> None:
    try:
        found = Inside(client.list_objects(pipeline_id), client.get_position(pipeline_id), None)
    except NotFound:
        found = Inside([], None, words.GONE)
    except HevoError as error:
        found = Inside([], None, words.plain(error.sentence))
    st.session_state[key] = found
