"""Several servers on one PostgreSQL tell each change once, also when the one that tells goes away."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from dashboard.words.events import sentence
from hevo_api import HevoClient
from monitor import Account, Clock, Request, Standing, Store, Word
from monitor.events import Told
from monitor.store import Tx, accounts, looks, outbox, requests
from monitor.store.outbox import Letter
from monitor.webhooks import Hook, Webhooks
from sandbox import Receiver, Sandbox
from tests.account_house import until
from tests.hooks_house import KEY, SECRET


def server(hevo: Sandbox, receiver: Receiver, database: str) -> Account:
    client = HevoClient(hevo.api_key, hevo.api_secret, base_url=hevo.base_url)
    store = Store.in_database(database, Clock())
    webhooks = Webhooks([Hook(receiver.url, KEY)], sentence)
    return Account(client, store, name="shared", interval=1.5, unwatched=1.5, webhooks=webhooks)


def test_of_several_servers_one_tells_and_the_next_goes_on(database: str) -> None:
    with Sandbox("calm") as hevo, Receiver(SECRET) as receiver:
        servers = [server(hevo, receiver, database) for _ in range(2)]
        until(lambda: all(one.now().rows for one in servers))
        first, second, *_ = (str(number) for number in hevo.fleet.ids)
        receiver.faults.order("status", status=500, times=1)
        hevo.fleet.pin(first, health_status="FAILED")
        until(lambda: receiver.received)
        servers[1].run([first])
        until(lambda: len(receiver.received) == 2)
        working = next(one for one in servers if one._knowledge.is_ours)
        working.close(wait=5)
        other = next(one for one in servers if one is not working)
        hevo.fleet.pin(second, status="PAUSED")
        until(lambda: other.now() and len(receiver.received) >= 3)
        time.sleep(1)
        other.close(wait=5)
        told = Counter(event.type for event in receiver.received)
        assert told["pipeline.failed"] == told["run.requested"] == told["pipeline.paused"] == 1
        assert len({event.id for event in receiver.received}) == len(receiver.received)
        assert all(event.verified for event in receiver.received)
        assert other.webhooks.state()[0][1].arrived_at


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_both_engines_keep_the_same(engine: str, database: str) -> None:
    store = Store.in_database(database, Clock()) if engine == "postgresql" else Store.in_memory(Clock())

    def work(tx: Tx) -> None:
        account, now = accounts.account_number(tx, "one"), tx.now()
        looks.write_look(tx, account, now, now + 1, [])
        many = {str(number): Told(Word.HEALTHY, now, number % 2 > 0) for number in range(1_200)}
        outbox.keep_told(tx, account, "hook", {**many, "gone": Told(None, now)})
        assert outbox.told(tx, account, "hook") == {**many, "gone": Told(None, now)}
        outbox.keep_told(tx, account, "hook", dict.fromkeys(many))
        assert outbox.told(tx, account, "hook") == {"gone": Told(None, now)}
        assert [outbox.doubt(tx, account, "hook", at) for at in (now - 1, now, now)] == [False, True, False]
        assert [outbox.confirm(tx, account, "hook") for _ in range(2)] == [True, False]
        letters = [Letter(f"msg_{number}", now - number, "{}") for number in range(4)]
        for _ in range(2):
            outbox.put(tx, account, "hook", letters)
        oldest, *_, newest = found = outbox.due(tx, account, "hook", 9)
        assert [letter.id for letter in found] == ["msg_3", "msg_2", "msg_1", "msg_0"]
        outbox.tried(tx, account, [(oldest, None, None), (newest, "answered 500", now + 10_000)])
        outbox.wait_for(tx, account, "hook", now + 5_000)
        assert outbox.due(tx, account, "hook", 9) == []
        assert outbox.next_due(tx, account, "hook") == now + 5_000
        outbox.hurry(tx, account, "hook")
        assert len(outbox.due(tx, account, "hook", 9)) == 3
        outbox.give_up(tx, account, "hook", now - 1, "answered 500")
        tally = outbox.tally(tx, account, "hook")
        assert (tally.waiting, tally.given_up, tally.said) == (1, 2, "answered 500")
        assert tally.arrived_at
        wish = Request("", "7", "Orders", None, 0.0, Standing.WAITING)
        requests.ask(tx, account, [wish])
        assert outbox.unheard(tx, account, "hook") == []
        [asked] = requests.ask(tx, account, [wish])
        assert outbox.unheard(tx, account, "hook") == [asked]
        assert outbox.unheard(tx, account, "hook") == []

    store.write(work)
    store.close()
