"""Strips: a true time axis, shapes that tell without colour, gaps that are not the last colour, a sentence for each."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from dashboard.marks import PALETTES, STYLES
from dashboard.strips import HEIGHT, WIDTH, begins, strips
from monitor import history as frames
from monitor.health import Word
from monitor.history import History
from tests.app_house import NOW, watched

END = round(1000 * NOW)
HOUR = 3_600_000
LIGHT = PALETTES["light"]


def drawn(history: History, start: int = END - 2 * HOUR, end: int = END, name: str = "7") -> str:
    return strips(history, [name], start, end, LIGHT)[name].svg


def boxes(svg: str, fill: str) -> list[tuple[float, float, float]]:
    """Left end, top and width of each box of this colour, whether filled or outlined."""
    paths = [one for one in re.findall(r"<path [^>]*>", svg) if f'"{fill}"' in one and "z" in one]
    return [tuple(map(float, box)) for path in paths for box in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v", path)]  # type: ignore[misc]


def test_each_block_stands_where_it_was_on_the_axis_and_the_worse_the_higher() -> None:
    history = watched(*[Word.HEALTHY] * 60, *[Word.FAILED] * 61)
    svg = drawn(history)
    ((left, top, width),) = boxes(svg, LIGHT.failed)
    assert (left, width) == (WIDTH / 2, WIDTH / 2)
    ((calm_left, calm_top, calm_width),) = boxes(svg, LIGHT.healthy)
    assert (calm_left, calm_left + calm_width) == (0, WIDTH / 2)
    assert HEIGHT - top == STYLES[Word.FAILED].tall > HEIGHT - calm_top == STYLES[Word.HEALTHY].tall


def test_a_failure_of_a_minute_in_a_day_is_seen_and_lies_on_top() -> None:
    history = watched(*[Word.HEALTHY] * 700, Word.FAILED, *[Word.HEALTHY] * 740)
    svg = drawn(history, END - 24 * HOUR)
    ((_, _, width),) = boxes(svg, LIGHT.failed)
    assert width == 1.5
    assert svg.index(LIGHT.failed) > svg.index(LIGHT.healthy)


def test_time_that_nobody_watched_has_dots_and_no_colour() -> None:
    history = watched(*[Word.HEALTHY] * 30, *[None] * 60, *[Word.HEALTHY] * 31)
    svg = drawn(history)
    assert [(left, left + width) for left, _, width in boxes(svg, LIGHT.healthy)] == [(0, 60), (180, 240)]
    assert re.search(rf'stroke-dasharray="1.5 3.5" d="M60 {HEIGHT - 1}h120"', svg)


def test_time_in_which_hevo_did_not_answer_is_hatched() -> None:
    calm = watched(*[Word.HEALTHY] * 30, *[None] * 60, *[Word.HEALTHY] * 31)
    trouble = pd.DataFrame([(END - 90 * 60_000, END - 31 * 60_000, 60, "down")], columns=[*calm.trouble])
    svg = drawn(frames.history(calm.changes, calm.watch, trouble))
    assert "l3 -13" in svg
    assert "1.5 3.5" not in svg


def test_planned_time_cuts_a_failure_in_two_and_is_hollow_and_as_high() -> None:
    plan = pd.DataFrame([("7", END - HOUR, END - HOUR // 2)], columns=["pipeline", "start", "end"])
    history = frames.under_plans(watched(*[Word.FAILED] * 121), plan)
    svg = drawn(history)
    assert sorted((left, left + width) for left, _, width in boxes(svg, LIGHT.failed)) == [(0, 120), (180, 240)]
    ((left, top, width),) = boxes(svg, LIGHT.outline)
    assert (round(left), round(left + width), round(HEIGHT - top)) == (121, 179, 19)
    assert strips(history, ["7"], END - 2 * HOUR, END, LIGHT)["7"].says == (
        "Last 2 hours: failed once (1 h 30 min), planned work 30 min."
    )


def test_paused_and_unknown_are_outlined_and_never_green() -> None:
    svg = drawn(watched(*[Word.PAUSED] * 60, *[Word.UNKNOWN] * 61))
    assert svg.count('fill="none"') == 2
    assert LIGHT.healthy not in svg


def test_the_axis_begins_with_watching_and_never_reaches_into_the_future() -> None:
    young = watched(*[Word.HEALTHY] * 31)
    assert begins(young, END, 24 * HOUR) == END - HOUR / 2
    assert begins(watched(*[Word.HEALTHY] * 2_000), END, 24 * HOUR) == END - 24 * HOUR
    assert begins(frames.EMPTY, END, HOUR) == END
    assert strips(frames.EMPTY, ["7"], END, END, LIGHT) == {}
    assert max(left + width for left, _, width in boxes(drawn(young, END - HOUR // 2), LIGHT.healthy)) == WIDTH


def test_each_has_its_sentence_for_who_cannot_see_it() -> None:
    history = watched(*[Word.HEALTHY] * 60, *[Word.FAILED] * 31, *[Word.HEALTHY] * 30)
    strip = strips(history, ["7"], END - 2 * HOUR, END, LIGHT)["7"]
    assert strip.says == "Last 2 hours: failed once (31 min), healthy."
    assert f'role="img" aria-label="{strip.says}"' in strip.svg


def test_one_that_was_never_seen_is_not_checked_and_nothing_else() -> None:
    strip = strips(watched(*[Word.HEALTHY] * 121), ["404"], END - 2 * HOUR, END, LIGHT)["404"]
    assert LIGHT.healthy not in strip.svg
    assert strip.says == "Last 2 hours: not checked 100% of the time."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_strip_is_a_picture_of_its_own_in_both_themes(theme: str) -> None:
    palette = PALETTES[theme]  # type: ignore[index]
    history = watched(*list(Word), *list(Word), every=600.0)
    svg = strips(history, ["7"], END - 2 * HOUR, END, palette)["7"].svg
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 - it is ours
    assert {palette.failed, palette.healthy} <= set(re.findall("#[0-9A-F]{6}", svg))


def test_a_dozen_restless_ones_are_drawn_quickly() -> None:
    parts = [watched(*[Word.FAILED, Word.HEALTHY] * 100, pipeline_id=str(n), every=430.0) for n in range(12)]
    history = frames.history(pd.concat([part.changes for part in parts]), parts[0].watch)
    names = [str(number) for number in range(12)]
    took = []
    for _ in range(5):
        begin = time.perf_counter()
        strips(history, names, END - 24 * HOUR, END, LIGHT)
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.2, took
