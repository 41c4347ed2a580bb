"""The verdict: only what Hevo documents, letter for letter, is ever good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health import NEEDS_ATTENTION, Word, judge, unrecognised

STATUSES = st.sampled_from(["ACTIVE", "INACTIVE", "PAUSED"]) | st.none() | st.text(max_size=8)
HEALTHS = st.sampled_from(["OK", "FAILED"]) | st.none() | st.text(max_size=8)


@pytest.mark.parametrize(
    ("status", "health", "late", "word"),
    [
        ("ACTIVE", "OK", False, Word.HEALTHY),
        ("ACTIVE", "OK", True, Word.LATE),
        ("ACTIVE", "FAILED", False, Word.FAILED),
        ("ACTIVE", "FAILED", True, Word.FAILED),
        ("INACTIVE", "OK", False, Word.PAUSED),
        ("PAUSED", "OK", True, Word.PAUSED),
        ("PAUSED", "FAILED", False, Word.PAUSED),
        ("ACTIVE", None, False, Word.UNKNOWN),
        ("ACTIVE", "", True, Word.UNKNOWN),
        ("ACTIVE", "ok", False, Word.UNKNOWN),
        ("ACTIVE", " OK", False, Word.UNKNOWN),
        ("active", "OK", False, Word.UNKNOWN),
        ("DRAFT", "OK", False, Word.UNKNOWN),
        (None, "OK", False, Word.UNKNOWN),
        ("PAUSED", None, False, Word.UNKNOWN),
        (None, None, True, Word.UNKNOWN),
    ],
)
def test_each_pair_of_values_earns_its_word(status: str | None, health: str | None, late: bool, word: Word) -> None:
    assert judge(status, health, late) is word


@given(STATUSES, HEALTHS, st.booleans())
def test_nothing_is_healthy_but_what_hevo_calls_so(status: str | None, health: str | None, late: bool) -> None:
    assert (judge(status, health, late) is Word.HEALTHY) == ((status, health, late) == ("ACTIVE", "OK", False))


@given(STATUSES, HEALTHS)
def test_lateness_changes_only_what_is_on_and_well(status: str | None, health: str | None) -> None:
    if judge(status, health) is not Word.HEALTHY:
        assert judge(status, health, late=True) is judge(status, health)


def test_words_are_declared_from_the_most_urgent_to_the_calmest() -> None:
    assert [word.severity for word in Word] == list(range(7))
    assert list(Word)[:3] == [Word.FAILED, Word.LATE, Word.UNKNOWN]
    assert set(list(Word)[:3]) == NEEDS_ATTENTION


@pytest.mark.parametrize(
    ("status", "health", "odd"),
    [
        ("ACTIVE", "DEGRADED", "DEGRADED"),
        ("DRAFT", "OK", "DRAFT"),
        ("DRAFT", "ODD", "DRAFT, ODD"),
        ("ACTIVE", None, None),
        ("ACTIVE", "  ", None),
        ("ACTIVE", "OK", None),
    ],
)
def test_the_odd_values_are_told_as_hevo_sent_them(status: str, health: str | None, odd: str | None) -> None:
    assert unrecognised(status, health) == odd
