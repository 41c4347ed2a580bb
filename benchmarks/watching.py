"""What it costs Hevo that people watch, and what it costs us to go on watching. Time is moved; all else is real."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import past
from benchmarks.houses import pages_server
from benchmarks.measure import Figure, resident
from hevo_api import HevoClient
from monitor import Account, Clock, Store
from sandbox import Sandbox
from tests.account_house import Clock as Moved
from tests.account_house import house_on, most_in_a_minute
from tests.account_process import Server, Told

HOUR, TICK = 3_600, 5
REFRESHES, WARM, SIZE, MANY = 200, 30, 200, 10_000
INTERVAL, CLICKING = 10.0, 30  # seconds


def figures() -> Iterator[Figure]:
    """Requests an hour for three crowds; then many looks in one process; then three servers."""
    counts = {viewers: requests_an_hour(viewers) for viewers in (1, 10, 50)}
    for viewers, count in counts.items():
        name = "one viewer"
        yield Figure(
            "Requests to Hevo an hour",
            f"{viewers} viewers",
            count,
            "",
            name,
            counts[1],
            (count / counts[1],),
            most_ratio=1.0,
        )
    yield from many_refreshes()
    yield from three_servers()


def requests_an_hour(viewers: int) -> int:
    """Each viewer's page ticks every few seconds, as the real one does; a look is due once a minute."""
    with TemporaryDirectory() as folder, house_on(Path(folder)) as house:
        account = house.watched()
        for _ in range(0, HOUR, TICK):
            house.clock.move(TICK)
            for _ in range(viewers):
                account.now()
            account.step()
        return len(house.lists)


def many_refreshes() -> Iterator[Figure]:
    """Real looks over HTTP into a file, in moved time; some pipelines change at each."""
    clock = Moved()
    with pages_server() as address, TemporaryDirectory() as folder:
        address = f"{address}/{SIZE}/0"
        client = HevoClient("key", "secret", base_url=address, requests_per_minute=MANY, clock=clock, sleep=clock.move)
        store = Store.in_folder(Path(folder), Clock(clock, clock))
        account = Account(client, store, requests_per_minute=MANY, threads=False)
        _look(account, clock, WARM)
        before = _standing()
        _look(account, clock, REFRESHES)
        after = _standing()
        account.close(wait=5)
        store.close()
    for about, unit, most, first, last in zip(*_TOLD, before, after, strict=True):
        yield Figure(f"{REFRESHES} refreshes: {about}", str(SIZE), last - first, unit, most=most)


def three_servers() -> Iterator[Figure]:
    """On one PostgreSQL, each told to run the same pipelines at once, as fast as they take it."""
    database, size = past.cluster().database(), "3 servers"
    with Sandbox("large", requests_per_minute=1_000) as hevo:
        servers = [Server(Told(database, hevo.base_url, INTERVAL)) for _ in range(3)]
        while not all(server.ask("now")["answered_at"] for server in servers):
            time.sleep(0.1)
        store, began = Store.in_database(database, Clock()), time.time()
        before = _looks(store)
        ids = iter(
            one.id
            for one in HevoClient(
                hevo.api_key, hevo.api_secret, base_url=hevo.base_url, requests_per_minute=MANY
            ).list_pipelines()
            if one.status == "ACTIVE"
        )
        hevo.arrivals.clear()
        while time.time() < began + CLICKING:
            pipeline = next(ids)
            for server in servers:
                server.tell("run", pipeline)
            for server in servers:
                server.answer()
            for server in servers:
                server.ask("now")
            time.sleep(0.1)
        looks = (_looks(store) - before) / ((time.time() - began) / INTERVAL)
        store.close()
        for server in servers:
            server.kill()
    sent = [seen.path for seen in hevo.arrivals if seen.method == "POST"]
    yield Figure(
        f"Most requests in a minute, {CLICKING} s of clicking", size, most_in_a_minute(hevo.arrivals), "", most=100
    )
    yield Figure("Looks an interval", size, round(looks, 2), "", "one server", 1.0, (looks,), most_ratio=1.1)
    yield Figure(f"Runs sent twice, of {len(sent)}", size, len(sent) - len(set(sent)), "", most=0)


def _looks(store: Store) -> int:
    [looks] = store.read(lambda tx: tx.one("SELECT sum(looks) FROM watch")) or (0,)
    return int(looks)


_TOLD = (("growth", "threads more", "open files and sockets more"), ("MB", "", ""), (4.0, 0.0, 0.0))


def _look(account: Account, clock: Moved, times: int) -> None:
    """So many looks, a minute apart."""
    for _ in range(times):
        clock.move(60)
        before = account.now().answered_at
        account.step()
        assert account.now().answered_at != before


def _standing() -> tuple[float, float, float]:
    """Memory, threads and open files; the least of several, as the last look may be on its way to the disk."""
    gc.collect()
    counts = []
    for _ in range(5):
        time.sleep(0.05)
        counts.append((threading.active_count(), len(os.listdir("/proc/self/fd"))))
    return resident(), *min(counts)
