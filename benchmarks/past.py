"""Stores that are full already: so many pipelines, watched for so many days, each changing so many times a day."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import UTC
from functools import cache, partial
from pathlib import Path

from benchmarks.pages_server import pipelines
from hevo_api import Pipeline
from monitor import Clock, Store
from monitor.known import Known, differences
from monitor.months import month_of
from monitor.store import Tx, accounts, looks
from monitor.store.months import ALL_WRITTEN
from tests.postgres import Cluster

LOOK, DAY, HOUR = 300_000, 86_400_000, 3_600_000  # ms: a look each five minutes
NAME = "bench"
AT_ONCE = 6  # changes of each pipeline: a database that takes longer for an answer is given up
# Each pipeline fails and recovers by turns, no two at the same looks; in the order of time, as a store grows.
CHANGES = """
WITH RECURSIVE turn(n) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT n + 1 FROM turn WHERE n < ?),
    step AS (SELECT id, n, ? + ? * (1 + n * ? + (CAST(id AS BIGINT) * 7919 + n * 104729) % ?) AS at FROM pipeline, turn)
INSERT INTO change (account, pipeline, at, after, status, health, mark)
SELECT 1, id, at, at - ?, 'ACTIVE', CASE WHEN n % 2 = 0 THEN 'FAILED' ELSE 'OK' END, 0 FROM step ORDER BY at, id
"""
HOURS = """
WITH RECURSIVE hour(at) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT at + ? FROM hour WHERE at < ?)
INSERT INTO tally (account, hour, word, pipelines) SELECT 1, at, ?, CAST(? AS INTEGER) FROM hour
"""


def listed(size: int) -> tuple[Pipeline, ...]:
    """What Hevo would list."""
    return tuple(map(Pipeline.from_json, pipelines(size)))


def catalog(size: int, reports: int = 500, needs: int = 20) -> str:
    """What an owner may write: so many reports, each of so many pipelines."""
    ids = [pipeline.id for pipeline in listed(size)]
    return "\n".join(
        f'[[reports]]\nkey = "report-{n}"\nname = "Report {n}"\nneeds = {ids[n * needs :][:needs]}'
        for n in range(reports)
    )


def fill(store: Store, size: int, days: int, a_day: int) -> None:
    """A past that ends now, with all that is written down beside the looks themselves."""
    end = round(time.time() * 1000)
    start, apart = end - days * DAY, DAY // LOOK // a_day
    if not store.is_remote:  # else pages of the table by pipeline come and go
        store.write(lambda tx: tx.do("PRAGMA cache_size = -300000"))
    store.write(partial(_watched, size, start, end))
    for first in range(0, days * a_day, AT_ONCE):
        last = min(first + AT_ONCE, days * a_day) - 1
        told = first, last, start, LOOK, apart, apart, LOOK
        store.write(lambda tx, told=told: tx.do(CHANGES, *told))  # type: ignore[misc]
    store.write(lambda tx: tx.do("ANALYZE") if store.is_remote else 0)


def _watched(size: int, start: int, end: int, tx: Tx) -> None:
    """All looks, and the hours and months that are over, as the server writes them down."""
    account = accounts.account_number(tx, NAME)
    looks.write_look(tx, account, start, end, differences({}, None, listed(size), frozenset(), start))
    tx.do("UPDATE watch SET last = ?, looks = ?, until = ?", end, (end - start) // LOOK, end + 2 * LOOK)
    tx.do("UPDATE account SET answered_at = ?, watched_at = ?", end, end)
    for word in ("failed", "healthy"):
        tx.do(HOURS, start // HOUR * HOUR, HOUR, end - 2 * HOUR, word, size // 2)
    for month in sorted({month_of(at / 1000, UTC) for at in range(start, end + 1, DAY)})[:-1]:
        tx.do("INSERT INTO month SELECT 1, ?, id, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM pipeline", month)
        tx.do("INSERT INTO month VALUES (1, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0)", month, ALL_WRITTEN)


@cache
def folder(size: int, days: int, a_day: int) -> Path:
    """A folder with such a store, made once a run."""
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    store = Store.in_folder(place, Clock())
    fill(store, size, days, a_day)
    store.close()
    return place


@cache
def cluster() -> Cluster:
    """A PostgreSQL for this run."""
    found = Cluster()
    atexit.register(found.remove)
    found.start()
    return found


@cache
def database(size: int, days: int, a_day: int) -> str:
    """The address of a database with such a store, made once a run."""
    url = cluster().database()
    store = Store.in_database(url, Clock())
    fill(store, size, days, a_day)
    store.close()
    return url


def rename(store: Store, name: str) -> None:
    """The account is known by this name from now on."""
    store.write(lambda tx: tx.do("UPDATE account SET name = ?", name))


class Watcher:
    """Another server that looks: what it sees is written into the store; every so manieth pipeline has changed."""

    def __init__(self, store: Store, apart: int = 60) -> None:
        self.store, self._apart = store, apart
        self.known: Known = store.read(lambda tx: looks.read_news(tx, 1, Known()))
        self._listed = [seen.pipeline for seen in self.known.seen.values()]

    def look(self) -> None:
        """What is different, written down, and read again as all servers do."""
        for place in range(0, len(self._listed), self._apart):
            other = "OK" if self._listed[place].health_status == "FAILED" else "FAILED"
            self._listed[place] = replace(self._listed[place], status="ACTIVE", health_status=other)
        self.known = self.store.write(self._look)

    def _look(self, tx: Tx) -> Known:
        at = max(tx.now(), (self.known.history.latest or 0) + 1)
        found = differences(self.known.seen, self.known.history.latest, self._listed, frozenset(), at)
        looks.write_look(tx, 1, at, at + 2 * LOOK, found)
        return looks.read_news(tx, 1, self.known)
