"""The list of pipelines on screen: its filters, which live in the address bar, the table and the download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import choices, hands, strips, teams
from dashboard.filters import CHOICES, Filters, chosen, listed, options, places, read_filters
from dashboard.screen import Screen, current, unbroken
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
FIRST_ON_A_PHONE = ("mark", "name", "since")
_WRITTEN, _ODD = "listing_written", "listing_odd"  # what this page last wrote to the address bar, and could not mean
_DRAWN, _MISSED = "listing_drawn", "listing_missed"  # which order of rows is drawn, and how many presses came too late


def choose(screen: Screen) -> list[int]:
    """The filters, which a link sets and which set the link; returns where the rows stand that they leave."""
    every = screen.now.once("listed", lambda: listed(screen.now.rows))
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
            narrowed = sum(len(st.session_state[_key(name)]) for name in CHOICES)
            with st.popover(words.narrowed_by(narrowed), icon=":material/filter_list:"):
                _choices(offered, screen)
        else:
            _choices(offered, screen)
    filters = _write_the_address()
    if odd := st.session_state.get(_ODD):
        st.caption(f":material/info: {plain(words.left_out(odd), 300)}")
    return places(filters, every)


def _choices(offered: Mapping[str, list[str]], screen: Screen) -> None:
    _choice("State", "status", offered, NAMES)
    _choice("Source", "source", offered)
    _choice("Destination", "destination", offered)
    if offered["team"]:
        _choice("Team", "team", offered, {key: team.name for key, team in teams.all_of(screen.now).items()})


def _choice(label: str, name: str, offered: Mapping[str, list[str]], called: Mapping[Any, str] = ALL_SAY) -> None:
    st.multiselect(
        label,
        list(dict.fromkeys([*offered[name], *st.session_state[_key(name)]])),
        format_func=lambda value: one_line(called.get(value, value), 60),
        key=_key(name),
        placeholder="All",
        width="stretch" if hands.narrow() else WIDTHS.get(name, 168),
    )


def _key(name: str) -> str:
    return f"listing_{name}"


def _follow_the_address(offered: dict[str, list[str]]) -> None:
    """A link that this page did not write itself sets the widgets; what it cannot mean is left out, with a note."""
    params = choices.query()
    if params == st.session_state.get(_WRITTEN) and _key("search") in st.session_state:
        return
    filters, odd = read_filters(params, offered)
    _set(filters)
    st.session_state[_ODD] = odd


def _set(filters: Filters) -> None:
    st.session_state[_key("search")] = " ".join(filters.get("search", ()))
    for name in CHOICES:
        st.session_state[_key(name)] = filters.get(name, [])


def _write_the_address() -> Filters:
    """The filters as they are chosen; a change of theirs ends the note about the link."""
    filters = chosen(st.session_state[_key("search")], {name: st.session_state[_key(name)] for name in CHOICES})
    if filters != choices.query():
        st.query_params.from_dict(filters)
    if filters != st.session_state.get(_WRITTEN, filters):
        st.session_state.pop(_ODD, None)
    st.session_state[_WRITTEN] = filters
    return filters


def table(shown: list[int], screen: Screen) -> None:
    """The rows at these places, worst first; a click on a name opens it. Hidden ones are said, never left out in
    silence."""
    hidden = len(screen.now.rows) - len(shown)
    if not shown:
        st.markdown(words.none_match(hidden) if hidden else NO_PIPELINES)
        if hidden:
            st.button("Clear the filter", on_click=_set, args=({},))
        return
    st.caption(words.shown(len(shown), hidden, None if screen.now.confirmed else screen.answered))
    rows, frame, columns = [screen.now.rows[place] for place in shown], _frame(shown, screen), _columns(screen)
    key = f"listing_{st.session_state.setdefault(_MISSED, 0)}"
    picked = st.dataframe(
        frame,
        key=key,
        on_select=partial(_pressed, key),
        selection_mode="single-cell",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(len(rows), MOST_SHOWN) * ROW_HEIGHT + 40,
        column_config=columns,
        column_order=_order(columns, frame),
        placeholder="",
        alt=_named([row.pipeline.id for row in rows]),
    )
    chosen_row = next((rows[place] for place, _ in picked["selection"]["cells"] if place < len(rows)), None)
    _way_to(chosen_row, screen)


def _named(ids: list[str]) -> str:
    """The table's name, another one for another order: by it a press tells among which rows it chose a place."""
    order, before = st.session_state.get(_DRAWN, (0, []))
    st.session_state[_DRAWN] = order + (ids != before), ids
    return words.table(st.session_state[_DRAWN][0])


@unbroken
def _pressed(key: str) -> None:
    """A name that was clicked opens. The browser tells its place 150 ms later: if the rows are others by then, the
    press is forgotten with its table."""
    order, ids = st.session_state[_DRAWN]
    if hands.on_the_keyboard():
        return
    if hands.seen() not in (None, words.table(order)):
        st.session_state[_MISSED] += 1
        return
    for place, column in st.session_state[key]["selection"]["cells"]:
        if column == "name" and place < len(ids) and current().now.get(ids[place]):
            st.query_params["pipeline"] = ids[place]


def _frame(shown: list[int], screen: Screen) -> pd.DataFrame:
    """The rows as a frame, cut from the whole table."""
    whole = screen.each_minute("table", lambda: table_frame(screen.now, _days(screen), screen.times, screen.theme))
    return whole.iloc[shown].reset_index(drop=True) if len(shown) < len(whole) else whole


def _days(screen: Screen) -> dict[str, str]:
    """Of each pipeline its last hours, a letter a block."""
    if screen.is_young:
        return {}
    begin, end = screen.last_day
    return screen.once(("days", end), lambda: days(screen.history, begin, end, strips.BLOCKS))


def _columns(screen: Screen) -> dict[str, ColumnConfig | str | None]:
    """What stands in the columns. The name is not the first: whoever comes in by the keyboard comes in on the first."""
    config, narrow = st.column_config, hands.narrow()
    begin, end = screen.last_day
    over, drawn = words.last_hours((end - begin) / 1000), not screen.is_young
    return {
        "mark": config.ImageColumn("Mark", width=MARK, pinned=True),
        "name": config.TextColumn("Pipeline", width=min(220, narrow - BESIDE) if narrow else 220),
        "word": config.TextColumn("State", width=190 if screen.now.on_it else 130),
        "since": config.TextColumn("Since", width=SINCE),
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


def _order(columns: Iterable[str], frame: pd.DataFrame) -> list[str]:
    """All columns in which anything stands; on a phone since when comes at once behind the name."""
    order = [name for name in columns if name in ALWAYS or frame[name].notna().any()]
    return sorted(order, key=lambda name: name not in FIRST_ON_A_PHONE) if hands.narrow() else order


def _way_to(row: Row | None, screen: Screen) -> None:
    """Whoever came to a row by the keyboard opens it by Enter, or by a link below the table."""
    if row is None or not screen.now.get(row.pipeline.id):
        st.caption(words.HOW_TO_OPEN)
        return
    if hands.has_entered(words.table(st.session_state[_DRAWN][0])):
        st.query_params["pipeline"] = row.pipeline.id
        st.rerun()
    label, way = f"Open {plain(row.label, 80)}", choices.query() | {"pipeline": [row.pipeline.id]}
    st.page_link(PAGE, label=label, icon=":material/arrow_forward:", query_params=way)


def download(shown: list[int], screen: Screen) -> None:
    """The rows as they are filtered now: as a CSV with the time in its name, and as a link."""
    if not shown:
        return
    rows = [screen.now.rows[place] for place in shown]
    with st.container(horizontal=True):
        choices.download("Download as CSV", "pipelines", partial(csv_of, rows, screen.now), screen)
        choices.copy_link()
