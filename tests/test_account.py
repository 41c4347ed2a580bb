"""One account, many viewers: what each sees, and what all of them together cost Hevo."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hevo_api import HevoError, RateLimited, Unavailable
from monitor import Account
from monitor.looks import Looks
from tests.account_house import Clock, House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path) as house:
        yield house


def test_all_viewers_see_the_last_whole_answer_and_its_age(house: House) -> None:
    account = house.watched()
    house.clock.move(42)
    view, other = account.view(), account.view()
    assert view.snapshot is not None
    assert view.snapshot is other.snapshot
    assert len(view.snapshot.pipelines) == len(house.sandbox.fleet.pipelines)
    assert view.snapshot.answered_at == house.clock.now - 42
    assert (view.age, view.confirmed, view.trouble) == (42, True, None)
    assert (view.at, view.next_look_in) == (house.clock.now, 18)


def test_a_picture_does_not_change_while_somebody_reads_it(house: House) -> None:
    account = house.watched()
    view = account.view()
    seen = view.history.latest
    account.run([house.on[0]])
    house.pass_time(account, 120)
    assert view.runs == ()
    assert view.history.latest == seen
    assert account.view().version != view.version


def test_the_version_stays_while_nothing_on_a_page_changes(house: House) -> None:
    account = house.watched()
    version = account.view().version
    house.clock.move(30)
    assert account.view().version == version


def test_the_version_changes_when_the_confirmation_ends_with_time(house: House) -> None:
    account = house.watched()
    version = account.view().version
    house.clock.move(301)
    assert not account.view(watching=False).confirmed
    assert account.view(watching=False).version != version


@pytest.mark.parametrize("viewers", [1, 30])
def test_thirty_viewers_cost_what_one_costs(house: House, viewers: int) -> None:
    account = house.account(interval=5.0)
    for _ in range(90):
        for _ in range(viewers):
            account.view()
        account.step()
        house.clock.move(1)
    assert len(house.lists) == 18
    assert house.sandbox.arrivals == house.lists


def test_thirty_viewers_in_threads_cost_what_one_costs(house: House) -> None:
    account = house.account(threads=True)
    with ThreadPoolExecutor(30) as viewers:
        views = list(viewers.map(lambda _: account.view(wait=10), range(300)))
    assert all(view.snapshot for view in views)
    assert len(house.lists) == 1
    account.close(wait=5)


def test_nobody_watching_means_no_request(house: House) -> None:
    account = house.watched()
    asked = len(house.lists)
    for _ in range(60):
        house.clock.move(10)
        account.view(watching=False)
        account.step()
    assert len(house.lists) == asked + 2  # within two intervals somebody may still be there
    assert account.view(watching=False).next_look_in is None


def test_somebody_who_comes_back_gets_a_look_at_once(house: House) -> None:
    account = house.watched()
    house.clock.move(3_600)
    assert not account.view().confirmed
    account.step()
    assert account.view().confirmed


def test_looks_start_at_exact_intervals_even_if_they_are_slow() -> None:
    looks = Looks(60)
    looks.watch(0)
    number = looks.begin(0)
    assert looks.succeed(number, 8, pages=1)
    assert looks.due_in(8) == 52


def test_an_old_answer_never_replaces_a_newer_one() -> None:
    looks = Looks(60)
    slow, fast = looks.begin(0), looks.begin(30)
    assert looks.succeed(fast, 31, pages=1)
    assert not looks.succeed(slow, 40, pages=1)
    looks.fail(slow, 41, Unavailable("late"))
    assert looks.age(41) == 10
    assert looks.confirmed(41)


def test_a_cold_start_without_an_answer_ends_in_time(house: House) -> None:
    house.sandbox.faults.order("hang", times=1)
    account = house.account(threads=True)
    started = time.monotonic()
    view = account.view(wait=0.3)
    assert time.monotonic() - started < 2
    assert (view.snapshot, view.age, view.looking, view.confirmed) == (None, None, True, False)
    account.close()


def test_fifty_cold_viewers_of_a_dead_hevo_share_one_failure(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.account(threads=True)
    with ThreadPoolExecutor(50) as viewers:
        started = time.monotonic()
        views = list(viewers.map(lambda _: account.view(wait=4), range(50)))
        assert time.monotonic() - started < 4
    causes = {view.trouble.cause for view in views if view.trouble}
    assert causes == {"down"}
    assert len({view.trouble for view in views}) == 1
    assert len(house.lists) <= 3
    house.clock.move(9.9)
    account.view(wait=4)
    assert len(house.lists) <= 3
    account.close(wait=5)


def test_fifty_viewers_ask_a_dead_hevo_three_times_in_ten_seconds(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.account(interval=5.0)
    began = house.clock.now
    while house.clock.now < began + 60:
        for _ in range(50):
            account.view()
        account.step()
        house.clock.move(0.5)
    times = [seen.at for seen in house.lists]
    assert all(sum(start <= at < start + 10 for at in times) <= 3 for start in times)
    assert len(times) >= 12


def test_a_slow_look_delays_nobody(house: House) -> None:
    account = house.account(threads=True)
    rows = account.view(wait=10).snapshot
    house.sandbox.faults.order("delay", seconds=1.2, times=1)
    house.clock.move(60)
    slowest, view = 0.0, account.view()
    while view.snapshot is rows:
        started = time.monotonic()
        view = account.view(wait=4)
        account.refresh_now()
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 0.6
    account.close(wait=5)


def test_ten_minutes_of_outage_show_the_old_rows_and_heal(house: House) -> None:
    account = house.watched()
    rows = account.view().snapshot
    house.sandbox.faults.order("status", status=503)
    ages = []
    for _ in range(120):
        view = house.pass_time(account, 5)
        assert view.snapshot is rows
        assert view.age is not None
        ages.append(view.age)
    assert ages == sorted(ages)
    assert ages[-1] >= 600
    assert not view.confirmed
    assert view.trouble is not None
    assert view.trouble.cause == "down"
    assert view.next_look_in is not None
    house.sandbox.faults.clear()
    healed = house.pass_time(account, 60)
    assert healed.confirmed
    assert healed.trouble is None
    assert healed.age is not None
    assert healed.age < 60
    assert most_in_a_minute(house.sandbox.arrivals) <= 20


def test_one_failed_look_takes_the_confirmation_away(house: House) -> None:
    account = house.watched()
    version = account.view().version
    house.sandbox.faults.order("status", status=503)
    view = house.pass_time(account, 60)
    assert not view.confirmed
    assert view.version != version


def test_tries_after_a_failure_grow_up_to_the_interval() -> None:
    looks = Looks(60)
    waits = []
    for _ in range(5):
        looks.watch(0)
        looks.fail(looks.begin(0), 0, Unavailable())
        waits.append(looks.due_in(0))
    assert waits == [10, 20, 40, 60, 60]


def test_hevo_may_ask_for_more_patience_when_it_is_down() -> None:
    looks = Looks(60)
    looks.watch(0)
    looks.fail(looks.begin(0), 0, Unavailable(retry_after=25))
    assert looks.due_in(0) == 25


def test_a_refused_key_is_tried_once_an_interval(house: House) -> None:
    account = house.account(house.client(secret="wrong"))
    view = house.look(account)
    assert view.trouble is not None
    assert view.trouble.cause == "key"
    assert view.next_look_in == 60
    house.pass_time(account, 600)
    assert len(house.lists) == 11


def test_the_limit_is_waited_for_as_long_as_hevo_says(house: House) -> None:
    house.sandbox.faults.order("limit", retry_after=120, times=1)
    account = house.account()
    view = house.look(account)
    assert isinstance(view.trouble, RateLimited)
    assert view.next_look_in == 120
    assert account.refresh_now() == 120
    house.pass_time(account, 115)
    assert len(house.lists) == 1
    assert house.pass_time(account, 10).confirmed


def test_refresh_now_works_every_15_seconds_for_all(house: House) -> None:
    account = house.watched()
    house.clock.move(3)
    assert account.refresh_now() == 0
    account.step()
    assert len(house.lists) == 2
    house.clock.move(4)
    assert account.refresh_now() == 11
    account.step()
    assert len(house.lists) == 2
    house.clock.move(11)
    assert account.refresh_now() == 0


def test_refresh_now_joins_a_look_that_is_under_way(house: House) -> None:
    house.sandbox.faults.order("delay", seconds=0.3, times=1)
    account = house.account(threads=True)
    account.view()
    while not house.lists:
        account.view()
    assert [account.refresh_now() for _ in range(3)] == [0, 0, 0]
    assert account.view(wait=5).snapshot is not None
    assert len(house.lists) == 1
    account.close(wait=5)


def test_refresh_now_waits_for_the_cool_down_of_a_failure(house: House) -> None:
    house.sandbox.faults.order("status", status=503)
    account = house.watched()
    failed_at = len(house.lists)
    assert 9 < account.refresh_now() <= 10
    account.step()
    assert len(house.lists) == failed_at


def test_an_unexpected_error_is_a_failed_look_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account = house.account()
    monkeypatch.setattr(account.client, "list_pipelines", None)
    view = house.look(account)
    assert isinstance(view.trouble, HevoError)
    monkeypatch.undo()
    assert house.pass_time(account, 60).confirmed


def test_an_error_of_ours_after_the_answer_does_not_end_the_looks(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account = house.account(threads=True)
    monkeypatch.setattr(account._history, "observe", None)
    assert account.view(wait=10).snapshot is not None
    house.clock.move(60)
    monkeypatch.undo()
    account.view()
    with account._changed:
        assert account._changed.wait_for(lambda: account.view().history.begins is not None, 10)
    assert "an error of our own" in caplog.text
    account.close(wait=5)


def test_a_jump_of_the_wall_clock_changes_nothing(house: House) -> None:
    wall = Clock()
    account = house.watched(wall=wall)
    answered = account.view().snapshot
    assert answered is not None
    wall.move(-3_600)
    view = house.pass_time(account, 60)
    wall.move(7_200)
    assert view.age == 0
    assert view.confirmed
    view = house.pass_time(account, 60)
    assert view.snapshot is not None
    assert view.snapshot.answered_at == answered.answered_at + 120
    assert view.history.segments(house.on[0], answered.answered_at, view.at)[0].word is not None
    assert all(part.word for part in view.history.segments(house.on[0], answered.answered_at, view.at))


def test_history_remembers_looks_and_failures_for_a_day(house: House) -> None:
    account = house.watched(interval=3_600)
    house.sandbox.faults.order("status", status=503)
    house.pass_time(account, 3_600, step=3_600)
    house.sandbox.faults.clear()
    [trouble] = account.view().history.troubles
    assert trouble.cause == "down"
    view = house.pass_time(account, 30 * 3_600, step=3_600)
    assert view.history.begins is not None
    assert view.at - view.history.begins <= 86_400
    assert house.watched(interval=3_600).view().history.begins is not None


def test_a_large_account_is_looked_at_less_often(tmp_path: Path) -> None:
    with house_on(tmp_path, "huge") as house:
        account = house.watched(interval=5.0)
        view = account.view()
        assert view.snapshot is not None
        assert len(view.snapshot.pipelines) >= 10_000
        assert (view.interval, view.slowed) == (120, True)
        assert account.refresh_now() > 15
        house.pass_time(account, 130)
        assert account.view().confirmed
        assert most_in_a_minute(house.sandbox.arrivals) <= 100


@pytest.mark.parametrize(
    ("interval", "pages", "effective"),
    [
        (60, 1, 60),
        (60, 35, 60),
        (60, 36, 120),
        (60, 100, 120),
        (60, 101, 180),
        (5, 3, 5),
        (5, 10, 12),
        (600, 100, 600),
    ],
)
def test_looks_take_half_of_the_limit_at_most(interval: float, pages: int, effective: float) -> None:
    looks = Looks(interval)
    looks.succeed(looks.begin(0), 0, pages)
    assert looks.interval == effective
    assert looks.slowed == (effective > interval)


def test_the_first_look_shows_its_progress(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        house.sandbox.faults.order("delay", seconds=0.3, times=1, path="starting_after")
        account = house.account(threads=True)
        seen = set()
        while (view := account.view()).snapshot is None:
            seen.add(view.progress)
        assert 100 in seen
        assert view.progress is None
        account.close(wait=5)


def test_the_watcher_rests_when_nobody_watches_and_comes_back(house: House) -> None:
    account = house.account(threads=True)
    account.view(wait=10)
    house.clock.move(3_600)
    account.refresh_now()
    with account._changed:
        assert account._changed.wait_for(lambda: len(house.lists) == 2, 10)
    house.clock.move(3_600)
    account._watcher.wake()
    account._watcher.join(10)
    assert account._watcher._thread is None
    account.view()
    with account._changed:
        assert account._changed.wait_for(lambda: len(house.lists) == 3, 10)
    account.close(wait=5)


def test_a_closed_account_asks_nothing_more(house: House) -> None:
    of_others = set(threading.enumerate())
    account = house.account(threads=True)
    account.view(wait=10)
    account.run(house.on[:1])
    account.close(wait=5)
    asked = len(house.sandbox.arrivals)
    house.clock.move(3_600)
    account.view(wait=1)
    account.refresh_now()
    account.step()
    assert len(house.sandbox.arrivals) == asked
    assert not [thread for thread in set(threading.enumerate()) - of_others if thread.name == "looks at Hevo"]


def test_two_accounts_share_nothing(house: House) -> None:
    ours = house.watched()
    member = house.client(house.sandbox.member_key, house.sandbox.member_secret)
    theirs = house.account(member, run_log=None)
    assert theirs.view().snapshot is None
    ours.run(house.on[:1])
    house.send_all(ours)
    assert theirs.view().runs == ()
    assert house.account(member).view().runs == ()
    assert ours.fingerprint != theirs.fingerprint


def test_no_secret_stands_in_any_output(house: House, caplog: pytest.LogCaptureFixture) -> None:
    account = house.watched()
    wanted = house.on[:1]
    house.sandbox.faults.order("status", status=500)
    account.run(wanted, by="ann")
    house.send_all(account)
    view = house.pass_time(account, 120)
    written = "".join(file.read_text() for file in house.folder.iterdir())
    told = f"{account!r}{view!r}{caplog.text}{written}"
    assert house.sandbox.api_secret not in told
    assert house.sandbox.api_key not in told


def test_the_real_clock_is_the_default(house: House) -> None:
    client = house.client()
    account = Account(client, threads=False)
    account.view()
    account.step()
    view = account.view()
    assert view.age is not None
    assert 0 <= view.age < 5
    assert abs(view.at - time.time()) < 5
