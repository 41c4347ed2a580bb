"""The charts: one true time axis, no colour where nobody looked, bands that add up."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import charts
from dashboard.marks import PALETTES, STYLES
from dashboard.times import Times
from dashboard.words.states import NAMES
from monitor import history as frames
from monitor.health import Word
from tests.app_house import NOW, few, pipeline, rows_of, watched

CLOCK = Times(UTC, NOW)  # 08:00
END = round(1000 * NOW)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LIGHT, DARK = PALETTES["light"], PALETTES["dark"]
NO_GAPS = pd.DataFrame(columns=["start", "end", "why"])
looks = st.lists(st.sampled_from([None, Word.HEALTHY, Word.FAILED, Word.PAUSED, Word.UNKNOWN]), min_size=1, max_size=20)


def spells(*rows: tuple[str, Word, int, int]) -> pd.DataFrame:
    """Spells by pipeline, word, and how many minutes ago they began and ended."""
    told = [(name, word.value, END - begin * MINUTE, END - end * MINUTE) for name, word, begin, end in rows]
    return pd.DataFrame(told, columns=["pipeline", "word", "start", "end"]).astype({"word": frames.WORDS})


def layers(chart: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart["layer"]
    return found


def both(begin: int, end: int, clock: Times = CLOCK) -> list[dict[str, Any]]:
    """Both charts of one time as the browser gets them; Altair refuses what is no valid chart."""
    made = [
        charts.chart(charts.strips_layer(("a", "b"), LIGHT), NO_GAPS, (begin, end), 56, LIGHT, clock),
        charts.chart(charts.words_layer(9, DARK), NO_GAPS, (begin, end), 160, DARK, clock),
    ]
    assert all(alt.LayerChart.from_dict(spec) for spec in made)
    return made


def written(chart: dict[str, Any], layer: int = 1) -> dict[int, str]:
    """What stands at which moment of a chart's axis."""
    found = re.findall(
        r"datum\.value == (\d+) \? '([^']*)'", layers(chart)[layer]["encoding"]["x"]["axis"]["labelExpr"]
    )
    return {int(moment): text for moment, text in found}


@few
@given(looks)
def test_a_strip_has_a_mark_for_each_watched_stretch_and_none_for_other_time(seen: list[Word | None]) -> None:
    history = watched(*seen)
    marks = charts.strips_frame(frames.spells(history, END - HOUR, END), {"7": "Orders DB"}, CLOCK)
    told = frames.spells(history, END - HOUR, END)
    assert list(zip(marks["start"], marks["end"], strict=True)) == list(zip(told["start"], told["end"], strict=True))
    assert marks["word"].tolist() == [NAMES[word] for word in told["word"]]
    assert (marks["end"] <= END).all()


@few
@given(looks, looks)
def test_the_bands_add_up_to_the_pipelines_that_were_watched(
    first: list[Word | None], second: list[Word | None]
) -> None:
    parts = [
        frames.spells(watched(*seen, pipeline_id=name), END - HOUR, END) for name, seen in (("1", first), ("2", second))
    ]
    every = pd.concat(parts)
    edges = sorted({*every["start"], *every["end"], END - HOUR, END})
    bands = charts.words_frame(frames.counts(every, edges), CLOCK)
    for moment in [(a + b) / 2 for a, b in pairwise(edges)]:
        now = every[(every["start"] <= moment) & (moment < every["end"])]["word"]
        there = bands[(bands["start"] <= moment) & (moment < bands["end"])].sort_values("low")
        assert dict(zip(there["word"], there["high"] - there["low"], strict=True)) == {
            NAMES[word]: number for word, number in now.value_counts().items() if number
        }
        assert there["low"].tolist() == [0, *there["high"].tolist()][: len(there)]


def test_the_worst_stands_at_the_bottom_where_its_height_can_be_compared() -> None:
    counts = frames.counts(spells(("a", Word.HEALTHY, 60, 0), ("b", Word.FAILED, 60, 0)), [END - HOUR, END])
    bands = charts.words_frame(counts, CLOCK).set_index("word")
    assert bands.loc["Failed", "low"] == 0
    assert bands.loc["Healthy", "low"] == 1


def test_planned_trouble_is_a_band_of_its_own_hollow_and_no_failure() -> None:
    plan = pd.DataFrame([("7", END - HOUR // 2, END)], columns=["pipeline", "start", "end"])
    history = frames.under_plans(watched(*[Word.FAILED] * 61), plan)
    counts = frames.counts(frames.spells(history, END - HOUR, END), frames.step_edges(history, END - HOUR, END))
    bands = charts.words_frame(counts, CLOCK)
    assert bands["says"].tolist() == [
        "1 of 1 failed from 07:00 to 07:30",
        "1 of 1 planned work from 07:30 to 08:00",
    ]
    marks = charts.words_layer(1, LIGHT)["encoding"]
    place = marks["fill"]["scale"]["domain"].index("Planned work")
    assert (marks["fill"]["scale"]["range"][place], marks["stroke"]["scale"]["range"][place]) == (
        LIGHT.paper,
        LIGHT.outline,
    )
    assert "Planned work" in charts.legend([Word.PLANNED], [], LIGHT)


def test_those_of_one_word_are_told_among_all_and_from_none_to_all() -> None:
    counts = frames.counts(
        spells(("a", Word.HEALTHY, 60, 0), ("b", Word.FAILED, 30, 0)), [END - HOUR, END - HOUR // 2, END]
    )
    bands = charts.words_frame(counts, CLOCK, only=Word.FAILED)
    assert bands["says"].tolist() == ["1 of 2 failed from 07:30 to 08:00"]
    axis = charts.words_layer(205, LIGHT, is_thin=True)["encoding"]["y"]
    assert (axis["axis"]["values"], axis["scale"]["domain"]) == ([0, 205], [0, 205])


def test_a_band_that_stays_put_is_one_mark_however_often_others_change() -> None:
    told = spells(("a", Word.HEALTHY, 60, 0))
    bands = charts.words_frame(frames.counts(told, list(range(END - HOUR, END + 1, MINUTE))), CLOCK)
    assert bands[["start", "end"]].to_numpy().tolist() == [[END - HOUR, END]]
    assert bands["says"].tolist() == ["1 of 1 healthy from 07:00 to 08:00"]


def test_a_mark_tells_in_words_what_it_shows() -> None:
    says = charts.strips_frame(spells(("a", Word.FAILED, 8, 0)), {"a": "Orders DB"}, CLOCK)["says"][0]
    assert says == "Orders DB: Failed from 07:52 to 08:00 (8 min)"


def test_a_block_tells_its_worst_word_and_how_much_of_it_was_watched() -> None:
    blocks = spells(("a", Word.FAILED, 60, 0)).assign(watched=0.4)
    drawn = charts.strips_frame(blocks, {"a": "Orders DB"}, CLOCK)
    assert drawn["says"][0] == "Orders DB: Failed at worst from 07:00 to 08:00, watched 40% of it"
    assert drawn["thick"][0] == STYLES[Word.FAILED].tall / 2


def test_outlined_blocks_that_are_alike_are_one_mark_and_filled_ones_keep_their_own_sentence() -> None:
    rows = [(word, begin, begin - 10) for word in (Word.PAUSED, Word.FAILED) for begin in (60, 50, 40)]
    blocks = pd.concat([spells(("p" if word is Word.PAUSED else "f", word, *ends)) for word, *ends in rows])
    drawn = charts.strips_frame(blocks.assign(watched=1.0), {"p": "p", "f": "f"}, CLOCK)
    assert drawn["pipeline"].value_counts().to_dict() == {"p": 1, "f": 3}
    assert drawn[drawn["pipeline"] == "p"][["start", "end"]].to_numpy().tolist() == [[END - HOUR, END - HOUR // 2]]


def test_each_word_has_a_shape_of_its_own_before_its_colour() -> None:
    """The worse, the thicker; paused and unknown are outlined, and not alike."""
    thick = [STYLES[word].tall for word in (Word.FAILED, Word.LATE, Word.HEALTHY)]
    assert thick == sorted(thick, reverse=True)
    encoding = layers(both(END - HOUR, END)[0])[1]["encoding"]
    fills, lines, dashes = (
        dict(zip(encoding[name]["scale"]["domain"], encoding[name]["scale"]["range"], strict=True))
        for name in ("fill", "stroke", "strokeDash")
    )
    assert fills["Failed"] == LIGHT.failed
    assert fills["Paused"] == fills["Unknown"] == "transparent"
    assert (lines["Paused"], lines["Unknown"]) == (LIGHT.outline, LIGHT.hatch)
    assert dashes["Unknown"] != dashes["Paused"]


def test_every_layer_of_every_chart_spans_the_same_time_however_much_was_watched() -> None:
    domains = [layer["encoding"]["x"]["scale"]["domain"] for chart in both(END - HOUR, END) for layer in layers(chart)]
    assert domains == [[END - HOUR, END]] * 6


def test_both_ends_of_the_axis_are_labelled_in_the_viewers_time() -> None:
    for chart in both(END - DAY, END, Times(ZoneInfo("Asia/Kolkata"), NOW)):
        assert written(chart, 2) == {END - DAY: "14 Jan, 13:30", END: "13:30"}


@pytest.mark.parametrize(
    ("length", "first", "last"),
    [(HOUR, "07:00", "08:00"), (6 * HOUR, "02:00", "08:00"), (DAY, "08:00", "08:00"), (20 * MINUTE, "07:40", "08:00")],
)
def test_hours_are_round_on_the_viewers_clock(length: int, first: str, last: str) -> None:
    labels = written(both(END - length, END)[0])
    assert next(iter(labels.values())) == first
    assert list(labels.values())[-1] == last
    assert len(labels) <= charts.MOST_TICKS + 1


def test_above_two_days_the_days_of_the_viewers_calendar_stand_below() -> None:
    berlin = Times(ZoneInfo("Europe/Berlin"), NOW)
    labels = written(both(END - 7 * DAY, END, berlin)[0])
    assert list(labels.values()) == ["Sat 9", "Sun 10", "Mon 11", "Tue 12", "Wed 13", "Thu 14", "Fri 15"]
    assert {f"{berlin.moment(moment / 1000):%H:%M}" for moment in labels} == {"00:00"}
    assert len(written(both(END - 90 * DAY, END, berlin)[0])) <= charts.MOST_TICKS


def test_a_day_with_a_changed_clock_begins_at_its_own_midnight() -> None:
    end = round(1000 * pd.Timestamp("2026-03-31 12:00", tz="Europe/Berlin").timestamp())
    berlin = Times(ZoneInfo("Europe/Berlin"), end / 1000)
    days = charts.days_between(end - 7 * DAY, end, 1, berlin)
    assert sorted({b - a for a, b in pairwise(days)}) == [23 * HOUR, DAY]
    assert {f"{berlin.moment(day / 1000):%H:%M}" for day in days} == {"00:00"}


def test_a_clock_that_was_set_right_moves_the_labels_and_not_the_marks() -> None:
    late = Times(UTC, NOW, correction=3_600.0)
    assert written(both(END - HOUR, END, late)[0], 2) == {END - HOUR: "08:00", END: "09:00"}
    assert set(written(both(END - HOUR, END, late)[0])) <= set(range(END - HOUR, END + 1))


def test_nobody_looking_and_hevo_not_answering_are_drawn_differently_and_both_are_named() -> None:
    gaps = pd.DataFrame(
        [(END - 40 * MINUTE, END - 30 * MINUTE, "nobody"), (END - 20 * MINUTE, END - 10 * MINUTE, "no answer")],
        columns=["start", "end", "why"],
    )
    spec = charts.chart(charts.words_layer(9, LIGHT), gaps, (END - HOUR, END), 160, LIGHT, CLOCK)
    nobody, silent = layers(spec)[0]["data"]["values"]
    assert (nobody["fill"], nobody["line"]) != (silent["fill"], silent["line"])
    assert nobody["says"] == "Not checked: nobody looked from 07:20 to 07:30 (10 min)"
    assert silent["says"] == "Not checked: Hevo did not answer from 07:40 to 07:50 (10 min)"
    legend = charts.legend([Word.FAILED], ["nobody", "no answer"], LIGHT)
    assert "nobody looked" in legend
    assert "Hevo did not answer" in legend
    assert "Paused" not in legend


def test_the_browser_is_given_data_that_is_ready_to_draw() -> None:
    """A transform in the chart would make it many times slower."""
    assert "transform" not in str(both(END - HOUR, END))


def test_each_chart_draws_columns_that_its_frame_has() -> None:
    empty = spells()
    told = (charts.strips_frame(empty, {}, CLOCK), charts.words_frame(frames.counts(empty, [END - 1, END]), CLOCK))
    for chart, frame in zip(both(END - HOUR, END), told, strict=True):
        fields = {channel["field"] for channel in layers(chart)[1]["encoding"].values()}
        assert fields <= set(frame.columns)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_what_is_calm_is_pale_in_areas_and_what_is_not_is_full(palette: Any) -> None:
    failed, healthy = (charts.look(word, palette, is_area=True)[0] for word in (Word.FAILED, Word.HEALTHY))
    assert failed == palette.failed
    assert healthy not in (palette.healthy, palette.paper)


def test_a_colour_between_two_is_between_them() -> None:
    assert charts.mixed("#FF0000", "#0000FF", 0.5) == "#800080"
    assert charts.mixed("#102030", "#FFFFFF", 1) == "#102030"


def test_two_pipelines_of_one_name_get_their_numbers() -> None:
    rows = rows_of(pipeline("1", "same"), pipeline("2", "same"), pipeline("3", "other"))
    assert sorted(charts.unique_labels(rows)) == ["other", "same (1)", "same (2)"]


names = st.lists(st.sampled_from(["a", "a (1)", "a (2)", "a (1) (3)", "b", "x" * 70, "x" * 80, ""]), max_size=6)


@few
@given(names)
def test_no_two_strips_share_a_label(chosen: list[str]) -> None:
    rows = rows_of(*(pipeline(str(number), name) for number, name in enumerate(chosen, 1)))
    labels = charts.unique_labels(rows)
    assert len(set(labels)) == len(labels) == len(chosen)
