"""What may be said about the time between two looks, and what may not."""

import tracemalloc
from threading import Event, Thread

import pytest

from monitor.health import Word
from monitor.history import (
    Census,
    Change,
    History,
    Segment,
    Since,
    Spell,
    State,
    Step,
    Trouble,
    hold_for,
    summarise,
)
from monitor.strips import cuts

OK, FAILED, PAUSED = State("ACTIVE", "OK"), State("ACTIVE", "FAILED"), State("PAUSED", "OK")
XYZ, ABC = State("ACTIVE", "XYZ"), State("ACTIVE", "ABC")
NOON = 1_760_000_000
MINUTE, HOUR = 60, 3600


def watched(*seen: tuple[int, State | None], hold: float = 300) -> History:
    """A history of one pipeline, "a", seen at these seconds after noon; None is a failed attempt to look."""
    history = History(hold)
    for at, state in seen:
        if state is None:
            history.fail(NOON + at, "down")
        else:
            history.observe(NOON + at, {"a": state})
    return history


def every(step: int, start: int, end: int, state: State | None) -> list[tuple[int, State | None]]:
    return [(at, state) for at in range(start, end, step)]


def strip(history: History, start: int, end: int, pipeline_id: str = "a") -> list[tuple[float, float, Word | None]]:
    return [(s - NOON, e - NOON, word) for s, e, word in history.segments(pipeline_id, NOON + start, NOON + end)]


@pytest.mark.parametrize(("interval", "hold"), [(5, 300), (60, 300), (150, 300), (200, 400), (900, 1800), (9000, 1800)])
def test_an_observation_holds_two_intervals_but_five_to_thirty_minutes(interval, hold):
    assert hold_for(interval) == hold


def test_an_observation_holds_until_the_next_one():
    history = watched((0, OK), (60, FAILED), (120, OK))
    assert strip(history, 0, 150) == [(0, 60, Word.HEALTHY), (60, 120, Word.FAILED), (120, 150, Word.HEALTHY)]


def test_an_observation_holds_no_longer_than_its_hold():
    history = watched((0, OK), (1000, OK))
    assert strip(history, 0, 1100) == [(0, 300, Word.HEALTHY), (300, 1000, None), (1000, 1100, Word.HEALTHY)]


def test_no_hold_reaches_past_thirty_minutes():
    assert strip(watched((0, OK), hold=86_400), 0, HOUR) == [(0, 1800, Word.HEALTHY), (1800, HOUR, None)]


def test_each_look_holds_as_long_as_was_agreed_when_it_was_made():
    history = watched((0, OK))
    history.hold = 600
    history.observe(NOON + 1000, {"a": OK})
    assert strip(history, 0, 2000)[0] == (0, 300, Word.HEALTHY)
    assert strip(history, 0, 2000)[2] == (1000, 1600, Word.HEALTHY)


def test_time_before_the_first_look_was_not_checked():
    assert strip(watched((0, OK)), -100, 10) == [(-100, 0, None), (0, 10, Word.HEALTHY)]


def test_a_pipeline_that_was_never_seen_was_not_checked():
    assert strip(watched((0, OK)), 0, 10, "b") == [(0, 10, None)]
    assert watched((0, OK)).since("b") is None


def test_an_empty_window_has_no_segments_and_no_figure():
    history = watched((0, OK))
    assert history.segments("a", NOON, NOON) == []
    assert history.segments("a", NOON + 10, NOON) == []
    assert history.health("a", NOON, NOON).percent is None


def test_a_failed_attempt_does_not_cut_what_was_seen_before():
    assert strip(watched((0, OK), (60, None), (120, OK)), 0, 130) == [(0, 130, Word.HEALTHY)]


def test_failed_attempts_are_kept_by_cause_and_end_with_a_look():
    history = watched((0, OK), (60, None), (120, None), (180, OK), (240, None))
    history.fail(NOON + 300, "key")
    assert history.troubles == (
        Trouble(NOON + 60, NOON + 120, 2, "down"),
        Trouble(NOON + 240, NOON + 240, 1, "down"),
        Trouble(NOON + 300, NOON + 300, 1, "key"),
    )


def test_a_pipeline_that_is_gone_from_a_complete_look_is_not_known_from_then_on():
    history = watched((0, OK), (60, OK))
    history.observe(NOON + 120, {"b": OK})
    assert strip(history, 0, 200) == [(0, 120, Word.HEALTHY), (120, 200, None)]
    assert history.since("a") is None
    assert set(history.pipeline_ids) == {"a", "b"}


def test_equal_states_are_one_spell_and_a_gap_ends_it():
    history = watched((0, OK), (60, OK), (120, FAILED), (1000, FAILED))
    assert history.spells("a") == [
        Spell(NOON, NOON + 60, 2, OK),
        Spell(NOON + 120, NOON + 120, 1, FAILED),
        Spell(NOON + 1000, NOON + 1000, 1, FAILED),
    ]


def test_another_odd_value_is_a_new_spell_but_no_change_of_word():
    history = watched((0, XYZ), (60, ABC))
    assert len(history.spells("a")) == 2
    assert history.changes(NOON - 1, NOON + 60) == []
    assert strip(history, 0, 100) == [(0, 100, Word.UNKNOWN)]
    assert history.since("a") == Since(None, NOON)


def test_two_looks_in_one_second_are_both_kept():
    history = watched((0, OK), (0, FAILED), (0, OK))
    assert [spell.state for spell in history.spells("a")] == [OK, FAILED, OK]
    assert history.failures("a", NOON, NOON + 60) == 1


# The percentage


def test_the_percentage_weighs_time_and_not_the_number_of_looks():
    """Two hours of 5-minute looks, half an hour failing: somebody's 30 refreshes must not make it 87%."""
    calm, busy, bad = every(300, 0, 3600, OK), every(60, 3600, 5400, OK), every(300, 5400, 7200, FAILED)
    history = watched(*calm, *busy, *bad, hold=600)
    healthy = len(calm) + len(busy)
    assert int(100 * healthy / (healthy + len(bad))) == 87
    assert history.health("a", NOON, NOON + 7200).percent == 75


def test_an_hour_with_an_outage_in_the_middle_shows_the_gap_and_the_share_of_watched_time():
    history = watched(
        *every(60, 0, 1200, OK),
        *every(60, 1200, 2400, None),
        *every(60, 2400, 3000, FAILED),
        *every(60, 3000, 3600, OK),
    )
    assert strip(history, 0, 3600) == [
        (0, 1440, Word.HEALTHY),
        (1440, 2400, None),
        (2400, 3000, Word.FAILED),
        (3000, 3600, Word.HEALTHY),
    ]
    health = history.health("a", NOON, NOON + 3600)
    assert (health.healthy, health.failed, health.watched, health.looks) == (2040, 600, 2640, 40)
    assert health.percent == 77
    assert health.coverage == pytest.approx(2640 / 3600)


def test_no_figure_below_twenty_looks():
    nineteen, twenty = watched(*every(60, 0, 19 * 60, OK)), watched(*every(60, 0, 20 * 60, OK))
    assert nineteen.health("a", NOON, NOON + 19 * 60).percent is None
    assert twenty.health("a", NOON, NOON + 20 * 60).percent == 100


def test_no_figure_below_half_of_the_window():
    history = watched(*every(60, 0, 30 * 60, OK), hold=60)
    assert history.health("a", NOON, NOON + 60 * 60).percent == 100
    assert history.health("a", NOON, NOON + 60 * 60 + 1).percent is None


def test_looks_and_time_outside_the_window_do_not_count():
    history = watched(*every(60, 0, 3600, FAILED), *every(60, 3600, 7200, OK))
    health = history.health("a", NOON + 3600, NOON + 7199)
    assert (health.percent, health.looks, health.failures, health.failed) == (100, 60, 0, 0)


def test_it_is_never_a_hundred_when_a_failure_was_seen():
    history = watched(*every(60, 0, 20_000, OK), (20_000, FAILED), (20_001, OK))
    assert history.health("a", NOON, NOON + 20_001).percent == 99
    only_at_the_end = watched(*every(60, 0, 3600, OK), (3600, FAILED))
    assert only_at_the_end.health("a", NOON, NOON + 3600).percent == 99


def test_the_figure_is_rounded_down_and_a_whole_figure_stays_whole():
    thirds = watched(*every(60, 0, 1200, FAILED), *every(60, 1200, 3600, OK))
    assert thirds.health("a", NOON, NOON + 3600).percent == 66
    exact = watched(*every(60, 0, 29 * 60, OK), *every(60, 29 * 60, 100 * 60, FAILED))
    assert exact.health("a", NOON, NOON + 100 * 60).percent == 29


def test_paused_and_unknown_time_is_watched_but_stays_out_of_the_figure():
    history = watched(*every(60, 0, 1200, OK), *every(60, 1200, 2400, PAUSED), *every(60, 2400, 3600, XYZ))
    health = history.health("a", NOON, NOON + 3600)
    assert (health.percent, health.coverage, health.watched) == (100, 1.0, 3600)
    assert watched(*every(60, 0, 3600, PAUSED)).health("a", NOON, NOON + 3600).percent is None


# Since when, what changed, how often


def test_a_word_began_between_two_looks():
    history = watched((0, OK), (60, FAILED), (120, FAILED))
    assert history.since("a") == Since(NOON, NOON + 60)


def test_a_word_that_was_there_from_the_first_look_began_nobody_knows_when():
    assert watched((0, FAILED), (60, FAILED)).since("a") == Since(None, NOON)


def test_a_word_found_after_a_gap_may_have_begun_anywhere_in_it():
    assert watched((0, OK), (60, OK), (7200, FAILED)).since("a") == Since(NOON + 60, NOON + 7200)


def test_a_word_on_both_sides_of_a_gap_may_have_paused_in_it():
    history = watched((0, OK), (60, FAILED), (7200, FAILED), (7260, FAILED))
    assert history.since("a") == Since(NOON, NOON + 7200)
    assert watched((0, FAILED), (7200, FAILED)).since("a") == Since(None, NOON + 7200)


def test_changes_are_told_newest_first_with_the_time_in_which_they_happened():
    history = watched((0, OK), (60, FAILED), (120, FAILED), (7200, OK))
    assert history.changes(NOON, NOON + 7200) == [
        Change("a", NOON + 120, NOON + 7200, Word.FAILED, Word.HEALTHY),
        Change("a", NOON, NOON + 60, Word.HEALTHY, Word.FAILED),
    ]


def test_changes_of_one_look_put_the_worst_first():
    history = History()
    history.observe(NOON, {"a": FAILED, "b": OK, "c": OK})
    history.observe(NOON + 60, {"a": OK, "b": FAILED, "c": OK})
    assert [change.pipeline_id for change in history.changes(NOON, NOON + 60)] == ["b", "a"]
    assert [change.pipeline_id for change in history.changes(NOON, NOON + 60, "a")] == ["a"]


def test_windows_side_by_side_tell_each_change_once():
    history = watched((0, OK), (60, FAILED), (120, OK))
    first, second = history.changes(NOON, NOON + 60), history.changes(NOON + 60, NOON + 120)
    assert second + first == history.changes(NOON, NOON + 120)


def test_a_windows_first_second_tells_what_was_before_and_no_change_of_its_own():
    history = watched((0, OK), (60, FAILED), (120, OK))
    assert list(history.turns(NOON + 60, NOON + 120)) == [[Word.FAILED, Word.HEALTHY]]
    assert list(history.turns(NOON, NOON + 59)) == []


def test_the_newest_changes_are_found_however_long_ago_they_were():
    history = watched(*every(60, 0, HOUR, OK), (HOUR, FAILED), (2 * HOUR, OK), *every(60, 2 * HOUR + 60, 9 * HOUR, OK))
    changes = history.changes(NOON, NOON + 9 * HOUR)
    assert len(changes) == 2
    assert history.newest_changes(NOON, NOON + 9 * HOUR, 1) == (changes[:1], 2)
    assert history.newest_changes(NOON, NOON + 9 * HOUR, 9) == (changes, 2)


def test_failures_are_counted_as_times_and_not_as_looks():
    history = watched((0, FAILED), (60, FAILED), (120, OK), (180, FAILED), (240, XYZ), (300, FAILED))
    assert history.failures("a", NOON, NOON + 300) == 3
    assert history.failures("a", NOON + 120, NOON + 300) == 2
    assert history.failures("a", NOON + 60, NOON + 100) == 1
    assert history.failures("a", NOON + 240, NOON + 299) == 0


def test_a_gap_alone_ends_no_failure():
    history = watched((0, FAILED), (7200, FAILED))
    assert history.failures("a", NOON, NOON + 7200) == 1
    assert history.failures("a", NOON + 1000, NOON + 7000) == 0


# Forgetting, joining, sharing


def test_what_is_forgotten_is_gone_and_the_rest_is_as_before():
    history = watched(*every(60, 0, 600, OK), *every(60, 600, 1200, FAILED))
    history.fail(NOON + 10, "down")
    before = strip(history, 900, 1300)
    history.forget(NOON + 900)
    assert (history.begins, history.troubles) == (NOON + 900, ())
    assert strip(history, 900, 1300) == before
    assert history.spells("a") == [Spell(NOON + 900, NOON + 1140, 5, FAILED)]
    assert history.since("a") == Since(None, NOON + 900)


def test_a_pipeline_that_no_remembered_look_contains_is_forgotten():
    history = watched((0, OK))
    history.observe(NOON + 60, {"b": OK})
    history.observe(NOON + 120, {"b": OK})
    history.forget(NOON + 100)
    assert history.pipeline_ids == ("b",)
    history.forget(NOON + 1000)
    assert (history.pipeline_ids, history.begins, history.latest) == ((), None, None)


def test_older_time_joins_without_a_seam():
    seen = [*every(60, 0, 600, OK), *every(60, 600, 1200, FAILED)]
    whole = watched(*seen)
    assert watched(*seen[10:]).extended(watched(*seen[:10])) == whole
    assert watched(*seen[5:]).extended(watched(*seen[:12])) == whole
    assert watched(*seen[15:]).extended(watched(*seen[:15])) == whole


def test_older_time_keeps_its_distance_when_nobody_watched_in_between():
    joined = watched((7200, OK)).extended(watched((0, OK)))
    assert strip(joined, 0, 7300) == [(0, 300, Word.HEALTHY), (300, 7200, None), (7200, 7300, Word.HEALTHY)]


def test_older_time_brings_its_pipelines_states_and_troubles():
    older = History()
    older.observe(NOON, {"gone": XYZ, "a": FAILED})
    older.fail(NOON + 60, "down")
    joined = watched((120, OK)).extended(older)
    assert strip(joined, 0, 200, "gone") == [(0, 120, Word.UNKNOWN), (120, 200, None)]
    assert strip(joined, 0, 200) == [(0, 120, Word.FAILED), (120, 200, Word.HEALTHY)]
    assert joined.spells("gone")[0].state == XYZ
    assert joined.troubles == older.troubles


def test_a_fresh_history_takes_all_that_the_tab_remembers_and_goes_on():
    older = watched((0, OK), (60, FAILED))
    joined = watched((120, None)).extended(older)
    assert (joined.latest, joined.since("a")) == (NOON + 60, Since(NOON, NOON + 60))
    joined.observe(NOON + 120, {"a": FAILED})
    assert joined.since("a") == Since(NOON, NOON + 60)


def test_older_time_that_adds_nothing_gives_the_very_same_history():
    history = watched((60, OK), (120, OK))
    assert history.extended(watched((60, OK), (120, OK))) is history
    assert history.extended(History()) is history


def test_a_snapshot_stays_as_it_was():
    history = watched((0, OK))
    kept = history.snapshot()
    history.observe(NOON + 60, {"a": FAILED, "b": OK})
    assert (kept.latest, kept.pipeline_ids) == (NOON, ("a",))
    assert kept == watched((0, OK))
    assert kept != history


def test_readers_never_see_half_a_look():
    """All pipelines turn together at each look; a reader that meets two words at once saw half a look."""
    history, done, torn = History(), Event(), []
    names = [str(number) for number in range(200)]

    def read() -> None:
        while not done.is_set():
            now = history.snapshot()
            lasts = {now.spells(name)[-1][2:] for name in now.pipeline_ids}
            if len(lasts) > 1 or (now.latest and len(now.pipeline_ids) != len(names)):
                torn.append(lasts)

    reader = Thread(target=read)
    reader.start()
    for look in range(100):
        history.observe(NOON + look, dict.fromkeys(names, FAILED if look % 2 else OK))
    done.set()
    reader.join()
    assert not torn


def test_writers_from_several_threads_lose_nothing():
    history = History()
    writers = [Thread(target=lambda: [history.observe(NOON, {"a": OK}) for _ in range(200)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert history.spells("a")[0].looks == 800


# Strips


def in_blocks(segments, start, end, count):
    census = Census(cuts(start, end, count))
    census.add(segments, 1)
    return census.worst()


def test_a_block_shows_the_worst_that_it_covers():
    history = watched((0, OK), (50, FAILED), (55, OK), (200, PAUSED), (250, OK), (400, PAUSED))
    assert in_blocks(history.segments("a", NOON, NOON + 500), NOON, NOON + 500, 5) == [
        Segment(NOON, NOON + 100, Word.FAILED),
        Segment(NOON + 100, NOON + 400, Word.HEALTHY),
        Segment(NOON + 400, NOON + 500, Word.PAUSED),
    ]


def test_a_block_with_a_gap_is_not_green():
    history = watched((0, OK), (350, OK))
    found = in_blocks(history.segments("a", NOON, NOON + 400), NOON, NOON + 400, 4)
    assert found == [Segment(NOON, NOON + 300, Word.HEALTHY), Segment(NOON + 300, NOON + 400, None)]
    assert in_blocks([], 0, 2, 2) == [Segment(0, 2, None)]


def test_a_strip_in_numbers_says_how_long_how_often_and_how_much_is_missing():
    history = watched(*every(60, 0, 600, OK), (600, FAILED), (2000, FAILED), (2060, OK))
    seconds, not_checked, failures = summarise(history.segments("a", NOON, NOON + 2100))
    assert seconds == {Word.HEALTHY: 640, Word.FAILED: 360}
    assert not_checked == pytest.approx(1100 / 2100)
    assert failures == 1
    assert summarise([]) == ({}, 1.0, 0)


def fleet() -> History:
    history = History()
    history.observe(NOON, {"a": OK, "b": OK})
    history.observe(NOON + 100, {"a": OK, "b": FAILED, "new": PAUSED})
    history.observe(NOON + 200, {"a": OK, "new": PAUSED})
    return history


def test_pipelines_by_word_over_time_are_exact_while_the_moments_are_few():
    steps = fleet().census(NOON - 50, NOON + 600).steps()
    assert steps == [
        Step(NOON - 50, NOON + 100, Word.FAILED, 0),
        Step(NOON + 100, NOON + 200, Word.FAILED, 1),
        Step(NOON + 200, NOON + 600, Word.FAILED, 0),
        Step(NOON - 50, NOON, None, 2),
        Step(NOON, NOON + 500, None, 0),
        Step(NOON + 500, NOON + 600, None, 2),
        Step(NOON - 50, NOON, Word.HEALTHY, 0),
        Step(NOON, NOON + 100, Word.HEALTHY, 2),
        Step(NOON + 100, NOON + 500, Word.HEALTHY, 1),
        Step(NOON + 500, NOON + 600, Word.HEALTHY, 0),
        Step(NOON - 50, NOON + 100, Word.PAUSED, 0),
        Step(NOON + 100, NOON + 500, Word.PAUSED, 1),
        Step(NOON + 500, NOON + 600, Word.PAUSED, 0),
    ]


def test_pipelines_by_word_over_time_come_in_blocks_when_the_moments_are_many():
    history = watched(*every(60, 0, 6000, OK), (6000, FAILED), (6010, OK))
    steps = history.census(NOON, NOON + 7000, most=7).steps()
    assert [step for step in steps if step.pipelines] == [
        Step(NOON + 6000, NOON + 7000, Word.FAILED, 1),
        Step(NOON, NOON + 6000, Word.HEALTHY, 1),
    ]


def test_the_fleets_strip_shows_the_worst_word_of_any_pipeline():
    assert fleet().census(NOON - 50, NOON + 600).worst() == [
        Segment(NOON - 50, NOON, None),
        Segment(NOON, NOON + 100, Word.HEALTHY),
        Segment(NOON + 100, NOON + 200, Word.FAILED),
        Segment(NOON + 200, NOON + 500, Word.HEALTHY),
        Segment(NOON + 500, NOON + 600, None),
    ]
    assert History().census(0, 10).worst() == [Segment(0, 10, None)]
    assert fleet().census(NOON, NOON).worst() == []
    assert fleet().census(NOON, NOON).steps() == []


# Limits


def test_hostile_states_cost_little_and_never_pass_for_healthy():
    history = History()
    for look in range(30):
        history.observe(NOON + look, {str(n): State("ACTIVE", f"{look}-{n}" * 500) for n in range(100)})
    history.observe(NOON + 30, {"0": OK, "x" * 65: OK, "": OK})
    spells = history.spells("0")
    assert all(len(spell.state.health or "") <= 64 for spell in spells)
    assert spells[-1].state == OK
    assert {word for _, _, word in strip(history, 0, 30, "0")} == {Word.UNKNOWN}
    assert len(history.pipeline_ids) == 100
    assert History.from_json(history.to_json(), NOON + 60) == history


def test_a_day_of_a_thousand_restless_pipelines_takes_less_than_two_megabytes():
    names = [str(number) for number in range(1_000)]
    tracemalloc.start()
    history = History()
    for hour in range(24):
        history.observe(NOON + hour * HOUR, dict.fromkeys(names, FAILED if hour % 2 else OK))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(history.spells(name)) for name in names) == 24_000
    assert size < 2_000_000
