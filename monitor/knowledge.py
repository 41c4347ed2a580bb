"""What one server knows of an account: read from the store, judged, brought up to date by whoever writes there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from monitor import incidents
from monitor.catalog import EMPTY, CatalogFile
from monitor.freshness import Reading, Table
from monitor.incidents import Incidents
from monitor.known import Known
from monitor.now import Judged, judge_all
from monitor.store import NotOurs, Store, StoreError, Tx, looks, readings
from monitor.store.leases import Turn

T = TypeVar("T")


class Knowledge:
    """`known` and `judged` are immutable, and replaced by newer ones; `edition` grows when there is something new to
    show, and `changed` is notified. `turn`: whose it is to work for the account; not ours any more once it is `closed`.
    """

    def __init__(self, store: Store, name: str, catalog: CatalogFile | None = None) -> None:
        self.store, self.clock, self.turn = store, store.clock, Turn(store, name)
        self.changed = threading.Condition()
        self.known, self.judged, self.edition = Known(), Judged(), 0
        self.closed = False
        self._generation = store.generation
        self._catalog_file, self._catalog = catalog, EMPTY
        self._writing = threading.RLock()  # one at a time brings it up to date

    @property
    def is_ours(self) -> bool:
        """True while this server works for the account."""
        return self.turn.is_ours and not self.closed

    def check(self, tx: Tx) -> None:
        """NotOurs where another server works for the account now, or this one stops."""
        if self.closed:
            raise NotOurs
        self.turn.check(tx)

    def read(self, work: Callable[[Tx, int], T], otherwise: T) -> T:
        """What the store tells of the account, which it knows by a number; something else where it cannot be read."""
        try:
            number = self.turn.account
            return self.store.read(lambda tx: work(tx, number))
        except StoreError:
            return otherwise

    def write(self, work: Callable[[Tx], T], safely: bool = False) -> T:
        """Does this work, as the store does, and knows what came of it as soon as it is written down."""
        with self._writing:
            done, known = self.store.write(lambda tx: (work(tx), self.news(tx)), safely)
            self._adopt(known)
        return done

    def learn(self, work: Callable[[Tx], Known]) -> None:
        """The same for work that reads itself what is new."""
        with self._writing:
            self._adopt(self.store.write(work))

    def catch_up(self) -> None:
        """Reads what others wrote, and whose turn it is; StoreError where that cannot be read."""

        def work(tx: Tx) -> Known:
            self.turn.follow(tx)
            return self.news(tx)

        with self._writing:
            self._adopt(self.store.read(work))

    def news(self, tx: Tx) -> Known:
        """Everything that is known, with what is new."""
        generation = self.store.generation
        known = looks.read_news(tx, self.turn.account, self.known if generation == self._generation else Known())
        self._generation = generation
        return known

    def keep_reading(self, pipeline: str, reading: Reading, tables: Sequence[Table]) -> None:
        """Writes down what was read of a pipeline's tables: no page draws itself anew for it."""
        self.store.write(lambda tx: readings.write(tx, self.turn.account, pipeline, reading, tables))
        with self._writing:
            self.known = replace(self.known, readings={**self.known.readings, pipeline: reading})

    def recall(self, found: Incidents) -> None:
        """Takes these older incidents, with what came since, in place of those that were seen here."""
        with self._writing:
            grown = incidents.grown(found, self.known.history, self.known.shares)
            if not grown.own.equals(self.judged.incidents.own):
                self._replace(self.known, replace(self.judged, incidents=grown, answers={}))

    def _adopt(self, known: Known) -> None:
        """Lets everybody know what is new; what it means is worked out before anybody has to wait for it."""
        before, judged = self.known, self.judged
        catalog = self._catalog_file.current() if self._catalog_file else EMPTY
        if not (known.seen is before.seen and known.history is before.history and catalog is self._catalog):
            found = incidents.grown(judged.incidents, known.history, known.shares)
            judged = judge_all(known, self.clock(), catalog, found, judged.made)
        self._catalog = catalog
        self._replace(known, judged)

    def _replace(self, known: Known, judged: Judged) -> None:
        with self.changed:
            is_new = known.version != self.known.version or judged is not self.judged
            self.known, self.judged = known, judged
            if is_new:
                self.edition += 1
                self.changed.notify_all()
