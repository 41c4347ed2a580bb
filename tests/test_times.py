"""Times for people: in the viewer's own zone, durations in plain units, measured in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.times import Times, ago, duration, zone_named
from tests.app_house import few

KOLKATA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")


def utc(year: int, month: int, day: int, hour: int, minute: int) -> float:
    """A moment in UTC as epoch seconds."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (23.9, "23 seconds"),
        (59.9, "59 seconds"),
        (60, "1 min"),
        (119, "1 min"),
        (3_600, "1 h"),
        (11_520, "3 h 12 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (90_000, "1 day 1 h"),
        (172_800, "2 days"),
        (-5, "0 seconds"),
    ],
)
def test_a_duration_has_at_most_two_units_and_is_rounded_down(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@few
@given(st.floats(0, 1e8))
def test_a_duration_never_sounds_longer_than_it_is(seconds: float) -> None:
    units = {"second": 1, "seconds": 1, "min": 60, "h": 3_600, "day": 86_400, "days": 86_400}
    parts = duration(seconds).split()
    told = sum(int(number) * units[unit] for number, unit in zip(parts[::2], parts[1::2], strict=True))
    assert told <= seconds < told + 3_600


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "just now"), (9.9, "just now"), (10, "10 seconds ago"), (120, "2 min ago"), (7_300, "2 h 1 min ago")],
)
def test_an_age_is_told_from_now_and_is_never_negative(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_a_moment_is_told_on_the_viewers_own_clock() -> None:
    at, now = utc(2026, 11, 23, 3, 42), utc(2026, 11, 23, 6, 0)
    assert Times(KOLKATA, now).at(at) == "09:12"
    assert Times(NEW_YORK, now).at(at) == "22 Nov, 22:42"
    assert Times(UTC, now).at(at) == "03:42"


def test_another_day_is_told_with_its_date() -> None:
    now = utc(2026, 11, 23, 20, 0)
    clock = Times(KOLKATA, now)
    assert clock.at(utc(2026, 11, 23, 18, 0)) == "23 Nov, 23:30"
    assert clock.at(utc(2026, 11, 23, 19, 0)) == "00:30"
    assert clock.at(utc(2025, 11, 3, 6, 0)) == "3 Nov, 11:30"


def test_the_zone_is_named_in_words() -> None:
    assert Times(KOLKATA, 0).zone_name == "Asia/Kolkata time"
    assert Times(NEW_YORK, 0).zone_name == "America/New York time"
    assert Times(UTC, 0).zone_name == "UTC time"


@pytest.mark.parametrize(
    ("moment", "first", "last"), [((2026, 3, 8, 6, 30), "01:30", "04:30"), ((2026, 11, 1, 4, 30), "00:30", "01:30")]
)
def test_a_change_of_the_clocks_changes_no_duration(
    moment: tuple[int, int, int, int, int], first: str, last: str
) -> None:
    """In New York an hour is missing on 8 March and comes twice on 1 November."""
    begin = utc(*moment)
    clock = Times(NEW_YORK, begin + 7_200)
    assert clock.span(begin, clock.now) == f"from {first} to {last}"
    assert duration(clock.now - begin) == "2 h"


def test_a_stretch_is_told_by_both_its_ends() -> None:
    now = utc(2026, 11, 23, 9, 0)
    clock = Times(UTC, now)
    assert clock.span(now - 480, now) == "from 08:52 to 09:00"


@few
@given(st.none() | st.text() | st.sampled_from(["../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 9_999]))
def test_a_zone_that_nobody_knows_is_utc(name: str | None) -> None:
    moment = Times(zone_named(name), 0).moment(0)
    assert moment.timestamp() == 0
    if name not in (None, ""):
        assert zone_named("Asia/Kolkata") == KOLKATA
