"""The dashboard's memory: what was seen and asked, in SQLite or PostgreSQL. Nobody outside this folder knows SQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import TypeVar

from monitor.clock import Clock
from monitor.store import leases, looks, requests, spending
from monitor.store.engines import Engine, NewerStore, Sqlite, StoreError, Tx, open_sqlite
from monitor.store.leases import NotOurs

__all__ = ["NewerStore", "NotOurs", "Store", "StoreError", "Tx", "leases", "looks", "requests", "spending"]

T = TypeVar("T")
log = logging.getLogger("monitor.store")
NEXT_TRY = 30.0  # seconds between two tries to go back to a disk that took nothing


class Store:
    """Reads and writes one transaction at a time; when a disk takes nothing any more it goes on in memory.

    `problem` is None while what is written is kept, else a code: "unwritable" (a disk that takes nothing), "newer"
    (a store of a newer version, left alone) or "away" (a database that does not answer). `note` is "set-aside" when
    what lay there was no store of ours. A person's own key has a store in memory by choice: nothing is wrong with it.
    """

    def __init__(self, engine: Engine, clock: Clock, problem: str | None = None) -> None:
        self.clock, self._engine = clock, engine
        self.note = problem if problem == "set-aside" else None
        self.problem = None if self.note else problem
        self._disk: Sqlite | None = None
        self._next_try = 0.0
        self._swapping = threading.RLock()

    @classmethod
    def in_memory(cls, clock: Clock) -> Store:
        """For what need not outlive this process."""
        return cls(Sqlite(None, clock), clock)

    @classmethod
    def in_folder(cls, folder: Path, clock: Clock) -> Store:
        """A file in this folder, or memory with a `problem` where there can be none."""
        engine, problem = open_sqlite(folder, clock)
        return cls(engine, clock, problem)

    @classmethod
    def in_database(cls, url: str, clock: Clock) -> Store:
        """A PostgreSQL that several servers share. Raises ValueError where its library is missing."""
        from monitor.store.postgres import Postgres

        return cls(Postgres(url), clock)

    def at(self, clock: Clock) -> Store:
        """The same store as seen by another clock, to write down what was at another time."""
        other, engine = copy(self), copy(self._engine)
        other.clock = engine.clock = clock
        other._engine = engine
        return other

    @property
    def is_shared(self) -> bool:
        """True when other processes may work on it too."""
        return self._engine.durable

    @property
    def is_remote(self) -> bool:
        """True for a database of its own, whose clock all servers go by."""
        return self._engine.remote

    @property
    def keeps(self) -> bool:
        """True while what is written is as durable as this store is meant to be: only then may anything be sent."""
        return self.problem is None

    def read(self, work: Callable[[Tx], T]) -> T:
        """What this work reads; StoreError where nothing can be read."""
        try:
            with self._engine.reading() as tx:
                found = work(tx)
        except StoreError as error:
            if not self._stands_in(error):
                raise
            return self.read(work)
        self._is_back()
        return found

    def write(self, work: Callable[[Tx], T], safely: bool = False) -> T:
        """Does this work whole or not at all. `safely`: on the disk, or StoreError; else memory may stand in for it."""
        self._return_to_disk()
        try:
            with self._engine.writing(safely) as tx:
                done = work(tx)
        except StoreError as error:
            if not self._stands_in(error) or safely:
                raise
            return self.write(work)
        self._is_back()
        return done

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.close()
        if self._disk:
            self._disk.close()

    def _is_back(self) -> None:
        if self.problem == "away":
            self.problem = None
            log.warning("The database answers again.")

    def _stands_in(self, error: StoreError) -> bool:
        """True when memory now stands in for a disk; a database that is away is waited for."""
        with self._swapping:
            if isinstance(self._engine, Sqlite) and self._engine.durable:
                log.error("The store cannot be written: %s. What is seen now is not kept.", error)
                self._disk, memory = self._engine, Sqlite(None, self.clock)
                try:
                    self._disk.copy_into(memory)
                except StoreError:
                    memory = Sqlite(None, self.clock)
                self._engine, self.problem = memory, "unwritable"
                self._next_try = self.clock() + NEXT_TRY
                return True
            if self._engine.remote and self.problem != "away":
                self.problem = "away"
                log.error("The database does not answer: %s", error)
            return False

    def _return_to_disk(self) -> None:
        """Takes the disk again when it takes something again, with all that was seen meanwhile."""
        if self._disk is None or self.clock() < self._next_try:
            return
        with self._swapping:
            if self._disk is None or not isinstance(self._engine, Sqlite):
                return
            self._next_try = self.clock() + NEXT_TRY
            try:
                self._engine.copy_into(self._disk)
            except StoreError:
                return
            self._engine, self._disk, self.problem = self._disk, None, None
            log.warning("The store can be written again.")
