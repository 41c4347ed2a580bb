"""What is made of a look and of a day: frames, verdicts, charts, incidents, months, reports; ten thousand pipelines."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks import past
from benchmarks.measure import Figure, compare, timed
from hevo_api import pipelines_frame
from hevo_api.frames import COLUMNS, FIELDS
from monitor import Clock, History, Store, incidents, months
from monitor import history as frames
from monitor.catalog.matching import judge_reports, match
from monitor.catalog.reader import read_catalog
from monitor.diary import shares
from monitor.freshness import Queue, Reading, Table
from monitor.known import Known
from monitor.now import judge_all
from monitor.store import looks

DAY, MB, SIZE = 86_400_000, 1e6, "10,000"


def figures() -> Iterator[Figure]:
    """Of a day with a change an hour for each pipeline, 240,000 in all; incidents also of ninety days."""
    read = past.listed(10_000)
    bare = timed(lambda: pd.DataFrame({name: [getattr(one, field) for one in read] for name, field in _NAMED}))
    yield compare("pipelines_frame", SIZE, timed(lambda: pipelines_frame(read)), ("pandas alone, no types", bare))
    known = restless(10_000)
    end = known.history.latest or 0
    yield Figure("A day of 240,000 changes, in memory", SIZE, weight(known.history) / MB, "MB", most=20)
    yield from of_frames(known.history, end - DAY, end)
    yield from of_verdicts(known, end)
    yield from of_incidents(known)
    yield from of_freshness()
    yield from of_the_tab(restless(1_000).history)


_NAMED = tuple(zip(COLUMNS, FIELDS, strict=True))


def restless(size: int) -> Known:
    """What a server knows after such a day."""
    store = Store.in_memory(Clock())
    past.fill(store, size, 1, 24)
    return store.read(lambda tx: looks.read_news(tx, 1, Known()))


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


def of_frames(history: History, start: int, end: int) -> Iterator[Figure]:
    """What the pages ask of a day, each beside the sort of its changes that nothing can do without."""
    at = history.changes["at"].to_numpy()
    floor = "sorting the times of its changes", timed(lambda: np.sort(at))
    spells = frames.spells(history, start, end)
    edges = frames.step_edges(history, start, end)

    def charts() -> None:
        found = frames.spells(history, start, end)
        frames.counts(found, edges)
        frames.blocks(found, start, end, 96)

    asked = {
        "Both charts of a day": (charts, 250.0),
        "Spells of a day": (lambda: frames.spells(history, start, end), None),
        "Counts over a day": (lambda: frames.counts(spells, edges), None),
        "Failures of a day": (lambda: frames.failures(history, start, end), None),
        "What changed in a day": (lambda: frames.transitions(history, start, end), None),
        "Tally since the last visit": (lambda: frames.tally(history, start, end), None),
        "Health over a day": (lambda: frames.health(history, start, end), None),
    }
    for about, (work, most) in asked.items():
        yield compare(about, SIZE, timed(work), floor, 5, most=most)


def of_verdicts(known: Known, end: int) -> Iterator[Figure]:
    """All rows judged once a look, bare and with a catalogue; and that catalogue's part in it."""
    rows = [seen.pipeline for seen in known.seen.values()]
    floor = (
        "sorting their names",
        timed(lambda: sorted(rows, key=lambda one: (one.health_status or "", one.name or ""))),
    )
    yield compare("Verdicts of all", SIZE, timed(lambda: judge_all(known, end / 1000)), floor, 5)
    catalog = read_catalog(past.catalog(10_000))
    yield compare("Verdicts with 500 reports", SIZE, timed(lambda: judge_all(known, end / 1000, catalog)), floor, 5)
    named = [(key, seen.pipeline.name) for key, seen in known.seen.items()]
    words = {key: seen.word for key, seen in known.seen.items()}
    roll_up = timed(lambda: judge_reports(match(catalog, named).reports, words))
    yield compare("500 reports rolled up", SIZE, roll_up, floor, 5, most=100.0)


def of_incidents(known: Known) -> Iterator[Figure]:
    """Worked out anew and after one look more; the list of a week; a month's figures, all read from the store."""
    told = shares(known.seen)
    floor = "sorting the times of its changes", timed(lambda: np.sort(known.history.changes["at"].to_numpy()))
    yield compare(
        "Incidents of a restless day",
        SIZE,
        timed(lambda: incidents.grown(incidents.EMPTY, known.history, told)),
        floor,
        3,
    )
    store = Store.in_folder(past.folder(10_000, 90, 2), Clock())
    long = store.read(lambda tx: looks.read_history(tx, 1, 0))
    found = incidents.grown(incidents.EMPTY, long, told)
    watcher = past.Watcher(store)

    def one_more() -> float:
        watcher.look()
        return timed(lambda: incidents.grown(found, watcher.known.history, told))()

    sort = "sorting when they began", timed(lambda: np.sort(found.own["at"].to_numpy()))
    yield compare("Incidents of 90 days, a look more", SIZE, one_more, sort, 3, most=300.0)
    end = long.latest or 0
    yield compare(
        "List of a week's incidents", SIZE, timed(lambda: incidents.listed(found, end - 7 * DAY, end)), sort, 3
    )
    planned = pd.DataFrame(
        {"pipeline": pd.Series(dtype=str), "start": pd.Series(dtype="int64"), "end": pd.Series(dtype="int64")}
    )
    month = timed(lambda: months.figures(frames.forgetting(long, end - 30 * DAY), found, planned, end - 30 * DAY, end))
    yield compare("A month's figures", SIZE, month, sort, 1)
    store.close()


def of_freshness() -> Iterator[Figure]:
    """What is known of all tables, in memory, and whose turn it is to be read."""
    now, readings = time.time(), dict[str, Reading]()
    for number in range(10_000):
        for ago in range(20, 0, -1):
            tables = [Table(f"table {number}", "ACTIVE", now - ago * 3_600 - number)]
            readings[str(number)] = Reading.after(readings.get(str(number)), now - ago * 3_600, tables, None)
    yield Figure("Freshness, in memory", SIZE, weight(readings) / MB, "MB", most=20)
    queue = Queue()
    floor = "finding the oldest", timed(lambda: min(readings.values(), key=lambda one: one.read_at))
    yield compare("Which to read next", SIZE, timed(lambda: queue.next(readings, (), readings, now)), floor, 5)


def of_the_tab(history: History) -> Iterator[Figure]:
    """What the browser's tab keeps of a day."""
    text = frames.to_json(history)
    yield Figure("The tab's text of a day", "1,000", len(text) / MB, "MB", most=1)
    told = json.loads(text)
    floor = "json.dumps of the same", timed(lambda: json.dumps(told))
    yield compare("Writing the tab's text", "1,000", timed(lambda: frames.to_json(history)), floor)
