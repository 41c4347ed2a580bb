"""What it costs Hevo that people watch, and what it costs us to go on watching. Time is moved; all else is real."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import past
from benchmarks.houses import client_of, pages_server, sandbox_of
from benchmarks.measure import Figure, resident
from hevo_api import HevoClient
from monitor import Account, Clock, Store
from sandbox import Sandbox
from tests.account_house import Clock as Moved
from tests.account_house import house_on, most_in_a_minute
from tests.account_process import Server, Told

HOUR, TICK = 3_600, 5
REFRESHES, WARM, SIZE, MANY = 200, 30, 200, 10_000
INTERVAL, CLICKING = 2.0, 20  # seconds: ten looks while people click
BLOCKS, RUNS, PAUSE = 2, 50, 0.05
SHARED = "Reader and sender share one interpreter, and wait for each other's turns."


def figures() -> Iterator[Figure]:
    """Requests an hour for two crowds; many looks in one process; runs beside a reader; three servers."""
    alone = requests_an_hour(1)
    for viewers in (10, 50):
        count = requests_an_hour(viewers)
        floor = "one viewer", alone, (count / alone,)
        yield Figure("Requests to Hevo an hour", f"{viewers} viewers", count, "", *floor, most_ratio=1.0)
    yield from many_refreshes()
    yield beside_the_reader()
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
        account = Account(client, store, threads=False)
        look(account, clock, WARM)
        before = standing()
        look(account, clock, REFRESHES)
        after = standing()
        account.close(wait=5)
        store.close()
    goals = {"growth": ("MB", 4.0), "threads more": ("", 0.0), "open files and sockets more": ("", 0.0)}
    for (about, (unit, most)), first, last in zip(goals.items(), before, after, strict=True):
        yield Figure(f"{REFRESHES} refreshes: {about}", str(SIZE), last - first, unit, most=most)


def look(account: Account, clock: Moved, times: int) -> None:
    """So many looks, a minute apart."""
    for _ in range(times):
        clock.move(60)
        before = account.now().answered_at
        account.step()
        assert account.now().answered_at != before


def standing() -> tuple[float, float, float]:
    """Memory, threads and open files; the least of several, as the last look may be on its way to the disk."""
    gc.collect()
    counts = []
    for _ in range(5):
        time.sleep(0.05)
        counts.append((threading.active_count(), len(os.listdir("/proc/self/fd"))))
    return resident(), *min(counts)


def beside_the_reader() -> Figure:
    """From a click to Hevo's answer, while tables are read at their usual rhythm, and without a reader."""
    waits: dict[bool, list[float]] = {True: [], False: []}
    with sandbox_of(1_000) as settings:
        ids = (one.id for one in client_of(settings).list_pipelines() if one.status == "ACTIVE")
        for freshness in (True, False) * BLOCKS:
            store = Store.in_memory(Clock())
            account = Account(client_of(settings), store, freshness=freshness)
            waits[freshness] += answers(account, islice(ids, RUNS))
            account.close(wait=5)
    mine, floor = (float(np.percentile(waits[freshness], 95)) for freshness in (True, False))
    about = "A run's answer beside the reader, 95th percentile"
    return Figure(about, "1,000", mine, "ms", "without a reader", floor, (mine / floor,), most_ratio=1.1, why=SHARED)


def answers(account: Account, ids: Iterable[str]) -> Iterator[float]:
    """Milliseconds until each run is answered."""
    while not account.now(wait=4).rows:
        pass
    for one in ids:
        time.sleep(PAUSE)
        began = time.perf_counter()
        [asked] = account.run([one])
        while not any(request.is_over for request in account.now().requests if request.id == asked.id):
            time.sleep(0.0005)
        yield (time.perf_counter() - began) * 1000


def three_servers() -> Iterator[Figure]:
    """On one PostgreSQL, each told to run the same pipelines at once, as fast as they take it."""
    database, size = past.cluster().database(), "3 servers"
    with Sandbox("everyday", requests_per_minute=1_000) as hevo:
        servers = [Server(Told(database, hevo.base_url, INTERVAL)) for _ in range(3)]
        while not all(server.ask("now")["answered_at"] for server in servers):
            time.sleep(0.1)
        store, began = Store.in_database(database, Clock()), time.time()
        before = looks_in(store)
        hevo.arrivals.clear()
        click(servers, [str(one.id) for one in hevo.fleet.pipelines if one.status == "ACTIVE"])
        looks = (looks_in(store) - before) / ((time.time() - began) / INTERVAL)
        store.close()
        for server in servers:
            server.kill()
    sent = [seen.path for seen in hevo.arrivals if seen.method == "POST"]
    most = most_in_a_minute(hevo.arrivals)
    yield Figure(f"Most requests in a minute, {CLICKING} s of clicking", size, most, most=100)
    yield Figure("Looks an interval", size, round(looks, 2), "", "one server", 1.0, (looks,), most_ratio=1.1)
    yield Figure(f"Runs sent twice, of {len(sent)}", size, len(sent) - len(set(sent)), most=0)


def click(servers: list[Server], ids: list[str]) -> None:
    """On all servers at once, one pipeline after the other; then people go on watching for the rest of the time."""
    left, until = iter(ids), time.monotonic() + CLICKING
    while time.monotonic() < until:
        for pipeline in islice(left, 1):
            for server in servers:
                server.tell("run", pipeline)
            for server in servers:
                server.answer()
        for server in servers:
            server.ask("now")
        time.sleep(0.1)


def looks_in(store: Store) -> int:
    [looks] = store.read(lambda tx: tx.one("SELECT sum(looks) FROM watch")) or (0,)
    return int(looks)
