"""The sentences: as product.md writes them, never better news than is known, and safe whatever text they carry."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import guide_text, words
from dashboard.times import Times
from hevo_api import REGIONS
from hevo_api.errors import HevoError
from monitor.board import Tally
from monitor.health import Verdict, Word, verdict
from monitor.history import Change, Health, Segment, Since, summarise
from monitor.run import Outcome, Run, Standing
from tests.app_house import few, pipeline, rows_of, unescaped

CLOCK = Times(UTC, 1_800_000_000.0)  # 08:00
F, N, K, U, H, P = Word.FAILED, Word.NOT_CHECKED, Word.UNKNOWN, Word.UNSTABLE, Word.HEALTHY, Word.PAUSED
MARKS = ["[a](b)", "![a](b)", "https://", "http:\\//", "www.", "WWW.", "@", "a@b.io", ":red[", ":material/x:", "$$"]
MARKS += ["<b>", "&lt;", "**", "__", "`", "~~", "\\", "\\\\", "\n# ", "\n- ", "1. ", ":streamlit:", "\u202e", "\u200b"]
hostile = st.lists(st.sampled_from(MARKS) | st.text(max_size=6), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "Hevo answered: this account has no pipelines."),
        ({F: 3, H: 39}, "3 of 42 pipelines need attention"),
        ({F: 1, H: 41}, "1 of 42 pipelines needs attention"),
        ({F: 1, K: 1, U: 5, P: 3}, "2 of 10 pipelines need attention"),
        ({K: 2, H: 40}, "2 of 42 pipelines need attention"),
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
        ({N: 42}, "We cannot confirm the 42 pipelines right now"),
        ({N: 1}, "We cannot confirm the pipeline right now"),
        ({N: 40, K: 2}, "We cannot confirm the 42 pipelines right now"),
    ],
)
def test_one_sentence_says_how_the_account_is(counts: Mapping[Word, int], sentence: str) -> None:
    assert words.headline({word: counts.get(word, 0) for word in Word}) == sentence


@few
@given(st.dictionaries(st.sampled_from(Word), st.integers(0, 3)))
def test_good_news_are_never_told_while_anything_is_not_known_to_be_good(counts: dict[Word, int]) -> None:
    sentence = words.headline(counts)
    if any(counts.get(word) for word in (F, N, K)):
        assert not re.search("healthy|working|paused", sentence)
        assert re.search("attention|cannot confirm", sentence)


@pytest.mark.parametrize(
    ("judged", "sentence"),
    [
        (verdict("ACTIVE", "XYZ", confirmed=True), "Hevo reports something we do not recognise: XYZ."),
        (verdict("ODD", "XYZ", confirmed=False), "Hevo reports something we do not recognise: ODD, XYZ."),
        (verdict("ACTIVE", None, confirmed=True), "Hevo does not say how this pipeline is doing."),
        (verdict("ACTIVE", "OK", confirmed=False), "Last known: healthy at 09:12. We cannot confirm it now."),
        (verdict("PAUSED", "OK", confirmed=False), "Last known: paused at 09:12. We cannot confirm it now."),
        (
            verdict("INACTIVE", "OK", confirmed=True),
            "Turned off in Hevo. No new data until someone turns it on.",
        ),
        (
            verdict("PAUSED", "FAILED", confirmed=True),
            "Turned off in Hevo. No new data until someone turns it on. Paused, and was failing before.",
        ),
        (verdict("ACTIVE", "FAILED", confirmed=True), "Hevo reports a problem. New data may not be arriving."),
        (
            verdict("ACTIVE", "OK", confirmed=True, failures=3),
            "Working now. Failed 3 times in the last 24 hours.",
        ),
        (verdict("ACTIVE", "OK", confirmed=True, failures=1), "Working now. Failed once in the last 24 hours."),
        (verdict("ACTIVE", "OK", confirmed=True), "Hevo reports no problem."),
    ],
)
def test_each_word_is_explained_in_the_words_of_the_table(judged: Verdict, sentence: str) -> None:
    assert words.meaning(judged, "09:12") == sentence


def test_what_was_last_known_is_told_without_a_time_that_nobody_knows() -> None:
    judged = verdict("ACTIVE", "OK", confirmed=False)
    assert words.meaning(judged) == "Last known: healthy. We cannot confirm it now."


def test_every_word_has_a_name_of_its_own() -> None:
    assert len({words.NAMES[word] for word in Word}) == len(Word)
    assert words.NAMES[Word.NOT_CHECKED] == "Not checked recently"
    assert words.NAMES[Word.UNSTABLE] == "Healthy, unstable"


def test_the_start_of_a_failure_is_known_only_between_two_checks() -> None:
    at = CLOCK.now - 11_520
    assert words.since(F, at - 1_800, at, CLOCK) == "failing since between 04:18 and 04:48 (3 h 12 min)"
    assert words.since(F, None, at, CLOCK).startswith("failing since at least 04:48")
    assert words.since(H, None, CLOCK.now, CLOCK) == "since at least 08:00"


def test_the_confirmation_tells_for_how_long_it_has_been_so() -> None:
    row = rows_of(pipeline(health_status="FAILED"))[0]
    at = int(CLOCK.now) - 11_520
    assert words.now(row, CLOCK) == "Failed"
    assert words.now(replace(row, since=Since(at - 60, at)), CLOCK) == "Failed for 3 h 12 min"


def test_the_confirmation_does_not_call_a_failure_new_that_may_be_old() -> None:
    row = rows_of(pipeline(health_status="FAILED"))[0]
    assert "0 seconds" not in words.now(replace(row, since=Since(None, int(CLOCK.now))), CLOCK)


@pytest.mark.parametrize(("status", "says"), [(None, "Hevo does not say"), ("NEW_ONE", "Unknown: NEW_ONE")])
def test_a_tables_state_that_we_do_not_know_is_shown_as_it_came(status: str | None, says: str) -> None:
    assert words.object_state(status) == says
    assert words.object_state("ACTIVE").startswith("Active")


def test_an_unreadable_answer_comes_with_the_reference_that_is_in_the_log() -> None:
    sentence = words.trouble("unreadable", "09:12", 23.0, "1a2b3c4d")
    assert sentence.startswith("Hevo sent an answer we could not read. Data from 09:12.")
    assert "1a2b3c4d" in sentence


def test_what_happened_meanwhile_is_counted_in_one_sentence() -> None:
    assert words.tally(Tally(2, 1, 0)) == "2 started failing, 1 recovered."
    assert words.tally(Tally(0, 0, 1)) == "1 failed and recovered."


def test_no_failure_is_not_the_same_as_no_change() -> None:
    assert "Nothing changed" not in words.tally(Tally(0, 0, 0))


def test_a_change_is_one_line() -> None:
    item = Change("7", 0, int(CLOCK.now - 60), H, F)
    assert words.change("Orders DB", item) == "Orders DB: Healthy → Failed"


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [
        (42, "No pipeline matches. 42 are hidden. Clear the filter."),
        (1, "No pipeline matches. 1 is hidden. Clear the filter."),
    ],
)
def test_an_empty_table_says_how_many_are_hidden(hidden: int, sentence: str) -> None:
    assert words.none_match(hidden) == sentence


def test_the_table_says_what_the_filter_hides() -> None:
    assert words.shown(1, 23) == "1 pipeline shown, 23 hidden by the filter."
    assert words.shown(24, 0) == "24 pipelines, worst first."


def test_paused_ones_are_a_quiet_line_however_many() -> None:
    assert words.paused_line(["One"]) == "1 pipeline paused: One."
    assert words.paused_line(list("abcdefg")) == "7 pipelines paused: a, b, c, d, e and 2 more."


def test_a_strip_has_a_sentence_twin() -> None:
    start = CLOCK.now - 7_200
    strip = [
        Segment(start, start + 4_368, H),
        Segment(start + 4_368, start + 4_968, F),
        Segment(start + 4_968, CLOCK.now, None),
    ]
    said = words.strip_sentence(summarise(strip), 7_200)
    assert said == "Last 2 hours: healthy, failed once (10 min), not checked 31% of the time."


def test_nothing_seen_is_not_checked_all_of_the_time() -> None:
    strip = [Segment(0, 900, None)]
    assert words.strip_sentence(summarise(strip), 900).endswith(": not checked 100% of the time.")


@few
@given(st.integers(1, 899))
def test_a_strip_that_was_seen_at_all_is_never_unchecked_all_of_the_time(seconds: int) -> None:
    strip = [Segment(0, 900_000 - seconds, None), Segment(900_000 - seconds, 900_000, F)]
    assert "100%" not in words.strip_sentence(summarise(strip), 900_000)


def test_no_percentage_is_given_when_too_little_was_watched() -> None:
    assert words.percentage(Health(None, 0.3, 1.0, 0.0, 1.0, 5, 0)) == "watched too little to say"
    assert words.percentage(Health(98, 0.9, 1.0, 0.0, 1.0, 50, 1)) == "98%"


@few
@given(hostile, hostile)
def test_sentences_with_names_stay_on_one_bounded_line(name: str, other: str) -> None:
    row = pipeline(name=name, source_type=name, destination_name=other)
    item = Change("7", 0, int(CLOCK.now), H, F)
    said = [
        words.route(row),
        words.ask_to_run([row.label]),
        words.paused_line([name, other] * 5),
        words.change(name, item),
        words.object_state(name),
        words.meaning(verdict(name, other, confirmed=True)),
    ]
    for sentence in said:
        assert len(sentence) < 500
        assert not {unicodedata.category(sign) for sign in sentence} & {"Cc", "Cf", "Zl", "Zp", "Cs"}


