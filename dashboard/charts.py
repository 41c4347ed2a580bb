"""The charts: health over time as strips on one true time axis, and all pipelines by word.

Pure functions make the frames and the charts; the draw_… functions put them on the page. One mark stands for one
stretch of equal state. Time that nobody watched has no mark at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from monitor.board import Row

from dashboard import words
from dashboard.marks import Palette
from dashboard.picture import Picture
from dashboard.times import Times, duration
from monitor.health import Word
from monitor.history import Segment, Step, summarise

MOST_STRIPS = 50
ROW_HEIGHT = 26
YOUNG = 120  # seconds of history that would only draw a sliver
SHOWN_WORDS = (Word.FAILED, Word.UNKNOWN, Word.HEALTHY, Word.PAUSED)
LEGEND = ":red[■] Failed · :green[■] Healthy · :gray[⬚] Unknown · :gray[□] Paused · Blank: not checked"
MOMENTS = dict.fromkeys(("start", "end"), "datetime64[ms, UTC]")  # also where there is no row to tell
COLUMNS = ["pipeline", "word", "start", "end", "says"]
FLEET = "Worst of all"
Spec = dict[str, Any]

alt.theme.enable("none")  # as Streamlit does: sizes are the page's


def strips_frame(strips: Iterable[tuple[str, Sequence[Segment]]], clock: Times) -> pd.DataFrame:
    """One row for each watched stretch: pipeline (a label), word, start and end (UTC), and a sentence to hover."""
    stretches = [
        (label, words.NAMES[part.word], _utc(part.start), _utc(part.end), _says(label, part, clock))
        for label, segments in strips
        for part in segments
        if part.word is not None
    ]
    return pd.DataFrame(stretches, columns=COLUMNS).astype(MOMENTS)


def words_frame(steps: Iterable[Step], clock: Times) -> pd.DataFrame:
    """One row for each stretch in which a word's band stays put: word, start, end (UTC), low, high, a sentence."""
    bands = [
        {
            "word": words.NAMES[word],
            "start": _utc(start),
            "end": _utc(end),
            "low": low,
            "high": high,
            "says": f"{words.counted(high - low)} {words.NAMES[word].lower()} {clock.span(start, end)}",
        }
        for word, start, end, low, high in _bands(list(steps))
    ]
    frame = pd.DataFrame(bands, columns=["word", "start", "end", "low", "high", "says"])
    return frame.astype({**MOMENTS, "low": "int64", "high": "int64"})


def _bands(steps: Sequence[Step]) -> list[tuple[Word, float, float, int, int]]:
    """Stacks the words, the calm ones at the bottom, cutting only where something changes."""
    bands: list[tuple[Word, float, float, int, int]] = []
    for start, end in pairwise(sorted({edge for step in steps for edge in (step.start, step.end)})):
        low = 0
        for step in sorted((s for s in steps if s.start <= start < s.end and s.word), key=lambda s: -_rank(s.word)):
            if step.word and step.pipelines:
                bands.append((step.word, start, end, low, low + step.pipelines))
                low += step.pipelines
    return _joined(bands)


def _joined(bands: list[tuple[Word, float, float, int, int]]) -> list[tuple[Word, float, float, int, int]]:
    joined: list[tuple[Word, float, float, int, int]] = []
    for word, start, end, low, high in sorted(bands, key=lambda band: (band[0], band[1])):
        if joined and joined[-1][0] is word and joined[-1][2:] == (start, low, high):
            joined[-1] = (word, joined[-1][1], end, low, high)
        else:
            joined.append((word, start, end, low, high))
    return joined


@lru_cache(maxsize=64)  # Altair takes longer to check a chart than the rest of a page takes
def strips_spec(labels: tuple[str, ...], begin: float, end: float, palette: Palette) -> Spec:
    """A strip for each label, newest right, on the same axis from begin to end; for the rows of a strips_frame."""
    names = list(labels)
    where = alt.Scale(domain=names)
    chart = _stretches(begin, end, palette).encode(
        y=alt.Y("pipeline:N", sort=names, scale=where, title=None, axis=_label_axis())
    )
    return _spec(chart.properties(height=alt.Step(ROW_HEIGHT)))


@lru_cache(maxsize=64)
def words_spec(begin: float, end: float, palette: Palette) -> Spec:
    """How many pipelines had each word, over the same axis; for the rows of a words_frame."""
    number = alt.Axis(tickMinStep=1, format="d", grid=False)
    chart = _stretches(begin, end, palette).encode(y=alt.Y("low:Q", title="Pipelines", axis=number), y2="high")
    return _spec(chart.properties(height=180))


def _stretches(begin: float, end: float, palette: Palette) -> alt.Chart:
    """A bar for each stretch of time, in its word's colours."""
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("stretches"))
        .mark_bar(strokeWidth=1.5, cornerRadius=1)
        .encode(
            x=_time_axis("start", begin, end),
            x2="end",
            tooltip=alt.Tooltip("says:N", title=" "),
            **_word_encodings(palette),
        )
        .configure_axis(labelColor=palette.muted, titleColor=palette.muted, labelFontSize=12)
    )
    return chart


def _spec(chart: alt.Chart) -> Spec:
    """The chart as Vega-Lite reads it; its rows are given with it, each time it is shown."""
    spec: Spec = chart.to_dict()
    del spec["data"]
    return spec


def _time_axis(column: str, begin: float, end: float) -> alt.X:
    ends = [int(1000 * begin), int(1000 * end)]
    axis = alt.Axis(format="%H:%M", tickCount=6, grid=False, labelFlush=True, domain=False, ticks=False)
    return alt.X(f"{column}:T", title=None, scale=alt.Scale(domain=ends), axis=axis)


def _label_axis() -> alt.Axis:
    limit = alt.ExprRef("containerSize()[0] < 600 ? 130 : 280")  # pixels: a phone needs them for the strips
    return alt.Axis(labelLimit=limit, labelOverlap=False, ticks=False, domain=False, labelPadding=8)


def _word_encodings(palette: Palette) -> dict[str, object]:
    """Filled for healthy and failed, outlined for paused, a broken outline for unknown."""
    names = [words.NAMES[word] for word in SHOWN_WORDS]
    clear = "transparent"
    fills = [palette.failed, clear, palette.healthy, clear]
    lines = [palette.failed, palette.hatch, palette.healthy, palette.outline]
    dashes = [[1, 0], [3, 2], [1, 0], [1, 0]]
    return {
        "fill": alt.Fill("word:N", scale=alt.Scale(domain=names, range=fills), legend=None),
        "stroke": alt.Stroke("word:N", scale=alt.Scale(domain=names, range=lines), legend=None),
        "strokeDash": alt.StrokeDash("word:N", scale=alt.Scale(domain=names, range=dashes), legend=None),
    }


def draw_strips(rows: Sequence[Row], length: float, now: Picture) -> None:
    """A strip for each row, and below them the same in words."""
    begin, end = now.until - length, now.until
    labels = unique_labels(rows)
    strips = [
        (label, now.history.segments(row.pipeline.id, begin, end)) for label, row in zip(labels, rows, strict=True)
    ]
    spec = strips_spec(tuple(labels), begin, end, now.palette)
    st.vega_lite_chart(strips_frame(strips, now.times), spec, alt=_strips_alt(len(rows)))
    _legend(begin, end, now)
    if len(rows) == 1:
        st.markdown(_twin(*strips[0], length))
        return
    with st.expander("The same in words"):
        st.markdown("\n".join(f"- {_twin(label, segments, length)}" for label, segments in strips))


def draw_fleet(length: float, now: Picture) -> None:
    """One strip for the whole account: in each stretch the worst word that any pipeline had."""
    begin, end = now.until - length, now.until
    if end - (now.history.begins or end) < YOUNG:
        st.caption("The history of this account begins now, and grows while this page is open.")
        return
    segments, _ = _all_together(length, now)
    frame = strips_frame([(FLEET, segments)], now.times)
    spec = strips_spec((FLEET,), begin, end, now.palette)
    st.vega_lite_chart(frame, spec, alt="The worst state of any pipeline over time; the same in words stands below")
    st.caption(words.plain(words.strip_sentence(summarise(segments), length), 300))
    _legend(begin, end, now)


def draw_words_over_time(length: float, now: Picture) -> None:
    """How many pipelines had each word over time."""
    _, steps = _all_together(length, now)
    frame = words_frame(steps, now.times)
    if frame.empty:
        st.markdown("Nothing was checked in this time.")
        return
    spec = words_spec(now.until - length, now.until, now.palette)
    st.vega_lite_chart(frame, spec, alt="How many pipelines were failed, unknown, healthy or paused over time")


def _all_together(length: float, now: Picture) -> tuple[list[Segment], list[Step]]:
    """The strip of the whole account, and its pipelines by word: all of them are walked through once for both."""

    def walk() -> tuple[list[Segment], list[Step]]:
        census = now.history.census(now.until - length, now.until)
        return census.worst(), census.steps()

    return now.once(("all together", length, now.until), walk)


def _legend(begin: float, end: float, now: Picture) -> None:
    """The key in text, so that it wraps on a phone; with the ends of the time shown and whose clock it is."""
    st.markdown(f":small[{LEGEND} · From {now.times.at(begin)} to {now.times.at(end)}, {now.times.zone_name}]")


def _strips_alt(number: int) -> str:
    return f"The state of {words.counted(number)} over time; the same in words stands below"


def _twin(label: str, segments: Sequence[Segment], length: float) -> str:
    return f"{words.plain(label, 80)}: {words.plain(words.strip_sentence(summarise(segments), length), 300)}"


def unique_labels(rows: Sequence[Row]) -> list[str]:
    """Names for the axis; two pipelines of one name get their numbers, so that neither hides the other."""
    names = [words.one_line(row.pipeline.label, 60) for row in rows]
    numbered = [f"{name} ({row.pipeline.id})" for name, row in zip(names, rows, strict=True)]
    return [
        name if names.count(name) == 1 and name not in numbered else number
        for name, number in zip(names, numbered, strict=True)
    ]


def _says(label: str, part: Segment, clock: Times) -> str:
    name = words.NAMES[part.word] if part.word else "Not checked"
    return f"{label}: {name} {clock.span(part.start, part.end)} ({duration(part.end - part.start)})"


def _rank(word: Word | None) -> int:
    return word.severity if word else len(Word)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
