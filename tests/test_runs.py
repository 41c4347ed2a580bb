"""Runs: at most one request a minute for each pipeline, whatever is clicked, and its outcome known to all."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor import Account, Clock, Outcome, Request, Standing, Store, Word
from monitor.requests import FOLLOWED_FOR
from tests.account_house import House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


@pytest.fixture
def account(house: House) -> Account:
    return house.watched()


def only(account: Account, standing: Standing | None = None) -> Request:
    """The one request with this standing."""
    [request] = [one for one in account.now().requests if standing in (None, one.standing)]
    return request


def on_disk(house: House) -> list[tuple[Any, ...]]:
    """What another process can read of the requests: who asked, for what, and how far it has come."""
    with sqlite3.connect(house.folder / "hevo.db") as db:
        return db.execute("SELECT by_whom, pipeline, standing, status, outcome FROM request ORDER BY id").fetchall()


def test_three_fast_clicks_and_a_second_viewer_send_one_request(house: House, account: Account) -> None:
    pipeline = house.on[0]
    [first] = account.run([pipeline], by="Ann")
    clicks = [account.run([pipeline], by="Ann")[0] for _ in range(2)]
    house.send_all(account)
    [other] = account.run([pipeline], by="Ben")
    house.send_all(account)
    assert len(house.posts) == 1
    assert first.standing is Standing.WAITING
    assert {(one.standing, one.why) for one in [*clicks, other]} == {(Standing.IGNORED, "lately")}
    assert other.earlier == ("Ann", house.clock.now)
    assert only(account, Standing.ASKED).status == 200


def test_an_answer_stays_on_screen_while_it_is_written_down_and_read_back(house: House, account: Account) -> None:
    account.run(house.on[:1])
    house.send_all(account)
    for request, standing in [
        (only(account), Standing.ASKED),
        (only(account).unclear("unclear", 0.0), Standing.UNCLEAR),
    ]:
        account._sending._answers[request.id] = request
        assert only(account).standing is standing
        account._sending.catch_up()
        assert only(account).standing is standing
    assert only(house.account()).standing is Standing.UNCLEAR
    assert not account._sending._answers


def test_clicks_from_many_threads_send_one_request(house: House) -> None:
    account = house.account(threads=True)
    account.now(wait=10)
    pipeline = house.on[0]
    clicks = [threading.Thread(target=account.run, args=([pipeline],)) for _ in range(20)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    wait_until_over(account)
    account.close(wait=5)
    assert len(house.posts) == 1


def wait_until_over(account: Account) -> None:
    with account._changed:
        assert account._changed.wait_for(lambda: all(one.is_over for one in account.now().requests), 20)


def test_the_same_pipeline_twice_in_one_wish_is_one_request(house: House, account: Account) -> None:
    pipeline = house.on[0]
    assert len(account.run([pipeline, pipeline])) == 1


def test_one_wish_has_one_time(house: House) -> None:
    account = house.watched(store=Store.in_folder(house.folder, Clock(wall=house.clock)))
    assert len({one.asked_at for one in account.run(house.on)}) == 1


def test_after_a_minute_it_may_be_asked_again(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    house.clock.move(59.9)
    assert account.run([pipeline])[0].standing is Standing.IGNORED
    house.clock.move(0.1)
    assert account.run([pipeline])[0].standing is Standing.WAITING
    house.send_all(account)
    assert len(house.posts) == 2


def test_what_was_refused_meanwhile_does_not_shorten_the_minute(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    house.sandbox.fleet.pin(pipeline, status="PAUSED")
    house.clock.move(20)
    account.refresh()
    account.step()
    assert account.run([pipeline])[0].why == "paused"
    house.sandbox.fleet.unpin(pipeline)
    house.clock.move(20)
    account.refresh()
    account.step()
    assert account.run([pipeline])[0].standing is Standing.IGNORED
    assert len(house.posts) == 1


@pytest.mark.parametrize("word", ["INACTIVE", "PAUSED"])
def test_a_paused_pipeline_is_refused_without_a_request(house: House, word: str) -> None:
    pipeline = house.on[0]
    house.sandbox.fleet.pin(pipeline, status=word)
    account = house.watched()
    [request] = account.run([pipeline])
    house.send_all(account)
    assert (request.standing, request.why, request.retry_at) == (Standing.REFUSED, "paused", None)
    assert account.log() == [request]
    assert house.posts == []


@pytest.mark.parametrize("pipeline", ["999999", "", "../6590", "1/run-now", "é", "x" * 65, "half \ud800"])
def test_an_unknown_pipeline_is_refused_without_a_request(house: House, account: Account, pipeline: str) -> None:
    [request] = account.run([pipeline], by="half \ud800 a name")
    house.send_all(account)
    assert (request.standing, request.why) == (Standing.REFUSED, "unlisted")
    assert house.posts == []


def test_before_the_first_look_nothing_is_sent(house: House) -> None:
    account = house.account()
    [request] = account.run([house.on[0]])
    assert request.standing is Standing.REFUSED


def test_a_pipeline_that_is_gone_is_refused_with_the_reason(house: House, account: Account) -> None:
    pipeline = house.on[0]
    house.sandbox.fleet.remove(pipeline)
    account.run([pipeline])
    house.send_all(account)
    request = only(account)
    assert (request.standing, request.why, request.status) == (Standing.REFUSED, "gone", 404)
    assert request.retry_at == house.clock.now + 60


def test_a_key_that_may_not_run_asks_once_and_spares_the_rest(house: House) -> None:
    account = house.watched(house.client(house.sandbox.member_key, house.sandbox.member_secret))
    account.run(house.on[:5])
    house.send_all(account)
    assert {(one.standing, one.why) for one in account.now().requests} == {(Standing.REFUSED, "permission")}
    assert len(house.posts) == 1


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 502}, {"kind": "truncate"}])
def test_a_lost_answer_is_never_sent_again(house: House, account: Account, fault: dict[str, Any]) -> None:
    pipeline = house.on[0]
    house.sandbox.faults.order(**fault, method="POST", times=1, acts=True)
    account.run([pipeline])
    house.send_all(account)
    request = only(account)
    assert (request.standing, request.why, request.retry_at) == (Standing.UNCLEAR, "unclear", None)
    assert request.reference
    assert request.seen_after is Word.HEALTHY
    assert account.run([pipeline])[0].standing is Standing.IGNORED
    house.pass_time(account, 600)
    assert len(house.posts) == 1


def test_an_error_of_ours_in_a_run_is_unclear_and_the_others_go_on(
    house: House, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = house.on[:2]
    account.run([first, second])
    monkeypatch.setattr(account.client, "run_pipeline", None)
    account.step()
    monkeypatch.undo()
    account.step()
    assert [one.standing for one in account.now().requests] == [Standing.ASKED, Standing.UNCLEAR]


def test_after_three_lost_answers_the_others_are_spared(house: House, account: Account) -> None:
    house.sandbox.faults.order("status", status=503, method="POST")
    account.run(house.on[:6])
    house.send_all(account)
    told = [(one.standing, one.why) for one in account.now().requests]
    assert told.count((Standing.UNCLEAR, "unclear")) == 3
    assert told.count((Standing.REFUSED, "no answer")) == 3
    assert len(house.posts) == 3


def test_a_run_that_hevo_had_no_room_for_goes_on_later(house: House, account: Account) -> None:
    house.sandbox.faults.order("limit", retry_after=5, method="POST", times=1)
    first, second = house.on[:2]
    account.run([first, second])
    account.step()
    assert {(one.standing, one.why) for one in account.now().requests} == {
        (Standing.WAITING, "limit"),
        (Standing.WAITING, None),
    }
    house.pass_time(account, 59, step=1)
    assert len(house.posts) == 1
    house.pass_time(account, 10)
    assert [seen.path.split("/")[-2] for seen in house.posts] == [first, first, second]
    assert {one.standing for one in account.now().requests} == {Standing.ASKED}


def test_an_answer_that_another_thread_wrote_down_does_not_have_a_run_sent_again(
    house: House, account: Account
) -> None:
    house.sandbox.faults.order("limit", retry_after=5, method="POST", times=1)
    account.run([house.on[0]])
    account.step()
    answer, sending = only(account, Standing.WAITING), account._sending
    house.clock.move(70)
    assert sending._knowledge.write(sending._claim)  # it is under way once more
    sending._knowledge.write(partial(sending._put_answer, answer))  # a thread that was held up since then
    assert only(account).standing is Standing.ASKING


def test_a_run_that_found_no_room_for_an_hour_is_not_sent(house: House, account: Account) -> None:
    account.run(house.on[:1])
    house.clock.move(3_601)
    account.step()
    account.step()
    assert (only(account).standing, only(account).why) == (Standing.REFUSED, "no room")
    assert house.posts == []


def test_a_batch_leaves_the_share_of_the_looks(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = house.watched()
        asked = account.run(house.on[:90])
        assert {one.standing for one in asked} == {Standing.WAITING}
        now = account.now()
        for _ in range(400):
            house.clock.move(1)
            now = house.look(account)
            assert now.age is not None
            assert now.age <= 60
        assert [one.standing for one in now.requests].count(Standing.ASKED) == 90
        assert most_in_a_minute(house.posts) <= 20
        assert most_in_a_minute(house.sandbox.arrivals) <= 90


def test_only_so_many_runs_may_wait_and_none_of_them_is_forgotten(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = house.watched()
        wanted = house.on[:600]
        told = [(one.standing, one.why) for one in account.run(wanted)]
        assert told.count((Standing.WAITING, None)) == 500
        assert told.count((Standing.REFUSED, "full")) == 100
        for _ in range(6):
            account.run(wanted[:100])
        waiting = [one for one in account.now().requests if one.standing is Standing.WAITING]
        assert len(waiting) == 500
        assert [one.standing for one in house.again(account).now().requests].count(Standing.WAITING) == 500


def test_a_batch_goes_on_when_nobody_watches(house: House) -> None:
    account = house.account(threads=True)
    account.now(wait=10)
    house.clock.move(3_600)
    account.run(house.on[:5])
    wait_until_over(account)
    account.close(wait=5)
    assert len(house.posts) == 5


def test_a_request_stands_on_the_disk_before_it_is_shown_and_before_it_is_sent(house: House, account: Account) -> None:
    house.sandbox.faults.order("hang", method="POST")
    pipeline = house.on[0]
    account.run([pipeline], by="Ann")
    assert on_disk(house) == [("Ann", pipeline, "waiting", None, None)]
    worker = threading.Thread(target=account.step, daemon=True)
    worker.start()
    while not house.posts:
        pass
    assert on_disk(house) == [("Ann", pipeline, "asking", None, None)]
    house.sandbox.stop()
    worker.join(10)
    assert on_disk(house) == [("Ann", pipeline, "unclear", None, None)]


def test_who_asked_may_be_nobody_known(house: House, account: Account) -> None:
    account.run(house.on[:1])
    house.send_all(account)
    assert [row[0] for row in on_disk(house)] == [None]


def test_refused_and_ignored_ones_stand_in_the_log_too(house: House, account: Account) -> None:
    pipeline = house.on[0]
    for who, what in [("Ann", pipeline), ("Ben", pipeline), ("Cem", "999999")]:
        house.clock.move(1)
        account.run([what], by=who)
    house.send_all(account)
    told = [(one.by, one.standing, one.why) for one in account.log()]
    assert told == [("Cem", "refused", "unlisted"), ("Ben", "ignored", "lately"), ("Ann", "asked", None)]
    assert house.again(account).log() == account.log()


def test_in_memory_runs_go_out(house: House) -> None:
    account = house.watched(store=house.in_memory())
    account.run(house.on[:1])
    house.send_all(account)
    assert only(account).standing is Standing.ASKED
    assert not house.folder.exists()


def test_two_tabs_with_one_key_share_the_minute(house: House) -> None:
    first, second = (house.watched(store=house.in_memory()) for _ in range(2))
    pipeline, another = house.on[:2]
    first.run([pipeline])
    second.run([pipeline])
    house.send_all(first)
    asked_at = house.clock.now
    house.send_all(second)
    assert (only(second).standing, only(second).why, only(second).earlier) == ("ignored", "lately", (None, asked_at))
    house.clock.move(59)
    assert second.run([pipeline])[0].standing is Standing.IGNORED
    assert second.run([another])[0].standing is Standing.WAITING
    house.clock.move(1)
    assert second.run([pipeline])[0].standing is Standing.WAITING
    house.send_all(second)
    assert len(house.posts) == 3


def test_what_waits_in_memory_when_it_is_closed_is_refused(house: House) -> None:
    account = house.watched(store=house.in_memory())
    account.run(house.on[:2])
    account.close()
    account.step()
    assert {(one.standing, one.why) for one in account.now().requests} == {(Standing.REFUSED, "stopped")}
    assert house.posts == []


def test_what_waits_when_the_dashboard_stops_is_sent_after_a_restart(house: House, account: Account) -> None:
    account.run(house.on[:3], by="Ann")
    again = house.again(account)
    account.step()
    assert house.posts == []
    house.clock.move(540)
    again.step()  # nobody watches
    house.send_all(again)
    assert {(one.standing, one.by) for one in again.now().requests} == {(Standing.ASKED, "Ann")}
    assert len(house.posts) == 3


def test_what_waited_longer_than_ten_minutes_is_not_sent_after_a_restart(house: House, account: Account) -> None:
    account.run(house.on[:1])
    account.close()
    house.clock.move(601)
    again = house.account()
    house.send_all(again)
    assert (only(again).standing, only(again).why) == (Standing.REFUSED, "left behind")
    assert only(again).retry_at is not None
    assert house.posts == []


def test_a_request_that_is_under_way_when_the_dashboard_stops_is_unclear_and_not_sent_again(house: House) -> None:
    house.sandbox.faults.order("hang", method="POST")
    account = house.account(house.client(deadline=2.0), threads=True)
    account.now(wait=10)
    pipeline, other = house.on[:2]
    account.run([pipeline, other])
    while not house.posts:
        pass
    started = time.monotonic()
    account.close(wait=0.3)
    assert time.monotonic() - started < 2
    house.sandbox.faults.clear()
    standings = {one.pipeline_id: (one.standing, one.why) for one in account.now().requests}
    assert standings == {pipeline: (Standing.UNCLEAR, "stopped"), other: (Standing.WAITING, None)}
    again = house.account()
    again.run([pipeline])
    house.send_all(again)
    assert [seen.path.split("/")[-2] for seen in house.posts] == [pipeline, other]
    account._sending.worker.join(15)
    assert only(again, Standing.IGNORED).pipeline_id == pipeline


def test_a_request_that_was_under_way_at_a_crash_is_unclear_and_not_sent_again(house: House) -> None:
    account = house.watched()
    pipeline, other = house.on[:2]
    account.run([pipeline, other])
    assert account._sending._store.write(account._sending._claim)  # and then its process is killed
    house.clock.move(3.1)
    again = house.account()
    assert only(again, Standing.UNCLEAR).pipeline_id == pipeline
    assert again.run([pipeline])[0].standing is Standing.IGNORED
    house.send_all(again)
    assert [seen.path.split("/")[-2] for seen in house.posts] == [other]


def test_a_restart_knows_the_requests_and_keeps_the_minute(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline], by="Ann")
    house.send_all(account)
    house.clock.move(30)
    again = house.again(account)
    assert only(again) == only(account)
    [request] = again.run([pipeline])
    assert request.standing is Standing.IGNORED
    assert request.earlier is not None
    assert request.earlier[0] == "Ann"
    house.clock.move(30)
    assert again.run([pipeline])[0].standing is Standing.WAITING


def test_a_clock_set_back_before_a_restart_does_not_lock_a_pipeline_for_long(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    account.close()
    house.clock.move(-7_200)
    again = house.account()
    assert again.run([pipeline])[0].standing is Standing.IGNORED
    house.clock.move(61)
    assert again.run([pipeline])[0].standing is Standing.WAITING


def followed(house: House, before: str, after: str, seconds: int) -> tuple[Account, Request]:
    """A run of a pipeline in health `before`, as looks see it when its health is `after`."""
    pipeline = house.on[0]
    house.sandbox.fleet.pin(pipeline, health_status=before)
    account = house.watched()
    account.run([pipeline])
    house.send_all(account)
    house.sandbox.fleet.pin(pipeline, health_status=after)
    house.pass_time(account, seconds, step=30)
    return account, only(account)


def test_a_run_that_helped_is_told_with_the_time(house: House) -> None:
    _, request = followed(house, "FAILED", "OK", 600)
    assert request.before is Word.FAILED
    assert (request.outcome, request.outcome_at) == (Outcome.HEALTHY, request.asked_at + 60)
    assert [row[-1] for row in on_disk(house)] == ["healthy"]


def test_a_run_that_did_not_help_is_told_at_each_look_for_half_an_hour(house: House) -> None:
    _, early = followed(house, "FAILED", "FAILED", 300)
    assert (early.outcome, early.outcome_at) == (Outcome.FAILING, early.asked_at + 300)
    assert early.is_followed


def test_after_half_an_hour_following_ends(house: House) -> None:
    _, request = followed(house, "FAILED", "FAILED", 3_600)
    assert (request.outcome, request.outcome_at) == (Outcome.FAILING, request.asked_at + 1_800)
    assert not request.is_followed


def test_a_run_of_a_healthy_pipeline_ends_with_no_change_seen_also_after_a_restart(house: House) -> None:
    account, request = followed(house, "OK", "OK", 1_700)
    assert request.outcome is None
    again = house.again(account)
    house.pass_time(again, 200)
    assert (only(again).outcome, only(again).is_followed) == (Outcome.NO_CHANGE, False)


def test_a_healthy_pipeline_that_fails_and_recovers_after_a_run_is_told(house: House) -> None:
    account, request = followed(house, "OK", "FAILED", 120)
    assert request.outcome is Outcome.FAILING
    house.sandbox.fleet.pin(request.pipeline_id, health_status="OK")
    house.pass_time(account, 120)
    assert only(account).outcome is Outcome.HEALTHY


def test_an_unclear_run_is_followed_up_too(house: House) -> None:
    house.sandbox.faults.order("reset", method="POST", times=1, acts=True)
    _, request = followed(house, "FAILED", "OK", 120)
    assert (request.standing, request.outcome) == (Standing.UNCLEAR, Outcome.HEALTHY)


def test_a_look_that_began_less_than_half_a_minute_after_the_answer_tells_nothing() -> None:
    asked = Request("1", "7", "A", None, 0.0, Standing.ASKED, Word.FAILED, answered_at=10.0)
    assert asked.seen(Word.HEALTHY, began=39.9, at=45.0) is asked
    assert asked.seen(Word.HEALTHY, began=40.0, at=45.0).outcome is Outcome.HEALTHY
    late = 10.0 + FOLLOWED_FOR
    assert replace(asked, before=Word.HEALTHY).seen(Word.HEALTHY, late, late).outcome is Outcome.NO_CHANGE


def test_the_latest_requests_are_shown_and_the_minute_holds_all_the_same(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    for _ in range(600):
        account.run([pipeline])
    assert len(account.now().requests) == 500
    assert len(account.log()) == 601
    house.send_all(account)
    assert len(house.posts) == 1
