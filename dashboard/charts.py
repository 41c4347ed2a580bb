"""The charts over time: strips of pipelines on one true time axis, and all pipelines by word. Pure.

A frame has one row a mark, ready to draw; a spec says how. Time that was not checked is a column behind all strips:
empty with broken edges where nobody looked, grey where Hevo did not answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from dashboard.marks import STYLES, Palette, colour
from dashboard.times import DAY, HOUR, MINUTE, Times
from dashboard.words import history as words
from dashboard.words.states import NAMES
from dashboard.words.text import one_line
from monitor.health import Word
from monitor.now import Row

ROW_HEIGHT, AXES = 28, 52  # pixels
SHOWN_WORDS = tuple(word for word in Word if word is not Word.UNSTABLE)
OUTLINED = [word for word in Word if STYLES[word].outline]
STEPS = [n * MINUTE for n in (1, 2, 5, 10, 15, 30)] + [n * HOUR for n in (1, 2, 3, 4, 6, 12)]
DAYS = (1, 2, 3, 7, 14)
MOST_TICKS = 7
LABELS = "containerSize()[0] < 600 ? 110 : 260"  # pixels: a phone needs them for the strips
Spec = dict[str, Any]

alt.theme.enable("none")  # as Streamlit does: sizes are the page's


def strips_frame(spells: pd.DataFrame, labels: Mapping[str, str], clock: Times) -> pd.DataFrame:
    """One row a spell, or a block if they have `watched`: pipeline (its label), word, start, end, thick, says."""
    told = _outlines_joined(spells) if "watched" in spells else spells.assign(watched=None)
    rows = [
        (
            labels[one],
            NAMES[word],
            start,
            end,
            _thick(word, watched),
            words.stretch(labels[one], Word(word), start, end, watched, clock),
        )
        for one, word, start, end, watched in _rows(told, "pipeline", "word", "start", "end", "watched")
    ]
    return _drawn(pd.DataFrame(rows, columns=["pipeline", "word", "start", "end", "thick", "says"]))


def _outlines_joined(blocks: pd.DataFrame) -> pd.DataFrame:
    """Blocks with an outline, after one another and alike, as one: they would look like beads."""
    told = blocks.assign(half=blocks["watched"] < 0.5)
    begins = _begins(told, "pipeline", "word", "half") | ~blocks["word"].isin(OUTLINED)
    groups = blocks.groupby(begins.cumsum())
    return blocks.assign(end=groups["end"].transform("last"), watched=groups["watched"].transform("mean"))[begins]


def _begins(rows: pd.DataFrame, *alike: str) -> pd.Series[bool]:
    """Whether each row does not go on with the one before: another time, or other than it in any of these columns."""
    other = [rows[name].ne(rows[name].shift()) for name in alike]
    return pd.concat([rows["start"].ne(rows["end"].shift()), *other], axis=1).any(axis=1)


def _thick(word: Word, watched: float | None) -> float:
    """A block that was watched for less than half of its time is thinner."""
    tall = STYLES[word].tall
    return tall / 2 if watched is not None and watched < 0.5 else tall


def words_frame(counts: pd.DataFrame, clock: Times) -> pd.DataFrame:
    """How many stand under each word, the worst at the bottom: word, start, end, low, high, says."""
    rows = counts[counts["pipelines"] > 0].sort_values(["start", "word"])
    by_time = rows.groupby("start")["pipelines"]
    rows = _joined(rows.assign(high=by_time.cumsum(), total=by_time.transform("sum")))
    told = _rows(rows, "word", "start", "end", "pipelines", "total")
    frame = rows.assign(
        word=[NAMES[word] for word in rows["word"]],
        low=rows["high"] - rows["pipelines"],
        says=[words.band(Word(word), begin, end, number, total, clock) for word, begin, end, number, total in told],
    )
    return _drawn(frame[["word", "start", "end", "low", "high", "says"]])


def _joined(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for the blocks after one another in which nothing is different: the seams between them would show."""
    rows = rows.sort_values(["word", "start"])
    begins = _begins(rows, "word", "pipelines", "high", "total")
    ends = rows.groupby(begins.cumsum())["end"].transform("last")
    return rows.assign(end=ends)[begins]


def gap_rows(gaps: pd.DataFrame, clock: Times, palette: Palette) -> list[dict[str, Any]]:
    """The time that was not checked: start, end, fill, line, says."""
    looks = {"nobody": {"fill": f"{palette.hatch}11", "line": palette.hatch}}
    looks["no answer"] = {"fill": f"{palette.hatch}55", "line": "transparent"}
    return [
        {"start": start, "end": end, **looks[why], "says": words.gap(why, start, end, clock)}
        for start, end, why in _rows(gaps, "start", "end", "why")
    ]


def _rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


class Axis(NamedTuple):
    """The time of a chart: its ends (ms) and the moments between, each with what is written there."""

    begin: int
    end: int
    first: str
    last: str
    ticks: tuple[tuple[int, str], ...]


def axis_of(begin: int, end: int, clock: Times) -> Axis:
    """From begin to end (ms), with the hours of the viewer's clock or the days of the viewer's calendar between."""
    length = (end - begin) / 1000
    if length > 2 * DAY:
        every = next((days for days in DAYS if length / DAY <= days * MOST_TICKS), DAYS[-1])
        ticks, written = days_between(begin, end, every, clock), "%a %-d" if every == 1 else "%-d %b"
    else:
        step = next((step for step in STEPS if length <= step * MOST_TICKS), STEPS[-1])
        ticks, written = hours_between(begin, end, step, clock), "%H:%M"
    told = tuple((tick, f"{clock.moment(tick / 1000):{written}}") for tick in ticks)
    return Axis(begin, end, clock.at(begin / 1000), clock.at(end / 1000), told)


def strips_chart(labels: Sequence[str], gaps: list[dict[str, Any]], axis: Axis, palette: Palette) -> Spec:
    """A strip for each label, newest right; for the rows of a strips_frame."""
    return _chart(_strips_layer(tuple(labels), axis, palette), gaps, axis, palette, ROW_HEIGHT * len(labels))


def words_chart(most: int, gaps: list[dict[str, Any]], axis: Axis, palette: Palette) -> Spec:
    """How many pipelines had each word, of at most so many; for the rows of a words_frame."""
    return _chart(_words_layer(most, axis, palette), gaps, axis, palette, 160)


@lru_cache(maxsize=64)  # Altair takes longer to check a chart than the rest of a page takes
def _strips_layer(labels: tuple[str, ...], axis: Axis, palette: Palette) -> Spec:
    names = list(labels)
    label_axis = alt.Axis(labelLimit=alt.ExprRef(LABELS), labelOverlap=False, ticks=False, domain=False, labelPadding=8)
    where = alt.Y("pipeline:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=label_axis)
    lines = [colour(word, palette) for word in SHOWN_WORDS]
    fills = ["transparent" if word in OUTLINED else colour(word, palette) for word in SHOWN_WORDS]
    dashes = [list(STYLES[word].outline or (1, 0)) for word in SHOWN_WORDS]
    chart = _stretches(axis, fills, lines).encode(
        y=where,
        size=alt.Size("thick:Q", scale=None),
        strokeDash=alt.StrokeDash("word:N", scale=_scale(dashes), legend=None),
    )
    spec: Spec = chart.to_dict()
    return spec


@lru_cache(maxsize=64)
def _words_layer(most: int, axis: Axis, palette: Palette) -> Spec:
    number = alt.Axis(tickMinStep=1, tickCount=4, format=",d", grid=False, domain=False, ticks=False)
    fills = [filled(word, palette) for word in SHOWN_WORDS]
    lines = [colour(word, palette) if word is Word.PLANNED else filled(word, palette) for word in SHOWN_WORDS]
    low = alt.Y("low:Q", title=None, axis=number, scale=alt.Scale(domain=[0, most], nice=False))
    spec: Spec = _stretches(axis, fills, lines).encode(y=low, y2="high").to_dict()
    return spec


def filled(word: Word, palette: Palette) -> str:
    """A colour that fills an area: what is calm is pale there, so that what is not stands out; planned is hollow."""
    pale = {
        Word.PLANNED: palette.paper,
        Word.HEALTHY: mixed(palette.healthy, palette.paper, 0.45),
        Word.PAUSED: palette.line,
    }
    return pale.get(word, colour(word, palette))


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two."""
    parts = zip(*([int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in (first, second)), strict=True)
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in parts)


def _stretches(axis: Axis, fills: Sequence[str], lines: Sequence[str]) -> alt.Chart:
    """A bar for each stretch of time, in its word's colours."""
    moments = [moment for moment, _ in axis.ticks]
    below = alt.Axis(
        values=moments, labelExpr=labels_at(axis.ticks), grid=False, labelOverlap=True, domain=False, tickSize=4
    )
    time = alt.X("start:Q", title=None, scale=_time(axis), axis=below)
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("stretches"))
        .mark_bar(strokeWidth=1, cornerRadius=1, clip=True)
        .encode(
            x=time,
            x2="end",
            fill=alt.Fill("word:N", scale=_scale(fills), legend=None),
            stroke=alt.Stroke("word:N", scale=_scale(lines), legend=None),
            tooltip=alt.Tooltip("says:N", title=" "),
        )
    )
    return chart


def _time(axis: Axis) -> alt.Scale:
    return alt.Scale(domain=[axis.begin, max(axis.end, axis.begin + 1)], nice=False, zero=False)


def labels_at(ticks: Iterable[tuple[int, str]]) -> str:
    """Vega's way to say what is written at each moment."""
    return "".join(f"datum.value == {moment} ? '{text}' : " for moment, text in ticks) + "''"


def _scale(looks: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=[NAMES[word] for word in SHOWN_WORDS], range=list(looks))


def _chart(layer: Spec, gaps: list[dict[str, Any]], axis: Axis, palette: Palette, height: int) -> Spec:
    """The stretches, behind them what was not checked, and above them when the axis begins and ends."""
    text = {"labelColor": palette.muted, "tickColor": palette.muted, "labelFontSize": 12}
    stretches = {key: part for key, part in layer.items() if key in ("mark", "encoding")}
    return {
        "layer": [_gaps_layer(gaps, axis), stretches, _ends_layer(axis, palette)],
        "resolve": {"axis": {"x": "independent"}},
        "height": height + AXES,
        "config": {"axis": text, "view": {"stroke": None}},
    }


def _gaps_layer(gaps: list[dict[str, Any]], axis: Axis) -> Spec:
    return {
        "data": {"values": gaps},
        "mark": {"type": "rect", "clip": True, "strokeWidth": 1, "strokeDash": [2, 3], "aria": False},
        "encoding": {
            "x": {"field": "start", "type": "quantitative", "axis": None, "scale": _time(axis).to_dict()},
            "x2": {"field": "end"},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
            "stroke": {"field": "line", "type": "nominal", "scale": None},
            "tooltip": {"field": "says", "type": "nominal", "title": " "},
        },
    }


def _ends_layer(axis: Axis, palette: Palette) -> Spec:
    """Both ends of the axis, labelled."""
    ends = [axis.begin, axis.end]
    above = {
        "orient": "top",
        "values": ends,
        "labelExpr": labels_at(zip(ends, (axis.first, axis.last), strict=True)),
        "labelFlush": True,
        "labelOverlap": False,
        "grid": False,
        "domain": False,
        "ticks": False,
    }
    time = {"field": "at", "type": "quantitative", "title": None, "scale": _time(axis).to_dict(), "axis": above}
    return {
        "data": {"values": [{"at": moment} for moment in ends]},
        "mark": {"type": "rule", "color": palette.line},
        "encoding": {"x": time},
    }


def days_between(begin: int, end: int, every: int, clock: Times) -> list[int]:
    """Each so-many-th midnight of the viewer's calendar between two moments (ms), counted back from the last one."""
    day = clock.moment(end / 1000).date()
    found = list[int]()
    while (midnight := _ms(datetime(day.year, day.month, day.day, tzinfo=clock.zone), clock)) >= begin:
        found.append(midnight)
        day -= timedelta(days=every)
    return found[::-1]


def hours_between(begin: int, end: int, step: int, clock: Times) -> list[int]:
    """Every so many seconds on the viewer's clock between two moments (ms)."""
    first = clock.moment(begin / 1000)
    midnight = _ms(first.replace(hour=0, minute=0, second=0, microsecond=0), clock)
    start = midnight - (midnight - begin) // (step * 1000) * step * 1000
    return [tick for tick in range(start, end + 1, step * 1000) if tick >= begin]


def _ms(moment: datetime, clock: Times) -> int:
    return round(1000 * (moment.timestamp() - clock.correction))


def _drawn(frame: pd.DataFrame) -> pd.DataFrame:
    """Its times as the browser can count them: milliseconds in numbers with a point."""
    return frame.astype({"start": "float64", "end": "float64"})


def unique_labels(rows: Sequence[Row]) -> list[str]:
    """Names for the axis; two pipelines of one name get their numbers, so that neither hides the other."""
    names = [one_line(row.label, 60) for row in rows]
    numbered = [f"{name} ({row.pipeline.id})" for name, row in zip(names, rows, strict=True)]
    return [
        name if names.count(name) == 1 and name not in numbered else number
        for name, number in zip(names, numbered, strict=True)
    ]


def legend(shown: Iterable[Word], gaps: Iterable[str], palette: Palette, strips: bool = True) -> str:
    """What each mark means, as HTML: those that occur, drawn as in the strips, or as in the areas."""
    found, reasons = set(shown), set(gaps)
    marks = [(_swatch(word, palette, strips), NAMES[word]) for word in SHOWN_WORDS if word in found]
    marks += [(_gap_swatch(why, palette), said) for why, said in words.NOT_CHECKED.items() if why in reasons]
    parts = (f'<span style="white-space:nowrap">{mark}{text}</span>' for mark, text in marks)
    style = f"display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px;color:{palette.muted}"
    return f'<div style="{style}">{"".join(parts)}</div>'


def _swatch(word: Word, palette: Palette, strips: bool) -> str:
    if not strips and word is not Word.PLANNED:
        return _box(12, f"background:{filled(word, palette)}")
    tall, fill = STYLES[word].tall, colour(word, palette)
    if word in OUTLINED:
        return _box(tall, f"border:1px {'dashed' if word is Word.UNKNOWN else 'solid'} {fill}")
    return _box(tall, f"background:{fill}")


def _gap_swatch(why: str, palette: Palette) -> str:
    look = f"{palette.hatch}11;border:1px dashed {palette.hatch}" if why == "nobody" else f"{palette.hatch}55"
    return _box(16, f"background:{look}")


def _box(height: int, look: str) -> str:
    place = f"display:inline-block;width:16px;height:{height}px;margin-right:6px;vertical-align:middle"
    return f'<span aria-hidden="true" style="{place};box-sizing:border-box;border-radius:2px;{look}"></span>'
