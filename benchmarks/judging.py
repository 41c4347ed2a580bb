"""Frames, verdicts and history of ten thousand pipelines, and how much room a day of history takes."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from functools import partial
from struct import Struct

import pandas as pd

from benchmarks.measure import Figure, compare, timed
from benchmarks.pages_server import pipelines
from benchmarks.past import FAILS, WORKS, a_day_of
from hevo_api import Pipeline, pipelines_frame
from hevo_api.frames import COLUMNS, FIELDS
from monitor import History
from monitor.board import tally
from tests.app_house import NOW, rows_of

DAY = 86_400
MB = 1e6


def figures() -> Iterator[Figure]:
    """All of it at 10,000; the tab's text at 1,000."""
    read = tuple(map(Pipeline.from_json, pipelines(10_000)))
    ids = [pipeline.id for pipeline in read]
    history = a_day_of(ids, NOW)
    yield Figure("A day of history, in memory", "10,000", weight(history), "MB", most=20)
    yield from tab_text(ids[:1_000])
    yield compare("pipelines_frame", "10,000", timed(lambda: pipelines_frame(read)), bare_frame(read))
    judged = timed(lambda: rows_of(*read, history=history))
    yield compare("Verdicts of all, after a day", "10,000", judged, bare_sort(read))
    yield from of_history(history, ids)


def weight(whole: object) -> float:
    """The megabytes of all that can be reached from it, each thing once, classes aside."""
    seen, waiting = {id(whole)}, [whole]
    total = 0
    while waiting:
        thing = waiting.pop()
        total += sys.getsizeof(thing)
        parts = [part for part in gc.get_referents(thing) if not isinstance(part, type) and id(part) not in seen]
        seen.update(map(id, parts))
        waiting += parts
    return total / MB


def tab_text(ids: list[str]) -> Iterator[Figure]:
    """What the browser's tab keeps of a day."""
    history = a_day_of(ids, NOW)
    text = history.to_json()
    lost = "whole" if history.from_json(text, NOW).thinned_before is None else "thinned"
    yield Figure(f"The tab's text of a day ({lost})", "1,000", len(text) / MB, "MB", most=1)
    told = json.loads(text)
    floor = "json.dumps of the same", timed(lambda: json.dumps(told))
    yield compare("Writing the tab's text", "1,000", timed(history.to_json), floor)


def bare_frame(read: tuple[Pipeline, ...]) -> tuple[str, partial[float]]:
    columns = [[getattr(each, name) for each in read] for name in FIELDS]
    work = timed(lambda: pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), dtype="string"))
    return "pandas alone, columns at hand", partial(work)


def bare_sort(read: tuple[Pipeline, ...]) -> tuple[str, partial[float]]:
    good = ("ACTIVE", "OK")
    work = timed(lambda: sorted(read, key=lambda each: ((each.status, each.health_status) == good, each.name or "")))
    return "one comparison each and a sort", partial(work)


def of_history(history: History, ids: list[str]) -> Iterator[Figure]:
    """One more look; then what the pages ask of a day: the changes, the strip of all, the words over time."""
    before = dict.fromkeys(ids, WORKS)
    after = before | dict.fromkeys(ids[::60], FAILS)
    compared = "comparing two dicts", timed(lambda: [name for name in ids if before[name] != after[name]])
    looks = iter(range(1, 1_000_000))
    yield compare("One more look", "10,000", timed(lambda: _look(history, NOW + next(looks), before, after)), compared)
    pairs, packed = Struct("=II"), bytes(8 * 24)
    unpacked = "unpacking 240,000 pairs", timed(lambda: [list(pairs.iter_unpack(packed)) for _ in ids])
    begin, rounds = NOW - DAY, 5
    listed = timed(lambda: history.newest_changes(begin, NOW, 100))
    yield compare("A day's changes, counted", "10,000", listed, unpacked, rounds)
    counted = timed(lambda: tally(history.turns(begin, NOW)))
    yield compare("A day's failures and recoveries", "10,000", counted, unpacked, rounds)
    walked = timed(lambda: (census := history.census(begin, NOW)).worst() and census.steps())
    yield compare("Both charts of a day", "10,000", walked, unpacked, rounds)


def _look(history: History, at: float, before: dict[str, object], after: dict[str, object]) -> None:
    history.snapshot().observe(at, after if int(at) % 2 else before)  # type: ignore[arg-type]
