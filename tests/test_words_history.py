"""What is said of the past claims no more than was watched."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from dashboard.times import Times
from dashboard.words import history as words
from monitor.health import Word

CLOCK = Times(UTC, 1_800_000_000.0)  # Friday, 15 January, 08:00
END = 1_800_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def test_a_strip_has_a_twin_in_words() -> None:
    said = words.strip_sentence({Word.HEALTHY: 4_368.0, Word.FAILED: 600.0}, 0.31, 1, 7_200)
    assert said == "Last 2 hours: failed once (10 min), healthy, not checked 31% of the time."


@pytest.mark.parametrize(
    ("seconds", "not_checked", "said"),
    [
        ({}, 1.0, "Last 1 hour: not checked 100% of the time."),
        ({Word.HEALTHY: 1.0}, 0.9997, "Last 1 hour: healthy, not checked 99% of the time."),
        ({Word.LATE: 60.0, Word.PAUSED: 120.0}, 0.0, "Last 1 hour: late 1 min, paused 2 min."),
    ],
)
def test_what_was_seen_for_a_moment_is_never_said_to_be_not_checked_at_all(
    seconds: dict[Word, float], not_checked: float, said: str
) -> None:
    assert words.strip_sentence(seconds, not_checked, 0, 3_600) == said


def test_a_percentage_is_given_only_where_it_says_something() -> None:
    assert words.percentage(98.0) == "98%"
    assert words.percentage(None) == "watched too little to say"
    assert words.percentage(None, counted=False) == "neither healthy nor failed"


def test_a_change_has_its_time_and_both_words() -> None:
    assert words.change(Word.HEALTHY, Word.FAILED) == ": Healthy → Failed"
    assert words.seen_at(END - 2 * MINUTE, END - MINUTE, CLOCK) == "07:59"
    assert words.seen_at(END - 3 * HOUR, END, CLOCK) == "between 05:00 and 08:00"


def test_a_restless_pipeline_is_one_sentence() -> None:
    said = words.restless(12, 24, END - HOUR, Word.HEALTHY, CLOCK)
    assert said == " failed 12 times since 07:00, now Healthy"
    assert "changed 4 times" in words.restless(0, 4, END - HOUR, Word.LATE, CLOCK)


@pytest.mark.parametrize(
    ("ago", "said"),
    [(0, "Today"), (8 * HOUR + MINUTE, "Yesterday"), (2 * DAY, "Wednesday, 13 January")],
)
def test_days_are_called_as_people_call_them(ago: int, said: str) -> None:
    assert words.day(END - ago, CLOCK) == said


def test_days_are_those_of_the_viewers_calendar() -> None:
    tokyo = Times(ZoneInfo("Asia/Tokyo"), END / 1000)
    assert words.day(END - 12 * HOUR, tokyo) == "Today" == words.day(END - 17 * HOUR, tokyo)
    assert words.day(END - 18 * HOUR, tokyo) == "Yesterday"


def test_the_most_that_failed_at_once_is_told_with_its_time() -> None:
    told = "At most 12 of 205 were failing at once, at 07:00. At the last check it was 3."
    assert words.peak(12, 205, END - HOUR, 3, CLOCK) == told
    assert words.peak(1, 5, END - HOUR, 0, CLOCK).endswith("At the last check none was.")
    assert words.peak(0, 5, END - HOUR, 0, CLOCK) == "No pipeline was failing while we watched."


def test_which_pipelines_are_drawn_is_said() -> None:
    assert words.strips_heading(12, 205, False) == "The 12 worst of 205"
    assert words.strips_heading(3, 205, True) == "3 pipelines"
    assert words.strips_heading(5, 5, False) == "Each pipeline"


def test_a_download_says_of_whom_it_is() -> None:
    assert words.download(24, 24) == "Download the history as CSV"
    assert words.download(12, 10_000) == "Download these 12 as CSV"


def test_the_file_is_said_to_have_no_more_than_it_has() -> None:
    assert words.older(1, 24, 24) == "1 older change is not shown. The CSV below has all changes."
    assert words.older(3, 12, 2_000) == (
        "3 older changes are not shown. The CSV below has all changes of the 12 pipelines drawn above."
    )
