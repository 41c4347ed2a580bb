"""What changed is written down for the owner's addresses, with the change itself, so that none is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial

from monitor import history as frames
from monitor import incidents
from monitor.events import INCIDENTS, Event, of_incidents, of_note, turned
from monitor.knowledge import Knowledge
from monitor.known import Difference, Known
from monitor.notes import Note
from monitor.store import StoreError, Tx, outbox
from monitor.store.outbox import Tally
from monitor.webhooks.hooks import Hook
from monitor.webhooks.line import Line, Link, Sentence
from monitor.worker import Worker


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

    def serve(self, knowledge: Knowledge, confirmed_for: Callable[[], float], threads: bool) -> None:
        """Works for this account from now on. `confirmed_for`: for how long (seconds) what is known is confirmed.

        `workers` are the threads that bring what is due, one for each address.
        """
        self._knowledge = knowledge
        self._lines = tuple(Line(hook, self._sentence, self._link, knowledge, confirmed_for) for hook in self.hooks)
        self.workers = tuple(
            Worker(f"tells {line.hook.shown}", knowledge.changed, line.due_in, line.work, threads)
            for line in self._lines
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
        for line in self._lines:
            line.put(tx, account, [*line.heard(tx, account, now, at, news, planned, count), *together])

    def tell_note(self, tx: Tx, account: int, note: Note) -> None:
        """That somebody wrote something, in the note's own transaction."""
        for line in self._lines:
            line.put(tx, account, [of_note(note)])
