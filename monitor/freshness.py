"""Fresh or late: what a pipeline's tables tell of its rhythm, and which pipeline to read next.

Pure: no store, no network, no clock. Moments are float seconds since 1970 in UTC, lengths float seconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from monitor.notes import cleaned

CURRENT_FOR = 30 * 60.0  # a reading older than this says nothing about lateness
AT_LEAST = 15 * 60.0  # what is learned calls nothing late sooner
GAPS_KEPT, GAPS_NEEDED = 20, 5
AHEAD = 5 * 60.0  # Hevo's clock may be so much before ours; a run dated later than that is none


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a pipeline: its state as Hevo writes it, and when it last ran."""

    name: str | None
    status: str | None
    last_run: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was last read of one pipeline's tables, with what was learned from all readings before.

    Its fields are the store's columns, in their order.
    """

    read_at: float
    last_ran: float | None  # the newest run of the tables that are ACTIVE
    reached: float | None  # the newest run ever seen: the next gap is measured from there
    gaps: tuple[float, ...]  # the last ones between distinct newest runs, in the order they came
    longest: float | None  # of all gaps ever seen
    tables: int
    failed: int  # how many of them are FAILED
    position: str | None  # how far a log was read, as Hevo writes it

    @staticmethod
    def after(previous: Reading | None, read_at: float, tables: Iterable[Table], position: str | None) -> Reading:
        """Adds what the tables say now to what was learned before."""
        every = list(tables)
        ran = (table.last_run for table in every if table.status == "ACTIVE" and table.last_run)
        newest = max((round(run, 3) for run in ran if 0 < run <= read_at + AHEAD), default=None)
        before = previous or Reading(read_at, None, None, (), None, 0, 0, None)
        gap = _gap(before, newest)
        return Reading(
            read_at=round(read_at, 3),
            last_ran=newest,
            reached=_latest(before.reached, newest),
            gaps=before.gaps if gap is None else (*before.gaps, gap)[-GAPS_KEPT:],
            longest=_latest(before.longest, gap),
            tables=len(every),
            failed=sum(table.status == "FAILED" for table in every),
            position=cleaned(position or "")[:200] or None,
        )

    @property
    def usually(self) -> float | None:
        """The learned rhythm, the median of the last gaps; None while there are too few."""
        return median(self.gaps) if len(self.gaps) >= GAPS_NEEDED else None


def is_late(reading: Reading | None, expected: float | None, now: float) -> bool:
    """True when it was silent for longer than expected; else than three learned gaps and the longest one seen.

    Only for what is on and well in Hevo's own words: the caller looks at those. Its silence ends with our reading,
    not now: what ran since then nobody has read yet, so that a punctual run is never called late in between.
    """
    if reading is None or reading.last_ran is None or now - reading.read_at > CURRENT_FOR:
        return False
    silent = reading.read_at - reading.last_ran
    if expected is not None:
        return silent > expected
    usually = reading.usually if silent > AT_LEAST else None
    return usually is not None and silent > max(3 * usually, reading.longest or 0)


def late(readings: Mapping[str, Reading], expected: Mapping[str, float | None], now: float) -> frozenset[str]:
    """The pipelines whose data came in too long ago, whatever Hevo says of them."""
    return frozenset(one for one, reading in readings.items() if is_late(reading, expected.get(one), now))


class Queue:
    """Which pipeline to read next: what is opened, then what failed, then what is unread for longest.

    Nobody waits for ever: at most every other turn goes to what is opened and every sixth to what failed. Nothing is
    read twice within a minute. How many turns there are in a minute is the caller's budget; and one
    caller at a time asks.
    """

    AGAIN, FAILED_AGAIN, OPEN_FOR = 60.0, 300.0, 30.0
    FIRST_REST, LONGEST_REST = 120.0, 3600.0
    OPENED_TURNS, FAILED_TURNS = 2, 6

    def __init__(self) -> None:
        self._opened: dict[str, float] = {}
        self._refused: dict[str, tuple[int, float]] = {}  # how often one after another, and until when it rests
        self._since_opened, self._since_failed = self.OPENED_TURNS, self.FAILED_TURNS  # turns

    def open(self, pipeline: str, now: float) -> None:
        """Somebody has it on screen at this moment."""
        self._opened[pipeline] = now

    def answered(self, pipeline: str) -> None:
        """Hevo told of its tables: an earlier refusal counts no more."""
        self._refused.pop(pipeline, None)

    def refused(self, pipeline: str, now: float) -> None:
        """Hevo would not or could not tell: it rests for two minutes, then twice as long each time, up to an hour."""
        times = self._refused.get(pipeline, (0, now))[0] + 1
        rest = min(self.FIRST_REST * 2.0 ** min(times - 1, 10), self.LONGEST_REST)
        self._refused[pipeline] = times, now + rest

    def next(
        self, pipelines: Iterable[str], failed: Container[str], readings: Mapping[str, Reading], now: float
    ) -> str | None:
        """The pipeline whose turn it is, or None while all of them were read or refused a moment ago."""
        self._opened = {each: at for each, at in self._opened.items() if now - at <= self.OPEN_FOR}
        resting = {each for each, (_, until) in self._refused.items() if now < until}
        # How long ago each was read, with the sign turned.
        ages = {each: readings[each].read_at - now if each in readings else -math.inf for each in pipelines}
        due = {each: age for each, age in ages.items() if not -self.AGAIN < age <= 0 and each not in resting}
        return min(self._first(due, failed), key=due.__getitem__, default=None)

    def _first(self, due: Mapping[str, float], failed: Container[str]) -> Collection[str]:
        """Those that this turn is for; counts the turns."""
        self._since_opened, self._since_failed = self._since_opened + 1, self._since_failed + 1
        if self._since_opened >= self.OPENED_TURNS and (opened := due.keys() & self._opened.keys()):
            self._since_opened = 0
            return opened
        if self._since_failed >= self.FAILED_TURNS:
            troubled = [each for each, age in due.items() if age <= -self.FAILED_AGAIN and each in failed]
            self._since_failed = 0 if troubled else self._since_failed
            return troubled or due
        return due


def _gap(before: Reading, newest: float | None) -> float | None:
    """From the newest run seen before to this newer one, where hardly any run between them can have gone unseen.

    After a night in which nobody read, the first new run tells nothing of the rhythm: most of the gap was not watched.
    """
    if newest is None or before.reached is None or newest <= before.reached:
        return None
    gap = round(newest - before.reached, 3)
    return gap if newest - before.read_at <= max(CURRENT_FOR, gap / 2) else None


def _latest(*values: float | None) -> float | None:
    """The largest of those that are known."""
    return max((value for value in values if value is not None), default=None)
