"""A pipeline's last hours as blocks: each the worst of its time, and the same as moment by moment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor import history as frames
from monitor.days import UNWATCHED, days
from monitor.health import LETTERS, Word
from tests.app_house import NOW, few, watched

END = round(1000 * NOW)
looks = st.lists(st.none() | st.sampled_from([Word.FAILED, Word.LATE, Word.HEALTHY, Word.PAUSED]), max_size=12)


def test_a_short_failure_is_seen_and_time_that_nobody_watched_is_told() -> None:
    history = watched(None, Word.HEALTHY, Word.FAILED, Word.HEALTHY, every=600)
    assert days(history, END - 2_400_000, END, 4) == {"7": "--hf"}


def test_nothing_that_was_seen_is_no_day() -> None:
    assert days(frames.EMPTY, END - 1_000, END, 48) == {}


@few
@given(looks, st.integers(1, 20), st.integers(1, 100))
def test_each_block_is_the_worst_of_its_moments(seen: list[Word | None], number: int, minutes: int) -> None:
    history, start = watched(*seen), END - 60_000 * minutes
    found = days(history, start, END, number).get("7", UNWATCHED * number)
    spells = frames.spells(history, start, END)
    edges = [start + (END - start) * place / number for place in range(number + 1)]
    for letter, first, last in zip(found, edges, edges[1:], strict=False):
        inside = spells[(spells["start"] < last - 0.5) & (spells["end"] > first + 0.5)]
        worst = min((Word(word) for word in inside["word"]), key=lambda word: word.severity, default=None)
        assert letter == (LETTERS[worst] if worst else UNWATCHED)
