"""What it costs Hevo that people watch, and what it costs us to go on watching. Time is moved; all else is real."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.houses import pages_server
from benchmarks.measure import Figure, resident
from hevo_api import HevoClient
from monitor import Account
from tests.account_house import Clock, house_on

HOUR, TICK = 3_600, 5
REFRESHES, WARM, SIZE = 1_000, 50, 200


def figures() -> Iterator[Figure]:
    """Requests an hour for three crowds; then a thousand looks in one process."""
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
    yield from a_thousand_refreshes()


def requests_an_hour(viewers: int) -> int:
    """Each viewer's page ticks every few seconds, as the real one does; a look is due once a minute."""
    with TemporaryDirectory() as folder, house_on(Path(folder)) as house:
        account = house.watched()
        for _ in range(0, HOUR, TICK):
            house.clock.move(TICK)
            for _ in range(viewers):
                account.view()
            account.step()
        return len(house.sandbox.arrivals)


def a_thousand_refreshes() -> Iterator[Figure]:
    """Real looks of an account its own thread and file included; some pipelines change at each."""
    clock = Clock()
    with pages_server() as address, TemporaryDirectory() as folder:
        client = HevoClient(
            "key", "secret", base_url=f"{address}/{SIZE}/0", requests_per_minute=10_000, clock=clock, sleep=clock.move
        )
        account = Account(client, data_dir=Path(folder), clock=clock, wall=clock, requests_per_minute=10_000)
        _look(account, clock, WARM)
        before = _standing()
        _look(account, clock, REFRESHES)
        after = _standing()
        account.close(wait=5)
    for about, unit, most, first, last in zip(*_TOLD, before, after, strict=True):
        yield Figure(f"1,000 refreshes: {about}", str(SIZE), last - first, unit, most=most)


_TOLD = (("growth", "threads more", "open files and sockets more"), ("MB", "", ""), (20.0, 0.0, 0.0))


def _look(account: Account, clock: Clock, times: int) -> None:
    """So many looks, a minute apart; each is awaited."""
    for _ in range(times):
        clock.move(60)
        seen = account.view().history
        with account._changed:
            assert account._changed.wait_for(lambda: account.view(watching=False).history is not seen, 30)  # noqa: B023


def _standing() -> tuple[float, float, float]:
    """Memory, threads and open files; the least of several, as the last look may be on its way to the disk."""
    gc.collect()
    counts = []
    for _ in range(5):
        time.sleep(0.05)
        counts.append((threading.active_count(), len(os.listdir("/proc/self/fd"))))
    return resident(), *min(counts)
