"""Nothing is green unless Hevo said, in words we know, that it is good."""

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.health import Word, counts, judge, verdict

RAW = st.sampled_from([None, "ACTIVE", "INACTIVE", "PAUSED", "OK", "FAILED", "active", " OK"]) | st.text()


@pytest.mark.parametrize(
    ("status", "health", "word"),
    [
        ("ACTIVE", "OK", Word.HEALTHY),
        ("ACTIVE", "FAILED", Word.FAILED),
        ("INACTIVE", "OK", Word.PAUSED),
        ("PAUSED", "OK", Word.PAUSED),
        ("PAUSED", "FAILED", Word.PAUSED),
        ("ACTIVE", None, Word.UNKNOWN),
        ("PAUSED", None, Word.UNKNOWN),
        (None, "OK", Word.UNKNOWN),
        (None, "FAILED", Word.UNKNOWN),
        (None, None, Word.UNKNOWN),
        ("DRAFT", "OK", Word.UNKNOWN),
        ("DRAFT", "FAILED", Word.UNKNOWN),
        ("ACTIVE", "XYZ", Word.UNKNOWN),
        ("PAUSED", "XYZ", Word.UNKNOWN),
        ("active", "OK", Word.UNKNOWN),
        ("ACTIVE", "ok", Word.UNKNOWN),
        ("ACTIVE ", "OK", Word.UNKNOWN),
        ("ACTIVE", "", Word.UNKNOWN),
    ],
)
def test_each_pair_of_raw_values_earns_the_word_of_the_table(status, health, word):
    assert judge(status, health) is word


@given(RAW, RAW, st.booleans(), st.integers(0, 5))
@example("ACTIVE", "OK", True, 0)
@example("ACTIVE", "OK", True, 1)
@example("ACTIVE", "OK", False, 0)
def test_only_active_and_ok_and_confirmed_is_ever_healthy(status, health, confirmed, failures):
    seen = verdict(status, health, confirmed=confirmed, failures=failures)
    good = (status, health) == ("ACTIVE", "OK") and confirmed
    assert (seen.word in (Word.HEALTHY, Word.UNSTABLE)) == good
    assert (seen.word is Word.HEALTHY) == (good and failures == 0)


@given(RAW, RAW, st.booleans(), st.integers(0, 5))
def test_unknown_comes_before_the_doubt_about_its_age(status, health, confirmed, failures):
    seen = verdict(status, health, confirmed=confirmed, failures=failures)
    assert (seen.word is Word.UNKNOWN) == (judge(status, health) is Word.UNKNOWN)


@pytest.mark.parametrize(("status", "health"), list(product(["ACTIVE", "PAUSED"], ["OK", "FAILED"])))
def test_an_unconfirmed_pipeline_keeps_its_old_word_beneath_the_doubt(status, health):
    seen = verdict(status, health, confirmed=False)
    assert seen.word is Word.NOT_CHECKED
    assert seen.last_known is judge(status, health)


def test_a_healthy_pipeline_that_failed_lately_is_unstable_and_says_how_often():
    seen = verdict("ACTIVE", "OK", confirmed=True, failures=3)
    assert (seen.word, seen.failures) == (Word.UNSTABLE, 3)
    assert verdict("ACTIVE", "OK", confirmed=False, failures=3).last_known is Word.UNSTABLE


@pytest.mark.parametrize("status", ["ACTIVE", "PAUSED"])
def test_only_healthy_pipelines_turn_unstable(status):
    assert verdict(status, "FAILED", confirmed=True, failures=3).word is judge(status, "FAILED")


def test_a_paused_pipeline_remembers_that_it_was_failing():
    assert verdict("INACTIVE", "FAILED", confirmed=True).was_failing
    assert verdict("INACTIVE", "FAILED", confirmed=False).was_failing
    assert not verdict("INACTIVE", "OK", confirmed=True).was_failing
    assert not verdict("ACTIVE", "FAILED", confirmed=True).was_failing


@pytest.mark.parametrize(
    ("status", "health", "odd"),
    [
        ("ACTIVE", "XYZ", "XYZ"),
        ("DRAFT", "OK", "DRAFT"),
        ("DRAFT", "XYZ", "DRAFT, XYZ"),
        ("ACTIVE", None, None),
        (None, "  ", None),
        ("ACTIVE", "OK", None),
        ("active", "FAILED", "active"),
    ],
)
def test_the_value_that_is_not_recognised_is_told_and_a_missing_one_is_not(status, health, odd):
    assert verdict(status, health, confirmed=True).unrecognised == odd


def test_severity_is_the_order_that_people_read_problems_in():
    order = [Word.FAILED, Word.NOT_CHECKED, Word.UNKNOWN, Word.UNSTABLE, Word.HEALTHY, Word.PAUSED]
    assert sorted(set(order), key=lambda word: word.severity) == order


@given(st.lists(st.sampled_from(Word)))
def test_counts_name_every_word_and_add_up(words):
    seen = counts(words)
    assert list(seen) == list(Word)
    assert seen == {word: words.count(word) for word in Word}
