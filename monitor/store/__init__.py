"""The dashboard's memory: what was seen and asked, in SQLite or PostgreSQL. Nobody outside this folder knows SQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from monitor.clock import Clock
from monitor.store import takeover
from monitor.store.engines import Busy, NewerStore, Sqlite, StoreError, Tx, open_sqlite
from monitor.store.leases import NotOurs

if TYPE_CHECKING:
    from monitor.store.postgres import Postgres

__all__ = ["NewerStore", "NotOurs", "Store", "StoreError", "Tx"]

T = TypeVar("T")
log = logging.getLogger("monitor.store")
NEXT_TRY = 30.0  # seconds between two tries to go back to a disk that took nothing


class Store:
    """Reads and writes one transaction at a time; when a disk takes nothing any more it goes on in memory.

    `problem` is None while what is written is kept, else a code: "unwritable" (a disk that takes nothing), "newer"
    (a store of a newer version, left alone) or "away" (a database that does not answer). `note` is "set-aside" when
    what lay there was no store of ours. A person's own key has a store in memory by choice: nothing is wrong with it.
    `generation` grows when what was there is there no more, so that all has to be read again.
    """

    def __init__(self, engine: Sqlite | Postgres, clock: Clock, problem: str | None = None) -> None:
        self.clock, self.problem = clock, problem
        self.is_remote = engine.remote  # a database of its own, whose clock all servers go by
        self.note: str | None = None
        self.generation = 0
        self._engine = engine
        self._reopen: Callable[[], tuple[Sqlite, bool]] | None = None
        self._left: dict[str, int] = {}  # how far each account was when the disk was left
        self._next_try = clock() + NEXT_TRY
        self._swapping = threading.RLock()
        self._closed = False

    @classmethod
    def in_memory(cls, clock: Clock) -> Store:
        """For what need not outlive this process."""
        return cls(Sqlite(None, clock), clock)

    @classmethod
    def in_folder(cls, folder: Path, clock: Clock) -> Store:
        """A file in this folder, or memory with a `problem` where there can be none."""
        try:
            engine, is_new = open_sqlite(folder, clock)
        except NewerStore as error:
            log.error("The store in %s is left alone: %s. Nothing is kept.", folder, error)
            return cls(Sqlite(None, clock), clock, "newer")
        except StoreError as error:
            log.error("The store in %s cannot be written: %s. Nothing is kept.", folder, error)
            store = cls(Sqlite(None, clock), clock, "unwritable")
        else:
            store = cls(engine, clock)
            store.note = "set-aside" if is_new else None
            takeover.take_over(folder, store.write)
        store._reopen = partial(open_sqlite, folder, clock, thorough=True)
        return store

    @classmethod
    def in_database(cls, url: str, clock: Clock) -> Store:
        """A PostgreSQL that several servers share. Raises ValueError where its library is missing."""
        from monitor.store.postgres import Postgres

        return cls(Postgres(url), clock)

    @property
    def is_shared(self) -> bool:
        """True when other processes may work on it too."""
        return self._engine.durable

    @property
    def keeps(self) -> bool:
        """True while what is written is as durable as this store is meant to be: only then may anything be sent."""
        return self.problem is None

    def read(self, work: Callable[[Tx], T]) -> T:
        """What this work reads; StoreError where nothing can be read."""
        return self._done(work, writes=False)

    def write(self, work: Callable[[Tx], T], safely: bool = False) -> T:
        """Does this work whole or not at all. `safely`: kept, or StoreError; else memory may stand in for a disk."""
        self._return_to_disk()
        return self._done(work, writes=True, safely=safely)

    def _done(self, work: Callable[[Tx], T], writes: bool, safely: bool = False) -> T:
        if safely and not self.keeps:
            raise StoreError("nothing can be kept now")
        engine = self._engine
        try:
            with engine.transaction(writes, safely) as tx:
                if engine is not self._engine:
                    raise StoreError("another one stands in for it now")
                done = work(tx)
        except StoreError as error:
            if not self._has_changed(engine, error):
                raise
            return self._done(work, writes, safely)
        if self.problem and self.is_remote:
            self.problem = None
            log.warning("The database answers again.")
        return done

    def close(self) -> None:
        """Lets go of the database."""
        self._closed = True
        self._engine.close()

    def _has_changed(self, engine: Sqlite | Postgres, error: StoreError) -> bool:
        """True when memory now stands in for a disk, or the other way round, so that it is worth another try.

        A database that is away is waited for, and so is another process that is at work.
        """
        with self._swapping:
            if engine is not self._engine:
                return True
            if self._closed or isinstance(error, Busy):
                return False
            if isinstance(engine, Sqlite) and engine.durable:
                log.error("The store cannot be written: %s. What is seen now is not kept.", error)
                self._leave_disk(engine)
                return True
            problem = "newer" if isinstance(error, NewerStore) else "away"
            if self.is_remote and self.problem != problem:
                self.problem = problem
                log.error("The database cannot be used: %s", error)
            return False

    def _leave_disk(self, disk: Sqlite) -> None:
        """Goes on in memory with all that can still be read."""
        memory = Sqlite(None, self.clock)
        try:
            disk.copy_into(memory)
            self._left = _versions(memory)
        except StoreError:
            memory, self._left = Sqlite(None, self.clock), {}
            self.generation += 1
        self._engine, self.problem = memory, "unwritable"
        self._next_try = self.clock() + NEXT_TRY
        disk.close()

    def _return_to_disk(self) -> None:
        """Tries now and then whether the disk takes something again."""
        if self._reopen is None or self.problem != "unwritable" or self.clock() < self._next_try:
            return
        with self._swapping:
            if self.problem == "unwritable" and isinstance(self._engine, Sqlite):
                self._next_try = self.clock() + NEXT_TRY
                try:
                    self._take_disk(self._engine, *self._reopen())
                except StoreError as error:
                    log.warning("The store still cannot be written: %s", error)

    def _take_disk(self, memory: Sqlite, disk: Sqlite, is_new: bool) -> None:
        """With all that was seen meanwhile, unless another process went on writing there: then what that one saw."""
        with memory.lock:
            try:
                is_continued = _versions(disk) == self._left
                if is_continued:
                    memory.copy_into(disk)
            except StoreError:
                disk.close()
                raise
            self.generation += not is_continued
            self._engine, self.problem = disk, None
        self.note = "set-aside" if is_new else self.note
        log.warning("The store can be written again.")


def _versions(engine: Sqlite) -> dict[str, int]:
    with engine.transaction(writes=False) as tx:
        return dict(tx.all("SELECT name, version FROM account"))
