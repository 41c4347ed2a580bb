"""What is remembered of an account beside its looks: older incidents, what people write, what an hour and a month
were like, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

import pandas as pd

from monitor import history as frames
from monitor import incidents, months, notes
from monitor.incidents import Incidents
from monitor.knowledge import Knowledge
from monitor.months import Month
from monitor.notes import Note
from monitor.now import FAR
from monitor.store import StoreError, Tx, looks, tallies
from monitor.store import months as kept_months
from monitor.store import notes as kept_notes

FEW_MINUTES, MONTHS_READ = 300_000, 6
AN_HOUR = 3_600.0
SETTLED = tallies.SETTLED / 1000  # seconds after which an hour that is over can be told
PORTION = 200  # pipelines whose older history is read at once


class Diary:
    """Reads and writes it in the account's store. `zone`: whose calendar its months are of; `keep_days`: how long all
    is remembered; `tell`: who hears of notes, in the same transaction.
    """

    def __init__(
        self, knowledge: Knowledge, zone: tzinfo, keep_days: int, tell: Callable[[Tx, int, Note], None]
    ) -> None:
        self._knowledge, self._store, self._turn, self.zone = knowledge, knowledge.store, knowledge.turn, zone
        self._keep, self._tell = keep_days * 86_400, tell
        self._forget_at = self._tally_at = 0.0
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

    def recall(self) -> None:
        """Reads the incidents of the next pipelines, as far back as anything is kept; once that is done for all, they
        are known."""
        known = self._knowledge.known
        if self._recalled or known.history.latest is None:
            return
        if self._left is None:
            self._left, self._seen = sorted(known.seen), known.history.latest
        start = self._kept_since(self._seen / 1000)
        portion = self._left[:PORTION]
        told = self._store.read(lambda tx: looks.read_history(tx, self._turn.account, start, portion))
        until = replace(told, changes=told.changes[told.changes["at"] <= self._seen].reset_index(drop=True))
        self._found.append(incidents.grown(incidents.EMPTY, until, known.shares))
        self._left = self._left[PORTION:]
        if not self._left:
            self._knowledge.recall(incidents.joined(self._found, self._seen))
            self._recalled, self._found = True, []

    def tidy(self) -> None:
        """What the server that looks does beside it: forgets what is too old, a portion a glance as long as there is
        any, and writes down how many pipelines stood under each word in the hours that are over."""
        now, account, known = self._knowledge.clock(), self._turn.account, self._knowledge.known
        if now >= self._forget_at:
            before = self._kept_since(now)
            is_going_on = self._write_month() or self._store.write(lambda tx: looks.forget(tx, account, before))
            self._forget_at = now if is_going_on else now + AN_HOUR
        if now >= self._tally_at:
            self._tally_at = (now - SETTLED) // AN_HOUR * AN_HOUR + AN_HOUR + SETTLED
            last = self._store.read(lambda tx: tallies.latest(tx, account))
            planned = self._knowledge.judged.planned_spans(known.notes.values(), known.history.begins or 0, FAR)
            hours = tallies.counted(frames.under_plans(known.history, planned), last, round(now * 1000))
            self._store.write(lambda tx: tallies.write(tx, account, hours))

    def tallies(self, start: float) -> pd.DataFrame:
        """How many pipelines stood under each word in each hour from `start` on: start (ms), word, pipelines."""
        return self._store.read(lambda tx: tallies.read(tx, self._turn.account, round(start * 1000)))

    def _kept_since(self, at: float) -> int:
        """Since when (ms) all is kept: what was seen in the month of then is needed until it is written down."""
        begins, _ = months.bounds(months.month_of(at, self.zone), self.zone)
        return min(round((self._knowledge.clock() - self._keep) * 1000), begins)

    def _write_month(self) -> bool:
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
