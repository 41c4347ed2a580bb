"""One address and its letters: when each is tried, and what becomes of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from monitor.events import DAY, Event, Kind, of_request
from monitor.known import Known
from monitor.now import Row
from monitor.store import Store, StoreError, Tx, outbox, requests
from monitor.store.outbox import Letter
from monitor.webhooks.delivery import Result, deliver
from monitor.webhooks.hooks import Hook
from monitor.worker import Worker

log = logging.getLogger("monitor.webhooks")
PAUSES = (5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000)  # ms between two tries of a letter
PATIENCE = DAY  # ms for which it is tried
AT_ONCE = 50  # letters between two notes of what arrived
FOR_PEOPLE = 1_000  # letters in one message to them
REFUSED_IN_A_ROW = 3  # then an address rests
STORE_PAUSE = 5.0  # seconds before a store that failed is asked again
IDLE = 3_600.0


class View(NamedTuple):
    """What the account tells of itself: its number in the store; whether this server works for it; what is known; the
    rows of the last look; and for how long (seconds) what is known is confirmed."""

    number: int | None
    is_ours: bool
    known: Known
    rows: Mapping[str, Row]
    confirmed_for: float

    @property
    def account(self) -> int | None:
        """Its number while this server works for it."""
        return self.number if self.is_ours else None


class Line:
    """The thread that brings one address its letters: no other address waits for a slow one, and no look does."""

    def __init__(
        self,
        store: Store,
        hook: Hook,
        put: Callable[[Tx, int, Hook, Sequence[Event], Mapping[str, Row]], None],
        view: Callable[[], View],
        changed: threading.Condition,
        threads: bool,
    ) -> None:
        self._store, self._clock, self._hook, self._put, self._view = store, store.clock, hook, put, view
        self._version: int | None = None  # of the account when the outbox was read last
        self._due_at = self._forget_at = 0.0
        self._doubted: float | None = None  # the answer that is known to be old
        self._takes: bool | None = None  # whether the address took anything of what it got last
        self.worker = Worker(f"tells {hook.shown}", changed, self._due_in, self._work, threads)

    def _due_in(self) -> float | None:
        view = self._view()
        if view.account is None:
            return None
        if view.known.version != self._version:
            return 0.0
        return max(0.0, min(self._due_at, self._doubt_at(view)) - self._clock())

    def _doubt_at(self, view: View) -> float:
        """When it has to be told that Hevo does not answer, if it goes on like this."""
        known = view.known
        if known.trouble is None or known.answered_at is None or known.answered_at == self._doubted:
            return self._clock() + IDLE
        return known.answered_at + view.confirmed_for + self._hook.after

    def _work(self) -> None:
        """Write down what no look tells, bring what is due, and note what came of it."""
        view = self._view()
        if view.account is None:
            return
        self._version, self._due_at = view.known.version, self._clock() + STORE_PAUSE  # if the store fails
        try:
            self._catch_up(view, view.account)
            most = AT_ONCE if self._hook.key else FOR_PEOPLE
            letters = self._store.read(lambda tx: outbox.due(tx, view.account or 0, self._hook.id, most))
            results = self._tried(letters) if letters else []
            self._due_at = self._store.write(lambda tx: self._note(tx, view.account or 0, results))
        except StoreError as error:
            log.warning("The outbox cannot be reached: %s", error)

    def _catch_up(self, view: View, account: int) -> None:
        """Runs are told when they change, and that nothing is confirmed when it is so."""
        hook = self._hook.id
        version = self._store.read(lambda tx: outbox.read_up_to(tx, account, hook))
        is_new = version is not None and any(
            self._store.read(lambda tx: requests.newer(tx, account, Known(version=version)))
        )
        if version is None or is_new:
            self._store.write(lambda tx: self._tell_runs(tx, account, view.rows))
        if self._doubt_at(view) <= self._clock():
            self._store.write(lambda tx: self._tell_doubt(tx, account, view))
            self._doubted = view.known.answered_at

    def _tell_runs(self, tx: Tx, account: int, rows: Mapping[str, Row]) -> None:
        """Those that changed since the last time; none of before this address was known."""
        hook = self._hook
        version = outbox.read_up_to(tx, account, hook.id)
        if version is not None:
            changed = requests.newer(tx, account, Known(version=version)).values()
            self._put(tx, account, hook, [event for one in changed for event in of_request(one)], rows)
        outbox.has_read(tx, account, hook.id)

    def _tell_doubt(self, tx: Tx, account: int, view: View) -> None:
        answered_at, trouble = round((view.known.answered_at or 0) * 1000), view.known.trouble
        if outbox.doubt(tx, account, self._hook.id, answered_at):
            cause = {"cause": trouble.cause if trouble else None}
            event = Event(Kind.UNCONFIRMED, tx.now(), str(answered_at), since=answered_at, facts=cause)
            self._put(tx, account, self._hook, [event], view.rows)

    def _tried(self, letters: Sequence[Letter]) -> list[Result]:
        """How it went with each, until the address has had enough, or it is not ours any more."""
        results: list[Result] = []
        for result in deliver(self._hook, letters):
            results.append(result)
            if self._has_had_enough(results) or self._view().account is None:
                break
        if self._takes is not False and all(result.said for result in results):
            log.warning("Webhooks: %s %s.", self._hook.shown, results[-1].said)
        return results

    def _has_had_enough(self, results: Sequence[Result]) -> bool:
        """True when nobody answers there, or one letter after another is refused."""
        last = results[-REFUSED_IN_A_ROW:]
        return last[-1].is_dead or (len(last) == REFUSED_IN_A_ROW and all(each.said for each in last))

    def _note(self, tx: Tx, account: int, results: Sequence[Result]) -> float:
        """Write down how it went; when the next letter is due (UTC seconds).

        When an address takes something again, all that waits is due.
        """
        hook, now = self._hook.id, tx.now()
        taken = [result.letter for result in results if result.said is None]
        if taken:
            outbox.arrived(tx, account, taken)
        if taken and not self._takes:
            outbox.hurry(tx, account, hook)
        for letter, said, _ in results:
            if said is not None:
                outbox.failed(tx, account, letter, said, _next_try(letter, now))
        if results:
            self._takes = bool(taken)
            self._give_rest(tx, account, results)
        if self._clock() >= self._forget_at:
            outbox.forget(tx, account)
            self._forget_at = self._clock() + IDLE
        due_at = outbox.next_due(tx, account, hook)
        return self._clock() + IDLE if due_at is None else due_at / 1000

    def _give_rest(self, tx: Tx, account: int, results: Sequence[Result]) -> None:
        """An address that has had enough gets nothing more for a while; what is a day old was tried long enough."""
        now, last = tx.now(), results[-1]
        if self._has_had_enough(results):
            outbox.wait_for(tx, account, self._hook.id, _next_try(last.letter, now))
        if last.said:
            outbox.give_up(tx, account, self._hook.id, now - PATIENCE, last.said)


def _next_try(letter: Letter, now: int) -> int:
    """After growing pauses, and a last time when its day is over (ms)."""
    pause = PAUSES[min(letter.tries, len(PAUSES) - 1)]
    return max(now, min(now + pause, letter.at + PATIENCE))
