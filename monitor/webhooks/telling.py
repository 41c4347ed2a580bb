"""What changed is written down for the owner's addresses, with the change itself, so that none is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial

import pandas as pd

from monitor import history as frames
from monitor import incidents
from monitor.catalog import UNOWNED
from monitor.events import DAY, HOUR, INCIDENTS, Event, Kind, Told, hear, of_incidents, of_note, turned, word_now
from monitor.health import Word
from monitor.knowledge import Knowledge
from monitor.known import Difference, Known
from monitor.masking import masked
from monitor.notes import Note
from monitor.now import Row
from monitor.store import StoreError, Tx, outbox
from monitor.store.outbox import Letter, Tally
from monitor.webhooks.hooks import Hook
from monitor.webhooks.line import Line
from monitor.worker import Worker

Count = Callable[[int], "pd.Series[int]"]  # how often each pipeline failed in the last so many ms


class Webhooks:
    """Writes events down in the look's own transaction, and brings them to each address in a thread of its own.

    `sentence` says an event in people's words; `link`: where a pipeline is shown (None: the first page), if anywhere.
    """

    def __init__(
        self,
        hooks: Sequence[Hook] = (),
        sentence: Callable[[Event], str] = lambda event: event.kind.value,
        link: Callable[[str | None], str | None] = lambda _: None,
    ) -> None:
        self.hooks = tuple(hooks)
        self._sentence, self._link = sentence, link
        self.workers: tuple[Worker, ...] = ()  # the threads that bring what is due, one for each address

    def serve(self, knowledge: Knowledge, confirmed_for: Callable[[], float], threads: bool) -> None:
        """Works for this account from now on. `confirmed_for`: for how long (seconds) what is known is confirmed."""
        self._knowledge = knowledge
        lines = [Line(hook, self.put, knowledge, confirmed_for) for hook in self.hooks]
        self.workers = tuple(
            Worker(f"tells {line.hook.shown}", knowledge.changed, line.due_in, line.work, threads) for line in lines
        )

    def state(self) -> list[tuple[str, Tally]]:
        """Each address, as far as it may be shown, and how it goes with it; none while the store cannot be read."""
        with suppress(StoreError):
            return self._knowledge.read(
                lambda tx, own: [(hook.shown, outbox.tally(tx, own, hook.id)) for hook in self.hooks], []
            )
        return []

    def tell_look(self, tx: Tx, account: int, before: Known, now: Known, found: Sequence[Difference]) -> None:
        """What a look changed, and the incidents that it saw begin or be over for good, written down within its own
        transaction. The first one ever tells nothing.

        Of pipelines under planned work nothing is told until that is over.
        """
        if before.answered_at is None or now.answered_at is None or not self.hooks:
            return
        at, judged, together = round(now.answered_at * 1000), self._knowledge.judged, list[Event]()
        news, count = turned(before, found, at), cache(lambda ago: frames.failures(now.history, at - ago, at))
        at_work = partial(judged.planned_at, now.notes.values())
        planned = at_work(now.answered_at)
        if any(hook.events & INCIDENTS for hook in self.hooks):
            grown = incidents.grown(judged.incidents, now.history, now.shares)
            together = of_incidents(judged.incidents, grown, judged.names, at_work)
        for hook in self.hooks:
            events = [*_heard(tx, account, hook, now, at, news, planned, count), *together]
            if outbox.confirm(tx, account, hook.id):
                events.append(Event(Kind.CONFIRMED, at))
            self.put(tx, account, hook, events)

    def tell_note(self, tx: Tx, account: int, note: Note) -> None:
        """That somebody wrote something, in the note's own transaction."""
        for hook in self.hooks:
            self.put(tx, account, hook, [of_note(note)])

    def put(self, tx: Tx, account: int, hook: Hook, events: Sequence[Event]) -> None:
        """Those of these events that the address takes, as letters in its outbox."""
        rows, letters = self._knowledge.judged.by_id, []
        for event in events:
            row = rows.get(event.pipeline[0]) if event.pipeline else None
            owned = row.owned if row else UNOWNED if event.pipeline else None
            if hook.wants(event.kind, owned):
                letters.append(self._letter(hook, account, event, row))
        outbox.put(tx, account, hook.id, letters)

    def _letter(self, hook: Hook, account: int, event: Event, row: Row | None) -> Letter:
        """The event for one address, under an id that nothing else has and that it keeps for ever."""
        if event.pipeline:
            key, name = event.pipeline
            event = replace(event, pipeline=(key, masked(row.label if row else name)))
        text = json.dumps(event.body(self._sentence(event), self._link(event.number)), separators=(",", ":"))
        origin = f"{hook.id}/{account}/{event.kind}/{event.about}/{event.at}"
        return Letter(f"msg_{hashlib.sha256(origin.encode(errors='replace')).hexdigest()[:32]}", event.at, text)


def _heard(
    tx: Tx, account: int, hook: Hook, now: Known, at: int, news: Mapping[str, Told], planned: Set[str], count: Count
) -> list[Event]:
    """What an address hears of this look, and of what it was not told before; from then on it knows that."""
    stored = outbox.told(tx, account, hook.id)
    waiting = {**stored, **{key: replace(stored.get(key, told), changed_at=at) for key, told in news.items()}}
    knows: dict[str, Told | None] = {}
    events = []
    for key, told in waiting.items():
        seen = now.seen.get(key)
        word = word_now(seen) if seen else None
        failures = int(count(HOUR).get(key, 0)) if word is Word.FAILED else 0
        patience = round(hook.after * 1000)
        knows[key], kind = (told, None) if key in planned else hear(told, word, at, patience, failures)
        if kind and seen:
            before, restless = told.word and told.word.value, knows[key] is not None
            facts = {"before": before, "failures": int(count(DAY).get(key, 0)), "restless": restless}
            since = seen.since_at if word else told.changed_at
            events.append(Event(kind, at, key, (key, seen.pipeline.label), word, since, facts))
    outbox.keep_told(tx, account, hook.id, {key: one for key, one in knows.items() if one != stored.get(key)})
    return events
