"""What changed is written down for the owner's addresses, with the change itself, so that none is lost."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from functools import cache

from monitor import history as frames
from monitor.catalog import UNOWNED
from monitor.events import DAY, HOUR, Event, Kind, Told, hear, of_note, turned, word_now
from monitor.health import Word
from monitor.known import Difference, Known
from monitor.masking import masked
from monitor.notes import Note
from monitor.now import Row
from monitor.store import Store, StoreError, Tx, outbox
from monitor.store.outbox import Letter, Tally
from monitor.webhooks.hooks import Hook
from monitor.webhooks.line import Line, View
from monitor.worker import Worker

Failures = Mapping[str, int]


class Webhooks:
    """Writes events down in the look's own transaction, and brings them to each address in a thread of its own.

    `sentence` says an event in people's words; `link`: where a pipeline is shown (None: the first page), if anywhere.
    """

    def __init__(
        self,
        store: Store,
        hooks: Sequence[Hook] = (),
        sentence: Callable[[Event], str] = lambda event: event.kind.value,
        link: Callable[[str | None], str | None] = lambda _: None,
    ) -> None:
        self.hooks, self.store = tuple(hooks), store
        self._sentence, self._link = sentence, link
        self._lines: tuple[Line, ...] = ()
        self._view: Callable[[], View] = lambda: View(None, False, Known(), {}, 0.0)

    def serve(self, view: Callable[[], View], changed: threading.Condition, threads: bool) -> None:
        """Works for this account from now on; `changed` is notified when anything of it is new."""
        self._view = view
        self._lines = tuple(Line(self.store, hook, self.put, view, changed, threads) for hook in self.hooks)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The threads that bring what is due, one for each address."""
        return tuple(line.worker for line in self._lines)

    def state(self) -> list[tuple[str, Tally]]:
        """Each address, as far as it may be shown, and how it goes with it; none while the store cannot be read."""
        number = self._view().number
        if number is None:
            return []
        with suppress(StoreError):
            return self.store.read(lambda tx: [(hook.shown, outbox.tally(tx, number, hook.id)) for hook in self.hooks])
        return []

    def tell_look(
        self,
        tx: Tx,
        account: int,
        before: Known,
        now: Known,
        found: Sequence[Difference],
        planned: Set[str] = frozenset(),
        incidents: Callable[[], list[Event]] = list,
    ) -> None:
        """What a look changed, written down within its own transaction. The first one ever tells nothing.

        Of pipelines under planned work nothing is told until that is over. `incidents`: what became of those.
        """
        if before.answered_at is None or now.answered_at is None or not self.hooks:
            return
        at = round(now.answered_at * 1000)
        news, rows = turned(before, found, at), self._view().rows
        in_an_hour = _counted(now, at - HOUR, at) if any(now.seen[key].word is Word.FAILED for key in news) else {}
        in_a_day = cache(lambda: _counted(now, at - DAY, at))  # costs much, and is seldom needed
        together = incidents() if any(hook.wants_incidents for hook in self.hooks) else []
        for hook in self.hooks:
            events = [
                _event(key, kind, now, told, restless, in_a_day(), at)
                for key, kind, told, restless in _heard(tx, account, hook, now, news, in_an_hour, at, planned)
            ]
            events += together
            if outbox.confirm(tx, account, hook.id):
                events.append(Event(Kind.CONFIRMED, at))
            self.put(tx, account, hook, events, rows)

    def tell_note(self, tx: Tx, account: int, note: Note) -> None:
        """That somebody wrote something, in the note's own transaction."""
        for hook in self.hooks:
            self.put(tx, account, hook, [of_note(note)], self._view().rows)

    def put(self, tx: Tx, account: int, hook: Hook, events: Sequence[Event], rows: Mapping[str, Row]) -> None:
        """Those of these events that the address takes, as letters in its outbox."""
        letters = []
        for event in events:
            key = event.pipeline[0] if event.pipeline else None
            row = rows.get(key) if key else None
            if hook.wants(event.kind, None if key is None else row.owned if row else UNOWNED):
                letters.append(self._letter(hook, account, event, row))
        outbox.put(tx, account, hook.id, letters)

    def _letter(self, hook: Hook, account: int, event: Event, row: Row | None) -> Letter:
        """The event for one address, under an id that nothing else has and that it keeps for ever."""
        named = event.named(masked(row.label if row else event.pipeline[1])) if event.pipeline else event
        text = json.dumps(named.body(self._sentence(named), self._link(event.number)), separators=(",", ":"))
        origin = f"{hook.id}/{account}/{event.kind}/{event.about}/{event.at}"
        return Letter(f"msg_{hashlib.sha256(origin.encode(errors='replace')).hexdigest()[:32]}", event.at, text)


def _heard(
    tx: Tx,
    account: int,
    hook: Hook,
    now: Known,
    news: Mapping[str, Told],
    failures: Failures,
    at: int,
    planned: Set[str],
) -> list[tuple[str, Kind, Told, bool]]:
    """What an address hears of this look, and of what it was not told before; from then on it knows that."""
    stored = outbox.told(tx, account, hook.id)
    waiting = {**stored, **{key: stored[key].changed(at) if key in stored else told for key, told in news.items()}}
    kept: dict[str, Told | None] = {}
    heard: list[tuple[str, Kind, Told, bool]] = []
    for key, told in waiting.items():
        if key in planned:
            kept[key] = told
            continue
        word = word_now(now.seen[key]) if key in now.seen else None
        knows, kind = hear(told, word, at, round(hook.after * 1000), failures.get(key, 0))
        if kind and key in now.seen:
            heard.append((key, kind, told, knows is not None))
        kept[key] = knows
    outbox.keep_told(tx, account, hook.id, {key: one for key, one in kept.items() if one != stored.get(key)})
    return heard


def _event(key: str, kind: Kind, now: Known, told: Told, restless: bool, failures: Failures, at: int) -> Event:
    seen, word = now.seen[key], word_now(now.seen[key])
    facts = {"before": told.word and told.word.value, "failures": failures.get(key, 0), "restless": restless}
    since = told.changed_at if word is None else seen.since_at
    return Event(kind, at, key, (key, seen.pipeline.label), word, since, facts)


def _counted(known: Known, start: int, end: int) -> Failures:
    """How often each pipeline failed in that time (ms)."""
    found = frames.failures(known.history, start, end)
    return dict(zip(found.index, found.tolist(), strict=True))
