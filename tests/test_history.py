"""What may be said about the time between two looks, and what may not."""

from __future__ import annotations

import contextlib
import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import history as h
from monitor.health import Word
from monitor.history import EMPTY, WORDS, History
from monitor.history_text import from_json, to_json
from tests.test_history_model import few, same, since, states_at

MINUTE, HOUR = 60_000, 3_600_000
NOON = 1_760_000_000_000
FAILED, HEALTHY, UNKNOWN, PAUSED, LATE = Word.FAILED, Word.HEALTHY, Word.UNKNOWN, Word.PAUSED, Word.LATE
PLANNED = Word.PLANNED
HOLD = 2 * MINUTE
Course = list[tuple[int, Word | None]]


def looked(first: int, last: int, every: int = 1) -> tuple[int, int, int, int]:
    """A stretch of looks, one in so many minutes, in minutes after noon."""
    return NOON + first * MINUTE, NOON + last * MINUTE, NOON + last * MINUTE + HOLD, (last - first) // every + 1


def seen(*stretches: tuple[int, int, int, int], trouble: list[tuple[int, int, int]] = (), **courses: Course) -> History:
    """What these looks saw: for each pipeline its words and the minutes after noon when they were first seen."""
    looks = [NOON + at * MINUTE for first, last, _, n in stretches for at in minutes(first, last, n)]
    changes = [
        (
            name,
            max((look for look in looks if look < NOON + at * MINUTE), default=-1) if place else -1,
            NOON + at * MINUTE,
            word,
        )
        for name, course in courses.items()
        for place, (at, word) in enumerate(course)
    ]
    return h.history(
        pd.DataFrame(changes, columns=["pipeline", "after", "at", "word"]),
        pd.DataFrame(stretches, columns=["first", "last", "until", "looks"]),
        pd.DataFrame(
            [(NOON + first * MINUTE, NOON + last * MINUTE, tries, "network") for first, last, tries in trouble],
            columns=["first", "last", "tries", "cause"],
        ),
    )


def minutes(first: int, last: int, number: int) -> list[int]:
    step = (last - first) // max(1, number - 1)
    return [(first - NOON + step * place) // MINUTE for place in range(number)]


def strip(history: History, start: int, end: int) -> list[tuple[float, float, str]]:
    """The spells in minutes after noon."""
    spells = h.spells(history, NOON + start * MINUTE, NOON + end * MINUTE)
    return [
        ((s - NOON) / MINUTE, (e - NOON) / MINUTE, w)
        for s, e, w in spells[["start", "end", "word"]].itertuples(index=False)
    ]


def health(history: History, start: int, end: int, **more: pd.DataFrame) -> pd.Series:
    return h.health(history, NOON + start * MINUTE, NOON + end * MINUTE, **more).loc["a"]


def failures(history: History, start: int, end: int) -> int:
    return int(h.failures(history, NOON + start * MINUTE, NOON + end * MINUTE)["a"])


# The strip


def test_a_look_holds_until_the_next_one_and_the_last_until_it_is_no_longer_true():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (20, FAILED), (30, HEALTHY)])
    assert strip(history, -10, 100) == [(0, 20, HEALTHY), (20, 30, FAILED), (30, 62, HEALTHY)]


def test_time_that_nobody_watched_has_no_word():
    history = seen(looked(0, 10), looked(60, 70), a=[(0, HEALTHY), (60, FAILED)])
    assert strip(history, 0, 65) == [(0, 12, HEALTHY), (60, 65, FAILED)]
    assert strip(history, 20, 50) == []


def test_a_pipeline_has_no_word_before_it_was_seen_nor_after_it_was_gone():
    history = seen(looked(0, 60), a=[(10, HEALTHY), (20, None), (40, PAUSED)])
    assert strip(history, 0, 60) == [(10, 20, HEALTHY), (40, 60, PAUSED)]


def test_other_values_of_the_same_word_are_one_spell():
    history = seen(looked(0, 60), a=[(0, UNKNOWN), (10, UNKNOWN), (30, HEALTHY)])
    assert strip(history, 0, 60) == [(0, 30, UNKNOWN), (30, 60, HEALTHY)]


def test_two_stretches_that_touch_are_no_gap():
    history = seen((NOON, NOON, NOON + MINUTE, 1), (NOON + MINUTE, NOON + MINUTE, NOON + HOLD, 1), a=[(0, HEALTHY)])
    assert strip(history, 0, 60) == [(0, 2, HEALTHY)]


# How often it failed, and what changed


def test_failures_are_turns_to_failed():
    history = seen(looked(0, 60), a=[(0, FAILED), (10, PAUSED), (20, FAILED), (25, FAILED), (30, HEALTHY)])
    assert failures(history, 0, 60) == 2
    assert failures(history, 9, 60) == 2
    assert failures(history, 10, 60) == 1
    assert failures(history, 30, 60) == 0


def test_a_failure_seen_at_the_windows_end_counts_and_one_that_ended_at_its_start_does_not():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (20, FAILED), (30, HEALTHY)])
    assert [failures(history, *window) for window in [(0, 19), (0, 20), (29, 60), (30, 60)]] == [0, 1, 1, 0]


def test_a_gap_alone_ends_no_failure_and_is_none():
    history = seen(looked(0, 10), looked(480, 500), a=[(0, FAILED)])
    assert failures(history, 0, 500) == 1
    assert failures(history, 20, 400) == 0


def test_changes_are_told_newest_first_and_the_worst_of_one_look_before_the_others():
    history = seen(
        looked(0, 60),
        a=[(0, FAILED), (20, HEALTHY)],
        b=[(0, HEALTHY), (20, FAILED)],
        c=[(0, HEALTHY), (30, PAUSED)],
        d=[(20, FAILED)],
    )
    told = h.transitions(history, NOON, NOON + HOUR)
    assert list(zip(told["pipeline"], told["before"], told["word"], strict=True)) == [
        ("c", HEALTHY, PAUSED),
        ("b", HEALTHY, FAILED),
        ("a", FAILED, HEALTHY),
    ]
    assert told[["after", "at"]].iloc[1].to_list() == [NOON + 19 * MINUTE, NOON + 20 * MINUTE]


def test_windows_side_by_side_tell_each_change_once():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (20, FAILED), (30, HEALTHY)])
    middle = NOON + 20 * MINUTE
    parts = [h.transitions(history, middle, NOON + HOUR), h.transitions(history, NOON, middle)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), h.transitions(history, NOON, NOON + HOUR))


def test_more_than_three_changes_of_a_pipeline_are_one_line():
    restless = [(at, FAILED if at % 2 else HEALTHY) for at in range(9)]
    history = seen(looked(0, 60), a=restless, b=[(0, HEALTHY), (3, FAILED), (5, HEALTHY), (9, PAUSED)])
    told = h.folded(h.transitions(history, NOON, NOON + HOUR))
    assert [(row.pipeline, (row.first - NOON) // MINUTE, (row.last - NOON) // MINUTE) for row in told.itertuples()] == [
        ("b", 9, 9),
        ("a", 1, 8),
        ("b", 5, 5),
        ("b", 3, 3),
    ]
    assert told["changes"].to_list() == [1, 8, 1, 1]
    assert told["failures"].to_list() == [0, 4, 0, 1]
    assert list(zip(told["before"], told["word"], strict=True))[:2] == [(HEALTHY, PAUSED), (HEALTHY, HEALTHY)]


@pytest.mark.parametrize(
    ("course", "told"),
    [
        ([HEALTHY, FAILED], "started"),
        ([UNKNOWN, FAILED], "started"),
        ([PAUSED, FAILED, HEALTHY, FAILED], "started"),
        ([FAILED, HEALTHY], "recovered"),
        ([FAILED, UNKNOWN, HEALTHY], "recovered"),
        ([HEALTHY, FAILED, HEALTHY], "passed"),
        ([FAILED, HEALTHY, FAILED], ""),
        ([FAILED, PAUSED], ""),
        ([FAILED, UNKNOWN], ""),
        ([FAILED, LATE], ""),
        ([HEALTHY, FAILED, PAUSED], ""),
        ([HEALTHY, FAILED, UNKNOWN], ""),
        ([HEALTHY, FAILED, None], ""),
        ([HEALTHY, PAUSED], ""),
        ([FAILED], ""),
    ],
)
def test_a_tally_asks_how_it_was_before_between_and_in_the_end(course, told):
    history = seen(looked(0, 60), a=[(10 * place, word) for place, word in enumerate(course)])
    names = dict(zip(("started", "recovered", "passed"), h.tally(history, NOON, NOON + HOUR), strict=True))
    assert {name for name, several in names.items() if several == ["a"]} == ({told} if told else set())


# The percentage


def test_the_percentage_weighs_time_and_not_the_number_of_looks():
    """Two hours, half an hour of them failing, half an hour looked at each minute: refreshes must not make it 87%."""
    calm, busy = looked(0, 55, every=5), looked(60, 90)
    bad = (NOON + 91 * MINUTE, NOON + 120 * MINUTE, NOON + 125 * MINUTE, 6)
    history = seen((*calm[:2], NOON + 60 * MINUTE, 12), (*busy[:2], bad[0], 31), bad, a=[(0, HEALTHY), (90, FAILED)])
    assert health(history, 0, 120)["percent"] == 75


def test_no_figure_below_five_looks_nor_below_half_of_the_window():
    assert math.isnan(health(seen(looked(0, 4, every=2), a=[(0, HEALTHY)]), 0, 4)["percent"])
    assert health(seen(looked(0, 4), a=[(0, HEALTHY)]), 0, 5)["percent"] == 100
    half = seen(looked(0, 28), a=[(0, HEALTHY)])
    assert health(half, 0, 60)["percent"] == 100
    assert health(half, 0, 60)["coverage"] == 0.5
    assert math.isnan(health(half, 0, 61)["percent"])


def test_it_is_rounded_down_and_never_a_hundred_when_a_failure_was_seen():
    assert health(seen(looked(0, 60), a=[(0, FAILED), (20, HEALTHY)]), 0, 60)["percent"] == 66
    assert health(seen(looked(0, 600), a=[(0, HEALTHY), (300, FAILED), (301, HEALTHY)]), 0, 600)["percent"] == 99
    assert health(seen(looked(0, 60), a=[(0, HEALTHY), (60, FAILED)]), 0, 60)["percent"] == 99
    assert health(seen(looked(0, 60), a=[(0, FAILED), (30, HEALTHY)]), 30, 60)["percent"] == 100


@pytest.mark.parametrize("word", [PAUSED, UNKNOWN, LATE])
def test_what_is_neither_healthy_nor_failed_is_watched_but_stays_out_of_the_figure(word):
    told = health(seen(looked(0, 60), a=[(0, HEALTHY), (20, word), (50, FAILED)]), 0, 60)
    assert told[["healthy", "failed", "watched", "coverage"]].to_list() == [20 * MINUTE, 10 * MINUTE, HOUR, 1]
    assert told["percent"] == 66
    assert math.isnan(health(seen(looked(0, 60), a=[(0, word)]), 0, 60)["percent"])


def test_unstable_time_is_healthy_time():
    assert health(seen(looked(0, 60), a=[(0, Word.UNSTABLE), (30, HEALTHY)]), 0, 60)["healthy"] == HOUR


def test_planned_time_is_left_out_of_everything():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (20, FAILED), (40, HEALTHY)])
    times = [(15, 35), (20, 25), (30, 40)]  # one within another, and one that goes on
    rows = [("a", NOON + start * MINUTE, NOON + end * MINUTE) for start, end in times] + [("z", 0, NOON + HOUR)]
    planned = pd.DataFrame(rows, columns=["pipeline", "start", "end"])
    told = health(history, 0, 60, without=planned)
    assert told[["healthy", "failed", "watched", "failures"]].to_list() == [35 * MINUTE, 0, 35 * MINUTE, 0]
    assert told[["looks", "coverage", "percent"]].to_list() == [35, 1, 100]
    assert health(history, 0, 60)["percent"] == 66


def plans(*times: tuple[int, int], name: str = "a") -> pd.DataFrame:
    rows = [(name, NOON + start * MINUTE, NOON + end * MINUTE) for start, end in times]
    return pd.DataFrame(rows, columns=["pipeline", "start", "end"])


def test_planned_time_cuts_a_failure_exactly_where_it_begins_and_ends():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (20, FAILED), (50, HEALTHY)], b=[(0, FAILED)])
    cut = h.under_plans(history, plans((30, 40)))
    pipelines = h.spells(cut, NOON, NOON + HOUR).groupby("pipeline")["word"].agg(list)
    assert strip(h.only(cut, ["a"]), 0, 60) == [
        (0, 20, HEALTHY),
        (20, 30, FAILED),
        (30, 40, PLANNED),
        (40, 50, FAILED),
        (50, 60, HEALTHY),
    ]
    assert pipelines["b"] == [FAILED]
    assert h.summary(h.spells(h.only(cut, ["a"]), NOON, NOON + HOUR), NOON, NOON + HOUR) == (
        {FAILED: 1200, PLANNED: 600, HEALTHY: 1800},
        0,
        1,
    )
    assert health(cut, 0, 60, without=plans((30, 40)))["failures"] == 1


def test_only_trouble_is_planned_and_what_becomes_of_it_meanwhile_stays():
    course = [(0, HEALTHY), (20, FAILED), (25, LATE), (30, PAUSED), (35, UNKNOWN), (45, None)]
    cut = h.under_plans(seen(looked(0, 60), a=course), plans((10, 40), (38, 50), (55, 2_000)))
    assert strip(cut, 0, 60) == [(0, 20, HEALTHY), (20, 30, PLANNED), (30, 35, PAUSED), (35, 45, PLANNED)]


def test_what_is_planned_of_others_or_was_never_seen_changes_nothing():
    history = seen(looked(0, 60), a=[(20, FAILED)])
    assert h.under_plans(history, plans((10, 40), name="z")) is history
    assert strip(h.under_plans(history, plans((5, 10))), 0, 60) == strip(history, 0, 60)


# Charts


def test_a_block_shows_the_worst_word_in_it_and_how_much_of_it_was_watched():
    history = seen(looked(0, 28), looked(56, 60), a=[(0, HEALTHY), (12, FAILED), (13, HEALTHY), (56, PAUSED)])
    told = h.blocks(h.spells(history, NOON, NOON + HOUR), h.equal_edges(NOON, NOON + HOUR, 6))
    assert [((row.start - NOON) / MINUTE, row.word, row.watched) for row in told.itertuples()] == [
        (0, HEALTHY, 1),
        (10, FAILED, 1),
        (20, HEALTHY, 1),
        (50, PAUSED, pytest.approx(0.4)),
    ]


def test_each_pipeline_stands_once_in_a_block_under_its_worst_word():
    history = seen(
        looked(0, 28),
        a=[(0, HEALTHY), (5, FAILED), (15, HEALTHY)],
        b=[(0, HEALTHY)],
        c=[(0, HEALTHY), (10, None)],
    )
    edges = [NOON + at * MINUTE for at in (0, 10, 20, 40, 60)]
    told = h.counts(h.spells(history, NOON, NOON + HOUR), edges)
    assert [(row.word, row.pipelines) for row in told.itertuples()] == [
        (FAILED, 1),
        (FAILED, 1),
        (FAILED, 0),
        (HEALTHY, 2),
        (HEALTHY, 1),
        (HEALTHY, 2),
    ]
    assert sorted(set(told["start"])) == edges[:3]  # nothing is said of the time that nobody watched


def test_steps_are_the_moments_of_change_while_these_are_few():
    history = seen(looked(0, 30), a=[(0, HEALTHY), (10, FAILED), (15, FAILED)], b=[(0, HEALTHY), (20, None)])
    steps = h.step_edges(history, NOON - HOUR, NOON + HOUR)
    assert [(edge - NOON) / MINUTE for edge in steps] == [-60, 0, 10, 20, 32, 60]
    blocks = h.step_edges(history, NOON - HOUR, NOON + HOUR, most=4)
    assert [(edge - NOON) / MINUTE for edge in blocks] == [-60, -30, 0, 30, 60]
    assert h.step_edges(history, NOON, NOON) == []


def gaps(history: History, start: int, end: int) -> list[tuple[float, float, str]]:
    told = h.unwatched(history, NOON + start * MINUTE, NOON + end * MINUTE)
    return [((s - NOON) / MINUTE, (e - NOON) / MINUTE, why) for s, e, why in told.itertuples(index=False)]


def test_time_nobody_watched_and_time_without_an_answer_are_told_apart():
    history = seen(looked(0, 10), looked(60, 70), trouble=[(11, 20, 3), (58, 59, 2)], a=[(0, HEALTHY)])
    assert gaps(history, -60, 90) == [
        (12, 22, "no answer"),
        (22, 58, "nobody"),
        (58, 60, "no answer"),
        (72, 90, "nobody"),
    ]
    assert gaps(history, 0, 12) == []


def test_what_was_before_the_first_look_is_not_called_unwatched():
    assert gaps(seen(looked(0, 10), trouble=[(-30, -20, 2)], a=[(0, HEALTHY)]), -60, 10) == []
    assert gaps(EMPTY, 0, 10) == []


def test_a_strip_has_its_sentence_in_numbers():
    history = seen(looked(0, 20), looked(60, 118), a=[(0, HEALTHY), (15, FAILED), (65, HEALTHY)])
    window = NOON, NOON + 2 * HOUR
    told = h.summary(h.spells(history, *window), *window)
    assert told == ({FAILED: 12 * 60, HEALTHY: 70 * 60}, pytest.approx(38 / 120), 1)
    assert h.summary(h.spells(EMPTY, *window), *window) == ({}, 1, 0)


# Growing, forgetting, joining


def test_what_is_forgotten_leaves_since_when_as_it_was():
    history = seen(looked(0, 60), a=[(0, HEALTHY), (10, FAILED), (20, FAILED)], b=[(0, HEALTHY), (10, None)])
    kept = h.forgetting(history, NOON + 30 * MINUTE)
    assert since(kept) == since(history) == {"a": (FAILED, NOON + 9 * MINUTE, NOON + 10 * MINUTE)}
    assert (list(kept.names), kept.begins, kept.latest) == (["a"], NOON + 30 * MINUTE, NOON + HOUR)
    assert kept.watch["looks"].to_list() == [31]


def test_a_stretch_that_goes_on_does_not_bring_back_what_was_forgotten():
    history = seen(looked(0, 60), a=[(0, HEALTHY)])
    longer = pd.DataFrame([looked(0, 70)], columns=["first", "last", "until", "looks"])
    grown = h.extended(h.forgetting(history, NOON + 30 * MINUTE), EMPTY.changes, longer, EMPTY.trouble)
    assert grown.watch.to_numpy().tolist() == [[NOON + 30 * MINUTE, *longer.iloc[0, 1:3], 41]]


def test_newer_rows_find_their_pipelines_and_the_same_moment_is_replaced():
    history = seen(looked(0, 10), a=[(0, HEALTHY), (10, FAILED)], c=[(0, HEALTHY)])
    rows = [("b", 5, NOON + 11 * MINUTE, PAUSED), ("a", 9, NOON + 10 * MINUTE, UNKNOWN), ("d", -1, NOON, None)]
    newer = pd.DataFrame(rows, columns=["pipeline", "after", "at", "word"])
    grown = h.extended(history, newer, history.watch, history.trouble)
    assert grown.changes["pipeline"].to_list() == ["a", "a", "b", "c", "d"]
    assert grown.changes["word"].astype(object).where(grown.changes["word"].notna(), None).to_list() == [
        *(HEALTHY, UNKNOWN),
        *(PAUSED, HEALTHY, None),
    ]


def test_only_some_pipelines_keep_the_watch():
    history = seen(looked(0, 10), a=[(0, HEALTHY)], b=[(0, FAILED)], c=[(0, PAUSED)])
    few_of_them = h.only(history, ["c", "a", "never seen"])
    assert list(few_of_them.names) == ["a", "c"]
    assert few_of_them.watch is history.watch


def test_older_time_keeps_its_distance_when_nobody_watched_in_between():
    older, newer = seen(looked(0, 10), a=[(0, FAILED)], b=[(0, HEALTHY)]), seen(looked(60, 70), a=[(60, HEALTHY)])
    joined = h.older_joined(newer, older)
    assert strip(h.only(joined, ["a"]), 0, 100) == [(0, 12, FAILED), (60, 72, HEALTHY)]
    assert since(joined)["a"] == (HEALTHY, NOON + 10 * MINUTE, NOON + 60 * MINUTE)
    assert states_at(joined, NOON + 30 * MINUTE) == {"a": FAILED, "b": HEALTHY}
    assert list(states_at(joined, NOON + HOUR)) == ["a"]
    assert list(h.transitions(joined, NOON, NOON + 2 * HOUR)["pipeline"]) == ["a"]


def test_older_time_that_adds_nothing_gives_the_very_same_history():
    history = seen(looked(0, 10), a=[(0, FAILED)])
    assert h.older_joined(history, seen(looked(5, 20), a=[(5, FAILED)])) is history
    assert h.older_joined(history, EMPTY) is history
    same(h.older_joined(EMPTY, history), history)


def test_nothing_is_known_of_an_empty_history_and_every_question_is_answered():
    window = NOON, NOON + HOUR
    spells = h.spells(EMPTY, *window)
    assert list(spells.columns) == ["pipeline", "word", "start", "end"]
    assert spells["word"].dtype == WORDS
    assert (EMPTY.begins, EMPTY.latest, h.tally(EMPTY, *window)) == (None, None, ([], [], []))
    frames = [h.transitions(EMPTY, *window), h.folded(h.transitions(EMPTY, *window))]
    frames += [h.health(EMPTY, *window), h.blocks(spells, h.equal_edges(*window, 5)), h.counts(spells, list(window))]
    frames += [h.unwatched(EMPTY, *window), h.forgetting(EMPTY, NOON).changes, h.only(EMPTY, ["a"]).changes]
    assert [len(frame) for frame in frames] == [0] * len(frames)
    assert h.step_edges(EMPTY, *window) == list(window)
    same(h.extended(EMPTY, EMPTY.changes, EMPTY.watch, EMPTY.trouble), EMPTY)


# What a browser keeps


def told(**rows: list[list[object]]) -> dict[str, dict[str, list[object]]]:
    """The parts of a history as they are written, from their rows."""
    parts = {"changes": [["a", -1, 5, "healthy"], ["a", 6, 8, None]], "watch": [[5, 9, 12, 4]]}
    parts |= {"trouble": [[7, 7, 1, "key"]], **rows}
    return {
        name: {column: [row[place] for row in parts[name]] for place, column in enumerate(getattr(EMPTY, name))}
        for name in parts
    }


GOOD = told()


def test_a_history_is_written_as_plain_json():
    assert json.loads(to_json(from_json(json.dumps(GOOD), 100))) == GOOD


@pytest.mark.parametrize(
    "odd",
    [
        None,
        b"{}",
        "",
        "[]",
        "{}",
        "[" * 100_000,
        " " * 3_000_001,
        *(
            json.dumps({**GOOD, **part})
            for part in [
                {"more": 1},
                {"changes": []},
                {"changes": {}},
                {"changes": {**GOOD["changes"], "word": ["healthy"]}},
                {"changes": {**GOOD["changes"], "more": [1, 1]}},
                {"watch": {}},
                {"watch": {**GOOD["watch"], "first": 5}},
                told(changes=[["", -1, 5, "healthy"]]),
                told(changes=[["a" * 300, -1, 5, "healthy"]]),
                told(changes=[["\ud800", -1, 5, "healthy"]]),
                told(changes=[[7, -1, 5, "healthy"]]),
                told(changes=[["a", -1, 5, "fine"]]),
                told(changes=[["a", -1, 5, ["healthy"]]]),
                told(changes=[["a", -2, 5, "healthy"]]),
                told(changes=[["a", 5, 5, "healthy"]]),
                told(changes=[["a", -1, 5.0, "healthy"]]),
                told(changes=[["a", -1, True, "healthy"]]),
                told(changes=[["a", -1, 10**30, "healthy"]]),
                told(changes=[["a", -1, 60_101, "healthy"]]),
                told(changes=[["a", -1, 8, "healthy"], ["a", 6, 7, "failed"]]),
                told(changes=[["a", -1, 8, "healthy"], ["a", 6, 8, "failed"]]),
                told(changes=[["a", -1, 8, "healthy"], ["b", -1, 8, "healthy"], ["a", 6, 8, "failed"]]),
                told(watch=[[5, 4, 12, 4]]),
                told(watch=[[5, 9, 9, 4]]),
                told(watch=[[5, 9, 12, 4], [11, 13, 15, 2]]),
                told(watch=[[20, 21, 22, 1], [5, 9, 12, 4]]),
                told(watch=[[5, 60_101, 60_102, 4]]),
                told(watch=[[5, 9, 10**15, 4]]),
                told(watch=[[5, 9, 12, -4]]),
                told(trouble=[[7, 6, 1, "key"]]),
                told(trouble=[[7, 7, 1, None]]),
                told(trouble=[[7, 7, 1, "key"], [7, 8, 1, "key"]]),
                told(trouble=[[7, 60_101, 1, "key"]]),
                told(trouble=[[7, math.nan, 1, "key"]]),
            ]
        ),
    ],
)
def test_what_was_not_written_here_is_refused(odd):
    with pytest.raises(ValueError, match="not a history that was written here"):
        from_json(odd, 100)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["failed", "healthy", "a"]) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*GOOD, "a"]) | st.text(), inner),
)


@few
@given(json_values, json_values, json_values)
def test_whatever_comes_is_a_history_or_refused(changes, watch, trouble):
    with_one = GOOD | {"changes": GOOD["changes"] | {"word": changes}}
    for told in (changes, {"changes": changes, "watch": watch, "trouble": trouble}, with_one):
        with contextlib.suppress(ValueError):
            assert isinstance(from_json(json.dumps(told), NOON), History)


def test_what_is_too_much_to_keep_loses_its_oldest():
    names = [f"p{number}" for number in range(100)]
    course = [(at, FAILED if at % 2 else HEALTHY) for at in range(100)]
    history = seen(looked(0, 100), **dict.fromkeys(names, course))
    text = to_json(history, 100_000)
    assert 50_000 < len(text) <= 100_000
    kept = from_json(text, NOON + 2 * HOUR)
    assert kept.latest == history.latest
    window = kept.begins, NOON + 2 * HOUR
    pd.testing.assert_frame_equal(h.spells(kept, *window), h.spells(history, *window))
