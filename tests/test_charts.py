"""The charts: one true time axis, no colour where nobody looked, bands that add up."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import COLUMNS, strips_frame, strips_spec, unique_labels, words_frame, words_spec
from dashboard.marks import PALETTES
from dashboard.times import Times
from dashboard.words import NAMES
from monitor import History, State
from monitor.health import Word
from monitor.history import Segment
from tests.app_house import NOW, few, pipeline, rows_of

CLOCK = Times(UTC, NOW)
IDS = ("1", "2", "3")
STATES = [State(*raw) for raw in (("ACTIVE", "OK"), ("ACTIVE", "FAILED"), ("PAUSED", "OK"), ("ACTIVE", None))]
looks = st.lists(
    st.tuples(st.integers(1, 700), st.dictionaries(st.sampled_from(IDS), st.sampled_from(STATES))), max_size=12
)


def seen(told: list[tuple[int, dict[str, State]]]) -> tuple[History, float, float]:
    """A history of looks with these gaps, and a window that begins within it and ends after it."""
    history, at = History(), NOW
    for gap, states in told:
        at += gap
        history.observe(at, states)
    return history, NOW + 200, at + 400


def ends(mark: dict[Any, Any]) -> tuple[float, float]:
    """When a mark begins and ends, in epoch seconds."""
    return mark["start"].timestamp(), mark["end"].timestamp()


@few
@given(looks)
def test_a_strip_has_a_mark_for_each_watched_stretch_and_none_for_other_time(
    told: list[tuple[int, dict[str, State]]],
) -> None:
    history, begin, end = seen(told)
    strips = [(name, history.segments(name, begin, end)) for name in IDS]
    marks = strips_frame(strips, CLOCK)
    watched = [(name, NAMES[part.word], part.start, part.end) for name, parts in strips for part in parts if part.word]
    drawn = [(row["pipeline"], row["word"], *ends(row)) for row in marks.to_dict("records")]
    assert drawn == watched
    assert list(marks.columns) == COLUMNS


@few
@given(looks)
def test_the_bands_add_up_to_the_pipelines_that_were_watched(told: list[tuple[int, dict[str, State]]]) -> None:
    history, begin, end = seen(told)
    frame = words_frame(history.census(begin, end).steps(), CLOCK)
    strips = [history.segments(name, begin, end) for name in IDS]
    edges = sorted({edge for strip in strips for part in strip for edge in part[:2]})
    for moment in (sum(pair) / 2 for pair in pairwise(edges)):
        now = [part.word for strip in strips for part in strip if part.start <= moment < part.end and part.word]
        bands = [band for band in frame.to_dict("records") if ends(band)[0] <= moment < ends(band)[1]]
        bands.sort(key=itemgetter("low"))
        assert [band["low"] for band in bands] == [0, *(band["high"] for band in bands)][: len(bands)]
        heights = {band["word"]: band["high"] - band["low"] for band in bands}
        assert heights == {NAMES[word]: now.count(word) for word in set(now)}


def test_a_mark_tells_in_words_what_it_shows() -> None:
    strip = [Segment(NOW - 480, NOW, Word.FAILED)]
    says = strips_frame([("Orders DB", strip)], CLOCK)["says"][0]
    assert says == "Orders DB: Failed from 07:52 to 08:00 (8 min)"


def charts() -> list[dict[str, Any]]:
    """Both charts of one window as the browser gets them; Altair refuses what is no valid chart."""
    begin, end = NOW + 200, NOW + 700
    return [strips_spec(IDS, begin, end, PALETTES["light"]), words_spec(begin, end, PALETTES["dark"])]


def test_every_chart_spans_the_same_time_however_much_was_watched() -> None:
    assert [chart["encoding"]["x"]["scale"]["domain"] for chart in charts()] == [
        [int(1000 * (NOW + 200)), int(1000 * (NOW + 700))]
    ] * 2
    assert {chart["encoding"]["x"]["type"] for chart in charts()} == {"temporal"}


def test_every_strip_has_its_row_also_one_that_was_never_watched() -> None:
    strips, _ = charts()
    assert strips["encoding"]["y"]["scale"]["domain"] == list(IDS)
    assert strips["encoding"]["y"]["sort"] == list(IDS)


def test_the_browser_is_given_data_that_is_ready_to_draw() -> None:
    """A transform in the chart would make it many times slower."""
    assert not [chart for chart in charts() if "transform" in chart]


def test_only_healthy_and_failed_are_filled_and_paused_and_unknown_are_outlined() -> None:
    palette = PALETTES["light"]
    encoding = charts()[0]["encoding"]
    fills, lines, dashes = (
        dict(zip(encoding[name]["scale"]["domain"], encoding[name]["scale"]["range"], strict=True))
        for name in ("fill", "stroke", "strokeDash")
    )
    assert fills == {
        "Failed": palette.failed,
        "Unknown": "transparent",
        "Healthy": palette.healthy,
        "Paused": "transparent",
    }
    assert (lines["Paused"], lines["Unknown"]) == (palette.outline, palette.hatch)
    assert dashes["Unknown"] != dashes["Paused"]


def test_two_pipelines_of_one_name_get_their_numbers() -> None:
    rows = rows_of(pipeline("1", "same"), pipeline("2", "same"), pipeline("3", "other"))
    assert sorted(unique_labels(rows)) == ["other", "same (1)", "same (2)"]


names = st.lists(st.sampled_from(["a", "a (1)", "a (2)", "a (1) (3)", "b", "x" * 70, "x" * 80, ""]), max_size=6)


@few
@given(names)
def test_no_two_strips_share_a_label(chosen: list[str]) -> None:
    rows = rows_of(*(pipeline(str(number), name) for number, name in enumerate(chosen, 1)))
    labels = unique_labels(rows)
    assert len(set(labels)) == len(labels) == len(chosen)


def test_each_chart_draws_columns_that_its_frame_has() -> None:
    frames = (strips_frame([], CLOCK), words_frame([], CLOCK))
    for chart, frame in zip(charts(), frames, strict=True):
        fields = {channel.get("field") for channel in chart["encoding"].values()}
        assert fields <= set(frame.columns)


def test_times_reach_the_chart_in_utc() -> None:
    strip = [Segment(NOW - 480, NOW, Word.HEALTHY)]
    frame = strips_frame([("a", strip)], CLOCK)
    assert frame["start"][0] == datetime.fromtimestamp(NOW - 480, UTC)
    assert {str(frame[name].dtype) for name in ("start", "end")} == {"datetime64[ms, UTC]"}
