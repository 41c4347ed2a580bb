"""Runs: at most one request a minute for each pipeline, whatever is clicked, and its outcome known to all."""

import json
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevo_api import Pipeline
from monitor import Account, Outcome, Run, RunLog, Standing, Word
from monitor.run import from_record, to_record
from monitor.snapshot import Snapshot, SnapshotFile
from tests.account_house import House, house_on, most_in_a_minute


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path, "calm") as house:
        yield house


@pytest.fixture
def account(house: House) -> Account:
    return house.watched()


def only(account: Account, standing: Standing | None = None) -> Run:
    """The one run with this standing."""
    [run] = [run for run in account.view().runs if standing in (None, run.standing)]
    return run


def lines(house: House) -> list[dict[str, object]]:
    return [json.loads(line) for line in (house.folder / "runs.jsonl").read_text().splitlines()]


def test_three_fast_clicks_and_a_second_viewer_send_one_request(house: House, account: Account) -> None:
    pipeline = house.on[0]
    [first] = account.run([pipeline], by="Ann")
    clicks = [account.run([pipeline], by="Ann")[0] for _ in range(2)]
    house.send_all(account)
    [other] = account.run([pipeline], by="Ben")
    house.send_all(account)
    assert len(house.posts) == 1
    assert first.standing is Standing.WAITING
    assert {run.standing for run in [*clicks, other]} == {Standing.IGNORED}
    assert other.earlier == ("Ann", house.clock.now)
    assert only(account, Standing.ASKED).status == 200


def test_clicks_from_many_threads_send_one_request(house: House) -> None:
    account = house.account(threads=True)
    account.view(wait=10)
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
        assert account._changed.wait_for(lambda: all(run.is_over for run in account.view().runs), 20)


def test_the_same_pipeline_twice_in_one_wish_is_one_run(house: House, account: Account) -> None:
    pipeline = house.on[0]
    assert len(account.run([pipeline, pipeline])) == 1


def test_one_wish_has_one_time(house: House) -> None:
    account = house.watched(clock=time.monotonic, threads=False)
    assert len({run.asked_at for run in account.run(house.on)}) == 1


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


@pytest.mark.parametrize("word", ["INACTIVE", "PAUSED"])
def test_a_paused_pipeline_is_refused_without_a_request(house: House, word: str) -> None:
    pipeline = house.on[0]
    house.sandbox.fleet.pin(pipeline, status=word)
    account = house.watched()
    [run] = account.run([pipeline])
    house.send_all(account)
    assert run.standing is Standing.REFUSED
    assert run.why is not None
    assert "paused" in run.why
    assert run.retry_at is None
    assert house.posts == []


@pytest.mark.parametrize("pipeline", ["999999", "", "../6590", "1/run-now", "é", "x" * 65])
def test_an_unknown_pipeline_is_refused_without_a_request(house: House, account: Account, pipeline: str) -> None:
    [run] = account.run([pipeline])
    house.send_all(account)
    assert run.standing is Standing.REFUSED
    assert house.posts == []


def test_a_pipeline_whose_number_is_none_is_refused_without_a_request(house: House, account: Account) -> None:
    odd = Pipeline.from_json({"id": "1/run-now?x=", "status": "ACTIVE", "health_status": "OK"})
    SnapshotFile(house.folder, account.fingerprint).save(Snapshot((odd,), house.clock.now))
    [run] = house.account().run([odd.id])
    assert run.standing is Standing.REFUSED


def test_before_the_first_look_nothing_is_sent(house: House) -> None:
    account = house.account()
    [run] = account.run([house.on[0]])
    assert run.standing is Standing.REFUSED


def test_a_pipeline_that_is_gone_is_refused_with_the_reason(house: House, account: Account) -> None:
    pipeline = house.on[0]
    house.sandbox.fleet.remove(pipeline)
    account.run([pipeline])
    house.send_all(account)
    run = only(account)
    assert (run.standing, run.why) == (Standing.REFUSED, "This pipeline no longer exists in Hevo.")
    assert run.retry_at == house.clock.now + 60


def test_a_key_that_may_not_run_asks_once_and_spares_the_rest(house: House) -> None:
    account = house.watched(client=house.client(house.sandbox.member_key, house.sandbox.member_secret))
    account.run(house.on[:5])
    house.send_all(account)
    runs = account.view().runs
    assert {run.standing for run in runs} == {Standing.REFUSED}
    assert len({run.why for run in runs}) == 1
    assert len(house.posts) == 1


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 502}, {"kind": "truncate"}])
def test_a_lost_answer_is_never_sent_again(house: House, account: Account, fault: dict[str, Any]) -> None:
    pipeline = house.on[0]
    house.sandbox.faults.order(**fault, method="POST", times=1, acts=True)
    account.run([pipeline])
    house.send_all(account)
    run = only(account)
    assert run.standing is Standing.UNCLEAR
    assert run.retry_at is None
    assert run.reference
    assert account.run([pipeline])[0].standing is Standing.IGNORED
    house.pass_time(account, 600)
    assert len(house.posts) == 1


def test_an_error_of_ours_in_a_run_is_unclear_and_the_others_go_on(
    house: House, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = house.on[:2]
    account.run([first, second])
    monkeypatch.setattr(account._runs, "_send", None)
    account.step()
    monkeypatch.undo()
    account.step()
    assert [run.standing for run in account.view().runs] == [Standing.ASKED, Standing.UNCLEAR]


def test_after_three_lost_answers_the_others_are_spared(house: House, account: Account) -> None:
    house.sandbox.faults.order("status", status=503, method="POST")
    account.run(house.on[:6])
    house.send_all(account)
    standings = [run.standing for run in account.view().runs]
    assert standings.count(Standing.UNCLEAR) == 3
    assert standings.count(Standing.REFUSED) == 3
    assert len(house.posts) == 3


def test_a_run_that_hevo_had_no_room_for_goes_on_later(house: House, account: Account) -> None:
    house.sandbox.faults.order("limit", retry_after=5, method="POST", times=1)
    first, second = house.on[:2]
    account.run([first, second])
    account.step()
    waiting = [run for run in account.view().runs if run.standing is Standing.WAITING]
    assert len(waiting) == 2
    house.pass_time(account, 59, step=1)
    assert len(house.posts) == 1
    house.pass_time(account, 10)
    assert [seen.path.split("/")[-2] for seen in house.posts] == [first, first, second]
    assert {run.standing for run in account.view().runs} == {Standing.ASKED}


def test_what_hevo_had_no_room_for_keeps_its_minute_even_when_it_is_given_up(house: House, account: Account) -> None:
    house.sandbox.faults.order("limit", retry_after=5, method="POST", times=1)
    account.run(house.on[:1])
    account.step()
    account.close()
    assert only(account).retry_at == house.clock.now + 60


def test_a_run_that_found_no_room_for_an_hour_is_not_sent(house: House, account: Account) -> None:
    account.run(house.on[:1])
    house.clock.move(3_601)
    account.step()
    assert only(account).standing is Standing.REFUSED
    assert house.posts == []


def test_a_batch_leaves_the_share_of_the_looks(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = house.watched()
        runs = account.run(house.on[:90])
        assert {run.standing for run in runs} == {Standing.WAITING}
        view = account.view()
        for _ in range(400):
            house.clock.move(1)
            view = house.look(account)
            assert view.confirmed
            assert view.age is not None
            assert view.age <= 60
        assert [run.standing for run in view.runs].count(Standing.ASKED) == 90
        assert most_in_a_minute(house.posts) <= 20
        assert most_in_a_minute(house.sandbox.arrivals) <= 90


def test_only_so_many_runs_may_wait(tmp_path: Path) -> None:
    with house_on(tmp_path, "large") as house:
        account = house.watched()
        standings = [run.standing for run in account.run(house.on[:600])]
        assert standings.count(Standing.WAITING) == 500
        assert standings.count(Standing.REFUSED) == 100


def test_a_batch_goes_on_when_nobody_watches(house: House) -> None:
    account = house.account(threads=True)
    account.view(wait=10)
    house.clock.move(3_600)
    account.run(house.on[:5])
    wait_until_over(account)
    account.close(wait=5)
    assert len(house.posts) == 5


def test_what_waits_when_an_account_is_closed_is_refused(house: House, account: Account) -> None:
    account.run(house.on[:2])
    account.close()
    account.step()
    assert {run.standing for run in account.view().runs} == {Standing.REFUSED}
    assert house.posts == []


def test_the_log_has_a_line_before_and_after_each_request(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline], by="Ann")
    house.send_all(account)
    before, after = lines(house)
    assert (before["standing"], after["standing"]) == ("asking", "asked")
    assert before["what"] == after["what"] == "run now"
    assert before["by"] == "Ann"
    assert before["pipeline_id"] == pipeline
    assert before["at"] == "2023-11-14T22:13:20.000+00:00"
    assert after["status"] == 200
    assert stat.S_IMODE((house.folder / "runs.jsonl").stat().st_mode) == 0o600


def test_the_line_before_stands_in_the_log_before_the_request_is_sent(house: House, account: Account) -> None:
    house.sandbox.faults.order("hang", method="POST")
    account.run(house.on[:1])
    worker = threading.Thread(target=account.step, daemon=True)
    worker.start()
    while not house.posts:
        pass
    assert [line["standing"] for line in lines(house)] == ["asking"]
    house.sandbox.stop()
    worker.join(10)


def test_who_asked_may_be_nobody_known(house: House, account: Account) -> None:
    account.run(house.on[:1])
    house.send_all(account)
    assert [line["by"] for line in lines(house)] == [None, None]


@pytest.mark.parametrize(
    "name", ["two\nlines", "cr\r\nlf", "para\u2028graph\u2029s", "nul\x00", '"}\n{"at": 1', "half \ud800"]
)
def test_a_name_with_a_line_break_stays_one_line(tmp_path: Path, name: str) -> None:
    run = Run("1", "6590", name, None, 1.0, Standing.ASKING, sent_at=1.0)
    log = RunLog(tmp_path / "runs.jsonl", "us")
    log.write(to_record(run, 1.0))
    log.write(to_record(run, 2.0))
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 2
    assert [from_record(record) for record in log.read()] == [run, run]


def test_a_log_that_cannot_be_written_refuses_runs_and_viewing_goes_on(house: House) -> None:
    account = house.watched()
    (house.folder / "runs.jsonl").mkdir()
    account.run(house.on[:2])
    house.send_all(account)
    runs = account.view().runs
    assert {run.why for run in runs} == {"The log of runs cannot be written, so nothing is sent."}
    assert house.posts == []
    assert house.pass_time(account, 120).confirmed
    (house.folder / "runs.jsonl").rmdir()
    assert runs[0].retry_at == runs[0].answered_at
    account.run([runs[0].pipeline_id])
    house.send_all(account)
    assert len(house.posts) == 1


def test_without_a_place_for_the_log_runs_are_refused(house: House) -> None:
    account = house.watched(data_dir=None)
    account.run(house.on[:1])
    house.send_all(account)
    assert only(account).standing is Standing.REFUSED
    assert house.posts == []


def test_a_log_in_memory_is_a_choice(house: House) -> None:
    account = house.watched(data_dir=None, run_log=RunLog(None))
    account.run(house.on[:1])
    house.send_all(account)
    assert only(account).standing is Standing.ASKED
    assert not house.folder.exists()


def test_a_full_disk_after_the_request_does_not_send_it_again(
    house: House, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.run(house.on[:1])
    write = os.fsync
    written: list[int] = []

    def full_after_the_first(handle: int) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(handle)
        write(handle)

    monkeypatch.setattr(os, "fsync", full_after_the_first)
    account.step()
    assert len(written) == 1
    assert only(account).standing is Standing.ASKED
    assert len(house.posts) == 1


@settings(deadline=None, max_examples=40)
@given(odd=st.lists(st.binary(max_size=60)))
def test_odd_lines_in_the_log_are_passed_over(tmp_path_factory: pytest.TempPathFactory, odd: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("log") / "runs.jsonl"
    log = RunLog(path, "us")
    run = Run("1", "6590", "A", None, 1.0, Standing.ASKED, answered_at=2.0, sent_at=1.0)
    for content in odd:
        log.write(to_record(run, 1.0))
        with path.open("ab") as file:
            file.write(content)
    log.write(to_record(run, 1.0))
    assert [from_record(record) for record in log.read()] == [run] * (len(odd) + 1)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 1},
        {"standing": "gone"},
        {"before": "red"},
        {"asked_at": "now"},
        {"asked_at": float("nan")},
        {"by": 1},
        {"sent_at": None},
        {"status": "200"},
        {"outcome": []},
        {"pipeline_id": None},
        {"answered_at": True},
    ],
)
def test_a_line_that_is_no_run_is_none(change: dict[str, object]) -> None:
    run = Run("1", "6590", "A", None, 1.0, Standing.ASKED, answered_at=2.0, sent_at=1.0)
    assert from_record({**to_record(run, 1.0), **change}) is None


def test_a_restart_knows_the_runs_and_keeps_the_minute(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline], by="Ann")
    house.send_all(account)
    house.clock.move(30)
    again = house.watched()
    assert only(again) == only(account)
    [run] = again.run([pipeline])
    assert run.standing is Standing.IGNORED
    assert run.earlier is not None
    assert run.earlier[0] == "Ann"
    house.clock.move(30)
    assert again.run([pipeline])[0].standing is Standing.WAITING


def test_a_run_that_was_under_way_at_a_crash_is_unclear_and_not_sent_again(house: House, account: Account) -> None:
    pipeline = house.on[0]
    log = RunLog(house.folder / "runs.jsonl", account.fingerprint)
    now = house.clock.now
    log.write(to_record(Run("1", pipeline, "A", "Ann", now, Standing.ASKING, Word.FAILED, sent_at=now), now))
    again = house.watched()
    assert only(again).standing is Standing.UNCLEAR
    assert again.run([pipeline])[0].standing is Standing.IGNORED
    house.send_all(again)
    assert house.posts == []


def test_a_run_that_waited_for_the_limit_at_a_crash_was_not_sent(house: House, account: Account) -> None:
    now = house.clock.now
    run = Run("1", house.on[0], "A", "Ann", now, Standing.WAITING, Word.FAILED, why="The limit.", sent_at=now)
    RunLog(house.folder / "runs.jsonl", account.fingerprint).write(to_record(run, now))
    again = house.watched()
    house.send_all(again)
    assert only(again).standing is Standing.REFUSED
    assert only(again).may_retry
    assert house.posts == []


def test_the_log_gives_the_last_records_of_one_account(tmp_path: Path) -> None:
    ours, theirs = RunLog(tmp_path / "runs.jsonl", "us"), RunLog(tmp_path / "runs.jsonl", "them")
    for number in range(4):
        ours.write({"number": number})
        theirs.write({"number": -number})
    assert [record["number"] for record in ours.read(limit=2)] == [2, 3]


def test_a_wall_clock_set_back_before_a_restart_does_not_lock_a_pipeline_for_long(
    house: House, account: Account
) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    house.clock.move(-7_200)
    again = house.watched()
    assert again.run([pipeline])[0].standing is Standing.IGNORED
    house.clock.move(71)
    assert again.run([pipeline])[0].standing is Standing.WAITING


def followed(house: House, before: str, after: str, seconds: int) -> Run:
    """A run of a pipeline in health `before`, as looks see it when its health is `after`."""
    pipeline = house.on[0]
    house.sandbox.fleet.pin(pipeline, health_status=before)
    account = house.watched()
    account.run([pipeline])
    house.send_all(account)
    house.sandbox.fleet.pin(pipeline, health_status=after)
    house.pass_time(account, seconds, step=30)
    return only(account)


def test_a_run_that_helped_is_told_with_the_time(house: House) -> None:
    run = followed(house, "FAILED", "OK", 600)
    assert run.before is Word.FAILED
    assert (run.outcome, run.outcome_at) == (Outcome.HEALTHY, run.asked_at + 60)
    assert [line.get("outcome") for line in lines(house)] == [None, None, "healthy"]


def test_a_run_that_did_not_help_is_told_at_each_look_for_half_an_hour(house: House) -> None:
    early = followed(house, "FAILED", "FAILED", 300)
    assert (early.outcome, early.outcome_at) == (Outcome.FAILING, early.asked_at + 300)
    assert early.is_followed
    assert [line.get("outcome") for line in lines(house)] == [None, None, "failing"]


def test_after_half_an_hour_following_ends(house: House) -> None:
    run = followed(house, "FAILED", "FAILED", 3_600)
    assert (run.outcome, run.outcome_at) == (Outcome.FAILING, run.asked_at + 1_800)
    assert not run.is_followed


def test_a_run_of_a_healthy_pipeline_ends_with_no_change_seen(house: House) -> None:
    run = followed(house, "OK", "OK", 1_700)
    assert run.outcome is None
    account = house.account()
    house.pass_time(account, 200)
    ended = only(account)
    assert (ended.outcome, ended.is_followed) == (Outcome.NO_CHANGE, False)


def test_a_healthy_pipeline_that_fails_and_recovers_after_a_run_is_told(house: House) -> None:
    run = followed(house, "OK", "FAILED", 120)
    assert run.outcome is Outcome.FAILING
    house.sandbox.fleet.pin(run.pipeline_id, health_status="OK")
    account = house.account()
    house.pass_time(account, 120)
    assert only(account).outcome is Outcome.HEALTHY


def test_a_look_that_began_before_the_answer_tells_nothing(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    run = only(account)
    assert run.answered_at is not None
    told = account._runs.observe(run.answered_at - 1, run.answered_at + 1, {pipeline: Word.FAILED})
    assert told == []
    assert only(account).outcome is None


def test_an_unclear_run_is_followed_up_too(house: House) -> None:
    house.sandbox.faults.order("reset", method="POST", times=1, acts=True)
    run = followed(house, "FAILED", "OK", 120)
    assert (run.standing, run.outcome) == (Standing.UNCLEAR, Outcome.HEALTHY)


def test_only_so_many_runs_are_remembered_and_the_minute_holds_all_the_same(house: House, account: Account) -> None:
    pipeline = house.on[0]
    account.run([pipeline])
    house.send_all(account)
    for _ in range(600):
        account.run([pipeline])
    assert len(account.view().runs) == 500
    house.send_all(account)
    assert len(house.posts) == 1
    house.clock.move(86_500)
    account.run([pipeline])
    assert len(account.view().runs) == 1
