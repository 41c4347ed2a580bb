"""The picture of an account at one moment: immutable, judged once a look, the same for every screen. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from hevo_api import Pipeline, is_valid_id
from monitor import history as frames
from monitor import incidents, notes
from monitor.catalog import EMPTY, UNOWNED, Catalog, Owned, ReportRow
from monitor.catalog.matching import judge_reports, match
from monitor.freshness import Reading
from monitor.health import NEEDS_ATTENTION, Word, unrecognised
from monitor.history import History
from monitor.incidents import Incident, Incidents
from monitor.known import GONE, Known, Seen, Trouble
from monitor.notes import About, Kind, Note
from monitor.requests import Request

T = TypeVar("T")
DAY_MS, FAR = 86_400_000, 2**53  # ms; the second: later than anything


class Since(NamedTuple):
    """It began after `not_before` and by `first_seen` (UTC seconds); without the first, "at least since"."""

    not_before: float | None
    first_seen: float


@dataclass(frozen=True, slots=True)
class Row:
    """One pipeline, judged: its word and what its sentence needs. `failures`: how often it failed in 24 hours."""

    pipeline: Pipeline
    word: Word
    since: Since
    failures: int = 0
    fresh: Reading | None = None  # when its data last came in, as far as we know
    owned: Owned = UNOWNED  # what the dashboard's owner wrote about it

    @property
    def label(self) -> str:
        """What to call it: as the owner does, else as Hevo does."""
        return self.owned.name or self.pipeline.label

    @property
    def is_paused(self) -> bool:
        return self.word is Word.PAUSED

    @property
    def unrecognised(self) -> str | None:
        """What Hevo says that it does not document."""
        return unrecognised(self.pipeline.status, self.pipeline.health_status)


class Made(NamedTuple):
    """A row, its place in the order, and `of` what both are made: while that stays, they do."""

    of: tuple[Seen, int, Reading | None, Owned]
    row: Row
    order: tuple[int, float, str, int, str]


@dataclass(frozen=True)
class Judged:
    """All rows and reports, worst first; `counts` has every word. `answers`: what was worked out of them so far.

    `warnings`: what the catalogue names and the account does not have, a sentence each. `made`: how each row was made.
    """

    rows: tuple[Row, ...] = ()
    counts: Mapping[Word, int] = field(default_factory=dict)
    by_id: Mapping[str, Row] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    reports: tuple[ReportRow, ...] = ()
    warnings: tuple[str, ...] = ()
    incidents: Incidents = incidents.EMPTY
    made: Mapping[str, Made] = field(default_factory=dict, repr=False)
    answers: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What costs much is worked out once a look, for all who see the same, and not at each click.

        Two places that ask under the same name are told apart by the code that would work it out.
        """
        asked = question, getattr(answer, "__code__", answer)
        if asked not in self.answers:
            self.answers[asked] = answer()
        found: T = self.answers[asked]
        return found

    def of(self, rows: Iterable[Row], reports: Iterable[ReportRow]) -> Judged:
        """The same account with these rows, in their order, and reports in place of its own."""
        ordered = tuple(rows)
        tally = Counter(row.word for row in ordered)
        return replace(
            self,
            rows=ordered,
            counts={word: tally[word] for word in Word},
            by_id={row.pipeline.id: row for row in reversed(ordered) if is_valid_id(row.pipeline.id)},
            reports=tuple(reports),
            answers={},
        )

    def covered(self, note: Note) -> frozenset[str]:
        """The numbers of the pipelines that a note covers now."""
        name = note.of[0] if note.of else None
        match note.about:
            case About.PIPELINES:
                return frozenset(note.of)
            case About.REPORT:
                return frozenset(one for row in self.reports if row.report.key == name for one in row.pipelines)
            case About.DESTINATION:
                rows = [row for row in self.rows if notes.destination(row.pipeline) == name]
            case About.TEAM:
                rows = [row for row in self.rows if row.owned.team and row.owned.team.key == name]
            case About.ALL:
                rows = [*self.rows]
        return frozenset(row.pipeline.id for row in rows)

    def planned_at(self, written: Iterable[Note], at: float) -> frozenset[str]:
        """The pipelines on which planned work goes on just then."""
        return frozenset(one for note in written if note.is_planned_at(at) for one in self.covered(note))

    def planned_spans(self, written: Iterable[Note], start: int, end: int) -> pd.DataFrame:
        """The planned time from start to end (ms): pipeline, start, end."""
        rows = [
            (one, max(start, round(note.begins * 1000)), min(end, round(note.until * 1000)))
            for note in written
            if note.kind is Kind.PLANNED and note.begins < min(note.until, end / 1000) and note.until * 1000 > start
            for one in sorted(self.covered(note))
        ]
        return pd.DataFrame(rows, columns=["pipeline", "start", "end"]).astype({"start": "int64", "end": "int64"})


@dataclass(frozen=True)
class Now:
    """What is known of an account. Times are UTC epoch seconds by the account's own clock, `correction` what to add
    to show them. `confirmed` is False when nobody could confirm the rows for two intervals: they keep their words."""

    at: float
    correction: float
    answered_at: float | None
    confirmed: bool
    trouble: Trouble | None
    next_look_in: float | None
    looking: bool
    progress: int | None
    interval: float
    slowed: bool
    problem: str | None
    note: str | None
    judged: Judged
    history: History
    requests: tuple[Request, ...]
    version: Hashable
    notes: tuple[Note, ...] = ()  # newest first

    @property
    def age(self) -> float | None:
        """Seconds since Hevo gave the answer that is shown."""
        return None if self.answered_at is None else max(0.0, self.at - self.answered_at)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.judged.rows

    @property
    def reports(self) -> tuple[ReportRow, ...]:
        return self.judged.reports

    @property
    def counts(self) -> Mapping[Word, int]:
        return self.judged.counts

    def get(self, pipeline_id: str) -> Row | None:
        """The row of a pipeline, or None when Hevo's last list did not have it."""
        return self.judged.by_id.get(pipeline_id)

    def present(self, pipelines: Iterable[str]) -> list[Row]:
        """The rows of those of these that Hevo's last list had, in this order."""
        return [row for row in map(self.get, pipelines) if row]

    def having(self, *words: Word) -> Sequence[Row]:
        """The rows with one of these words, worst first."""
        return self.once(("having", words), lambda: tuple(row for row in self.rows if row.word in words))

    def name(self, pipeline_id: str) -> str:
        """What a pipeline is called, also one that is gone."""
        return self.judged.names.get(pipeline_id, f"Pipeline {pipeline_id}")

    @property
    def on_it(self) -> Mapping[str, Note]:
        """For each pipeline on which somebody is, the newest note that says so."""

        def on_it() -> dict[str, Note]:
            found = dict[str, Note]()
            for note in self.notes:
                if note.kind is Kind.ON_IT and note.taken_at is None:
                    pipelines = self.judged.covered(note)
                    if not pipelines <= found.keys() and notes.is_on(note, pipelines, self.judged.incidents, self.at):
                        found = {**dict.fromkeys(pipelines, note), **found}
            return found

        return self.once(("on it", self.version, self.at // 60), on_it)

    def about(self, pipeline_id: str) -> list[Note]:
        """What people wrote of this pipeline, newest first."""
        return [note for note in self.notes if pipeline_id in self.judged.covered(note)]

    def plan_of(self, one: Incident) -> Note | None:
        """The planned work in which an incident lies: all of it, or the present moment while it is open."""
        begin, end = (self.at, self.at) if one.ended is None else (one.began, one.ended)
        plans = (it for it in self.notes if it.kind is Kind.PLANNED and it.begins <= begin and end <= it.until)
        return next((plan for plan in plans if self.judged.covered(plan).issuperset(one.pipelines)), None)

    @property
    def problems(self) -> Sequence[Row]:
        """The rows that need attention, worst first: those under planned work do not."""
        return self.having(*NEEDS_ATTENTION)

    def under_plans(self, history: History) -> History:
        """A history of the account with trouble under planned work as that; itself while nothing is planned."""
        if not any(note.kind is Kind.PLANNED for note in self.notes):
            return history
        spans = self.judged.planned_spans(self.notes, history.begins or 0, FAR)
        return frames.under_plans(history, spans)

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What costs much is worked out once a look, for all who see the same, and not at each click."""
        return self.judged.once(question, answer)


def under_plans(judged: Judged, written: Iterable[Note], at: float) -> Judged:
    """With what is trouble where planned work goes on just then as planned: it alarms nobody."""
    plans = tuple(note for note in written if note.is_planned_at(at))

    def under() -> Judged:
        planned = {one for plan in plans for one in judged.covered(plan)} & judged.by_id.keys()
        troubled = {one for one in planned if judged.by_id[one].word in NEEDS_ATTENTION}
        if not troubled:
            return judged
        rows = [replace(row, word=Word.PLANNED) if row.pipeline.id in troubled else row for row in judged.rows]
        rows.sort(key=_order)
        words = {key: one.row.word for key, one in judged.made.items()} | dict.fromkeys(troubled, Word.PLANNED)
        return judged.of(rows, judge_reports(judged.reports, words))

    return judged.once(("under plans", plans), under) if plans else judged


def judge_all(
    known: Known,
    at: float,
    catalog: Catalog = EMPTY,
    found: Incidents = incidents.EMPTY,
    before: Mapping[str, Made] = MappingProxyType({}),
) -> Judged:
    """A row for every pipeline of the last whole answer: that of before where nothing of it is new."""
    end = round(at * 1000)
    failures = frames.failures(known.history, end - DAY_MS, end)
    failed = dict(zip(failures.index.tolist(), failures.tolist(), strict=True))
    present = [(key, seen) for key, seen in known.seen.items() if seen.mark != GONE]
    matched = match(catalog, tuple((key, seen.pipeline.name) for key, seen in present))
    made = {}
    for key, seen in present:
        of, old = (seen, failed.get(key, 0), known.readings.get(key), matched.of(key)), before.get(key)
        made[key] = old if old and old.of == of else _made(*of)
    rows = [one.row for one in sorted(made.values(), key=attrgetter("order"))]
    names = {key: made[key].row.label if key in made else it.pipeline.label for key, it in known.seen.items()}
    reports = judge_reports(matched.reports, {key: one.row.word for key, one in made.items()})
    return Judged(names=names, warnings=matched.warnings, incidents=found, made=made).of(rows, reports)


def _made(seen: Seen, failures: int, fresh: Reading | None, owned: Owned) -> Made:
    """Healthy is unstable while a failure is less than a day old."""
    word = Word.UNSTABLE if seen.word is Word.HEALTHY and failures else seen.word
    after = None if seen.since_after is None else seen.since_after / 1000
    row = Row(seen.pipeline, word, Since(after, seen.since_at / 1000), failures, fresh, owned)
    return Made((seen, failures, fresh, owned), row, _order(row))


def _order(row: Row) -> tuple[int, float, str, int, str]:
    """Worst first; within a word the newest first, then by name, then by number."""
    number = row.pipeline.id
    place = int(number) if number.isdecimal() and len(number) < 20 else 0
    return row.word.severity, -row.since.first_seen, row.label.casefold(), place, number
