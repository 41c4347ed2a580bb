"""The history against a naive model: every look kept as it was, every moment asked one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor import history as h
from monitor.health import Word
from monitor.history import History
from monitor.history_text import from_json, to_json
from tests.app_house import since

NAMES = ("a", "b", "c")
few = settings(max_examples=20, deadline=None)  # a busy machine is slow, not wrong
SPAN = 90  # milliseconds, each asked
SHOWN = [Word.FAILED, Word.HEALTHY, Word.HEALTHY, Word.UNKNOWN, Word.PAUSED, Word.LATE, Word.UNSTABLE]
Words = dict[str, Word]


@dataclass(frozen=True)
class Look:
    """A look so long after the one before, and how long it holds; no words where Hevo did not answer."""

    wait: int
    hold: int
    words: Words | None


@dataclass
class Model:
    """All looks as they came; a look holds until the next one, or as long as it holds."""

    looks: list[tuple[int, int, Words]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def watched(self, moment: int) -> bool:
        past = [(at, hold) for at, hold, _ in self.looks if at <= moment]
        return bool(past) and moment < sum(past[-1])

    def known(self, name: str, moment: int) -> Word | None:
        """The word as last known, whatever gap followed."""
        past = [words for at, _, words in self.looks if at <= moment]
        return past[-1].get(name) if past else None

    def word(self, name: str, moment: int) -> Word | None:
        return self.known(name, moment) if self.watched(moment) else None

    def words(self, name: str, start: int, end: int) -> list[Word | None]:
        return [self.word(name, moment) for moment in range(start, end)]

    def seen(self, name: str) -> list[tuple[int, Word]]:
        return [(at, words[name]) for at, _, words in self.looks if name in words]

    def failures(self, name: str, start: int, end: int, without: range = range(0)) -> int:
        """Turns to Failed of which a moment after start and by end is left."""
        turns, turn, before = set(), 0, None
        for moment in range(end + 1):
            word = self.word(name, moment)
            turn += word is not None and word is not before
            before = word or before
            if word is Word.FAILED and moment > start and moment not in without:
                turns.add(turn)
        return len(turns)


fleets = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(SHOWN))
looks = st.builds(Look, st.integers(1, 15), st.integers(1, 20), st.none() | fleets | fleets)
stories = st.lists(looks, max_size=10)
windows = st.tuples(st.integers(0, SPAN), st.integers(0, SPAN)).map(lambda ends: (min(ends), max(ends)))


def rows_of(story: list[Look]) -> tuple[list[tuple], list[list[int]], list[tuple], Model]:
    """What a store would have written down of this, row by row."""
    changes, watch, trouble, model = [], [], [], Model()
    at, before = 0, None
    state: Words = {}
    for look in story:
        at += look.wait
        if look.words is None:
            model.failed.append(at)
            trouble.append((at, at, 1, "down"))
            continue
        model.looks.append((at, look.hold, look.words))
        for name in sorted({*state, *look.words}):
            word = look.words.get(name)
            if word is not state.get(name):
                known = any(row[0] == name for row in changes)
                changes.append((name, before if known else -1, at, word))
        if watch and watch[-1][2] >= at:
            watch[-1][1:] = [at, at + look.hold, watch[-1][3] + 1]
        else:
            watch.append([at, at, at + look.hold, 1])
        state, before = look.words, at
    return changes, watch, trouble, model


def frames(changes: list, watch: list, trouble: list) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return (
        pd.DataFrame(changes, columns=["pipeline", "after", "at", "word"]),
        pd.DataFrame(watch, columns=["first", "last", "until", "looks"]),
        pd.DataFrame(trouble, columns=["first", "last", "tries", "cause"]),
    )


def lived(story: list[Look]) -> tuple[History, Model]:
    *rows, model = rows_of(story)
    return h.history(*frames(*rows)), model


def moments(spells: pd.DataFrame, name: str, start: int, end: int) -> list[Word | None]:
    """The word of each moment as the spells tell it."""
    told: list[Word | None] = [None] * (end - start)
    for row in spells[spells["pipeline"] == name].itertuples():
        assert start <= row.start < row.end <= end
        assert told[row.start - start : row.end - start] == [None] * (row.end - row.start)
        told[row.start - start : row.end - start] = [Word(row.word)] * (row.end - row.start)
    return told


def same(one: History, two: History) -> None:
    for name in ("changes", "watch", "trouble"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def states_at(history: History, at: int) -> dict[str, Word]:
    """The word of each pipeline that is there at that moment, as last known."""
    past = history.changes[history.changes["at"] <= at].drop_duplicates("pipeline", keep="last").dropna(subset="word")
    return dict(zip(past["pipeline"], past["word"], strict=True))


@settings(few, max_examples=100)
@given(stories, windows)
def test_each_moment_has_the_word_that_the_raw_looks_give_it(story, window):
    history, model = lived(story)
    spells = h.spells(history, *window)
    for name in NAMES:
        assert moments(spells, name, *window) == model.words(name, *window)


@few
@given(stories, windows)
def test_spells_are_in_order_and_none_goes_on_in_the_next(story, window):
    history, _ = lived(story)
    told = [(row.pipeline, row.start, row.end, row.word) for row in h.spells(history, *window).itertuples()]
    assert told == sorted(told)
    for before, after in pairwise(told):
        assert before[0] != after[0] or before[2] < after[1] or before[3] != after[3]


@few
@given(stories, windows)
def test_failures_are_turns_to_failed_and_not_moments(story, window):
    history, model = lived(story)
    told = h.failures(history, *window)
    for name in NAMES:
        assert told.get(name, 0) == model.failures(name, *window)


@few
@given(stories, windows)
def test_transitions_are_the_neighbours_that_differ(story, window):
    history, model = lived(story)
    expected = []
    for name in NAMES:
        for (_, before), (at, word) in pairwise(model.seen(name)):
            if before is not word and window[0] < at <= window[1]:
                after = max(look for look, _, _ in model.looks if look < at)
                expected.append((name, after, at, before, word))
    told = list(h.transitions(history, *window).itertuples(index=False, name=None))
    assert told == sorted(expected, key=lambda row: (-row[2], row[4].severity, row[0]))


@few
@given(stories, windows, st.integers(0, SPAN), st.integers(0, SPAN), st.booleans())
def test_health_is_what_counting_moments_gives(story, window, cut, length, some):
    history, model = lived(story)
    left_out = range(cut, cut + length) if some else range(0)
    without = pd.DataFrame({"pipeline": ["a", "a", "x"], "start": [cut, cut, 0], "end": [cut + length, cut, SPAN]})
    told = h.health(history, *window, without if some else None)
    assert set(told.index) == {name for name in NAMES if model.seen(name)}
    for name, row in told.iterrows():
        free = [moment for moment in range(*window) if name != "a" or moment not in left_out]
        words = [model.word(name, moment) for moment in free]
        healthy = words.count(Word.HEALTHY) + words.count(Word.UNSTABLE)
        failed, watched = words.count(Word.FAILED), len(words) - words.count(None)
        failures = model.failures(name, *window, left_out if name == "a" else range(0))
        assert row[["healthy", "failed", "watched", "failures"]].to_list() == [healthy, failed, watched, failures]
        assert row["coverage"] == (watched / len(free) if free else 0)
        if row["coverage"] >= 0.5 and row["looks"] >= 5 and healthy + failed:
            assert row["percent"] == min(healthy * 100 // (healthy + failed), 99 if failures else 100)
        else:
            assert np.isnan(row["percent"])


@few
@given(st.integers(0, 30), st.integers(1, 9), st.integers(1, 20), windows)
def test_looks_at_even_times_are_counted_exactly(first, step, number, window):
    history, model = lived([Look(first + 1, 10, {"a": Word.HEALTHY})] + [Look(step, 10, {"a": Word.HEALTHY})] * number)
    told = h.health(history, *window).loc["a", "looks"]
    assert told == sum(window[0] <= at < window[1] for at, _, _ in model.looks)


def worst(words: list[Word | None]) -> Word | None:
    return min((word for word in words if word), key=lambda word: word.severity, default=None)


@few
@given(stories, windows, st.integers(1, 6))
def test_blocks_show_the_worst_moment_in_them_and_how_much_was_watched(story, window, number):
    history, model = lived(story)
    told = h.blocks(h.spells(history, *window), h.equal_edges(*window, number))
    edges = sorted({window[0] + (window[1] - window[0]) * n // number for n in range(number + 1)})
    expected = []
    for name in NAMES:
        for start, end in pairwise(edges):
            words = model.words(name, start, end)
            if worst(words):
                expected.append((name, worst(words), start, end, 1 - words.count(None) / len(words)))
    assert [tuple(row)[:4] for row in told.itertuples(index=False)] == [row[:4] for row in expected]
    assert told["watched"].to_list() == pytest.approx([row[4] for row in expected])


@few
@given(stories, windows, st.lists(st.integers(0, SPAN), min_size=2, max_size=8, unique=True).map(sorted))
def test_counts_put_each_pipeline_under_its_worst_word(story, window, edges):
    history, model = lived(story)
    told = h.counts(h.spells(history, *window), edges)
    clipped = [range(max(start, window[0]), min(end, window[1])) for start, end in pairwise(edges)]
    standing = [[worst([model.word(name, moment) for moment in block]) for name in NAMES] for block in clipped]
    occurring = [word for word in Word if any(word in words for words in standing)]
    assert list(told.itertuples(index=False, name=None)) == [
        (*ends, word, words.count(word))
        for word in occurring
        for ends, words in zip(pairwise(edges), standing, strict=True)
        if any(words)
    ]


@few
@given(stories, windows)
def test_nothing_changes_between_two_steps(story, window):
    history, model = lived(story)
    edges = h.step_edges(history, *window)
    assert edges[:1] + edges[-1:] == ([*window] if window[0] < window[1] else [])
    for start, end in pairwise(edges):
        for name in NAMES:
            assert len(set(model.words(name, start, end))) == 1
    for moment in edges[1:-1]:
        changed = [model.known(name, moment - 1) is not model.known(name, moment) for name in NAMES]
        assert any(changed) or model.watched(moment - 1) != model.watched(moment)


@few
@given(stories, windows)
def test_what_was_not_watched_is_told_apart_by_why(story, window):
    history, model = lived(story)
    told = ["-"] * (window[1] - window[0])
    for row in h.unwatched(history, *window).itertuples():
        assert row.start < row.end
        told[row.start - window[0] : row.end - window[0]] = [row.why] * (row.end - row.start)
    for moment, why in zip(range(*window), told, strict=True):
        past = [(at, hold) for at, hold, _ in model.looks if at <= moment]
        tried = [at for at in model.failed if past and at <= moment < at + held_at(model, at)]
        expected = "-" if model.watched(moment) or not past else "no answer" if tried else "nobody"
        assert why == expected


def held_at(model: Model, moment: int) -> int:
    """How long the last look before a gap holds."""
    past = [hold for at, hold, _ in model.looks if at <= moment]
    later = [(at, hold) for at, hold, _ in model.looks if at > moment]
    if past:  # the hold of the stretch that the moment is in or behind
        last = max(at for at, _, _ in model.looks if at <= moment)
        hold = past[-1]
        for at, longer in later:
            if at > last + hold:
                break
            last, hold = at, longer
        return hold
    return held_at(model, later[0][0]) if later else 0


@few
@given(stories, windows)
def test_a_tally_asks_how_it_was_before_between_and_in_the_end(story, window):
    history, model = lived(story)
    expected: tuple[list[str], ...] = ([], [], [])
    for name in NAMES:
        before = [word for at, word in model.seen(name) if at <= window[0]][-1:]
        course = before + [word for at, word in model.seen(name) if window[0] < at <= window[1]]
        if not course or model.known(name, window[1]) is None:
            continue
        good = course[-1] in (Word.HEALTHY, Word.UNSTABLE)
        if course[0] is not Word.FAILED and course[-1] is Word.FAILED:
            expected[0].append(name)
        if course[0] is Word.FAILED and good:
            expected[1].append(name)
        if course[0] is not Word.FAILED and Word.FAILED in course and good:
            expected[2].append(name)
    assert h.tally(history, *window) == expected


@few
@given(stories, windows)
def test_a_summary_is_what_counting_moments_gives(story, window):
    history, model = lived(story)
    seconds, not_checked, failures = h.summary(h.spells(h.only(history, ["a"]), *window), *window)
    words = model.words("a", *window)
    assert seconds == {word: words.count(word) / 1000 for word in Word if word in words}
    assert not_checked == pytest.approx(words.count(None) / len(words) if words else 1)
    known = [word for word in words if word]
    assert failures == sum(b is Word.FAILED and a is not b for a, b in pairwise([None, *known]))


@few
@given(stories, st.integers(0, 10))
@example([Look(1, 1, {"b": Word.FAILED}), Look(1, 1, {"a": Word.FAILED})], 0)
def test_a_history_that_grew_is_the_one_read_as_a_whole(story, cut):
    changes, watch, trouble, _ = rows_of(story)
    older_changes, older_watch, older_trouble, model = rows_of(story[:cut])
    latest = model.looks[-1][0] if model.looks else -1
    newer = [row for row in changes if row[2] >= latest]
    history = h.history(*frames(older_changes, older_watch, older_trouble))
    grown = h.extended(history, *frames(newer, watch, trouble))
    same(grown, h.history(*frames(changes, watch, trouble)))
    same(h.extended(grown, *frames(newer, watch[-1:], trouble[-1:])), grown)


@few
@given(stories, st.integers(0, 10), st.integers(0, SPAN), windows)
def test_what_was_forgotten_stays_so_while_the_rest_goes_on(story, cut, before, window):
    changes, watch, trouble, _ = rows_of(story)
    younger, _ = lived(story[:cut])
    latest = younger.latest if younger.latest is not None else -1
    newer = [row for row in changes if row[2] > latest]
    grown = h.extended(h.forgetting(younger, before), *frames(newer, [w for w in watch if w[2] >= latest], trouble))
    start, end = max(window[0], before), max(window[1], before)
    pd.testing.assert_frame_equal(
        h.spells(grown, start, end), h.spells(h.history(*frames(changes, watch, trouble)), start, end)
    )
    assert (grown.watch["until"].to_numpy()[:-1] <= grown.watch["first"].to_numpy()[1:]).all()


@few
@given(stories, st.integers(0, SPAN), windows)
def test_what_is_forgotten_changes_nothing_after_it(story, before, window):
    history, _ = lived(story)
    kept = h.forgetting(history, before)
    start, end = max(window[0], before), max(window[1], before)
    pd.testing.assert_frame_equal(h.spells(kept, start, end), h.spells(history, start, end))
    assert states_at(kept, end) == states_at(history, end)
    assert since(kept) == since(history)
    assert kept.begins is None or kept.begins >= before
    for name in states_at(history, before - 1):  # what was gone then begins anew
        told, whole = (h.transitions(h.only(each, [name]), start, end) for each in (kept, history))
        pd.testing.assert_frame_equal(told, whole)


@few
@given(stories, st.integers(0, 10), st.integers(0, 4), windows)
def test_joining_the_parts_of_a_story_gives_the_whole(story, cut, overlap, window):
    whole, _ = lived(story)
    older, _ = lived(story[: cut + overlap])
    passed = sum(look.wait for look in story[:cut])
    later = [Look(look.wait + (passed if n == 0 else 0), look.hold, look.words) for n, look in enumerate(story[cut:])]
    newer, _ = lived(later)
    joined = h.older_joined(newer, older)
    pd.testing.assert_frame_equal(h.spells(joined, *window), h.spells(whole, *window))
    assert states_at(joined, window[1]) == states_at(whole, window[1])
    parts = since(joined)
    assert parts.keys() == since(whole).keys()
    for name, (word, after, at) in since(whole).items():
        assert (parts[name][0], parts[name][2]) == (word, at)
        assert parts[name][1] <= after
    told, expected = (h.transitions(each, *window).drop(columns="after") for each in (joined, whole))
    pd.testing.assert_frame_equal(told, expected)
    assert h.older_joined(newer, h.EMPTY) is newer
    same(h.older_joined(joined, older), joined)


@few
@given(stories)
def test_what_was_written_is_read_as_it_was(story):
    history, _ = lived(story)
    text = to_json(history)
    same(from_json(text, SPAN * 10), history)


@few
@given(stories, st.integers(170, 600))
def test_what_is_too_much_loses_its_oldest_and_stays_readable(story, limit):
    history, _ = lived(story)
    text = to_json(history, limit)
    assert len(text) <= limit
    kept = from_json(text, SPAN * 10)
    if kept.begins is not None:
        start, end = kept.begins, SPAN * 10
        pd.testing.assert_frame_equal(h.spells(kept, start, end), h.spells(history, start, end))
