"""What is made of a look, of a day and of ninety: charts, verdicts, incidents, months, freshness."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks import past
from benchmarks.measure import Figure, compare, timed
from monitor import Clock, Store, incidents, months
from monitor import history as frames
from monitor.catalog.matching import judge_reports, match
from monitor.catalog.reader import read_catalog
from monitor.freshness import Reading, Table
from monitor.history_text import to_json
from monitor.known import Known
from monitor.now import judge_all
from monitor.store import looks

DAY, MB, MANY = 86_400_000, 1e6, 10_000
NOTHING_PLANNED = pd.DataFrame({"pipeline": [], "start": [], "end": []}).astype({"start": "int64", "end": "int64"})


def figures() -> Iterator[Figure]:
    """Of a day with a change an hour for each pipeline, 240,000 in all; then of ninety days with two a day."""
    known = restless(MANY)
    yield from of_a_day(known)
    yield from of_reports(known)
    text = to_json(restless(1_000).history)
    yield Figure("What the tab keeps of a day", "1,000", len(text) / MB, "MB", most=1)
    yield from of_freshness()
    for size in (1_000, MANY):
        yield from of_ninety_days(size)


def restless(size: int) -> Known:
    """What a server knows after such a day."""
    store = Store.in_folder(past.folder(size, 1, 24), Clock())
    known = store.read(lambda tx: looks.read_news(tx, 1, Known()))
    store.close()
    return known


def of_a_day(known: Known) -> Iterator[Figure]:
    """Its charts, beside the sort of its changes that nothing can do without."""
    history, end = known.history, known.history.latest or 0
    yield Figure("A day of 240,000 changes, in memory", f"{MANY:,}", weight(history) / MB, "MB", most=20)
    at = history.changes["at"].to_numpy()
    edges = frames.step_edges(history, end - DAY, end)

    def charts() -> None:
        spells = frames.spells(history, end - DAY, end)
        frames.counts(spells, edges)
        frames.blocks(spells, frames.equal_edges(end - DAY, end, 96))

    floors = {"sorting the times of its changes": timed(lambda: np.sort(at))}
    yield from compare("Both charts of a day", MANY, timed(charts), floors, most=250.0)


def of_reports(known: Known) -> Iterator[Figure]:
    """All rows judged once a look; and what 500 reports of twenty pipelines add to that."""
    at, catalog = (known.history.latest or 0) / 1000, read_catalog(past.catalog(MANY))
    named = tuple((key, seen.pipeline.name) for key, seen in known.seen.items())
    words = {key: seen.word for key, seen in known.seen.items()}
    floors = {"sorting their names": timed(lambda: sorted(named, key=lambda one: one[1] or ""))}
    yield from compare("All verdicts", MANY, timed(lambda: judge_all(known, at, catalog)), floors)
    roll_up = timed(lambda: judge_reports(match(catalog, named).reports, words))
    yield from compare("500 reports rolled up", MANY, roll_up, floors, most=100.0)


def of_freshness() -> Iterator[Figure]:
    """What is known of all tables, in memory."""
    now, readings = time.time(), dict[str, Reading]()
    for number in range(MANY):
        for ago in range(20, 0, -1):
            tables = [Table(f"table {number}", "ACTIVE", now - ago * 3_600 - number)]
            readings[str(number)] = Reading.after(readings.get(str(number)), now - ago * 3_600, tables, None)
    yield Figure("Freshness, in memory", f"{MANY:,}", weight(readings) / MB, "MB", most=20)


def of_ninety_days(size: int) -> Iterator[Figure]:
    """The list of its incidents, what one look more costs them, and a month's figures."""
    store = Store.in_folder(past.folder(size, 90, 2), Clock())
    history = store.read(lambda tx: looks.read_history(tx, 1, 0))
    watcher, end = past.Watcher(store), history.latest or 0
    told = watcher.known.shares
    found = incidents.grown(incidents.EMPTY, history, told)

    def look_more() -> float:
        watcher.look()
        return timed(lambda: incidents.grown(found, watcher.known.history, told))()

    def month() -> pd.DataFrame:
        lately = frames.forgetting(history, end - 30 * DAY)
        return months.figures(lately, found, NOTHING_PLANNED, end - 30 * DAY, end)

    began = found.own["at"].to_numpy()
    floors = {"sorting when they began": timed(lambda: np.sort(began))}
    every = timed(lambda: incidents.listed(found, end - 90 * DAY, end))
    yield from compare("List of 90 days' incidents", size, every, floors, 3, most=60.0 if size == 1_000 else None)
    yield from compare("Incidents of 90 days, a look more", size, look_more, floors, 3, most=300.0)
    yield from compare("A month's figures", size, timed(month), floors, 3, most=300.0)
    store.close()


def weight(whole: object) -> int:
    """The bytes of all that can be reached from it, each thing once, classes aside."""
    seen, waiting, total = {id(whole)}, [whole], 0
    while waiting:
        thing = waiting.pop()
        total += sys.getsizeof(thing)
        parts = [part for part in gc.get_referents(thing) if not isinstance(part, type) and id(part) not in seen]
        seen.update(map(id, parts))
        waiting += parts
    return total
