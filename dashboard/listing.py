"""The list of pipelines on screen: its filters, which live in the address bar, the table and the download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import choices, downloads, hands, pictures, teams
from dashboard.filters import CHOICES, Filters, Listed, listed, options, read_filters
from dashboard.screen import Screen
from dashboard.table import csv_of, table_frame
from dashboard.words import pipelines as words
from dashboard.words.states import NAMES, NO_PIPELINES
from dashboard.words.text import one_line, plain
from monitor.days import days
from monitor.now import Row

PAGE = "../pages/pipelines.py"
ALL_SAY: Mapping[Any, str] = {}
ROW_HEIGHT, MOST_SHOWN = 35, 16
WIDTHS = {"search": 270, "status": 240}
MARK, SINCE = 46, 134  # pixels
BESIDE = MARK + SINCE + 34  # what stands beside the name on a phone
ALWAYS = ("mark", "name", "word", "since", "number")
WIDE = (
    *("mark", "name", "word", "since", "day", "last_ran", "source", "destination", "schedule", "told"),
    *("team", "first_seen", "number"),
)
PHONE = ("mark", "name", "since", *(name for name in WIDE[2:] if name != "since"))
_WRITTEN, _ODD = "listing_written", "listing_odd"  # what this page last wrote to the address bar, and could not mean


def choose(screen: Screen) -> list[Row]:
    """The filters, which a link sets and which set the link; returns the rows that they leave, worst first."""
    every = _listed(screen)
    offered = screen.now.once("offered", lambda: options(every))
    _follow_the_address(offered)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.text_input(
            "Search",
            key="listing_search",
            live=True,
            max_chars=100,
            placeholder="Pipeline, report, source …",
            icon=":material/search:",
            width=WIDTHS["search"],
        )
        if hands.narrow():
            with st.popover(words.narrowed_by(_chosen()), icon=":material/filter_list:"):
                _choices(offered, screen)
        else:
            _choices(offered, screen)
    filters = _write_the_address()
    if odd := st.session_state.get(_ODD):
        st.caption(f":material/info: {plain(words.left_out(odd), 300)}")
    return [every[place].row for place in filters.places(every)]


def _choices(offered: Mapping[str, list[str]], screen: Screen) -> None:
    _choice("State", "status", offered, NAMES)
    _choice("Source", "source", offered)
    _choice("Destination", "destination", offered)
    if offered["team"]:
        _choice("Team", "team", offered, {key: team.name for key, team in teams.all_of(screen.now).items()})


def _listed(screen: Screen) -> list[Listed]:
    return screen.now.once("listed", lambda: listed(screen.now.rows))


def _choice(label: str, name: str, offered: Mapping[str, list[str]], called: Mapping[Any, str] = ALL_SAY) -> None:
    st.multiselect(
        label,
        list(dict.fromkeys([*offered[name], *st.session_state[_key(name)]])),
        format_func=lambda value: one_line(called.get(value, value), 60),
        key=_key(name),
        placeholder="All",
        width="stretch" if hands.narrow() else WIDTHS.get(name, 168),
    )


def _chosen() -> int:
    """How many choices narrow the rows."""
    return sum(len(st.session_state[_key(name)]) for name in CHOICES)


def _key(name: str) -> str:
    return f"listing_{name}"


def _follow_the_address(offered: dict[str, list[str]]) -> None:
    """A link that this page did not write itself sets the widgets; what it cannot mean is left out, with a note."""
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    if params == st.session_state.get(_WRITTEN) and _key("search") in st.session_state:
        return
    filters, odd = read_filters(params, offered)
    _set(filters)
    st.session_state[_ODD] = odd


def _set(filters: Filters) -> None:
    st.session_state[_key("search")] = filters.search
    for name in CHOICES:
        st.session_state[_key(name)] = list(getattr(filters, name))


def _write_the_address() -> Filters:
    """The filters as they are chosen; a change of theirs ends the note about the link."""
    chosen = {name: tuple(st.session_state[_key(name)]) for name in CHOICES}
    filters = Filters(st.session_state[_key("search")].strip(), **chosen)
    if filters.params() != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(filters.params())
    if filters.params() != st.session_state.get(_WRITTEN, filters.params()):
        st.session_state.pop(_ODD, None)
    st.session_state[_WRITTEN] = filters.params()
    return filters


def table(rows: Sequence[Row], screen: Screen) -> None:
    """The rows, worst first; a click on a name opens it. Hidden ones are said, never left out in silence."""
    hidden = len(screen.now.rows) - len(rows)
    if not rows:
        st.markdown(words.none_match(hidden) if hidden else NO_PIPELINES)
        if hidden:
            st.button("Clear the filter", on_click=_set, args=(Filters(),))
        return
    st.caption(words.shown(len(rows), hidden, None if screen.now.confirmed else screen.answered))
    order = ",".join(row.pipeline.id for row in rows)
    shown = _frame(rows, hidden, screen)
    chosen = st.dataframe(
        shown,
        key=f"listing_{hash(order)}",  # a selection is a cell's place: another order is another table
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(len(rows), MOST_SHOWN) * ROW_HEIGHT + 40,
        column_config=_columns(screen),
        column_order=_order(shown),
        placeholder="",
        alt="Pipelines, worst first, each with its state and since when; a name opens its pipeline",
    )
    _open_chosen([rows[place] for place, _ in chosen["selection"]["cells"]], chosen["selection"]["cells"], screen)


def _frame(rows: Sequence[Row], hidden: int, screen: Screen) -> pd.DataFrame:
    """The rows as a frame, cut from the whole table."""
    whole = screen.each_minute("table", lambda: table_frame(screen.now, _days(screen), screen.times, screen.theme))
    if not hidden:
        return whole
    shown = {id(row) for row in rows}
    return whole[[id(row) in shown for row in screen.now.rows]].reset_index(drop=True)


def _days(screen: Screen) -> dict[str, str]:
    """Of each pipeline its last hours, a letter a block."""
    if screen.is_young:
        return {}
    begin, end = screen.last_day
    return screen.once(("days", end), lambda: days(screen.history, begin, end, pictures.BLOCKS))


def _columns(screen: Screen) -> dict[str, ColumnConfig | str | None]:
    """What stands in the columns. The name is not the first: whoever comes in by the keyboard comes in on the first."""
    config, narrow = st.column_config, hands.narrow()
    begin, end = screen.last_day
    over, drawn = words.last_hours((end - begin) / 1000), not screen.is_young
    return {
        "mark": config.ImageColumn("Mark", width=MARK, pinned=True),
        "name": config.TextColumn("Pipeline", width=min(220, narrow - BESIDE) if narrow else 220),
        "since": config.TextColumn("Since", width=SINCE),
        "word": config.TextColumn("State", width=190 if screen.now.on_it else 130),
        "day": config.ImageColumn(over, width=176) if drawn else None,
        "last_ran": config.DatetimeColumn("Last ran", format="distance", width=120),
        "source": config.TextColumn("Source", width=110),
        "destination": config.TextColumn("Destination", width=130),
        "schedule": config.TextColumn("Planned", width=100),
        "told": config.TextColumn(f"{over} in words", width=200) if drawn else None,
        "team": config.TextColumn("Team", width=100) if teams.all_of(screen.now) else None,
        "first_seen": config.DatetimeColumn("First seen so", format="D MMM, HH:mm", width=120),
        "number": config.TextColumn("Number", width=80),
    }


def _order(shown: pd.DataFrame) -> list[str]:
    """All columns in which anything stands; on a phone since when comes at once behind the name."""
    return [name for name in (PHONE if hands.narrow() else WIDE) if name in ALWAYS or shown[name].notna().any()]


def _open_chosen(rows: Sequence[Row], cells: Sequence[tuple[int, str]], screen: Screen) -> None:
    """A name that was clicked opens; whoever came to a cell by the keyboard gets a link to it, below the table."""
    row = next((row for row in rows if screen.now.get(row.pipeline.id)), None)
    if row is None:
        st.caption(words.HOW_TO_OPEN)
        return
    if hands.has_entered() or (cells[0][1] == "name" and not hands.on_the_keyboard()):
        open_pipeline(row.pipeline.id)
    label = f"Open {plain(row.label, 80)}"
    st.page_link(PAGE, label=label, icon=":material/arrow_forward:", query_params=_with(row.pipeline.id))


def _with(pipeline_id: str) -> dict[str, list[str]]:
    """The address of a pipeline from which the way back leads to these rows."""
    return {**{name: st.query_params.get_all(name) for name in st.query_params}, "pipeline": [pipeline_id]}


def open_pipeline(pipeline_id: str) -> None:
    """Shows one pipeline: its number in the address bar is what opens it."""
    st.query_params["pipeline"] = pipeline_id
    st.rerun()


def download(rows: Sequence[Row], screen: Screen) -> None:
    """The rows as they are filtered now: as a CSV with the time in its name, and as a link."""
    if not rows:
        return
    with st.container(horizontal=True):
        downloads.link("Download as CSV", "pipelines", partial(csv_of, rows, screen.now), screen)
        choices.copy_link()
