"""Where SQLite and PostgreSQL differ: opening, placeholders, the clock, and how writing is one at a time."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from monitor.store.schema import MIGRATIONS

log = logging.getLogger("monitor.store")
Row = tuple[Any, ...]


class StoreError(Exception):
    """The store could not be opened, read or written."""


class NewerStore(StoreError):
    """The store was written by a newer version of this project; it is left as it is."""


class Tx(Protocol):
    """One transaction: SQL with `?` where a value stands."""

    def all(self, sql: str, *values: object) -> list[Row]:
        """Every row."""

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row, or None."""

    def do(self, sql: str, *values: object) -> int:
        """Runs it; how many rows it touched."""

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs it once for each row."""

    def now(self) -> int:
        """The time that all who share this store go by, in milliseconds."""


class Engine(Protocol):
    """A database. `durable`: others may share it, and it outlives this process; `remote`: its clock is not ours."""

    durable: bool
    remote: bool
    clock: Callable[[], float]

    def reading(self) -> Any:
        """A context manager that gives a Tx to read by."""

    def writing(self, safely: bool = False) -> Any:
        """The same for writing, one at a time, all or nothing; `safely` waits until the disk has it."""

    def close(self) -> None:
        """Lets go of every connection."""


class SqliteTx:
    """A transaction on one SQLite connection."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection, self._clock = connection, clock

    def all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def do(self, sql: str, *values: object) -> int:
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(sql, rows)

    def now(self) -> int:
        return round(self._clock() * 1000)


class Sqlite:
    """A file that several processes of one machine may share, or (without a path) this process's memory.

    Two connections, so that a long read holds up no write; in memory there is only one.
    """

    remote = False

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        self.path, self.clock = path, clock
        self.durable = path is not None
        try:
            self._writer = self._open()
            self._migrate()
            self._reader = self._open() if path else self._writer
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error
        self._writing = threading.RLock()
        self._reading = threading.RLock() if path else self._writing

    def _open(self) -> sqlite3.Connection:
        if self.path is not None and not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(
            self.path or ":memory:", timeout=5, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        if self.path is not None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _migrate(self) -> None:
        with _transaction(self._writer, "BEGIN IMMEDIATE"):
            [version] = self._writer.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                raise NewerStore(f"it has version {version}, this is version {len(MIGRATIONS)}")
            for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
                for statement in statements(script):
                    self._writer.execute(statement)
                self._writer.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        with self._reading, _store_errors(), _transaction(self._reader, "BEGIN"):
            yield SqliteTx(self._reader, self.clock)

    @contextmanager
    def writing(self, safely: bool = False) -> Iterator[Tx]:
        with self._writing, _store_errors():
            if self.durable and not self._writer.in_transaction:
                self._writer.execute(f"PRAGMA synchronous = {'FULL' if safely else 'NORMAL'}")
            with _transaction(self._writer, "BEGIN IMMEDIATE"):
                yield SqliteTx(self._writer, self.clock)

    def copy_into(self, other: Sqlite) -> None:
        """Everything in it, as far as it can be read."""
        with self._reading, _store_errors():
            self._reader.backup(other._writer)

    def close(self) -> None:
        with self._writing, self._reading, suppress(sqlite3.Error):
            self._reader.close()
            self._writer.close()


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Both of what follows: all of it, or nothing. A transaction within one is part of it."""
    if connection.in_transaction:
        yield
        return
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(str(error)) from error


def statements(script: str) -> list[str]:
    """The script's statements, without its comments."""
    bare = "\n".join(line.partition("--")[0].rstrip() for line in script.splitlines())
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def open_sqlite(folder: Path, clock: Callable[[], float]) -> tuple[Sqlite, str | None]:
    """The store of this folder; one in memory, and a code why, where the folder cannot keep one.

    "set-aside": what lay there was no store of ours and now lies beside it under another name.
    "newer": it was written by a newer version; it stays as it is. "unwritable": the disk takes nothing.
    """
    path = folder / "hevo.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _opened(path, clock)
    except NewerStore as error:
        log.error("The store %s is left alone: %s. Nothing is kept.", path, error)
        return Sqlite(None, clock), "newer"
    except (OSError, StoreError) as error:
        log.error("The store %s cannot be written: %s. Nothing is kept.", path, error)
        return Sqlite(None, clock), "unwritable"


def _opened(path: Path, clock: Callable[[], float]) -> tuple[Sqlite, str | None]:
    """A file that SQLite calls none of its own is set aside; a disk that cannot be read or written is an error."""
    _refuse_newer(path)
    try:
        return Sqlite(path, clock), None
    except StoreError as error:
        if isinstance(error, NewerStore) or not _is_no_store(error):
            raise
        aside = path.with_name(f"{path.name}.unreadable-{int(clock())}")
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        log.error("The store %s was not readable (%s). It is set aside as %s; a new one begins.", path, error, aside)
        return Sqlite(path, clock), "set-aside"


def _refuse_newer(path: Path) -> None:
    """Looks at the version without opening the file as a database: that alone would change its bytes."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        head = file.read(64)
        version = int.from_bytes(head[60:64]) if head.startswith(b"SQLite format 3\0") else 0
        if version > len(MIGRATIONS):
            raise NewerStore(f"it has version {version}, this is version {len(MIGRATIONS)}")


def _is_no_store(error: StoreError) -> bool:
    cause = error.__cause__
    words = ("not a database", "malformed", "no such table", "already exists", "no such column", "file is encrypted")
    return isinstance(cause, sqlite3.DatabaseError) and any(word in str(cause) for word in words)
