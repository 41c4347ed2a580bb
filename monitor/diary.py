"""What is remembered of an account beside its looks: older incidents, what people write, and what a month was like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

import pandas as pd

from monitor import incidents, months, notes
from monitor.incidents import Incidents
from monitor.knowledge import Knowledge
from monitor.months import Month
from monitor.notes import Note
from monitor.store import StoreError, Tx, looks
from monitor.store import months as kept_months
from monitor.store import notes as kept_notes

FEW_MINUTES, MONTHS_READ = 300_000, 6
PORTION = 200  # pipelines whose older history is read at once


class Diary:
    """Reads and writes it in the account's store. `zone`: whose calendar its months are of; `tell`: who hears of notes,
    in the same transaction."""

    def __init__(self, knowledge: Knowledge, zone: tzinfo, tell: Callable[[Tx, int, Note], None]) -> None:
        self._knowledge, self._store, self._turn, self.zone = knowledge, knowledge.store, knowledge.turn, zone
        self._tell = tell
        self._left: list[str] | None = None  # those whose older incidents are still to be read
        self._found: list[Incidents] = []
        self._seen = -1
        self._recalled = False
        self._months: dict[tuple[str, bool], Month] = {}

    def write(self, note: Note, person: str) -> Note | str:
        """The note as it stands for everybody from now on, or a code why nothing was written. `person`: who writes, for
        the limit of ten a minute."""
        note = replace(note, text=notes.cleaned(note.text), by=notes.cleaned(note.by))
        judged, at = self._knowledge.judged, self._knowledge.clock()
        if why := notes.refusal(note, judged.covered(note), judged.names, judged.incidents, at):
            return why

        def work(tx: Tx) -> Note | None:
            written = kept_notes.write(tx, self._turn.account, note, person)
            if written:
                self._tell(tx, self._turn.account, written)
            return written

        try:
            return self._knowledge.write(work, safely=True) or "often"
        except StoreError:
            return "not kept"

    def take_back(self, note_id: str, by: str) -> str | None:
        """Takes a note back, or ends planned work; a code where that was not done."""
        by = notes.cleaned(by)[: notes.LONGEST_NAME]
        if not by:
            return "nobody"
        try:
            account = self._turn.account
            done = self._knowledge.write(lambda tx: kept_notes.take_back(tx, account, note_id, by), safely=True)
        except StoreError:
            return "not kept"
        return None if done else "gone"

    def recall(self, start: int) -> None:
        """Reads the incidents since `start` (ms), or this month, of the next pipelines; once that is done for all, they
        are known."""
        known = self._knowledge.known
        if self._recalled or known.history.latest is None:
            return
        if self._left is None:
            self._left, self._seen = sorted(known.seen), known.history.latest
        start = min(start, self.month_begins(self._seen / 1000))
        portion, self._left = self._left[:PORTION], self._left[PORTION:]
        told = self._store.read(lambda tx: looks.read_history(tx, self._turn.account, start, portion))
        until = replace(told, changes=told.changes[told.changes["at"] <= self._seen].reset_index(drop=True))
        self._found.append(incidents.grown(incidents.EMPTY, until, known.shares))
        if not self._left:
            self._knowledge.recall(incidents.joined(self._found, self._seen))
            self._recalled, self._found = True, []

    def month_begins(self, at: float) -> int:
        """When this month began (ms): what was seen since is needed until it is over and written down."""
        return months.bounds(months.month_of(at, self.zone), self.zone)[0]

    def write_month(self) -> bool:
        """Writes down a portion of the first month that is over and not written down; False when there is none."""

        def work(tx: Tx) -> bool:
            account = self._turn.account
            kept_months.forget(tx, account, self.zone)
            month = kept_months.due(tx, account, self.zone)
            if month is None:
                return False
            start, end = months.bounds(month, self.zone)
            kept_months.write(tx, account, month, lambda names: self._worked_out(tx, start, end, names).figures)
            return True

        return self._store.write(work)

    def month(self, month: str, days: bool = True) -> Month:
        """What is known of a month ("2026-11"), a few minutes old in the present one; without its days where they are
        not wanted. ValueError: no month."""
        latest = self._knowledge.known.history.latest or 0
        start, end = months.bounds(month, self.zone)
        before = self._months.get((month, days))
        if before and (before.end == end or latest - before.end <= FEW_MINUTES):
            return before
        until = max(start, min(end, latest))
        found = self._store.read(lambda tx: self._month(tx, month, start, until, days))
        self._months = dict([*self._months.items(), ((month, days), found)][-MONTHS_READ:])
        return found

    def _month(self, tx: Tx, month: str, start: int, end: int, days: bool) -> Month:
        """What was written down of it costs little; its history is read for its days, or where nothing was."""
        written = kept_months.read(tx, self._turn.account, month)
        if written is not None and not days:
            return Month(written, pd.DataFrame(), start, end)
        found = self._worked_out(tx, start, end)
        return found if written is None else replace(found, figures=written)

    def _worked_out(self, tx: Tx, start: int, end: int, names: list[str] | None = None) -> Month:
        """Worked out of its history, of these pipelines or of all."""
        known, judged = self._knowledge.known, self._knowledge.judged
        history = looks.read_history(tx, self._turn.account, start, names, end)
        planned = judged.planned_spans(known.notes.values(), start, end)
        is_recalled = self._recalled and names is None
        found = judged.incidents if is_recalled else incidents.grown(incidents.EMPTY, history, known.shares)
        figures = months.figures(history, found, planned, start, end)
        return Month(figures, months.days(history, planned, start, end, self.zone), start, end)
