"""The board: each pipeline's word now, worst first, with since when. Pure, and the same for every screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hevo_api import Pipeline, is_valid_id
from monitor.account import View
from monitor.health import Verdict, Word, counts, verdict
from monitor.history import History, Since

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Row:
    """One pipeline with its verdict, and when its present word began (None: never seen before)."""

    pipeline: Pipeline
    verdict: Verdict
    since: Since | None

    @property
    def word(self) -> Word:
        return self.verdict.word

    @property
    def is_paused(self) -> bool:
        """True when it was turned off in Hevo, as far as we know."""
        return self.verdict.last_known is Word.PAUSED


@dataclass(frozen=True)
class Board:
    """All rows, worst first, then by name; `counts` has every word, also those with no pipeline."""

    rows: tuple[Row, ...]
    counts: Mapping[Word, int]
    _by_id: Mapping[str, Row] = field(repr=False)

    def get(self, pipeline_id: str) -> Row | None:
        """The row of a pipeline, or None when Hevo's last list did not have it."""
        return self._by_id.get(pipeline_id)

    def __contains__(self, pipeline_id: object) -> bool:
        return pipeline_id in self._by_id

    def having(self, *words: Word) -> list[Row]:
        """The rows with one of these words, worst first."""
        return [row for row in self.rows if row.word in words]


class Tally(NamedTuple):
    """How many pipelines began to fail, recovered, or failed and recovered meanwhile."""

    started: int
    recovered: int
    passed: int


def read_board(view: View, history: History) -> Board:
    """Judges every pipeline of the last complete answer."""
    pipelines = view.snapshot.pipelines if view.snapshot else ()
    rows = tuple(sorted((_row(pipeline, view, history) for pipeline in pipelines), key=_order))
    by_id = {row.pipeline.id: row for row in reversed(rows) if is_valid_id(row.pipeline.id)}
    return Board(rows, counts(row.word for row in rows), by_id)


def tally(turns: Iterable[Sequence[Word]]) -> Tally:
    """Counts pipelines by their words, one after the other, of which the first held before."""
    outcomes = Counter(_outcome(words) for words in turns)
    return Tally(*(outcomes[name] for name in Tally._fields))


def _outcome(words: Sequence[Word]) -> str:
    """Which of a tally's numbers a pipeline adds to; "" for none."""
    before, *after = words
    is_healthy = after[-1] is Word.HEALTHY
    if before is Word.FAILED:
        return "recovered" if is_healthy else ""
    if Word.FAILED not in after:
        return ""
    return "passed" if is_healthy else "started"


def _row(pipeline: Pipeline, view: View, history: History) -> Row:
    failures = history.failures(pipeline.id, view.at - DAY, view.at)
    judged = verdict(pipeline.status, pipeline.health_status, confirmed=view.confirmed, failures=failures)
    return Row(pipeline, judged, history.since(pipeline.id))


def _order(row: Row) -> tuple[int, int, str, int, str]:
    """Worst first; among those not checked recently, what was worst before; then by name, then by number."""
    number, known = row.pipeline.id, row.verdict.last_known
    place = int(number) if number.isdecimal() and len(number) < 20 else 0
    return row.word.severity, known.severity, row.pipeline.label.casefold(), place, number
