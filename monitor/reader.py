"""Reads, in the background and last in line, when each pipeline's data last came in."""

from __future__ import annotations

import logging
from contextlib import suppress

from hevo_api import HevoClient, HevoError, PipelineObject, RateLimited
from monitor.freshness import Queue, Reading, Table
from monitor.health import Word
from monitor.knowledge import Knowledge
from monitor.schedule import Schedule
from monitor.store import StoreError, readings
from monitor.worker import Worker

log = logging.getLogger(__name__)
BETWEEN = 3.2  # seconds between two readings: twenty fit into the budget's window
NOTHING_DUE = 10.0
REFUSED_IN_A_ROW, REST = 5, 3_600.0  # so many pipelines that say no, and nothing is asked about tables for an hour
SAYS_NO = ("permission", "gone", "request")


class Reader:
    """One page of a pipeline's tables a turn; all of them, and how far its log was read, where somebody opened it.

    Whatever Hevo answers, nothing else suffers: that pipeline has no freshness, and is asked less and less often.
    `refused` says why, as a code; under "" that Hevo tells of no tables at all. `told` counts what was read of those
    that somebody has open. `reads`: whether the owner wants it at all.
    """

    def __init__(
        self, client: HevoClient, knowledge: Knowledge, schedule: Schedule, reads: bool, threads: bool
    ) -> None:
        self._client, self._knowledge, self._clock = client, knowledge, knowledge.clock
        self._schedule, self._reads, self._changed = schedule, reads, knowledge.changed
        self._queue = Queue()
        self._due, self._refusals = 0.0, 0
        self._opened = set[str]()  # and not read since
        self.refused: dict[str, str] = {}
        self.told = 0
        self.worker = Worker("reads when data came in", self._changed, self._due_in, self._read_next, threads)

    def open(self, pipeline: str) -> None:
        """Somebody has it on screen: it comes first, with all its tables."""
        if not self._reads:
            return
        with self._changed:
            self._queue.open(pipeline, self._clock())
            if pipeline not in self._opened:
                self._opened.add(pipeline)
                self._due = min(self._due, self._clock.steady())
            self.worker.wake()

    def tables(self, pipeline: str) -> list[Table] | None:
        """Its tables as they were read last; None while they were not, or cannot be told."""
        return self._knowledge.read(lambda tx, own: readings.tables(tx, own, pipeline), None)

    def fresh(self, pipeline: str) -> Reading | None:
        """When its data last came in, by the last reading."""
        return self._knowledge.known.readings.get(pipeline)

    def _due_in(self) -> float | None:
        """A server that does not look at Hevo reads only what is open on it; none does while nothing is looked at."""
        knowledge, pace = self._knowledge, self._schedule.pace(self._clock())
        if not self._reads or knowledge.closed or knowledge.turn.number is None or pace is None:
            return None
        return max(0.0, self._due - self._clock.steady()) if knowledge.is_ours or self._opened else None

    def _read_next(self) -> None:
        """What is paused brings no data; it is read only where somebody opened it."""
        now, is_ours = self._clock.steady(), self._knowledge.is_ours
        rows, kept = self._knowledge.judged.by_id, self._knowledge.known.readings
        pipelines = [one for one, row in rows.items() if one in self._opened or (is_ours and not row.is_paused)]
        failed = {one for one in pipelines if rows[one].word is Word.FAILED}
        with self._changed:  # viewers open pipelines meanwhile
            pipeline = self._queue.next(pipelines, failed, kept, self._clock())
        self._due = now + (NOTHING_DUE if pipeline is None else BETWEEN)
        if pipeline is None:
            return
        try:
            self._read(pipeline, kept.get(pipeline))
        except RateLimited as error:
            self._due = now + max(BETWEEN, error.retry_after or 0.0)
        except HevoError as error:
            self._refuse(pipeline, error)
        except StoreError as error:
            log.warning("What was read of a pipeline's tables could not be kept: %s", error)

    def _read(self, pipeline: str, before: Reading | None) -> None:
        is_open = pipeline in self._opened
        objects = self._client.list_objects(pipeline, most_pages=None if is_open else 1, priority="rest")
        position = before.position if before else None
        tables = [table(each) for each in objects]
        if is_open:
            with suppress(HevoError):  # a side question that fails hides nothing that the other answered
                position = self._client.get_position(pipeline, priority="rest")
        self._knowledge.keep_reading(pipeline, Reading.after(before, self._clock(), tables, position), tables)
        self._queue.answered(pipeline)
        self._refusals = 0
        for name in ("", pipeline):
            self.refused.pop(name, None)
        self._tell(pipeline)

    def _refuse(self, pipeline: str, error: HevoError) -> None:
        self._queue.refused(pipeline, self._clock())
        self.refused[pipeline] = error.cause
        self._refusals += error.cause in SAYS_NO
        if self._refusals >= REFUSED_IN_A_ROW:
            self._refusals, self.refused[""] = 0, error.cause
            self._due = self._clock.steady() + REST
            log.warning("Hevo tells of no tables (%s); nothing is asked about them for an hour.", error.cause)
        self._tell(pipeline)

    def _tell(self, pipeline: str) -> None:
        """Pages on which it is open have something new to show."""
        with self._changed:
            if pipeline in self._opened:
                self._opened.remove(pipeline)
                self.told += 1
                self._changed.notify_all()


def table(each: PipelineObject) -> Table:
    """What is kept of a table."""
    return Table(each.name, each.status, each.last_run.timestamp() if each.last_run else None)
