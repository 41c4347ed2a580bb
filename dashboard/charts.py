"""The charts over time: strips of pipelines on one true time axis, and all pipelines by word. Pure.

A frame has one row a mark, ready to draw; a spec says how. Time that was not checked is a column behind all strips:
empty with broken edges where nobody looked, grey where Hevo did not answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from dashboard.marks import STYLES, Palette, colour
from dashboard.times import DAY, HOUR, MINUTE, Times
from dashboard.words import history as words
from dashboard.words.states import NAMES
from dashboard.words.text import one_line
from monitor.health import Word
from monitor.now import Row

AXES = 52  # pixels, above and below a chart
SHOWN_WORDS = tuple(word for word in Word if word is not Word.UNSTABLE)
OUTLINED = [word for word in Word if STYLES[word].outline]
STEPS = [n * MINUTE for n in (1, 2, 5, 10, 15, 30)] + [n * HOUR for n in (1, 2, 3, 4, 6, 12)]
DAYS = (1, 2, 3, 7, 14)
MOST_TICKS = 7
LABELS = "containerSize()[0] < 600 ? 110 : 260"  # pixels: a phone needs them for the strips
DRAWN = {"start": "float64", "end": "float64"}  # times as a browser counts them: milliseconds with a point
Spec = dict[str, Any]

alt.theme.enable("none")  # as Streamlit does: sizes are the page's


def strips_frame(spells: pd.DataFrame, labels: Mapping[str, str], clock: Times) -> pd.DataFrame:
    """One row a spell, or a block if they have `watched`: pipeline (its label), word, start, end, thick, says.

    Blocks with an outline, after one another and alike, are one, as they would look like beads; and a block that was
    watched for less than half of its time is thinner.
    """
    if "watched" in spells:
        told = spells.assign(half=spells["watched"] < 0.5)
        begins = _begins(told, "pipeline", "word", "half") | ~spells["word"].isin(OUTLINED)
        groups = spells.groupby(begins.cumsum())
        spells = spells.assign(end=groups["end"].transform("last"), watched=groups["watched"].transform("mean"))[begins]
    else:
        spells = spells.assign(watched=None)
    rows = []
    for one, word, start, end, watched in _rows(spells, "pipeline", "word", "start", "end", "watched"):
        says = words.stretch(labels[one], Word(word), start, end, watched, clock)
        thick = STYLES[word].tall / (2 if watched is not None and watched < 0.5 else 1)
        rows.append((labels[one], NAMES[word], start, end, thick, says))
    return pd.DataFrame(rows, columns=["pipeline", "word", "start", "end", "thick", "says"]).astype(DRAWN)


def _begins(rows: pd.DataFrame, *alike: str) -> pd.Series[bool]:
    """Whether each row does not go on with the one before: another time, or other than it in any of these columns."""
    other = [rows[name].ne(rows[name].shift()) for name in alike]
    return pd.concat([rows["start"].ne(rows["end"].shift()), *other], axis=1).any(axis=1)


def words_frame(counts: pd.DataFrame, clock: Times, only: Word | None = None) -> pd.DataFrame:
    """How many stand under each word, or under one, the worst at the bottom: word, start, end, low, high, says.

    Blocks after one another in which nothing is different are one row: the seams between them would show.
    """
    rows = counts[counts["pipelines"] > 0].sort_values(["start", "word"])
    by_time = rows.groupby("start")["pipelines"]
    rows = rows.assign(high=by_time.cumsum(), total=by_time.transform("sum"))
    rows = (rows[rows["word"] == only] if only else rows).sort_values(["word", "start"])
    begins = _begins(rows, "word", "pipelines", "high", "total")
    rows = rows.assign(end=rows.groupby(begins.cumsum())["end"].transform("last"))[begins]
    told = _rows(rows, "word", "start", "end", "pipelines", "total")
    frame = rows.assign(
        word=[NAMES[word] for word in rows["word"]],
        low=rows["high"] - rows["pipelines"],
        says=[words.band(Word(word), begin, end, number, total, clock) for word, begin, end, number, total in told],
    )
    return frame[["word", "start", "end", "low", "high", "says"]].astype(DRAWN)


def _rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


def ticks(begin: int, end: int, clock: Times) -> list[tuple[int, str]]:
    """The hours of the viewer's clock, or the days of the viewer's calendar, from begin to end (ms), as written."""
    length = (end - begin) / 1000
    if length > 2 * DAY:
        every = next((days for days in DAYS if length / DAY <= days * MOST_TICKS), DAYS[-1])
        moments, written = days_between(begin, end, every, clock), "%a %-d" if every == 1 else "%-d %b"
    else:
        step = 1000 * next((step for step in STEPS if length <= step * MOST_TICKS), STEPS[-1])
        midnight = _ms(clock.moment(begin / 1000).replace(hour=0, minute=0, second=0, microsecond=0), clock)
        moments, written = [*range(midnight - (midnight - begin) // step * step, end + 1, step)], "%H:%M"
    return [(moment, f"{clock.moment(moment / 1000):{written}}") for moment in moments]


def days_between(begin: int, end: int, every: int, clock: Times) -> list[int]:
    """Each so-many-th midnight of the viewer's calendar between two moments (ms), counted back from the last one."""
    day = clock.moment(end / 1000).date()
    found = list[int]()
    while (midnight := _ms(datetime(day.year, day.month, day.day, tzinfo=clock.zone), clock)) >= begin:
        found.append(midnight)
        day -= timedelta(days=every)
    return found[::-1]


def _ms(moment: datetime, clock: Times) -> int:
    return round(1000 * (moment.timestamp() - clock.correction))


@lru_cache(maxsize=64)  # Altair takes longer to check a chart than the rest of a page takes
def strips_layer(labels: tuple[str, ...], palette: Palette) -> Spec:
    """A strip for each label; for the rows of a strips_frame."""
    names = list(labels)
    label_axis = alt.Axis(labelLimit=alt.ExprRef(LABELS), labelOverlap=False, ticks=False, domain=False, labelPadding=8)
    dashes = [list(STYLES[word].outline or (1, 0)) for word in SHOWN_WORDS]
    return _layer(
        [look(word, palette) for word in SHOWN_WORDS],
        y=alt.Y("pipeline:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=label_axis),
        size=alt.Size("thick:Q", scale=None),
        strokeDash=alt.StrokeDash("word:N", scale=_scale(dashes), legend=None),
    )


@lru_cache(maxsize=64)
def words_layer(most: int, palette: Palette, is_thin: bool = False) -> Spec:
    """How many pipelines had each word, of at most so many; for the rows of a words_frame.

    `is_thin`: hardly any of them, so none and all have a line, which tells how few they are.
    """
    number = alt.Axis(tickMinStep=1, tickCount=4, format=",d", grid=False, domain=False, ticks=False)
    ends = alt.Axis(values=[0, most], format=",d", gridColor=palette.line, domain=False, ticks=False)
    scale = alt.Scale(domain=[0, most], nice=False)
    return _layer(
        [look(word, palette, is_area=True) for word in SHOWN_WORDS],
        y=alt.Y("low:Q", title=None, axis=ends if is_thin else number, scale=scale),
        y2="high",
    )


def look(word: Word, palette: Palette, is_area: bool = False) -> tuple[str, str]:
    """A word's fill and its line. In areas what is calm is pale, so that what is not stands out; planned is hollow."""
    full = colour(word, palette)
    if not is_area:
        return "transparent" if word in OUTLINED else full, full
    if word is Word.PLANNED:
        return palette.paper, full
    calm = {Word.HEALTHY: mixed(palette.healthy, palette.paper, 0.45), Word.PAUSED: palette.line}
    return calm.get(word, full), calm.get(word, full)


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two."""
    parts = zip(*([int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in (first, second)), strict=True)
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in parts)


def _layer(looks: Sequence[tuple[str, str]], **channels: Any) -> Spec:
    """A bar for each stretch of time, in its word's look. The time itself comes with the chart: it goes on."""
    fills, lines = zip(*looks, strict=True)
    bars = alt.Chart().mark_bar(strokeWidth=1, cornerRadius=1, clip=True)
    spec = bars.encode(
        fill=alt.Fill("word:N", scale=_scale(fills), legend=None),
        stroke=alt.Stroke("word:N", scale=_scale(lines), legend=None),
        tooltip=alt.Tooltip("says:N", title=" "),
        **channels,
    ).to_dict()
    return {"mark": spec["mark"], "encoding": spec["encoding"]}


def _scale(looks: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=[NAMES[word] for word in SHOWN_WORDS], range=list(looks))


def chart(layer: Spec, gaps: pd.DataFrame, span: tuple[int, int], height: int, palette: Palette, clock: Times) -> Spec:
    """A layer's stretches in this span (ms), newest right, behind them what was not checked, and both ends above."""
    begin, end = span
    scale = {"domain": [begin, max(end, begin + 1)], "nice": False, "zero": False}
    time = {"type": "quantitative", "title": None, "scale": scale}
    text = {"labelColor": palette.muted, "tickColor": palette.muted, "labelFontSize": 12}
    below = {**_labelled(ticks(begin, end, clock)), "labelOverlap": True, "tickSize": 4}
    across = {"x": {**time, "field": "start", "axis": below}, "x2": {"field": "end"}}
    stretches = {**layer, "encoding": {**layer["encoding"], **across}}
    return {
        "layer": [_gaps_layer(gaps, time, palette, clock), stretches, _ends_layer(span, time, palette, clock)],
        "resolve": {"axis": {"x": "independent"}},
        "height": height + AXES,
        "config": {"axis": text, "view": {"stroke": None}},
    }


def _labelled(written: Sequence[tuple[int, str]]) -> Spec:
    """What is written at each moment of an axis; Vega has no other way to say it."""
    told = "".join(f"datum.value == {moment} ? '{text}' : " for moment, text in written) + "''"
    return {"values": [moment for moment, _ in written], "labelExpr": told, "grid": False, "domain": False}


def _gaps_layer(gaps: pd.DataFrame, time: Spec, palette: Palette, clock: Times) -> Spec:
    looks = _gap_looks(palette)
    rows = [
        {"start": start, "end": end, **looks[why], "says": words.gap(why, start, end, clock)}
        for start, end, why in _rows(gaps, "start", "end", "why")
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", "clip": True, "strokeWidth": 1, "strokeDash": [2, 3], "aria": False},
        "encoding": {
            "x": {**time, "field": "start", "axis": None},
            "x2": {"field": "end"},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
            "stroke": {"field": "line", "type": "nominal", "scale": None},
            "tooltip": {"field": "says", "type": "nominal", "title": " "},
        },
    }


def _gap_looks(palette: Palette) -> dict[str, dict[str, str]]:
    """Why it was not checked, to its fill and the line of its broken edges."""
    nobody = {"fill": f"{palette.hatch}11", "line": palette.hatch}
    return {"nobody": nobody, "no answer": {"fill": f"{palette.hatch}55", "line": "transparent"}}


def _ends_layer(span: tuple[int, int], time: Spec, palette: Palette, clock: Times) -> Spec:
    """Both ends of the axis, labelled."""
    written = _labelled([(moment, clock.at(moment / 1000)) for moment in span])
    above = {**written, "orient": "top", "labelFlush": True, "labelOverlap": False, "ticks": False}
    return {
        "data": {"values": [{"at": moment} for moment in span]},
        "mark": {"type": "rule", "color": palette.line},
        "encoding": {"x": {**time, "field": "at", "axis": above}},
    }


def unique_labels(rows: Sequence[Row]) -> list[str]:
    """Names for the axis; two pipelines of one name get their numbers, so that neither hides the other."""
    names = [one_line(row.label, 60) for row in rows]
    numbered = [f"{name} ({row.pipeline.id})" for name, row in zip(names, rows, strict=True)]
    return [
        name if names.count(name) == 1 and name not in numbered else number
        for name, number in zip(names, numbered, strict=True)
    ]


def legend(shown: Iterable[Word], gaps: Iterable[str], palette: Palette, is_area: bool = False) -> str:
    """What each mark means, as HTML: those that occur, drawn as in the strips, or as in the areas."""
    found, reasons, looks, marks = set(shown), set(gaps), _gap_looks(palette), list[str]()
    for word in SHOWN_WORDS:
        if word in found:
            height, edge = 12 if is_area else STYLES[word].tall, "dashed" if word is Word.UNKNOWN else "solid"
            marks.append(_box(height, *look(word, palette, is_area), edge) + NAMES[word])
    marks += [_box(16, **looks[why]) + said for why, said in words.NOT_CHECKED.items() if why in reasons]
    parts = (f'<span style="white-space:nowrap">{mark}</span>' for mark in marks)
    style = f"display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px;color:{palette.muted}"
    return f'<div style="{style}">{"".join(parts)}</div>'


def _box(height: int, fill: str, line: str, edge: str = "dashed") -> str:
    drawn = f"background:{fill};border:1px {edge} {line};border-radius:2px;box-sizing:border-box"
    place = f"display:inline-block;width:16px;height:{height}px;margin-right:6px;vertical-align:middle"
    return f'<span aria-hidden="true" style="{place};{drawn}"></span>'
