"""Who is told hears of each change once, under one id, whatever happens to the receiver, to Hevo and to us."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from monitor import Account
from monitor.events import Kind
from monitor.webhooks import Hook
from sandbox import Receiver
from tests.hooks_house import KEY, SECRET, HooksHouse, hooks_house_on


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HooksHouse]:
    with hooks_house_on(tmp_path) as house:
        yield house


def watched(house: HooksHouse, *hooks: Hook) -> Account:
    account = house.account(*hooks)
    house.look(account)
    house.look(account)
    return account


def test_the_first_look_ever_tells_nothing_however_bad_it_is(house: HooksHouse) -> None:
    house.house.sandbox.fleet.pin(house.ids[0], health_status="FAILED")
    watched(house)
    assert house.told == []


def test_a_change_is_told_once_signed_and_in_words(house: HooksHouse) -> None:
    account = watched(house)
    house.fail(account, house.ids[0])
    house.look(account)
    [event] = house.receiver.received
    name = account.now().name(house.ids[0])
    data = json.loads(event.body)["data"]
    assert event.verified
    assert (event.type, data["pipeline"]) == ("pipeline.failed", {"id": house.ids[0], "name": name})
    assert (data["word"], data["before"], data["failures"], data["restless"]) == ("failed", "healthy", 1, False)
    assert data["sentence"] == f"{name} failed. Hevo reports a problem. New data may not be arriving."
    assert data["link"] == f"https://dash/{house.ids[0]}"
    assert event.headers["content-type"] == "application/json"


def test_the_library_of_standard_webhooks_verifies_ours_and_nothing_else(house: HooksHouse) -> None:
    account = watched(house)
    house.fail(account, house.ids[0])
    [event] = house.receiver.received
    assert Webhook(SECRET).verify(event.body, dict(event.headers))["type"] == "pipeline.failed"
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(event.body.replace("failed", "faked"), dict(event.headers))


def test_every_way_to_change_is_told(house: HooksHouse) -> None:
    account = watched(house)
    one = house.ids[0]
    house.fail(account, one)
    house.mend(account, one)
    house.turn(account, one, status="PAUSED")
    house.turn(account, one, status="ACTIVE")
    house.turn(account, one, status="SOMETHING NEW")
    house.turn(account, one, status="ACTIVE")
    house.house.sandbox.fleet.remove(one)
    house.look(account)
    kinds = ["failed", "recovered", "paused", "recovered", "gone"]
    assert house.told == [f"pipeline.{kind}" for kind in kinds]
    assert house.bodies[-1]["data"]["word"] is None
    assert len({event.id for event in house.receiver.received}) == len(kinds)


def test_a_restart_repeats_nothing_and_loses_nothing(house: HooksHouse) -> None:
    account = watched(house)
    house.fail(account, house.ids[0])
    account.close()
    account = house.account()
    house.look(account)
    assert house.told == ["pipeline.failed"]
    account.close()
    house.house.sandbox.fleet.pin(house.ids[0], health_status="OK")  # while nobody was there
    account = house.account()
    house.look(account)
    house.look(account)
    assert house.told == ["pipeline.failed", "pipeline.recovered"]


def test_a_flapping_pipeline_is_one_message_with_a_count_until_it_rests(house: HooksHouse) -> None:
    account = watched(house)
    for _ in range(10):
        house.fail(account, house.ids[0])
        house.mend(account, house.ids[0])
    before = ["pipeline.failed", "pipeline.recovered"] * 3
    assert house.told == [*before, "pipeline.failed"]
    said = house.bodies[-1]["data"]
    assert (said["restless"], said["failures"]) == (True, 4)
    assert "fails again and again. It failed 4 times in the last 24 hours." in said["sentence"]
    for _ in range(65):
        house.look(account)
    assert house.told == [*before, "pipeline.failed", "pipeline.recovered"]
    assert house.bodies[-1]["data"]["failures"] == 10


def test_with_after_only_what_lasts_is_told_and_when(house: HooksHouse) -> None:
    account = watched(house, house.hook(after=600.0))
    house.fail(account, house.ids[0])
    house.mend(account, house.ids[0], seconds=300)
    house.look(account, seconds=900)
    assert house.told == []
    house.fail(account, house.ids[0])
    house.look(account, seconds=540)
    assert house.told == []
    account.close()
    account = house.account(house.hook(after=600.0))  # also over a restart
    house.look(account, seconds=60)
    house.look(account)
    assert house.told == ["pipeline.failed"]


def test_an_outage_of_hevo_is_one_message_and_its_end_another(house: HooksHouse) -> None:
    account = watched(house)
    house.house.sandbox.faults.order("status", status=503)
    for _ in range(40):
        house.look(account, seconds=15)
        if account.now().confirmed:
            assert house.told == []
    assert house.told == ["account.unconfirmed"]
    account.close()
    account = house.account()
    for _ in range(10):
        house.look(account, seconds=30)
    assert house.told == ["account.unconfirmed"]
    house.house.sandbox.faults.clear()
    house.look(account, seconds=120)
    house.look(account, seconds=120)
    assert house.told == ["account.unconfirmed", "account.confirmed"]
    assert house.bodies[0]["data"]["cause"] == "down"


def test_nobody_there_to_look_is_no_outage(house: HooksHouse) -> None:
    account = watched(house)
    for _ in range(20):
        house.house.clock.move(300)
        account.now(watching=False)
        account.step()
    house.look(account)
    assert house.told == []


def test_a_run_is_told_when_asked_and_when_it_is_over(house: HooksHouse) -> None:
    account = watched(house)
    one = house.ids[0]
    house.fail(account, one)
    account.run([one], by="ana@example.com")
    house.house.send_all(account)
    house.house.sandbox.fleet.pin(one, health_status="OK")
    house.look(account)
    house.look(account)
    assert sorted(house.told) == sorted(["pipeline.failed", "run.requested", "pipeline.recovered", "run.finished"])
    over = next(body for body in house.bodies if body["type"] == "run.finished")
    assert over["data"]["outcome"] == "healthy"
    assert "ana@" not in json.dumps(house.bodies)


def test_an_address_that_is_new_hears_of_no_old_runs(house: HooksHouse) -> None:
    account = house.house.account()
    house.look(account)
    account.run([house.ids[0]])
    house.house.send_all(account)
    house.house.pass_time(account, 2_000, step=60)
    account.close()
    account = watched(house)
    house.look(account)
    assert house.told == []


def test_an_address_hears_only_what_it_asked_for(house: HooksHouse) -> None:
    account = watched(house, house.hook(events=frozenset({Kind.RECOVERED})))
    house.fail(account, house.ids[0])
    house.mend(account, house.ids[0])
    assert house.told == ["pipeline.recovered"]


def test_what_a_receiver_refuses_for_an_hour_arrives_later_under_the_same_id(house: HooksHouse) -> None:
    account = watched(house)
    house.receiver.faults.order("status", status=500, acts=True)
    house.fail(account, house.ids[0])
    for _ in range(60):
        house.look(account)
    tries = len(house.receiver.received)
    assert 3 <= tries <= 5  # at once, after 5 s, 5 min and 30 min
    house.receiver.faults.clear()
    for _ in range(120):
        house.look(account)
    assert len(house.receiver.received) == tries + 1
    assert len({event.id for event in house.receiver.received}) == 1
    assert all(event.verified for event in house.receiver.received)


def test_when_a_receiver_is_back_with_one_event_all_that_waited_arrive(house: HooksHouse) -> None:
    account = watched(house)
    house.receiver.faults.order("status", status=500)
    for one in house.ids[:3]:
        house.fail(account, one)
    for _ in range(50):
        house.look(account)
    house.receiver.faults.clear()
    house.fail(account, house.ids[3])
    house.look(account, seconds=5)
    assert Counter(house.told) == {"pipeline.failed": 4}


def test_a_dead_address_is_given_up_after_a_day_and_the_guide_can_tell(house: HooksHouse) -> None:
    account = watched(house)
    house.receiver.faults.order("status", status=500, acts=True)
    for one in house.ids[:5]:
        house.house.sandbox.fleet.pin(one, health_status="FAILED")
    house.look(account)
    [(shown, tally)] = account.webhooks.state()
    assert (tally.waiting, tally.given_up, tally.said) == (5, 0, "answered 500")
    for _ in range(25 * 12):
        house.look(account, seconds=300)
    [(shown, tally)] = account.webhooks.state()
    assert (tally.waiting, tally.given_up, tally.said, tally.arrived_at) == (0, 5, "answered 500", None)
    assert shown == f"{house.receiver.address}/…"
    assert len(house.receiver.received) < 50


def test_one_event_that_is_refused_holds_up_no_other(house: HooksHouse) -> None:
    account = watched(house)
    house.receiver.faults.order("status", status=400, times=1)
    for one in house.ids[:3]:
        house.house.sandbox.fleet.pin(one, health_status="FAILED")
    house.look(account)
    assert len(house.receiver.received) == 2
    house.look(account, seconds=6)
    assert len(house.receiver.received) == 3


@pytest.mark.parametrize(
    "fault", [{"kind": "reset"}, {"kind": "redirect", "location": "/elsewhere"}, {"kind": "status", "status": 429}]
)
def test_whatever_a_receiver_answers_but_2xx_is_tried_again(house: HooksHouse, fault: dict[str, Any]) -> None:
    account = watched(house)
    house.receiver.faults.order(**fault, times=1)
    house.fail(account, house.ids[0])
    assert house.told == []
    house.look(account, seconds=6)
    assert house.told == ["pipeline.failed"]
    assert {event.path for event in house.receiver.received} == {"/webhook"}


def test_a_receiver_that_drips_or_floods_is_left_in_time(house: HooksHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.webhooks.delivery.SECONDS", 0.5)
    account = watched(house)
    house.receiver.faults.order("drip", seconds=0.1, part="header", times=1)
    began = time.monotonic()
    house.fail(account, house.ids[0])
    assert time.monotonic() - began < 3
    [(_, tally)] = account.webhooks.state()
    assert tally.said == "did not answer in time"


def test_one_address_that_hangs_holds_up_neither_looks_nor_another_address(tmp_path: Path) -> None:
    with hooks_house_on(tmp_path) as house, Receiver(SECRET) as other:
        store = house.house.store()
        hooks = house.hook(), Hook(other.url, KEY)
        account = house.account(*hooks, store=store)
        house.look(account)
        house.look(account)
        account.close()
        house.receiver.faults.order("hang")
        account = house.account(*hooks, threads=True)
        for one in house.ids[:2]:
            house.house.sandbox.fleet.pin(one, health_status="FAILED")
        house.house.clock.move(60)
        began = time.monotonic()
        account.now()
        while len(other.received) < 2 and time.monotonic() - began < 5:
            time.sleep(0.01)
        assert len(other.received) == 2
        assert time.monotonic() - began < 2
        assert house.told == []
        account.close(wait=1)


def test_nothing_of_an_address_stands_in_a_log_or_the_store(
    house: HooksHouse, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.WARNING)
    address = f"{house.receiver.address}/services/a-secret-place?token=of-ours"
    account = watched(house, Hook(address, KEY))
    house.fail(account, house.ids[0])
    house.receiver.faults.order("reset")
    house.mend(account, house.ids[0])
    assert "could not be reached" in caplog.text
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("hevo.db*"))
    assert b"pipeline.failed" in kept
    for secret in ("a-secret-place", "of-ours", SECRET, SECRET[6:]):
        assert secret not in caplog.text
        assert secret.encode() not in kept
