"""The overview's sentence, what each word means, and since when: never more than is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.times import Times
from dashboard.words import states as words
from monitor.catalog import Owned
from monitor.health import Word
from monitor.now import Judged, Now, Row, Since
from tests.app_house import NOW, few, now_of, pipeline, reading

CLOCK = Times(UTC, NOW)  # 08:00
F, L, K, U, H, P = Word.FAILED, Word.LATE, Word.UNKNOWN, Word.UNSTABLE, Word.HEALTHY, Word.PAUSED


def account(counts: Mapping[Word, int], confirmed: bool = True, **told: object) -> Now:
    """An account with so many pipelines of each word."""
    rows = tuple(Row(pipeline(), word, Since(None, NOW)) for word, number in counts.items() for _ in range(number))
    judged = Judged(rows=rows, counts={word: counts.get(word, 0) for word in Word})
    return replace(now_of([]), judged=judged, confirmed=confirmed, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "Hevo answered: this account has no pipelines."),
        ({F: 3, H: 39}, "3 of 42 pipelines need attention"),
        ({F: 1, H: 41}, "1 of 42 pipelines needs attention"),
        ({F: 1, L: 1, K: 1, U: 5, P: 2}, "3 of 10 pipelines need attention"),
        ({L: 2, H: 40}, "2 of 42 pipelines need attention"),
        ({F: 1}, "1 of 1 pipeline needs attention"),
        ({H: 42}, "All 42 pipelines are healthy"),
        ({H: 1}, "The one pipeline is healthy"),
        ({H: 1_000}, "All 1,000 pipelines are healthy"),
        ({U: 1, H: 41}, "All 42 pipelines are working now"),
        ({U: 1}, "The one pipeline is working now"),
        ({P: 4}, "All 4 pipelines are paused"),
        ({P: 1}, "The only pipeline is paused"),
        ({H: 40, P: 2}, "All 40 pipelines that are on are healthy"),
        ({H: 1, P: 2}, "The one pipeline that is on is healthy"),
    ],
)
def test_one_sentence_says_how_the_account_is(counts: Mapping[Word, int], sentence: str) -> None:
    assert words.headline(account(counts)) == sentence


@pytest.mark.parametrize(("number", "which"), [(42, "the 42 pipelines"), (1, "the pipeline")])
def test_what_nobody_can_confirm_is_said_and_what_was_last_known(number: int, which: str) -> None:
    now = account({H: number}, confirmed=False)
    assert words.headline(now) == f"We cannot confirm {which} right now"
    asking = account({H: number}, confirmed=False, looking=True)
    assert words.headline(asking) == f"We are asking Hevo about {which} right now"
    counts = account({F: 12, H: 180, U: 6, P: 7}, confirmed=False)
    assert words.last_known(counts, "21:17") == "At 21:17 12 were failing and 186 healthy."


@few
@given(st.dictionaries(st.sampled_from(Word), st.integers(0, 3)), st.booleans())
def test_good_news_are_never_told_while_anything_is_not_known_to_be_good(
    counts: dict[Word, int], confirmed: bool
) -> None:
    sentence = words.headline(account(counts, confirmed))
    if any(counts.values()) and (not confirmed or any(counts.get(word) for word in (F, L, K))):
        assert not re.search("healthy|working|paused", sentence)
        assert re.search("attention|cannot confirm", sentence)


@pytest.mark.parametrize(
    ("status", "health", "failures", "word", "sentence"),
    [
        ("ACTIVE", "XYZ", 0, K, "Hevo reports something we do not recognise: XYZ."),
        ("ODD", "XYZ", 0, K, "Hevo reports something we do not recognise: ODD, XYZ."),
        ("ACTIVE", None, 0, K, "Hevo does not say how this pipeline is doing."),
        ("INACTIVE", "OK", 0, P, "Turned off in Hevo. No new data until someone turns it on."),
        (
            *("PAUSED", "FAILED", 0, P),
            "Turned off in Hevo. No new data until someone turns it on. Paused, and was failing before.",
        ),
        ("ACTIVE", "FAILED", 1, F, "Hevo reports a problem. New data may not be arriving."),
        (
            *("ACTIVE", "FAILED", 12, F),
            "Hevo reports a problem. New data may not be arriving. It failed 12 times in the last 24 hours.",
        ),
        ("ACTIVE", "OK", 3, U, "Working now. Failed 3 times in the last 24 hours."),
        ("ACTIVE", "OK", 1, U, "Working now. Failed once in the last 24 hours."),
        ("ACTIVE", "OK", 0, H, "Hevo reports no problem."),
    ],
)
def test_each_word_is_explained_in_the_words_of_the_table(
    status: str, health: str | None, failures: int, word: Word, sentence: str
) -> None:
    row = Row(pipeline(status=status, health_status=health), word, Since(None, NOW), failures)
    assert words.meaning(row, NOW) == sentence


@pytest.mark.parametrize(
    ("last_ran", "usually", "expected", "sentence"),
    [
        (9 * 3_600, 3_600, None, "but it last ran 9 h ago. It usually runs every 1 h."),
        (9 * 3_600, 3_600, 7_200, "but it last ran 9 h ago. New data is expected at least every 2 h."),
        (None, None, None, "but no new data came for longer than usual."),
    ],
)
def test_late_says_when_it_last_ran_and_what_was_expected(
    last_ran: float | None, usually: float | None, expected: float | None, sentence: str
) -> None:
    ran = None if last_ran is None else NOW - last_ran
    row = Row(pipeline(), L, Since(None, NOW), fresh=reading(ran, usually), owned=Owned(expect=expected))
    assert words.meaning(row, NOW) == f"Hevo reports no problem, {sentence}"


def test_every_word_has_a_name_of_its_own() -> None:
    assert len({words.NAMES[word] for word in Word}) == len(Word)


@pytest.mark.parametrize(
    ("before", "ago", "said", "length"),
    [
        (None, 11_520, "failing at least since 04:48", "at least 3 h 12 min"),
        (60, 11_520, "failing since 04:48", "3 h 12 min"),
        (1_800, 11_520, "failing, began between 04:18 and 04:48", "at least 3 h 12 min"),
        (1_800, 28_000, "failing since 00:13", "7 h 46 min"),
    ],
)
def test_since_when_is_told_with_the_certainty_that_there_is(
    before: float | None, ago: float, said: str, length: str
) -> None:
    first = NOW - ago
    since = Since(None if before is None else first - before, first)
    assert words.since_when(F, since, CLOCK) == said
    assert words.how_long(since, NOW) == length


def test_the_longest_gap_in_the_watching_is_told() -> None:
    since, gaps = Since(NOW - 11_580, NOW - 11_520), [(NOW - 9_000, NOW - 8_000), (NOW - 7_200, NOW - 3_600)]
    assert words.since_when(F, since, CLOCK, gaps) == "failing since 04:48, not watched from 06:00 to 07:00"


def test_the_confirmation_does_not_call_a_failure_new_that_may_be_old() -> None:
    assert words.for_how_long(Row(pipeline(), F, Since(None, NOW - 60)), CLOCK) == "Failed for at least 1 min"
    assert words.for_how_long(Row(pipeline(), F, Since(NOW - 30, NOW - 20)), CLOCK) == "Failed"


def test_paused_ones_are_a_quiet_line_however_many() -> None:
    assert words.paused_line(["A", "B"]) == "2 pipelines paused: A and B."
    assert words.paused_line(list("ABCDEFG")) == "7 pipelines paused: A, B, C, D, E and 2 more."
