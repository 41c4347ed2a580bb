"""What was seen of one account's pipelines, and what may be said about the time between two looks.

An observation holds until the next one, at most `hold` seconds; time that none covers was not checked. Ask
for windows that end now: nothing here knows the future. A History names an immutable record, which each look
replaces in one assignment: any thread reads whole looks without a lock, and `snapshot()` keeps one for later.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

from monitor import history_json
from monitor.health import Word
from monitor.spells import ABSENT, FIRST_STATE, LONGEST_HOLD, UNWATCHED, Record, State, Trouble
from monitor.strips import Census, Segment, Step, Summary, cuts, strip, summarise

__all__ = [
    "Census",
    "Change",
    "Health",
    "History",
    "Segment",
    "Since",
    "Spell",
    "State",
    "Step",
    "Summary",
    "Trouble",
    "hold_for",
    "summarise",
]

_ENOUGH_COVERAGE, _ENOUGH_LOOKS = 0.5, 20


class Spell(NamedTuple):
    """Looks that saw one state, with no unwatched gap between them."""

    first: int
    last: int
    looks: int
    state: State


class Change(NamedTuple):
    """The last look that saw `before` was at `earliest`, the next one, at `at`, saw `after`."""

    pipeline_id: str
    earliest: int
    at: int
    before: Word
    after: Word


class Since(NamedTuple):
    """It began after `earliest` and by `at`; without `earliest`, all we know is that it lasts since `at`."""

    earliest: int | None
    at: int


class Health(NamedTuple):
    """Healthy time in the time that was healthy or failed, and how much of the window was watched."""

    percent: int | None
    coverage: float
    healthy: float
    failed: float
    watched: float
    looks: int
    failures: int


def hold_for(interval: float) -> float:
    """How long an observation holds: two intervals, at least 5 minutes and at most 30."""
    return float(min(max(2 * interval, 300), LONGEST_HOLD))


class History:
    """All complete looks at one account, and all failed attempts to look."""

    def __init__(self, hold: float = 300.0) -> None:
        self.hold = hold
        self._record = Record()
        self._writing = Lock()

    def observe(self, at: float, states: Mapping[str, State]) -> None:
        """Adds one complete look; a pipeline that it lacks is gone, one without a proper id is left out."""
        with self._writing:
            self._record = self._record.with_look(at, states, max(1, int(min(self.hold, LONGEST_HOLD))))

    def fail(self, at: float, cause: str) -> None:
        """Adds one failed attempt to look; what was seen before still holds as long as it would have."""
        with self._writing:
            self._record = self._record.with_failure(at, cause)

    def forget(self, before: float) -> None:
        """Drops what was seen before that time."""
        with self._writing:
            self._record = self._record.forgetting(before)

    def snapshot(self) -> "History":
        """This history as it stands now; it shares everything and costs nothing."""
        return self._around(self._record, self.hold)

    def extended(self, older: "History") -> "History":
        """This history with the older one's time before its first look; itself when that adds nothing."""
        record = self._record
        longer = record.after(older._record)
        return self if longer is record else self._around(longer, self.hold)

    @property
    def begins(self) -> int | None:
        looks = self._record.looks
        return looks[0] if looks else None

    @property
    def latest(self) -> int | None:
        looks = self._record.looks
        return looks[-1] if looks else None

    @property
    def pipeline_ids(self) -> Sequence[str]:
        """Every pipeline that was seen, whether it is still there or not."""
        return tuple(self._record.runs)

    @property
    def troubles(self) -> Sequence[Trouble]:
        return self._record.troubles

    @property
    def thinned_before(self) -> int | None:
        """What was seen before this time has been left out for want of room; None when nothing was."""
        return self._record.thinned_before

    def spells(self, pipeline_id: str) -> list[Spell]:
        """The pipeline's states one after the other, oldest first."""
        record = self._record
        return [
            Spell(
                at,
                record.look_before(until),
                record.looks_between(at, until),
                record.states[code - FIRST_STATE],
            )
            for (at, code), (until, _) in pairwise(record.events(pipeline_id))
            if code >= FIRST_STATE
        ]

    def segments(self, pipeline_id: str, start: float, end: float) -> list[Segment]:
        """The words from start to end, in order and without a hole; None where it was not checked."""
        return _strip(self._record, pipeline_id, start, end)

    def health(self, pipeline_id: str, start: float, end: float) -> Health:
        """Healthy time as a share, rounded down, 100 only without a failure, none if watched too little."""
        record = self._record
        seconds = summarise(_strip(record, pipeline_id, start, end)).seconds
        healthy, failed = seconds.get(Word.HEALTHY, 0.0), seconds.get(Word.FAILED, 0.0)
        watched = sum(seconds.values())
        coverage = min(1.0, watched / (end - start)) if end > start else 0.0
        looks, failures = _looks(record, pipeline_id, start, end), _failures(record, pipeline_id, start, end)
        enough = coverage >= _ENOUGH_COVERAGE and looks >= _ENOUGH_LOOKS and healthy + failed > 0
        percent = min(_percent(healthy, failed), 99 if failures else 100) if enough else None
        return Health(percent, coverage, healthy, failed, watched, looks, failures)

    def failures(self, pipeline_id: str, start: float, end: float) -> int:
        """How many times it was seen to start failing or to be failing; a gap alone ends no failure."""
        return _failures(self._record, pipeline_id, start, end)

    def since(self, pipeline_id: str) -> Since | None:
        """The present word began after the last look that saw another, by the first of its unbroken watch.

        A gap may hide another word, so a word that was the same before a gap only moves `earliest` back.
        """
        record = self._record
        if pipeline_id not in record.present:
            return None
        events = record.events(pipeline_id)
        at, code = events[-2]
        present, unbroken = record.words[code], True
        for (began, code), (ended, _) in zip(reversed(events[:-1]), reversed(events), strict=False):
            word = record.words[code]
            if word is not None and word is not present:
                return Since(record.look_before(ended), at)
            unbroken = unbroken and word is present
            at = began if unbroken else at
        return Since(None, at)

    def changes(self, start: float, end: float, pipeline_id: str | None = None) -> list[Change]:
        """Changes of word seen after start and by end, newest first; a gap moves `earliest` back."""
        record = self._record
        chosen = record.runs if pipeline_id is None else [pipeline_id]
        found = (change for name in chosen if record.changed_at(name) > start for change in _changes(record, name))
        within = [change for change in found if start < change.at <= end]
        return sorted(within, key=lambda change: (-change.at, change.after.severity, change.pipeline_id))

    def newest_changes(self, start: float, end: float, most: int) -> tuple[list[Change], int]:
        """The newest so many of these changes, and how many there are: of hundreds of thousands few are looked at."""
        length = 60.0
        while len(newest := self.changes(max(start, end - length), end)) < most and end - length > start:
            length *= 4
        return newest[:most], sum(len(turns) - 1 for turns in self.turns(start, end))

    def turns(self, start: float, end: float) -> Iterator[list[Word]]:
        """For each pipeline that changed in this time: the word that it had before, and each one that followed."""
        record = self._record
        for name in record.runs:
            if record.changed_at(name) > start and len(turns := _turns(record, name, start, end)) > 1:
                yield turns

    def census(self, start: float, end: float, most: int = 200) -> Census:
        """All pipelines together over time, exact where at most `most` steps are needed, else in that many blocks."""
        return _census(self._record, start, end, most)

    def to_json(self, limit: int = history_json.LIMIT) -> str:
        """This history as text; what is too much is left out, oldest first, and `thinned_before` says so."""
        return history_json.write(self._record, limit)

    @classmethod
    def from_json(cls, text: object, now: float, hold: float = 300.0) -> "History":
        """What a browser kept for us, but for what is older than 48 hours; ValueError if anything is odd."""
        return cls._around(history_json.read(text, now), hold)

    @classmethod
    def _around(cls, record: Record, hold: float) -> "History":
        history = cls(hold)
        history._record = record
        return history

    def __eq__(self, other: object) -> bool:
        """True when both tell the same."""
        if not isinstance(other, History):
            return NotImplemented
        return self._told() == other._told()

    __hash__ = None  # type: ignore[assignment]

    def _told(self) -> tuple[object, ...]:
        history, record = self.snapshot(), self._record
        spells = {name: history.spells(name) for name in record.runs}
        return record.looks, record.watches, record.troubles, record.thinned_before, spells


def _strip(record: Record, pipeline_id: str, start: float, end: float) -> list[Segment]:
    return strip([(at, record.words[code]) for at, code in record.events(pipeline_id)], start, end)


def _looks(record: Record, pipeline_id: str, start: float, end: float) -> int:
    """How many looks from start to end contained the pipeline."""
    stays = pairwise(record.events(pipeline_id))
    return sum(
        record.looks_between(max(at, start), min(until, int(end) + 1))
        for (at, code), (until, _) in stays
        if code >= FIRST_STATE
    )


def _failures(record: Record, pipeline_id: str, start: float, end: float) -> int:
    failures, counted = 0, False
    for (at, code), (until, _) in pairwise(record.events(pipeline_id)):
        word = record.words[code]
        if word is Word.FAILED and not counted and at <= end and until > start:
            failures, counted = failures + 1, True
        elif word not in (Word.FAILED, None):
            counted = False
    return failures


def _changes(record: Record, pipeline_id: str) -> Iterator[Change]:
    before, earliest = None, 0
    for (at, code), (until, _) in pairwise(record.events(pipeline_id)):
        word = record.words[code]
        if word is None:
            continue
        if before is not None and word is not before:
            yield Change(pipeline_id, record.look_before(earliest), at, before, word)
        before, earliest = word, until


def _turns(record: Record, pipeline_id: str, start: float, end: float) -> list[Word]:
    turns: list[Word] = []
    for at, code in record.events(pipeline_id):
        word = record.words[code]
        if at > end:
            break
        if word is not None and at <= start:
            turns = [word]
        elif word is not None and turns[-1:] != [word]:
            turns.append(word)
    return turns


def _percent(healthy: float, failed: float) -> int:
    """Rounded down, exactly: the parts are whole milliseconds, not fractions."""
    good, bad = round(healthy * 1000), round(failed * 1000)
    return good * 100 // max(1, good + bad)


def _census(record: Record, start: float, end: float, most: int) -> Census:
    """Every pipeline, between the moments at which a word could change, or in blocks if they are too many."""
    moments = sorted({start, *record.moments(start, end), end}) if start < end else []
    census = Census(moments if len(moments) <= most + 1 else cuts(start, end, most))
    alike = Counter(record.runs.values())
    for runs, name in {runs: name for name, runs in record.runs.items()}.items():
        census.add(_presence(record, name, start, end), alike[runs])
    return census


def _presence(record: Record, name: str, start: float, end: float) -> list[tuple[float, float, Word | None]]:
    """The pipeline's words over the time in which it existed, as far as we know."""
    events, words = record.events(name), record.words
    at_first = ABSENT if events[0][1] == ABSENT else UNWATCHED
    spans = pairwise([(start, at_first), *events, (end, ABSENT)])
    return [(at, until, words[code]) for (at, code), (until, _) in spans if code != ABSENT]
