"""Several servers as one: each has a store of its own on one folder, one of them looks and sends, all know the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hevo_api import RateLimited
from hevo_api.rate import WINDOW
from monitor import Account, Clock, Standing, Store, Word
from monitor.store import NotOurs, accounts
from monitor.store.spending import StoredBudget
from tests.account_house import Clock as MovedClock
from tests.account_house import House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


def pass_time(house: House, *servers: Account, seconds: float, watching: bool = True) -> None:
    """All of them are at work, a second at a time."""
    until = house.clock.now + seconds
    while house.clock.now < until:
        house.clock.move(1)
        for server in servers:
            server.now(watching=watching)
            server.step()


def test_three_servers_look_once_an_interval(house: House) -> None:
    servers = [house.account(interval=30) for _ in range(3)]
    pass_time(house, *servers, seconds=300)
    assert len(house.lists) == 10
    assert {server.now().age for server in servers} == {servers[0].now().age}


def test_what_one_sees_the_others_show_within_two_seconds(house: House) -> None:
    first, second = house.watched(), house.account()
    pass_time(house, first, second, seconds=58)
    house.sandbox.fleet.pin(house.on[0], health_status="FAILED")
    pass_time(house, first, second, seconds=2)
    assert first.now().counts[Word.FAILED] == 1
    pass_time(house, first, second, seconds=2)
    assert second.now().counts == first.now().counts
    assert second.now().rows[0].since == first.now().rows[0].since
    assert second.now().next_look_in is not None


def test_a_viewer_or_a_wish_on_one_server_has_another_look(house: House) -> None:
    looker, other = house.watched(unwatched=300), house.account(unwatched=300)
    pass_time(house, looker, other, seconds=200, watching=False)
    asked = len(house.lists)
    other.now()
    pass_time(house, looker, other, seconds=3, watching=False)
    assert len(house.lists) == asked + 1
    assert other.now(watching=False).age == looker.now(watching=False).age
    pass_time(house, looker, other, seconds=20, watching=False)
    assert other.refresh() == 0
    pass_time(house, looker, other, seconds=3, watching=False)
    assert len(house.lists) == asked + 2
    assert looker.refresh() > 0


def test_a_failed_look_is_told_on_every_server(house: House) -> None:
    first, second = house.watched(), house.account()
    house.sandbox.faults.order("status", status=401)
    pass_time(house, first, second, seconds=70)
    trouble = second.now().trouble
    assert trouble is not None
    assert trouble == first.now().trouble
    assert second.now().next_look_in == pytest.approx(first.now().next_look_in, abs=1)


def test_a_press_on_two_servers_is_one_request_and_all_know_who_asked(house: House) -> None:
    first, second = house.watched(), house.account()
    pipeline = house.on[0]
    assert second.run([pipeline], by="Ben")[0].standing is Standing.WAITING
    assert first.run([pipeline], by="Ann")[0].earlier == ("Ben", house.clock.now)
    pass_time(house, second, first, seconds=3)
    assert len(house.posts) == 1
    assert first.log() == second.log()
    assert {one.by: one.standing for one in second.now().requests} == {"Ben": "asked", "Ann": "ignored"}


def test_all_together_stay_below_the_limit(house: House) -> None:
    servers = [house.account(interval=5) for _ in range(2)]
    wanted = house.on
    for server in servers:
        house.look(server)
        server.run(wanted)
    for _ in range(70):
        pass_time(house, *servers, seconds=1)
        for server in servers:
            with suppress(RateLimited):
                server.client.get_pipeline(wanted[0])  # somebody looks at details
    assert 60 < most_in_a_minute(house.sandbox.arrivals) <= 90
    assert len(house.lists) >= 12
    assert len({seen.path for seen in house.posts}) == len(house.posts)


def test_when_the_one_that_looks_stops_the_next_takes_over_at_once(house: House) -> None:
    first, second = house.watched(), house.account()
    first.close()
    pass_time(house, second, seconds=62)
    assert len(house.lists) == 2
    assert second.now().confirmed


def test_when_the_one_that_looks_dies_another_takes_over_in_seconds(house: House) -> None:
    _dead, second = house.watched(), house.account()
    pass_time(house, second, seconds=62)
    assert len(house.lists) == 2


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_dead_one_whose_clock_was_another_is_not_waited_for(house: House, hours: int) -> None:
    wrong = MovedClock()
    wrong.now += hours * 3_600
    house.watched(store=Store.in_folder(house.folder, Clock(wrong, wrong)))
    second = house.account()
    pass_time(house, second, seconds=65)
    assert len(house.lists) == (3 if hours < 0 else 2)  # what seems to be an hour old is looked at anew
    assert second.now().confirmed


def test_one_that_was_stopped_in_its_turn_writes_no_look_and_sends_nothing(house: House) -> None:
    stopped, next_one = house.watched(), house.account()
    pipeline = house.on[0]
    stopped.run([pipeline])
    assert stopped._sending._due_in() == 0
    house.clock.move(10)
    next_one.now()
    next_one._glancer.step()  # takes over
    with pytest.raises(NotOurs):
        stopped._store.write(stopped._sending._claim)
    stopped._sending.send()
    stopped._look()
    assert house.posts == []
    assert [row.answered_at for row in (stopped.now(), next_one.now())] == [house.clock.now - 10] * 2
    house.send_all(next_one)
    assert len(house.posts) == 1


def test_one_whose_turn_passed_unnoticed_by_anybody_goes_on(house: House) -> None:
    account = house.watched()
    house.clock.move(60)
    account.now()
    account._looker.step()
    assert account.now().age == 60  # it would not begin without its turn
    account.step()
    assert account.now().age == 0


def test_a_restart_does_not_forget_what_was_sent(house: House) -> None:
    account = house.watched()
    while not account.client.budget.take("person"):
        house.clock.move(0.1)
    again = house.again(account)
    assert 0 < again.client.budget.take("person") < WINDOW


def budget(store: Store, limit: int = 100) -> StoredBudget:
    return StoredBudget(store, store.write(lambda tx: accounts.account_number(tx, "us")), limit)


@pytest.mark.parametrize("limit", [1, 2, 10, 100])
def test_no_minute_ever_sees_more_than_nine_tenths_whoever_asks(house: House, limit: int) -> None:
    first, second = budget(house.store(), limit), budget(house.store(), limit)
    sent = []
    for number in range(400):
        house.clock.move(0.3)
        server, who = (first, second)[number % 2], ("person", "look", "rest")[number % 3]
        if not server.take(who):  # type: ignore[arg-type]
            sent.append(house.clock.now)
    most = max(sum(begin <= at < begin + 62.9 for at in sent) for begin in sent)
    assert most == max(1, int(limit * 0.9))


def test_what_looks_and_people_leave_over_is_little(house: House) -> None:
    shared = budget(house.store())
    assert [shared.take("rest") for _ in range(20)] == [0.0] * 20
    assert shared.take("rest") == WINDOW
    assert [shared.take("look") for _ in range(50)] == [0.0] * 50
    assert shared.take("look") == WINDOW
    assert [shared.take("person") for _ in range(20)] == [0.0] * 20
    assert shared.take("person") == WINDOW


def test_a_pause_holds_for_all_and_is_never_cut_short(house: House) -> None:
    first, second = budget(house.store()), budget(house.store())
    assert first.pause(100) == 100
    assert second.pause(None) == 60
    assert second.take("person") == 100
    house.clock.move(100)
    assert second.take("person") == 0


def test_what_was_sent_in_the_future_blocks_no_longer_than_a_window(house: House) -> None:
    account = house.watched()
    while not account.client.budget.take("person"):
        house.clock.move(0.01)
    account.client.budget.pause(200)
    account.close()
    house.clock.move(-3_600)
    again = house.account()
    assert again.client.budget.take("person") <= 300
    house.clock.move(300)
    assert again.client.budget.take("person") == 0
