"""The list of pipelines on screen: its filters, which live in the address bar, the table and the download."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import cards, words
from dashboard.filters import Filters, destination_of, read_filters, source_of
from dashboard.picture import Picture
from dashboard.table import csv_of, table_frame
from monitor.board import Row
from monitor.health import Word

_WRITTEN = "listing_written"  # what this page last wrote to the address bar


def choose(rows: Sequence[Row]) -> Filters:
    """The widgets of the filters; a link sets them, and they set the link."""
    _follow_the_address(rows)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.text_input(
            "Search",
            key="listing_search",
            live=True,
            max_chars=100,
            placeholder="Any name",
            help="In the name, the number, the source or the destination.",
            icon=":material/search:",
        )
        st.multiselect("State", list(Word), format_func=words.NAMES.__getitem__, key="listing_words", placeholder="All")
        _choice("Source", {source_of(row) for row in rows}, "listing_sources")
        _choice("Destination", {destination_of(row) for row in rows}, "listing_destinations")
    return _write_the_address()


def _choice(label: str, options: set[str], key: str) -> None:
    st.multiselect(label, sorted(options), format_func=words.one_line, key=key, placeholder="All")


def _follow_the_address(rows: Sequence[Row]) -> None:
    """A link that this page did not write itself sets the widgets; what it cannot mean is left out, with a note."""
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    if params == st.session_state.get(_WRITTEN) and "listing_search" in st.session_state:
        return
    filters, odd = read_filters(params, rows)
    _set(filters)
    if odd:
        st.caption(
            words.plain(f"This link asked for something that is not here, and it was left out: {', '.join(odd)}.", 300)
        )


def _set(filters: Filters) -> None:
    st.session_state.listing_search = filters.search
    st.session_state.listing_words = list(filters.words)
    st.session_state.listing_sources = list(filters.sources)
    st.session_state.listing_destinations = list(filters.destinations)


def _write_the_address() -> Filters:
    filters = Filters(
        st.session_state.listing_search.strip(),
        tuple(st.session_state.listing_words),
        tuple(st.session_state.listing_sources),
        tuple(st.session_state.listing_destinations),
    )
    if filters.params() != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(filters.params())
    st.session_state[_WRITTEN] = filters.params()
    return filters


def table(rows: Sequence[Row], now: Picture) -> None:
    """The rows, worst first; choosing one opens it. Hidden ones are said, never left out in silence."""
    hidden = len(now.board.rows) - len(rows)
    if not rows:
        st.markdown(words.none_match(hidden) if hidden else words.NO_PIPELINES)
        if hidden:
            st.button("Clear the filter", on_click=_set, args=(Filters(),))
        return
    st.caption(words.shown(len(rows), hidden))
    order = ",".join(row.pipeline.id for row in rows)
    chosen = st.dataframe(
        _frame(rows, hidden, now),
        key=f"listing_{hash(order)}",  # a selection is a row's place: another order is another table
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=min(len(rows), 16) * 35 + 40,
        column_config=_columns(),
        placeholder="not known",
        alt="Pipelines, worst first, with state, source, destination and since when",
    )
    _open_by_name(rows, now)
    opened = [rows[place].pipeline.id for place in chosen["selection"]["rows"]]
    if opened and opened[0] in now.board:
        open_pipeline(opened[0])


def _frame(rows: Sequence[Row], hidden: int, now: Picture) -> pd.DataFrame:
    """The rows as a frame, cut from the whole table, which is made once a look."""
    question = ("table", now.theme, str(now.times.zone))
    whole = now.once(question, lambda: table_frame(now.board.rows, now.times, now.theme))
    shown = {id(row) for row in rows}
    return whole[[id(row) in shown for row in now.board.rows]].reset_index(drop=True) if hidden else whole


def _columns() -> dict[str, ColumnConfig | str]:
    return {
        "mark": st.column_config.ImageColumn("", width=36),
        "name": st.column_config.TextColumn("Pipeline", width="medium"),
        "word": st.column_config.TextColumn("State", width=150),
        "source": st.column_config.TextColumn("Source", width=140),
        "destination": st.column_config.TextColumn("Destination", width=140),
        "since": st.column_config.DatetimeColumn("Since", format="distance"),
        "schedule": "Schedule",
        "number": st.column_config.TextColumn("Number", width=80),
    }


def _open_by_name(rows: Sequence[Row], now: Picture) -> None:
    """The second way into a pipeline, for the keyboard and for screen readers."""
    all_are_offered = len(rows) <= cards.OFFERED
    st.selectbox(
        "Open a pipeline",
        cards.offered(rows, now),
        index=None,
        format_func=lambda pipeline_id: cards.called(pipeline_id, now),
        key="listing_open",
        placeholder=words.OPENS if all_are_offered else words.opens_first(cards.OFFERED),
        on_change=lambda: open_pipeline(st.session_state.listing_open, rerun=False),
    )


def open_pipeline(pipeline_id: str, rerun: bool = True) -> None:
    """Shows one pipeline: its number in the address bar is what opens it."""
    st.query_params["pipeline"] = pipeline_id
    if rerun:
        st.rerun()


def download(rows: Sequence[Row], now: Picture) -> None:
    """The rows as they are filtered now: as a CSV with the time in its name, and as a link."""
    if not rows or not now.view.snapshot:
        return
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV",
            partial(csv_of, rows, now.view.snapshot.answered_at),
            file_name=f"hevo-pipelines-{now.times.moment(now.view.at):%Y-%m-%d-%H%M}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        cards.copy_link()
