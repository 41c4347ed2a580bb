"""Fresh or late: never from too little, never from old readings, and a stuck pipeline as soon as the rule says so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor import Clock, Store
from monitor.freshness import CURRENT_FOR, Queue, Reading, Table, is_late
from monitor.store import Tx, accounts, readings

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
MONDAY = 1_760_313_600.0  # 13 October 2025, midnight in UTC
RUNS = st.lists(st.integers(1, 10**9).map(lambda ms: ms / 1000), max_size=30)


def ran(*runs: float | None, status: str = "ACTIVE") -> list[Table]:
    return [Table(f"table {place}", status, run) for place, run in enumerate(runs)]


def runs_again(reading: Reading, gap: float) -> Reading:
    """Its next run, so long after the one before; it was read just before and just then."""
    run = (reading.reached or 0.0) + gap
    before = Reading.after(reading, run - 1, ran(reading.last_ran), None)
    return Reading.after(before, run, ran(run), None)


def learned(gap: float, gaps: int, silent: float = 0.0) -> Reading:
    """A pipeline that ran so many times at equal distances, and then was silent."""
    reading = Reading.after(None, MONDAY, ran(MONDAY), None)
    for _ in range(gaps):
        reading = runs_again(reading, gap)
    return Reading.after(reading, reading.read_at + silent, ran(reading.last_ran), None)


def watched(runs: Iterable[float], every: float, start: float, end: float) -> Iterator[tuple[float, Reading]]:
    """The readings of a pipeline that ran at these moments, read at equal distances."""
    coming, newest, reading, at = iter(sorted(runs)), None, None, start
    following = next(coming, None)
    while at <= end:
        while following is not None and following <= at:
            newest, following = following, next(coming, None)
        reading = Reading.after(reading, at, ran(newest), None)
        yield at, reading
        at += every


def ever_late(runs: Iterable[float], every: float, start: float, learning: float, end: float) -> list[float]:
    """When it was called late after the time of learning, asked at each reading and just before the next one."""
    moments = []
    for at, reading in watched(runs, every, start, end):
        if at >= learning and (is_late(reading, None, at) or is_late(reading, None, at + every - 1)):
            moments.append(at)
    return moments


def hourly(days: int) -> list[float]:
    return [MONDAY + hour * HOUR for hour in range(24 * days)]


def daily(days: int) -> list[float]:
    return [MONDAY + day * DAY + 6 * HOUR for day in range(days)]


def workdays(days: int) -> list[float]:
    """Every hour from 8 to 18, from Monday to Friday."""
    return [MONDAY + day * DAY + hour * HOUR for day in range(days) if day % 7 < 5 for hour in range(8, 19)]


def bursts(days: int) -> list[float]:
    """Every six hours seven runs, ten minutes apart."""
    return [MONDAY + burst * 6 * HOUR + run * 10 * MINUTE for burst in range(4 * days) for run in range(7)]


# What is learned


def test_last_ran_is_the_newest_run_of_the_active_tables() -> None:
    tables = ran(100.0, None, 300.0) + ran(900.0, status="PAUSED") + ran(800.0, status="FAILED")
    reading = Reading.after(None, 1000.0, tables, "Feb 28, 2023 09:36:03 IST")
    assert (reading.last_ran, reading.tables, reading.failed) == (300.0, 5, 1)
    assert (reading.read_at, reading.usually, reading.position) == (1000.0, None, "Feb 28, 2023 09:36:03 IST")


@pytest.mark.parametrize("run", [None, 0.0, -5.0, float("nan"), float("inf"), 1000.0 + DAY])
def test_a_run_that_cannot_be_is_none(run: float | None) -> None:
    assert Reading.after(None, 1000.0, ran(run), None).last_ran is None


def test_a_pipeline_without_tables_has_no_freshness_and_keeps_what_was_learned() -> None:
    reading = Reading.after(learned(HOUR, 6), MONDAY + 7 * HOUR, [], None)
    assert (reading.last_ran, reading.tables, reading.usually) == (None, 0, HOUR)
    assert not is_late(reading, 1.0, reading.read_at)


def test_the_rhythm_is_the_median_of_the_last_twenty_gaps_and_known_from_the_fifth_on() -> None:
    assert learned(HOUR, 4).usually is None
    assert learned(HOUR, 5).usually == HOUR
    reading = learned(HOUR, 40)
    for _ in range(11):
        reading = runs_again(reading, 10 * MINUTE)
    assert reading.gaps == (HOUR,) * 9 + (10 * MINUTE,) * 11
    assert (reading.usually, reading.longest) == (10 * MINUTE, HOUR)


def test_the_longest_gap_is_remembered_beyond_the_last_twenty() -> None:
    reading = learned(DAY, 1)
    for _ in range(30):
        reading = runs_again(reading, HOUR)
    assert DAY not in reading.gaps
    assert reading.longest == DAY


def test_reading_the_same_run_again_teaches_nothing() -> None:
    once = learned(HOUR, 6)
    again = Reading.after(once, once.read_at + 60, ran(once.last_ran), None)
    assert again == replace(once, read_at=once.read_at + 60)


def test_a_table_that_is_paused_and_resumed_teaches_no_gap_that_was_none() -> None:
    """What ran long ago shows while the busy table is paused; the next gap is still the busy one's."""
    reading = Reading.after(learned(HOUR, 6), MONDAY + 6.5 * HOUR, ran(MONDAY - 30 * DAY), None)
    assert reading.last_ran == MONDAY - 30 * DAY
    back = Reading.after(reading, MONDAY + 7 * HOUR, ran(MONDAY + 7 * HOUR), None)
    assert (back.longest, back.gaps) == (HOUR, (HOUR,) * 7)


def test_a_night_in_which_nobody_read_is_no_gap() -> None:
    before = learned(HOUR, 6)
    morning = Reading.after(before, before.read_at + 14 * HOUR, ran(before.read_at + 13.9 * HOUR), None)
    assert (morning.longest, morning.gaps) == (before.longest, before.gaps)
    after = Reading.after(morning, morning.read_at + HOUR, ran(morning.read_at + HOUR - 60), None)
    assert len(after.gaps) == len(before.gaps)  # most of that hour was not watched either
    watched_again = Reading.after(after, after.read_at + 10 * MINUTE, ran(after.read_at + 9 * MINUTE), None)
    assert watched_again.gaps[-1] == 10 * MINUTE


# Late


def test_what_the_owner_expects_counts_exactly_and_needs_no_learning() -> None:
    reading = Reading.after(None, MONDAY + 300, ran(MONDAY), None)
    assert is_late(reading, 299.0, MONDAY + 300)
    assert not is_late(reading, 300.0, MONDAY + 300)
    assert not is_late(learned(HOUR, 6, silent=9 * HOUR), 10 * HOUR, MONDAY + 15 * HOUR)


def test_what_is_learned_is_three_gaps_and_the_longest_and_a_quarter_of_an_hour() -> None:
    for gap, silent, late in [
        (HOUR, 3 * HOUR, False),
        (HOUR, 3 * HOUR + 1, True),
        (MINUTE, 15 * MINUTE, False),
        (MINUTE, 15 * MINUTE + 1, True),
    ]:
        reading = learned(gap, 6, silent)
        assert is_late(reading, None, reading.read_at) is late
        longer = replace(reading, longest=max(gap, silent))
        assert not is_late(longer, None, reading.read_at)


@given(RUNS, st.floats(0, 100 * DAY), st.floats(0, CURRENT_FOR))
def test_never_late_from_too_few_gaps(runs: list[float], silent: float, age: float) -> None:
    reading = None
    for run in sorted(runs)[:5]:
        reading = Reading.after(reading, run, ran(run), None)
    newest = reading.last_ran if reading else None
    reading = Reading.after(reading, (newest or 0) + silent, ran(newest), None)
    assert not is_late(reading, None, reading.read_at + age)


@given(RUNS, st.floats(0, 100 * DAY), st.none() | st.floats(60, DAY))
def test_never_late_from_an_old_reading_or_from_none(runs: list[float], silent: float, expected: float | None) -> None:
    assert not is_late(None, expected, silent)
    reading = None
    for run in sorted(runs):
        reading = Reading.after(reading, run, ran(run), None)
    newest = reading.last_ran if reading else None
    reading = Reading.after(reading, (newest or 0) + silent, ran(newest), None)
    assert not is_late(reading, expected, reading.read_at + CURRENT_FOR + 1)


@given(st.floats(MINUTE, DAY), st.none() | st.floats(60, DAY), st.lists(st.floats(0, DAY), min_size=2, max_size=20))
def test_what_is_late_stays_late_until_it_runs(gap: float, expected: float | None, silences: list[float]) -> None:
    reading, late = learned(gap, 6), False
    newest = reading.last_ran or 0.0
    for silent in sorted(silences):
        at = newest + silent
        now_late = is_late(Reading.after(reading, at, ran(newest), None), expected, at)
        assert now_late >= late
        late = now_late
    run = newest + max(silences) + 1
    assert not is_late(Reading.after(reading, run, ran(run), None), expected, run)


@given(st.floats(0, 2 * CURRENT_FOR), st.floats(0, 2 * CURRENT_FOR))
def test_waiting_alone_makes_nothing_late(sooner: float, later: float) -> None:
    """Between two readings it may have run: only a reading can tell that it did not."""
    for silent in (2 * HOUR, 4 * HOUR):
        reading = learned(HOUR, 6, silent)
        first, second = sorted((sooner, later))
        assert is_late(reading, None, reading.read_at + first) >= is_late(reading, None, reading.read_at + second)


# Rhythms: a week and more of each is slow enough that a few examples must do

few = settings(max_examples=15, deadline=None)


@few
@given(st.floats(20, 25 * MINUTE), st.floats(0, HOUR), st.lists(st.floats(-20 * MINUTE, 20 * MINUTE), min_size=24))
@example(600.0, 0.0, [0.0])
def test_an_hourly_pipeline_that_is_well_is_never_late(every: float, offset: float, jitter: list[float]) -> None:
    runs = [run + jitter[place % len(jitter)] for place, run in enumerate(hourly(2))]
    assert not ever_late(runs, max(every, 120), MONDAY + offset, MONDAY, MONDAY + 2 * DAY - HOUR)


@few
@given(st.floats(5 * MINUTE, 30 * MINUTE), st.floats(0, DAY))
@example(600.0, 0.0)
def test_a_daily_pipeline_that_is_well_is_never_late(every: float, offset: float) -> None:
    assert not ever_late(daily(14), every, MONDAY + offset, MONDAY, MONDAY + 14 * DAY)


@few
@given(st.floats(5 * MINUTE, 25 * MINUTE), st.floats(0, HOUR))
@example(600.0, 0.0)
def test_bursts_are_never_late_once_their_silence_was_seen(every: float, offset: float) -> None:
    assert not ever_late(bursts(8), every, MONDAY + offset, MONDAY + DAY, MONDAY + 8 * DAY)


@few
@given(st.floats(5 * MINUTE, 25 * MINUTE), st.floats(0, DAY))
@example(600.0, 0.0)
def test_no_monday_morning_is_late_once_a_weekend_was_seen(every: float, offset: float) -> None:
    seen = MONDAY + 7 * DAY + 9 * HOUR
    assert not ever_late(workdays(15), every, MONDAY + offset, seen, MONDAY + 14 * DAY + 12 * HOUR)


def test_the_first_night_and_the_first_weekend_are_late_as_the_rule_says() -> None:
    moments = ever_late(workdays(8), 10 * MINUTE, MONDAY, MONDAY, MONDAY + 8 * DAY)
    nights = [(at - MONDAY) / DAY for at in moments]
    assert min(nights) == pytest.approx((21 * HOUR + 10 * MINUTE) / DAY)
    assert {int(night) for night in nights} == {0, 1, 5, 6, 7}  # Monday's night, then the weekend till Monday morning
    assert max(nights) < 7 + 8 / 24


@few
@given(st.sampled_from([hourly, daily, workdays, bursts]), st.integers(100, 160), st.floats(60, 30 * MINUTE))
@example(hourly, 120, 600.0)
def test_a_stuck_pipeline_is_late_as_soon_as_it_is_read_after_the_rule_says_so(
    rhythm: object, last: int, every: float
) -> None:
    every_run = rhythm(40)  # type: ignore[operator]
    runs = every_run[: min(last, len(every_run))]
    start = max(runs[0], runs[-1] - 10 * DAY)
    rule, stuck = None, runs[-1]
    for at, reading in watched(runs, every, start, stuck + 6 * DAY):
        if at < stuck:
            continue
        rule = stuck + max(3 * (reading.usually or 0), reading.longest or 0, 15 * MINUTE)
        if is_late(reading, None, at):
            assert rule < at <= rule + every
            return
    raise AssertionError(f"never late, though the rule said so from {rule}")


# The store's row


def any_reading(runs: list[float], position: str | None) -> Reading:
    reading = Reading.after(None, 0.001, [], position)
    for run in runs:
        reading = Reading.after(reading, run + 1, [*ran(run), Table(None, "FAILED", None)], position)
    return reading


@given(RUNS, st.none() | st.text())
def test_a_reading_comes_back_from_the_store_as_it_was(runs: list[float], position: str | None) -> None:
    store, reading = Store.in_memory(Clock()), any_reading(runs, position)

    def kept(tx: Tx) -> Mapping[str, Reading]:
        number = accounts.account_number(tx, "us")
        readings.write(tx, number, "7", reading, [])
        return readings.ROWS.found(tx, number, "version > ?", 0)

    assert store.write(kept) == {"7": reading}


def test_a_position_is_one_short_line_that_a_store_can_hold() -> None:
    reading = Reading.after(None, 1.0, [], "Feb 28\x00\n\ud800" + "x" * 500)
    assert reading.position is not None
    assert reading.position.isprintable()
    assert len(reading.position) == 200
    assert Reading.after(None, 1.0, [], " \n").position is None


# Whose turn it is


def read(at: float) -> Reading:
    return Reading.after(None, at, [], None)


def turns(queue: Queue, readings: dict[str, Reading], failed: set[str], opened: set[str], minutes: int) -> list[str]:
    """Twenty turns a minute, each answered; what is opened stays on screen."""
    order = []
    for turn in range(20 * minutes):
        now = MONDAY + turn * 3.0
        for pipeline in opened:
            queue.open(pipeline, now)
        pipeline = queue.next(readings, failed, readings, now)
        if pipeline is not None:
            readings[pipeline] = read(now)
            order.append(pipeline)
    return order


def test_what_is_opened_comes_first_then_what_failed_then_what_was_read_longest_ago() -> None:
    readings = {name: read(MONDAY - HOUR - place) for place, name in enumerate("abcd")}
    queue = Queue()
    queue.open("a", MONDAY)
    order = []
    for _ in range(4):
        order.append(queue.next(readings, {"b"}, readings, MONDAY))
        readings[order[-1] or ""] = read(MONDAY)
    assert order == ["a", "b", "d", "c"]
    assert queue.next(readings, {"b"}, readings, MONDAY) is None


def test_what_was_never_read_comes_before_what_was() -> None:
    assert Queue().next(["a", "b", "c"], (), {"a": read(0.0), "c": read(0.0)}, MONDAY) == "b"


def test_opened_is_what_somebody_asked_for_in_the_last_half_minute() -> None:
    readings = {"a": read(MONDAY - HOUR), "b": read(MONDAY - 2 * HOUR)}
    for wait, expected in [(30.0, "a"), (31.0, "b")]:
        queue = Queue()
        queue.open("a", MONDAY - wait)
        assert queue.next(readings, (), readings, MONDAY) == expected


def test_nothing_is_read_twice_within_a_minute() -> None:
    readings = {"a": read(MONDAY)}
    queue = Queue()
    queue.open("a", MONDAY + 59)
    assert queue.next(readings, {"a"}, readings, MONDAY + 59) is None
    assert queue.next(readings, {"a"}, readings, MONDAY + 60) == "a"


def test_an_empty_account_has_no_turn() -> None:
    assert Queue().next([], (), {}, MONDAY) is None


def test_what_refuses_rests_twice_as_long_each_time_up_to_an_hour_and_an_answer_ends_that() -> None:
    queue, now, rests = Queue(), MONDAY, []
    for _ in range(12):
        queue.refused("a", now)
        queue.open("a", now)
        rest = next(wait for wait in range(0, 7200, 60) if queue.next(["a"], {"a"}, {}, now + wait) == "a")
        rests.append(rest)
        now += rest
    assert rests == [120, 240, 480, 960, 1920, *[3600] * 7]
    queue.answered("a")
    queue.refused("a", now)
    assert queue.next(["a"], (), {}, now + 120) == "a"


def test_one_that_refuses_holds_up_nobody() -> None:
    queue = Queue()
    queue.refused("a", MONDAY)
    assert queue.next(["a", "b"], {"a"}, {}, MONDAY) == "b"


@pytest.mark.parametrize(("failing", "opened"), [(0, 0), (12, 0), (20, 1), (100, 1), (205, 0)])
def test_205_pipelines_are_each_read_within_twelve_minutes(failing: int, opened: int) -> None:
    names = [str(place) for place in range(205)]
    readings = {name: read(MONDAY - HOUR + place) for place, name in enumerate(names)}
    order = turns(Queue(), readings, set(names[:failing]), set(names[-1:][:opened]), 60)
    assert len(order) == 20 * 60
    seen: dict[str, list[int]] = {name: [] for name in names}
    for turn, name in enumerate(order):
        seen[name].append(turn)
    assert all(places[0] * 3 <= 12 * MINUTE for places in seen.values())
    assert all((later - sooner) * 3 <= 12 * MINUTE for places in seen.values() for sooner, later in pairwise(places))


def test_what_failed_is_read_twice_as_often_as_the_rest_and_what_is_opened_every_minute() -> None:
    names = [str(place) for place in range(205)]
    readings = {name: read(MONDAY - HOUR + place) for place, name in enumerate(names)}
    order = turns(Queue(), readings, {"7"}, {"9"}, 60)
    assert order.count("9") in range(50, 61)
    assert order.count("7") in range(10, 13)
    assert order.count("100") in (5, 6)


def test_many_opened_and_many_failed_ones_never_take_every_turn() -> None:
    names = [str(place) for place in range(205)]
    readings = {name: read(MONDAY - HOUR + place) for place, name in enumerate(names)}
    order = turns(Queue(), readings, set(names[50:100]), set(names[:50]), 60)
    assert set(order) == set(names)
