"""What changed is written down for the owner's addresses with the change itself, so that none is lost, and each is
brought its letters: when one is tried, and what becomes of it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache, partial

import pandas as pd

from monitor import history as frames
from monitor import incidents
from monitor.catalog import UNOWNED
from monitor.events import DAY, HOUR, INCIDENTS, Event, Kind, Told, hear, of_incidents, of_note, of_request, turned
from monitor.health import Word
from monitor.knowledge import Knowledge
from monitor.known import Difference, Known, word_of
from monitor.masking import masked
from monitor.notes import Note
from monitor.schedule import CONFIRMED_FOR, Schedule
from monitor.store import StoreError, Tx, outbox
from monitor.store.outbox import Letter, Tally
from monitor.webhooks.delivery import Result, deliver
from monitor.webhooks.hooks import Hook
from monitor.worker import Worker

Sentence = Callable[[Event], str]
Link = Callable[[str | None], str | None]
Count = Callable[[int], "pd.Series[int]"]  # how often each pipeline failed in the last so many ms

log = logging.getLogger("monitor.webhooks")
PAUSES = (5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000)  # ms between two tries of a letter
PATIENCE = DAY  # ms for which it is tried
AT_ONCE = 50  # letters between two notes of what arrived
FOR_PEOPLE = 1_000  # letters in one message to them
REFUSED_IN_A_ROW = 3  # then an address rests
STORE_PAUSE = 5.0  # seconds before a store that failed is asked again
IDLE = 3_600.0


class Webhooks:
    """Writes events down in the look's own transaction, and brings them to each address in a thread of its own.

    `sentence` says an event in people's words; `link`: where a pipeline is shown (None: the first page), if anywhere.
    """

    def __init__(
        self,
        hooks: Sequence[Hook] = (),
        sentence: Sentence = lambda event: event.kind.value,
        link: Link = lambda _: None,
    ) -> None:
        self.hooks = tuple(hooks)
        self._sentence, self._link = sentence, link

    def serve(self, knowledge: Knowledge, schedule: Schedule, threads: bool) -> None:
        """Works for this account from now on.

        `workers` are the threads that bring what is due, one for each address.
        """
        self._knowledge = knowledge
        self._lines = tuple(Line(hook, self._sentence, self._link, knowledge, schedule) for hook in self.hooks)
        self.workers = tuple(
            Worker(f"tells {line.hook.shown}", knowledge.changed, line.due_in, line.work, threads)
            for line in self._lines
        )

    def state(self) -> list[tuple[str, Tally]]:
        """Each address, as far as it may be shown, and how it goes with it; none while the store cannot be read."""
        return self._knowledge.read(
            lambda tx, own: [(hook.shown, outbox.tally(tx, own, hook.id)) for hook in self.hooks], []
        )

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
        for line in self._lines:
            line.put(tx, account, [*line.heard(tx, account, now, at, news, planned, count), *together])

    def tell_note(self, tx: Tx, account: int, note: Note) -> None:
        """That somebody wrote something, in the note's own transaction."""
        for line in self._lines:
            line.put(tx, account, [of_note(note)])


class Line:
    """Brings one address its letters, in a thread of its own: no other address waits for a slow one, and no look does.

    `sentence` says an event in people's words; `link`: where a pipeline is shown (None: the first page), if anywhere.
    """

    def __init__(self, hook: Hook, sentence: Sentence, link: Link, knowledge: Knowledge, schedule: Schedule) -> None:
        self.hook, self._sentence, self._link = hook, sentence, link
        self._knowledge, self._schedule = knowledge, schedule
        self._store, self._clock = knowledge.store, knowledge.clock
        self._version: int | None = None  # of the account when the outbox was read last
        self._due_at = self._forget_at = 0.0
        self._doubted: float | None = None  # the answer that is known to be old
        self._takes: bool | None = None  # whether the address took anything of what it got last

    def heard(
        self, tx: Tx, account: int, now: Known, at: int, news: Mapping[str, Told], planned: Set[str], count: Count
    ) -> list[Event]:
        """What it hears of this look, and of what it was not told before; from then on it knows that."""
        stored = outbox.told(tx, account, self.hook.id)
        waiting = {**stored, **{key: replace(stored.get(key, told), changed_at=at) for key, told in news.items()}}
        knows: dict[str, Told | None] = {}
        events = [Event(Kind.CONFIRMED, at)] if outbox.confirm(tx, account, self.hook.id) else []
        for key, told in waiting.items():
            seen = now.seen.get(key)
            word = word_of(*seen.state) if seen else None
            failures = int(count(HOUR).get(key, 0)) if word is Word.FAILED else 0
            patience = round(self.hook.after * 1000)
            knows[key], kind = (told, None) if key in planned else hear(told, word, at, patience, failures)
            if kind and seen:
                before, restless = told.word and told.word.value, knows[key] is not None
                facts = {"before": before, "failures": int(count(DAY).get(key, 0)), "restless": restless}
                since = seen.since_at if word else told.changed_at
                events.append(Event(kind, at, key, (key, seen.pipeline.label), word, since, facts))
        outbox.keep_told(tx, account, self.hook.id, {key: one for key, one in knows.items() if one != stored.get(key)})
        return events

    def put(self, tx: Tx, account: int, events: Sequence[Event]) -> None:
        """Those of these events that the address takes, as letters in its outbox, each under an id that nothing else
        has and that it keeps for ever."""
        rows, letters = self._knowledge.judged.by_id, []
        for event in events:
            key, name = event.pipeline or ("", "")
            row = rows.get(key)
            owned = row.owned if row else UNOWNED if event.pipeline else None
            if not self.hook.wants(event.kind, owned):
                continue
            if event.pipeline:
                event = replace(event, pipeline=(key, masked(row.label if row else name)))
            text = json.dumps(event.body(self._sentence(event), self._link(event.number)), separators=(",", ":"))
            origin = f"{self.hook.id}/{account}/{event.kind}/{event.about}/{event.at}"
            letter_id = f"msg_{hashlib.sha256(origin.encode(errors='replace')).hexdigest()[:32]}"
            letters.append(Letter(letter_id, event.at, text))
        outbox.put(tx, account, self.hook.id, letters)

    def due_in(self) -> float | None:
        """Seconds until there is something to do; None while another server does it."""
        if not self._knowledge.is_ours:
            return None
        if self._knowledge.known.version != self._version:
            return 0.0
        return max(0.0, min(self._due_at, self._doubt_at()) - self._clock())

    def _doubt_at(self) -> float:
        """When it has to be told that Hevo does not answer, if it goes on like this."""
        known = self._knowledge.known
        if known.trouble is None or known.answered_at is None or known.answered_at == self._doubted:
            return self._clock() + IDLE
        return known.answered_at + max(self._schedule.hold(self._clock()), CONFIRMED_FOR) + self.hook.after

    def work(self) -> None:
        """Write down what no look tells, bring what is due, and note what came of it."""
        known, is_doubtful = self._knowledge.known, self._doubt_at() <= self._clock()
        self._version, self._due_at = known.version, self._clock() + STORE_PAUSE  # if the store fails
        try:
            account = self._knowledge.turn.account
            letters = self._store.write(lambda tx: self._gathered(tx, account, known if is_doubtful else None))
            self._doubted = known.answered_at if is_doubtful else self._doubted
            results = self._tried(letters)
            self._due_at = self._store.write(lambda tx: self._noted(tx, account, results))
        except StoreError as error:
            log.warning("The outbox cannot be reached: %s", error)

    def _gathered(self, tx: Tx, account: int, doubted: Known | None) -> list[Letter]:
        """What is due, once what no look tells is written down: runs that changed, and that nothing is confirmed."""
        hook = self.hook.id
        events = [event for request in outbox.unheard(tx, account, hook) for event in of_request(request)]
        if doubted and doubted.trouble and doubted.answered_at:
            at = round(doubted.answered_at * 1000)
            if outbox.doubt(tx, account, hook, at):
                cause = {"cause": doubted.trouble.cause}
                events.append(Event(Kind.UNCONFIRMED, tx.now(), str(at), since=at, facts=cause))
        self.put(tx, account, events)
        return outbox.due(tx, account, hook, AT_ONCE if self.hook.key else FOR_PEOPLE)

    def _tried(self, letters: Sequence[Letter]) -> list[Result]:
        """How it went with each, until the address has had enough, or it is not ours any more."""
        results: list[Result] = []
        for result in deliver(self.hook, letters):
            results.append(result)
            if _is_enough(results) or not self._knowledge.is_ours:
                break
        if results and self._takes is not False and all(result.said for result in results):
            log.warning("Webhooks: %s %s.", self.hook.shown, results[-1].said)
        return results

    def _noted(self, tx: Tx, account: int, results: Sequence[Result]) -> float:
        """Write down how it went; when the next letter is due (UTC seconds).

        When an address takes something again, all that waits is due. One that has had enough gets nothing more for
        a while; what is a day old was tried long enough.
        """
        hook, now = self.hook.id, tx.now()
        if results:
            takes, last = any(said is None for _, said, _ in results), results[-1]
            if takes and not self._takes:
                outbox.hurry(tx, account, hook)
            tried = [(letter, said, _next_try(letter, now) if said else None) for letter, said, _ in results]
            outbox.tried(tx, account, tried)
            if _is_enough(results):
                outbox.wait_for(tx, account, hook, _next_try(last.letter, now))
            if last.said:
                outbox.give_up(tx, account, hook, now - PATIENCE, last.said)
            self._takes = takes
        if self._clock() >= self._forget_at:
            outbox.forget(tx, account)
            self._forget_at = self._clock() + IDLE
        due_at = outbox.next_due(tx, account, hook)
        return self._clock() + IDLE if due_at is None else due_at / 1000


def _is_enough(results: Sequence[Result]) -> bool:
    """True when nobody answers there, or one letter after another is refused."""
    last = results[-REFUSED_IN_A_ROW:]
    return last[-1].is_dead or (len(last) == REFUSED_IN_A_ROW and all(each.said for each in last))


def _next_try(letter: Letter, now: int) -> int:
    """After growing pauses, and a last time when its day is over (ms)."""
    pause = PAUSES[min(letter.tries, len(PAUSES) - 1)]
    return max(now, min(now + pause, letter.at + PATIENCE))
