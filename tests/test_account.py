"""One account, many viewers: what each sees, and what all of them together cost Hevo."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hevo_api import Unavailable
from monitor import Account, Clock, Store, Word
from monitor.schedule import Schedule
from tests.account_house import Clock as MovedClock
from tests.account_house import House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path) as house:
        yield house


def states(house: House) -> dict[str, str]:
    return {one.id: one.status or "" for one in house.client().list_pipelines()}


def wait_until(account: Account, happened: object) -> None:
    with account._changed:
        assert account._changed.wait_for(happened, 10)  # type: ignore[arg-type]


def test_all_viewers_see_the_last_whole_answer_and_its_age(house: House) -> None:
    account = house.watched()
    house.clock.move(42)
    now, other = account.now(), account.now()
    assert now.rows is other.rows
    assert len(now.rows) == len(house.sandbox.fleet.pipelines) == sum(now.counts.values())
    assert (now.answered_at, now.age, now.confirmed, now.trouble) == (house.clock.now - 42, 42, True, None)
    assert (now.at, now.next_look_in, now.correction) == (house.clock.now, 18, 0)


def test_a_picture_does_not_change_while_somebody_reads_it(house: House) -> None:
    account = house.watched()
    now = account.now()
    seen = now.history.latest
    account.run([house.on[0]])
    house.pass_time(account, 120)
    assert now.requests == ()
    assert now.history.latest == seen
    assert account.now().version != now.version


def test_the_version_stays_while_nothing_on_a_page_changes(house: House) -> None:
    account = house.watched()
    version = account.now().version
    house.clock.move(30)
    assert account.now().version == version


def test_the_confirmation_ends_after_five_minutes_without_an_answer_and_not_before(house: House) -> None:
    account = house.watched()
    version = account.now().version
    house.sandbox.faults.order("status", status=503)
    assert house.pass_time(account, 280).confirmed
    now = house.pass_time(account, 25)
    assert not now.confirmed
    assert now.version != version
    assert now.trouble is not None


@pytest.mark.parametrize("viewers", [1, 30])
def test_thirty_viewers_cost_what_one_costs(house: House, viewers: int) -> None:
    account = house.account(interval=5.0)
    for _ in range(90):
        for _ in range(viewers):
            account.now()
        account.step()
        house.clock.move(1)
    assert len(house.lists) == 18
    assert house.sandbox.arrivals == house.lists


def test_thirty_viewers_in_threads_cost_what_one_costs(house: House) -> None:
    account = house.account(threads=True)
    with ThreadPoolExecutor(30) as viewers:
        seen = list(viewers.map(lambda _: account.now(wait=10), range(300)))
    assert all(now.rows for now in seen)
    assert len(house.lists) == 1
    account.close(wait=5)


def test_nobody_watching_means_no_request(house: House) -> None:
    account = house.watched()
    asked = len(house.lists)
    house.pass_time(account, 600, step=10, watching=False)
    assert len(house.lists) == asked + 2  # within two intervals somebody may still be there
    assert account.now(watching=False).next_look_in is None


def test_while_nobody_watches_looks_come_every_so_often(house: House) -> None:
    account = house.account(unwatched=300)
    house.pass_time(account, 3_000, watching=False)
    assert len(house.lists) == 10


def test_somebody_who_comes_back_gets_a_look_at_once(house: House) -> None:
    account = house.watched()
    house.clock.move(3_600)
    assert not account.now().confirmed
    account.step()
    assert account.now().confirmed


def test_looks_start_at_exact_intervals_even_if_they_are_slow() -> None:
    schedule = Schedule(60)
    schedule.watch(0)
    schedule.began = 0
    schedule.succeed(pages=1)
    assert schedule.due_in(8) == 52


def test_a_cold_start_without_an_answer_ends_in_time(house: House) -> None:
    house.sandbox.faults.order("hang", times=1)
    account = house.account(threads=True)
    started = time.monotonic()
    now = account.now(wait=0.3)
    assert 0.3 <= time.monotonic() - started < 2
    assert (now.rows, now.age, now.looking, now.confirmed) == ((), None, True, False)
    account.close()


def test_the_first_viewer_after_a_pause_waits_for_the_fresh_answer_and_the_next_ones_do_not(house: House) -> None:
    house.watched().close()
    house.clock.move(3_600)
    account = house.account(threads=True)
    assert not account.now(watching=False).confirmed
    now = account.now(wait=10)
    assert (now.confirmed, now.age) == (True, 0)
    house.sandbox.faults.order("hang")
    house.clock.move(70)
    started = time.monotonic()
    assert account.now(wait=10).age == 70
    assert time.monotonic() - started < 1
    account.close()


def test_the_first_viewer_waits_no_longer_than_was_said_and_nobody_waits_after_him(house: House) -> None:
    house.watched().close()
    house.clock.move(3_600)
    house.sandbox.faults.order("hang")
    store = Store.in_folder(house.folder, Clock(wall=house.clock))  # a clock that goes on by itself
    account = house.account(store=store, threads=True)
    started = time.monotonic()
    assert not account.now(wait=0.5).confirmed
    assert 0.4 < time.monotonic() - started < 2
    started = time.monotonic()
    assert account.now(wait=0.5).rows
    assert time.monotonic() - started < 0.3
    account.close()


def test_nobody_waits_while_hevo_is_known_to_be_away(house: House) -> None:
    account = house.watched(unwatched=90)
    house.sandbox.faults.order("status", status=503)
    house.pass_time(account, 900, watching=False)
    started = time.monotonic()
    assert account.now(wait=5).trouble
    assert time.monotonic() - started < 1


def test_fifty_cold_viewers_of_a_dead_hevo_share_one_failure(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.account(threads=True)
    with ThreadPoolExecutor(50) as viewers:
        started = time.monotonic()
        seen = list(viewers.map(lambda _: account.now(wait=4), range(50)))
        assert time.monotonic() - started < 4
    assert {now.trouble.cause for now in seen if now.trouble} == {"down"}
    assert len({now.trouble for now in seen}) == 1
    assert len(house.lists) <= 3
    account.close(wait=5)


def test_fifty_viewers_ask_a_dead_hevo_three_times_in_ten_seconds(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.account(interval=5.0)
    began = house.clock.now
    while house.clock.now < began + 60:
        for _ in range(50):
            account.now()
        account.step()
        house.clock.move(0.5)
    times = [seen.at for seen in house.lists]
    assert all(sum(start <= at < start + 10 for at in times) <= 3 for start in times)
    assert len(times) >= 12


def test_a_slow_look_delays_nobody(house: House) -> None:
    account = house.account(threads=True)
    answered_at = account.now(wait=10).answered_at
    house.sandbox.faults.order("delay", seconds=1.2, times=1)
    house.clock.move(60)
    slowest, now = 0.0, account.now()
    while now.answered_at == answered_at:
        started = time.monotonic()
        now = account.now(wait=4)
        account.refresh()
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 0.6
    account.close(wait=5)


def test_ten_minutes_of_outage_show_the_old_rows_and_heal(house: House) -> None:
    account = house.watched()
    rows = [row.pipeline for row in account.now().rows]
    house.sandbox.faults.order("status", status=503)
    ages = []
    for _ in range(120):
        now = house.pass_time(account, 5)
        assert [row.pipeline for row in now.rows] == rows
        assert now.age is not None
        ages.append(now.age)
    assert ages == sorted(ages)
    assert ages[-1] >= 600
    assert not now.confirmed
    assert now.trouble is not None
    assert now.trouble.cause == "down"
    assert now.next_look_in is not None
    house.sandbox.faults.clear()
    healed = house.pass_time(account, 60)
    assert (healed.confirmed, healed.trouble) == (True, None)
    assert most_in_a_minute(house.sandbox.arrivals) <= 20


def test_tries_after_a_failure_grow_up_to_the_interval() -> None:
    schedule = Schedule(60)
    waits = []
    for _ in range(5):
        schedule.watch(0)
        schedule.began = 0
        schedule.fail(0, Unavailable())
        waits.append(schedule.due_in(0))
    assert waits == [10, 20, 40, 60, 60]


def test_a_viewer_who_comes_during_a_long_rest_gets_a_look_soon() -> None:
    schedule = Schedule(60, unwatched=300)
    for _ in range(8):
        schedule.began = 0
        schedule.fail(0, Unavailable())
    assert schedule.due_in(100) == 200
    schedule.watch(100)
    assert schedule.due_in(100) == 0


def test_hevo_may_ask_for_more_patience_when_it_is_down() -> None:
    schedule = Schedule(60)
    schedule.watch(0)
    schedule.began = 0
    assert schedule.fail(0, Unavailable(retry_after=25)) == 25
    assert schedule.due_in(0) == 25


def test_a_refused_key_is_tried_once_an_interval(house: House) -> None:
    account = house.account(house.client(secret="wrong"))
    now = house.look(account)
    assert now.trouble is not None
    assert now.trouble.cause == "key"
    assert now.next_look_in == 60
    house.pass_time(account, 600)
    assert len(house.lists) == 11


def test_the_limit_is_waited_for_as_long_as_hevo_says(house: House) -> None:
    house.sandbox.faults.order("limit", retry_after=120, times=1)
    account = house.account()
    now = house.look(account)
    assert now.trouble is not None
    assert (now.trouble.cause, now.next_look_in, account.refresh()) == ("limit", 120, 120)
    house.pass_time(account, 115)
    assert len(house.lists) == 1
    assert house.pass_time(account, 10).confirmed


def test_refresh_works_every_15_seconds_for_all(house: House) -> None:
    account = house.watched()
    house.clock.move(3)
    assert account.refresh() == 0
    account.step()
    assert len(house.lists) == 2
    house.clock.move(4)
    assert account.refresh() == 11
    account.step()
    assert len(house.lists) == 2
    house.clock.move(11)
    assert account.refresh() == 0


def test_refresh_is_one_look_at_whatever_part_of_a_millisecond_it_was_asked_for(house: House) -> None:
    account = house.watched()
    house.clock.move(20.0006)
    assert account.refresh() == 0
    house.look(account)
    house.pass_time(account, 20)
    assert len(house.lists) == 2


def test_refresh_joins_a_look_that_is_under_way(house: House) -> None:
    house.sandbox.faults.order("delay", seconds=0.3, times=1)
    account = house.account(threads=True)
    account.now()
    while not house.lists:
        account.now()
    assert [account.refresh() for _ in range(3)] == [0, 0, 0]
    assert account.now(wait=5).rows
    assert len(house.lists) == 1
    account.close(wait=5)


def test_refresh_waits_for_the_cool_down_of_a_failure(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.watched()
    failed_at = len(house.lists)
    assert 9 < account.refresh() <= 10
    account.step()
    assert len(house.lists) == failed_at


def test_an_unexpected_error_is_a_failed_look_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account = house.account()
    monkeypatch.setattr(account.client, "list_pipelines", None)
    now = house.look(account)
    assert now.trouble is not None
    assert now.trouble.cause == "unreadable"
    monkeypatch.undo()
    assert house.pass_time(account, 60).confirmed


def test_an_error_of_ours_after_the_answer_does_not_end_the_looks(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account = house.account(threads=True)
    monkeypatch.setattr("monitor.account.differences", None)
    assert account.now(wait=10).trouble
    monkeypatch.undo()
    house.clock.move(60)
    account.now()
    wait_until(account, lambda: account.now().rows)
    assert "an error of our own" in caplog.text
    account.close(wait=5)


def test_a_jump_of_the_wall_clock_moves_what_is_shown_and_nothing_else(house: House) -> None:
    wall = MovedClock()
    account = house.watched(store=house.store(wall=wall))
    answered_at = account.now().answered_at
    assert answered_at is not None
    wall.move(-3_600)
    now = house.pass_time(account, 60)
    wall.move(60)
    assert (now.age, now.confirmed) == (0, True)
    assert account.now().correction == -3_600
    wall.move(7_200)
    now = house.pass_time(account, 60)
    wall.move(60)
    assert now.answered_at == answered_at + 120
    assert account.now().correction == 3_600
    assert len(now.history.watch) == 1
    wall.move(-3_599)
    assert account.now().correction == 0  # less than two seconds is no correction


def test_a_large_account_is_looked_at_less_often(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = house.watched(interval=5.0)
        now = account.now()
        assert len(now.rows) == 1_000
        assert (now.interval, now.slowed) == (12, True)
        assert account.refresh() == 12
        house.pass_time(account, 60)
        assert account.now().confirmed
        assert most_in_a_minute(house.sandbox.arrivals) <= 60


@pytest.mark.parametrize(
    ("interval", "pages", "effective"),
    [(60, 1, 60), (60, 35, 60), (60, 36, 120), (60, 100, 120), (60, 101, 180), (5, 3, 5), (5, 10, 12), (600, 100, 600)],
)
def test_looks_take_half_of_the_limit_at_most(interval: float, pages: int, effective: float) -> None:
    schedule = Schedule(interval)
    schedule.succeed(pages)
    assert schedule.interval == effective
    assert schedule.slowed == (effective > interval)


def test_the_first_look_shows_its_progress(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        house.sandbox.faults.order("delay", seconds=0.3, times=1, path="starting_after")
        account = house.account(threads=True)
        seen = set()
        while not (now := account.now()).rows:
            seen.add(now.progress)
        assert 100 in seen
        wait_until(account, lambda: account.now().progress is None)
        account.close(wait=5)


def test_the_workers_rest_when_nobody_watches_and_come_back(house: House) -> None:
    account = house.account(threads=True)
    account.now(wait=10)
    wait_until(account, lambda: not account.now(watching=False).looking)  # a wish during a look is that look
    house.clock.move(3_600)
    account.refresh()
    wait_until(account, lambda: len(house.lists) == 2 and not account.now(watching=False).looking)
    house.clock.move(3_600)
    for worker in (account._glancer, account._looker):
        worker.wake()
        worker.join(10)
        assert worker._thread is None
    account.now()
    wait_until(account, lambda: len(house.lists) == 3)
    account.close(wait=5)


def test_a_closed_account_asks_nothing_more_and_leaves_no_thread(house: House) -> None:
    of_others = set(threading.enumerate())
    account = house.account(threads=True)
    account.now(wait=10)
    account.run(house.on[:1])
    account.close(wait=5)
    asked = len(house.sandbox.arrivals)
    house.clock.move(3_600)
    account.now(wait=1)
    account.refresh()
    account.step()
    assert account.run(list(states(house))[:1])[0].why == "stopped"
    assert len(house.sandbox.arrivals) == asked + 1  # that of this test
    names = {thread.name for thread in set(threading.enumerate()) - of_others}
    assert not names & {"looks at Hevo", "sends runs", "reads what others wrote"}


def test_closing_while_a_look_hangs_takes_no_longer_than_was_said(house: House) -> None:
    house.sandbox.faults.order("hang")
    account = house.account(threads=True)
    account.now()
    while not house.lists:
        account.now()
    started = time.monotonic()
    account.close(wait=0.5)
    assert time.monotonic() - started < 2
    assert not account.now().rows


def test_a_look_that_is_under_way_sends_nothing_more_once_the_account_is_closed(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        house.sandbox.faults.order("delay", seconds=0.4, times=1, path="starting_after")
        account = house.account(threads=True)
        account.now()
        while len(house.lists) < 2:
            account.now()
        account.close()
        account._looker.join(10)
        assert len(house.lists) == 2
        assert not account.now().rows


def test_two_accounts_share_nothing(house: House) -> None:
    ours = house.watched()
    theirs = house.account(house.client(house.sandbox.member_key, house.sandbox.member_secret))
    assert theirs.now().rows == ()
    ours.run(house.on[:1])
    house.send_all(ours)
    assert theirs.now().requests == ()
    assert theirs.log() == []
    assert ours.name != theirs.name


def test_an_account_whose_address_changes_may_be_known_by_another_name(house: House) -> None:
    house.watched(name="sample").close()
    other = house.client(house.sandbox.member_key, house.sandbox.member_secret)
    assert house.account(other, name="sample").now().rows


def test_no_secret_stands_in_any_output(house: House, caplog: pytest.LogCaptureFixture) -> None:
    account = house.watched()
    wanted = house.on[:1]
    house.sandbox.faults.order("status", status=500)
    account.run(wanted, by="ann")
    house.send_all(account)
    now = house.pass_time(account, 120)
    written = b"".join(file.read_bytes() for file in house.folder.iterdir()).decode("latin-1")
    told = f"{account!r}{now!r}{caplog.text}{written}"
    assert "6590" in told
    assert house.sandbox.api_secret not in told
    assert house.sandbox.api_key not in told


def test_the_real_clock_may_be_used(house: House) -> None:
    account = Account(house.client(), Store.in_memory(Clock()), threads=False)
    account.now()
    account.step()
    now = account.now()
    assert now.age is not None
    assert 0 <= now.age < 5
    assert abs(now.at - time.time()) < 5
    assert now.having(Word.HEALTHY)
