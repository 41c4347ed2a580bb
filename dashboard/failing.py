"""How many pipelines were failing over the last day: an area, so that 12 of 205 do not look like 205 of 205."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.marks import Palette
from dashboard.screen import Screen
from dashboard.times import Times
from dashboard.words import overview as words
from dashboard.words.text import plain
from monitor import history as frames
from monitor.health import Word
from monitor.history import History

HEIGHT = 120
FAILING, SILENT = "failing", "no answer"


def over_the_day(screen: Screen) -> None:
    """The chart, under a heading that claims no more time than was watched; a sentence while that is hardly any."""
    begin, end = screen.last_day
    if screen.is_young:
        st.caption(words.too_young(screen.history.begins and begin / 1000, screen.times))
        return
    st.header(plain(words.failing_heading(begin / 1000, end / 1000, screen.times)), anchor=False)
    total, key = len(screen.now.rows), ("failing", begin, end, screen.times.zone_name)
    frame = screen.once(key, lambda: steps(screen.history, begin, end, total, screen.times))
    away = screen.once(("unwatched", begin, end), lambda: frames.unwatched(screen.history, begin, end))
    unwatched = float((away["end"] - away["start"]).sum()) / (end - begin)
    said = words.failing_peak(*peak(frame), total, screen.now.counts[Word.FAILED], unwatched, screen.times)
    st.markdown(said)
    if frame["pipelines"].any():
        spec = area(charts.axis_of(begin, end, screen.times), total, screen.palette)
        st.vega_lite_chart(frame, spec, height=HEIGHT, alt=said)


def steps(history: History, begin: int, end: int, total: int, clock: Times) -> pd.DataFrame:
    """A row for each stretch in which as many were failing, or in which Hevo did not answer.

    Columns: kind, start, end (ms, UTC), pipelines, says. What was not watched has no row.
    """
    spells = frames.spells(history, begin, end)
    tally = frames.counts(spells, frames.step_edges(history, begin, end))
    failing = tally[tally["word"] == Word.FAILED.value].assign(kind=FAILING)
    away = frames.unwatched(history, begin, end)
    silent = away[away["why"] == "no answer"].assign(kind=SILENT, pipelines=total)
    frame = pd.concat([failing, silent])[["kind", "start", "end", "pipelines"]].reset_index(drop=True)
    told = zip(frame["kind"], frame["start"], frame["end"], frame["pipelines"], strict=True)
    says = [words.step(kind == SILENT, start, stop, number, clock) for kind, start, stop, number in told]
    return frame.assign(says=pd.Series(says, dtype="str"))


def peak(frame: pd.DataFrame) -> tuple[int, float]:
    """The most that were failing at once, and when first (UTC seconds)."""
    failing = frame[frame["kind"] == FAILING]
    if failing.empty:
        return 0, 0.0
    highest = int(failing["pipelines"].to_numpy().argmax())
    return int(failing["pipelines"].iloc[highest]), float(failing["start"].iloc[highest]) / 1000


def area(axis: charts.Axis, total: int, palette: Palette) -> dict[str, Any]:
    """Bars without a gap between them, from none to all; grey where Hevo did not answer."""
    kinds = {"domain": [FAILING, SILENT], "range": [palette.failed, palette.line]}
    colour = {"field": "kind", "type": "nominal", "scale": kinds, "legend": None}
    told = {"labelExpr": charts.labels_at(axis.ticks), "domainColor": palette.line}
    below = {"values": [moment for moment, _ in axis.ticks], "grid": False, "ticks": False, **told}
    beside = {"values": [0, total], "format": ",d", "gridColor": palette.line, "domain": False, "ticks": False}
    across: dict[str, Any] = {"type": "quantitative", "title": None}
    return {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                **across,
                "field": "start",
                "scale": {"domain": [axis.begin, axis.end], "nice": False},
                "axis": below,
            },
            "x2": {"field": "end"},
            "y": {**across, "field": "pipelines", "scale": {"domain": [0, total], "nice": False}, "axis": beside},
            "y2": {"datum": 0},
            "fill": colour,
            "stroke": colour,
            "tooltip": {"field": "says", "type": "nominal", "title": " "},
        },
        "config": {"axis": {"labelColor": palette.muted, "labelFontSize": 12}, "view": {"strokeWidth": 0}},
        "usermeta": {"embedOptions": {"actions": False}},
    }
