"""Since when, and what was watched: gaps, outages and restarts move no word, and only real gaps are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import Account, Since, Word
from tests.account_house import House, house_on

LONG_AGO = 7 * 3_600


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


def since(account: Account, pipeline: str) -> Since | None:
    row = account.now(watching=False).get(pipeline)
    return row.since if row else None


def stretches(account: Account) -> list[tuple[float, float]]:
    """From when to when it was watched, in seconds since the house was opened."""
    watch = account.now(watching=False).history.watch
    return [
        (first / 1000 - 1_700_000_000, until / 1000 - 1_700_000_000)
        for first, until in zip(watch["first"], watch["until"], strict=True)
    ]


def failing(house: House, **options: float) -> tuple[Account, str, float]:
    """An account that has seen a pipeline fail, two looks after it was seen well."""
    pipeline = house.on[0]
    account = house.watched(**options)
    house.sandbox.fleet.pin(pipeline, health_status="FAILED")
    house.pass_time(account, 60)
    return account, pipeline, house.clock.now


def test_what_was_so_at_the_first_look_ever_is_at_least_since_then(house: House) -> None:
    account = house.watched()
    house.pass_time(account, 600)
    assert {row.since for row in account.now().rows} == {Since(None, house.clock.now - 600)}


def test_what_began_between_two_looks_began_after_one_and_by_the_other(house: House) -> None:
    account, pipeline, seen_at = failing(house)
    assert since(account, pipeline) == Since(seen_at - 60, seen_at)


def test_seven_hours_without_a_look_move_nothing(house: House) -> None:
    account, pipeline, seen_at = failing(house)
    house.clock.move(LONG_AGO)
    house.pass_time(account, 120)
    assert since(account, pipeline) == Since(seen_at - 60, seen_at)
    assert len(stretches(account)) == 2


def test_an_outage_moves_nothing(house: House) -> None:
    account, pipeline, seen_at = failing(house)
    house.sandbox.faults.order("status", status=503)
    house.pass_time(account, 1_200, step=60)
    house.sandbox.faults.clear()
    house.pass_time(account, 120)
    assert since(account, pipeline) == Since(seen_at - 60, seen_at)
    assert len(stretches(account)) == 2
    assert list(account.now().history.trouble["cause"]) == ["down"]


@pytest.mark.parametrize("hours", [0.01, 7, 60])
def test_a_restart_moves_nothing(house: House, hours: float) -> None:
    account, pipeline, seen_at = failing(house)
    account.close()
    house.clock.move(hours * 3_600)
    again = house.account()
    assert since(again, pipeline) == Since(seen_at - 60, seen_at)
    house.pass_time(again, 120)
    assert since(again, pipeline) == Since(seen_at - 60, seen_at)


def test_a_gap_widens_when_something_began(house: House) -> None:
    account = house.watched()
    pipeline, last_look = house.on[0], house.clock.now
    house.clock.move(LONG_AGO)
    house.sandbox.fleet.pin(pipeline, health_status="FAILED")
    house.look(account)
    assert since(account, pipeline) == Since(last_look, house.clock.now)


def test_two_values_with_one_word_are_one_word(house: House) -> None:
    account, pipeline, _ = failing(house)
    house.sandbox.fleet.pin(pipeline, status="INACTIVE")
    house.pass_time(account, 60)
    began = since(account, pipeline)
    house.sandbox.fleet.pin(pipeline, status="PAUSED")
    house.pass_time(account, 60)
    row = account.now().get(pipeline)
    assert row is not None
    assert (row.word, row.pipeline.status, row.since) == (Word.PAUSED, "PAUSED", began)


def test_a_new_pipeline_began_after_the_last_look_without_it(house: House) -> None:
    pipeline = house.on[0]
    there = house.sandbox.fleet.find(pipeline)
    assert there is not None
    house.sandbox.fleet.remove(pipeline)
    account = house.watched()
    house.sandbox.fleet.pipelines.append(there)
    house.pass_time(account, 60)
    assert since(account, pipeline) == Since(house.clock.now - 60, house.clock.now)


def test_one_that_was_gone_for_a_while_goes_on_where_it_was(house: House) -> None:
    account, pipeline, seen_at = failing(house)
    fleet, there = house.sandbox.fleet, list(house.sandbox.fleet.pipelines)
    fleet.pipelines = [one for one in there if str(one.id) != pipeline]
    house.pass_time(account, 120)
    assert account.now().get(pipeline) is None
    assert account.now().name(pipeline) == next(one.body["source"]["name"] for one in there if str(one.id) == pipeline)
    fleet.pipelines = there
    house.pass_time(account, 60)
    assert since(account, pipeline) == Since(seen_at - 60, seen_at)


def test_a_failure_within_a_day_makes_healthy_unstable_and_an_older_one_does_not(house: House) -> None:
    account, pipeline, _ = failing(house, unwatched=1_800)
    house.sandbox.fleet.pin(pipeline, health_status="OK")
    house.pass_time(account, 60)
    row = account.now().get(pipeline)
    assert row is not None
    assert (row.word, row.failures) == (Word.UNSTABLE, 1)
    house.pass_time(account, 23 * 3_600, step=900, watching=False)
    assert account.now(watching=False).having(Word.UNSTABLE)
    house.pass_time(account, 3_600, step=900, watching=False)
    assert not account.now(watching=False).having(Word.UNSTABLE)


def test_looks_that_follow_one_another_are_one_stretch(house: House) -> None:
    account = house.watched()
    house.pass_time(account, 600)
    assert stretches(account) == [(0, 600 + 120)]


def test_a_look_holds_for_a_minute_at_least(house: House) -> None:
    account = house.watched(interval=5)
    assert stretches(account) == [(0, 60)]


def test_the_last_viewers_leaving_draws_no_gap_while_looks_go_on(house: House) -> None:
    account = house.watched(unwatched=300)
    house.pass_time(account, 1_800, watching=False)
    [(first, until)] = stretches(account)
    assert (first, until) == (0, len(house.lists) and until)
    assert until >= 1_800
    house.pass_time(account, 60)
    assert len(stretches(account)) == 1


def test_between_the_last_viewers_leaving_and_the_next_look_no_gap_is_drawn_either(house: House) -> None:
    account = house.watched(unwatched=300)
    for _ in range(60):
        now = house.pass_time(account, 5, watching=False)
        assert stretches(account)[-1][1] > now.at - 1_700_000_000


def test_a_viewer_who_comes_while_nobody_watched_draws_no_gap(house: House) -> None:
    account = house.watched(unwatched=300)
    house.pass_time(account, 400, watching=False)
    house.pass_time(account, 60)
    assert len(stretches(account)) == 1


def test_without_looks_while_nobody_watches_there_is_a_gap(house: House) -> None:
    account = house.watched(unwatched=0)
    house.pass_time(account, 1_800, watching=False)
    house.pass_time(account, 60)
    assert stretches(account) == [(0, 240), (1_805, 1_925)]


def test_a_restart_leaves_a_gap_only_where_more_than_the_hold_passed(house: House) -> None:
    account = house.watched()
    account.close()
    house.clock.move(119)
    account = house.watched()
    assert len(stretches(account)) == 1
    account.close()
    house.clock.move(122)
    account = house.watched()
    assert len(stretches(account)) == 2


def test_after_two_days_every_word_is_still_known_with_its_beginning(house: House) -> None:
    account, pipeline, seen_at = failing(house, unwatched=3_600)
    house.pass_time(account, 180, watching=False)  # somebody might still be there
    house.pass_time(account, 80 * 3_600, step=900, watching=False)
    history = account.now(watching=False).history
    assert history.begins is not None
    assert house.clock.now - history.begins / 1000 <= 50 * 3_600
    assert since(account, pipeline) == Since(seen_at - 60, seen_at)
    assert len(account.history(0).watch) == 1
    assert account.history(0).begins == 1_700_000_000_000


def test_what_was_written_in_the_future_is_of_now_after_a_clock_was_set_back(house: House) -> None:
    account, pipeline, _ = failing(house)
    house.pass_time(account, 60)
    account.close()
    house.clock.move(-7_200)
    house.sandbox.fleet.pin(pipeline, health_status="OK")
    again = house.account()
    now = again.now(watching=False)
    assert (now.age, now.confirmed) == (0, True)
    now = house.pass_time(again, 60)
    assert (now.age, now.trouble) == (0, None)
    assert now.counts[Word.FAILED] == 0
    assert since(again, pipeline) == Since(house.clock.now - 60, house.clock.now)
    house.sandbox.faults.order("status", status=503)
    assert not house.pass_time(again, 600).confirmed


def test_after_a_clock_was_set_back_looks_come_at_their_interval(house: House) -> None:
    account = house.watched(unwatched=300)
    account.refresh()
    account.step()
    account.close()
    house.clock.move(-7_200)
    again, before = house.account(unwatched=300), len(house.lists)
    house.pass_time(again, 3_600, watching=False, step=30)
    assert 11 <= len(house.lists) - before <= 14
