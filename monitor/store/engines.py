"""Where SQLite and PostgreSQL differ: opening, placeholders, the clock, and how writing is one at a time."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

log = logging.getLogger("monitor.store")
Row = tuple[Any, ...]
PATIENCE = 5.0  # seconds to wait while another process writes
# The tables, and how an older store becomes one of today.
MIGRATIONS = tuple(file.read_text("utf-8") for file in sorted(Path(__file__).with_name("migrations").glob("*.sql")))


class StoreError(Exception):
    """The store could not be opened, read or written."""


class Busy(StoreError):
    """Better in a moment: another process keeps the store for itself, or our account is not known there yet."""


class NoStore(StoreError):
    """What lies there is broken, or was never a store of ours."""


class NewerStore(StoreError):
    """The store was written by a newer version of this project; it is left as it is."""


class Tx:
    """One transaction: SQL with `?` where a value stands. `many` runs it once for each row."""

    def __init__(
        self,
        execute: Callable[[str, Sequence[object]], Any],
        many: Callable[[str, Iterable[Sequence[object]]], object],
        clock: Callable[[], float],
    ) -> None:
        self._execute, self.many, self._clock = execute, many, clock

    def all(self, sql: str, *values: object) -> list[Row]:
        """Every row."""
        rows: list[Row] = self._execute(sql, values).fetchall()
        return rows

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: object) -> Any:
        """The first row's only value; None where there is no row."""
        row = self._execute(sql, values).fetchone()
        return row[0] if row else None

    def do(self, sql: str, *values: object) -> int:
        """Runs it; how many rows it touched."""
        return int(self._execute(sql, values).rowcount)

    def now(self) -> int:
        """The time that all who share this store go by, in milliseconds."""
        return round(self._clock() * 1000)


class Sqlite:
    """A file that several processes of one machine may share, or (without a path) this process's memory.

    Two connections, so that a long read holds up no write; in memory there is only one. `durable`: others may share it,
    and it outlives this process; `remote`: its clock is not ours. `thorough` reads all of it first, to find any damage.
    """

    remote = False

    def __init__(self, path: Path | None, clock: Callable[[], float], thorough: bool = False) -> None:
        self.path, self.clock = path, clock
        self.durable = path is not None
        self.lock = threading.RLock()  # whoever has it is the only one here who writes
        self._reading = threading.RLock() if path else self.lock
        with _store_errors():
            self._writer = self._reader = self._open()
            try:
                self._migrate()
                self._reader = self._open() if path else self._writer
                with self.transaction(writes=False) as tx:
                    tx.one("SELECT version FROM account")
                    if thorough and tx.all("PRAGMA quick_check(1)") != [("ok",)]:
                        raise NoStore("it is damaged")
            except BaseException:
                self.close()
                raise

    def _open(self) -> sqlite3.Connection:
        if self.path is not None and not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(
            self.path or ":memory:",
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        if self.path is not None:
            connection.execute("PRAGMA journal_mode = WAL")
        return connection

    def _migrate(self) -> None:
        """Each step in a transaction of its own, so that one that breaks off leaves a whole store behind."""
        version = -1
        while version < len(MIGRATIONS):
            with self.transaction(writes=True) as tx:
                version = tx.value("PRAGMA user_version")
                refuse_newer(version)
                for script in MIGRATIONS[version : version + 1]:
                    for statement in [*statements(script), f"PRAGMA user_version = {version + 1}"]:
                        tx.do(statement)

    @contextmanager
    def transaction(self, writes: bool, safely: bool = False) -> Iterator[Tx]:
        """All that is done is kept, or nothing; one within another is part of it.

        `safely`: kept once this is over, even where the power fails then.
        """
        connection = self._writer if writes else self._reader
        with self.lock if writes else self._reading, _store_errors():
            tx = Tx(connection.execute, connection.executemany, self.clock)
            if connection.in_transaction:
                yield tx
                return
            if writes and self.durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if safely else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield tx
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def copy_into(self, other: Sqlite) -> None:
        """Everything in it, as far as it can be read."""
        with self._reading, other.lock, other._reading, _store_errors():
            self._reader.backup(other._writer)

    def close(self) -> None:
        with self.lock, self._reading, suppress(sqlite3.Error):
            self._reader.close()
            self._writer.close()


@contextmanager
def _store_errors() -> Iterator[None]:
    """What a disk or a file does wrong is a StoreError; what our SQL does wrong is not."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        code, told = getattr(error, "sqlite_errorcode", 0) & 0xFF, str(error)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy(told) from error
        foreign = any(words in told for words in ("no such", "already exists"))
        is_none = foreign or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        raise (NoStore if is_none else StoreError)(told) from error


def refuse_newer(version: int) -> None:
    """NewerStore for a version that we do not know."""
    if version > len(MIGRATIONS):
        raise NewerStore(f"it has version {version}, this is version {len(MIGRATIONS)}")


def statements(script: str) -> list[str]:
    """The script's statements, without its comments."""
    bare = "\n".join(line.partition("--")[0].rstrip() for line in script.splitlines())
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def open_sqlite(folder: Path, clock: Callable[[], float], thorough: bool = False) -> tuple[Sqlite, bool]:
    """The store of this folder, and whether what lay there was none and now lies beside it under another name.

    NewerStore for one of a newer version, which stays as it is, byte for byte; StoreError where the disk takes nothing.
    `thorough` reads all of it, to find any damage.
    """
    path = folder / "hevo.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _opened(path, clock, thorough), False
        except NoStore as error:
            log.error("The store %s was not readable (%s). It is set aside; a new one begins.", path, error)
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(f"{path}.unreadable-{int(clock())}{ending}")
        return Sqlite(path, clock), True
    except OSError as error:
        raise StoreError(str(error)) from error


def _opened(path: Path, clock: Callable[[], float], thorough: bool) -> Sqlite:
    """SQLite waits for no lock while a new file gets its WAL: of two that begin at once one has to try again."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if path.exists():  # to open it as a store may change its bytes; to look at its version so does not
                how = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
                address = f"file:{quote(str(path))}?{how}"
                with _store_errors(), closing(sqlite3.connect(address, uri=True)) as connection:
                    refuse_newer(connection.execute("PRAGMA user_version").fetchone()[0])
            return Sqlite(path, clock, thorough)
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
