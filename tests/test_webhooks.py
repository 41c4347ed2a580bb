"""Who is told hears of each change once, under one id, whatever happens to the receiver, to Hevo and to us."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from dashboard.words.events import not_taken, sentence
from hevo_api import HevoClient
from monitor import Account, Clock, Store
from monitor.events import Kind
from monitor.store.outbox import Letter
from monitor.webhooks import Hook, Webhooks, read_hooks
from monitor.webhooks.delivery import deliver
from sandbox import Receiver, Sandbox
from tests.account_house import until
from tests.conftest import ROOT
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
    assert len(house.receiver.received) == 3  # then it is left alone: nobody sends all that waits against a wall
    for _ in range(25 * 12):
        house.look(account, seconds=300)
    [(shown, tally)] = account.webhooks.state()
    assert (tally.waiting, tally.given_up, tally.said, tally.arrived_at) == (0, 5, "answered 500", None)
    assert not_taken(shown, tally) == (
        f"Webhooks: {house.receiver.address}/… answered 500. 5 events could not be told within a day."
    )
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
        account.now()
        assert until(lambda: len(other.received) == 2) < 2
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


def test_a_thousand_changes_in_one_look_arrive_within_a_minute_while_looks_go_on(tmp_path: Path) -> None:
    with Sandbox("large", requests_per_minute=100_000) as hevo, Receiver(SECRET) as receiver:
        for one in hevo.fleet.ids:
            hevo.fleet.pin(one, status="ACTIVE", health_status="OK")
        client = HevoClient(hevo.api_key, hevo.api_secret, base_url=hevo.base_url, requests_per_minute=100_000)
        store = Store.in_folder(tmp_path, Clock())
        webhooks = Webhooks([Hook(receiver.url, KEY)], sentence)
        account = Account(client, store, webhooks=webhooks, interval=1)
        while not account.now(wait=4).rows:
            time.sleep(0.01)
        for one in hevo.fleet.ids:
            hevo.fleet.pin(one, health_status="FAILED")
        began, looks = time.monotonic(), {account.now().answered_at}
        while len(receiver.received) < 1_000 and time.monotonic() - began < 60:
            looks.add(account.now().answered_at)
            time.sleep(0.01)
        account.close(wait=2)
        assert len({event.id for event in receiver.received}) == 1_000
        assert len(looks) > 2


def for_people(house: HooksHouse) -> Hook:
    return Hook(f"json://{house.receiver.address.removeprefix('http://')}/chat")


def test_people_get_a_line_and_a_link_through_apprise(house: HooksHouse) -> None:
    account = watched(house, for_people(house))
    house.fail(account, house.ids[0])
    house.look(account)
    [event] = house.receiver.received
    name = account.now().name(house.ids[0])
    assert json.loads(event.body)["message"] == (
        f"{name} failed. Hevo reports a problem. New data may not be arriving. https://dash/{house.ids[0]}"
    )


def test_many_changes_are_one_message_to_people(house: HooksHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.webhooks.delivery.LINES", 3)
    account = watched(house, for_people(house))
    for one in house.ids[:5]:
        house.house.sandbox.fleet.pin(one, health_status="FAILED")
    house.look(account)
    [event] = house.receiver.received
    lines = json.loads(event.body)["message"].splitlines()
    assert (len(lines), lines[-1]) == (4, "And 2 more.")


def test_a_chat_that_is_down_is_told_later(house: HooksHouse) -> None:
    account = watched(house, for_people(house))
    house.receiver.faults.order("status", status=500, times=1)
    house.fail(account, house.ids[0])
    [(shown, tally)] = account.webhooks.state()
    assert (shown, tally.said, house.receiver.received) == ("json", "could not be told", [])
    house.look(account, seconds=6)
    assert len(house.receiver.received) == 1


def test_a_name_from_outside_calls_nobody_and_leads_nowhere_in_a_chat(house: HooksHouse) -> None:
    body = {"data": {"sentence": "<!channel> @everyone https://evil.example *x* failed.", "link": "https://dash/1"}}
    [result] = deliver(for_people(house), [Letter("msg_1", 0, json.dumps(body))])
    assert result.said is None
    said = json.loads(house.receiver.received[0].body)["message"]
    assert "@everyone" not in said
    assert "<!" not in said
    assert "://evil" not in said
    assert said.endswith(" https://dash/1")


def run(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor.webhooks", *arguments]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_an_owner_can_try_every_address_that_is_set(tmp_path: Path) -> None:
    with Receiver(SECRET) as receiver, Receiver(SECRET) as other:
        other.faults.order("status", status=500)
        (tmp_path / ".streamlit").mkdir()
        table = f'[[webhooks]]\naddress = "{other.url}"\nevents = ["run.*"]\n'
        (tmp_path / ".streamlit" / "secrets.toml").write_text(table)
        tried = run("test", folder=tmp_path, HEVO_WEBHOOKS=receiver.url, HEVO_WEBHOOK_SECRET=SECRET)
        good, bad = tried.stdout.splitlines()
        assert good.startswith(f"{receiver.address}/…  took it")
        assert bad.startswith(f"{other.address}/…  answered 500")
        assert (tried.returncode, tried.stderr) == (1, "")
        [event] = receiver.received
        assert (event.type, event.verified) == ("test", True)


def test_what_is_wrong_with_the_addresses_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert "No address is set" in run("test", folder=tmp_path).stdout
    wrong = run("test", folder=tmp_path, HEVO_WEBHOOKS="http://example.com/secret-place")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("HEVO_WEBHOOKS must be an https address")
    assert "secret-place" not in wrong.stderr
    made = run("secret", folder=tmp_path).stdout.strip()
    assert read_hooks({"HEVO_WEBHOOKS": "https://a.example", "HEVO_WEBHOOK_SECRET": made}, {})[0].key
    assert run("nonsense", folder=tmp_path).returncode == 2
