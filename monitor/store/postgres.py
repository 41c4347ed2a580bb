"""PostgreSQL as the store that several servers share: all that is different from SQLite stands here."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from monitor.clock import steady
from monitor.known import whole
from monitor.store.engines import MIGRATIONS, Busy, Row, StoreError, Tx, refuse_newer, statements

try:
    import psycopg
    from psycopg.abc import PQGen
    from psycopg.conninfo import conninfo_to_dict
except ImportError as missing:
    raise ValueError("The library for PostgreSQL is missing: pip install -r requirements-postgres.txt") from missing

T = TypeVar("T")
CONNECTIONS = 4  # of one server, at most
LONGEST = 6.0  # seconds without an answer after which a connection is given up
NEXT_TRY = 1.0  # seconds between two tries to reach a database that is away: meanwhile nobody waits for it
USUAL = {  # where the address says nothing else
    "application_name": "hevo-dashboard",
    "client_encoding": "utf8",  # a database without an encoding would give bytes back
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
# A server that is stopped in the middle of writing holds up the others for the last of these, no longer. They are set
# anew each time, as a pooler between us and the database gives every transaction another session.
LIMITS = (
    "SET LOCAL statement_timeout = 5000; SET LOCAL lock_timeout = 3000;"
    " SET LOCAL idle_in_transaction_session_timeout = 5000;"
)
LOCK = "SELECT pg_advisory_xact_lock(7214088115362940);"  # writing is one at a time, whoever writes
CLOCK = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
BEGUN = f"SELECT (SELECT max(version) FROM store_version), {CLOCK}"
READ = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LIMITS} {BEGUN}"
WRITE = f"BEGIN; {LIMITS} {LOCK} {BEGUN}"
KEPT = "DROP INDEX change_by_time"  # without it PostgreSQL finds what is latest only by reading all there is
MIGRATE = f"BEGIN; {LIMITS} {LOCK} CREATE TABLE IF NOT EXISTS store_version (version INTEGER PRIMARY KEY)"

_VALUES = re.compile(r"VALUES \([?, ]+\)")


class Postgres:
    """A database that is reached when it is needed: making one asks nothing, and it may be away at any time.

    It has a few connections, each lent to one transaction at a time; after an error none is used again. While the
    database is away one caller at a time tries to reach it, and all others are told at once.

    `url` is what libpq takes ("postgresql://user:password@host/name?sslmode=verify-full"); ValueError, which does not
    repeat it, where it cannot be read. Its password stands in no error and no log.
    """

    durable = True
    remote = True

    def __init__(self, url: str) -> None:
        if not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("The database's address must begin with postgresql://")
        try:
            self._parts: dict[str, Any] = {**USUAL, **conninfo_to_dict(url)}
        except psycopg.Error:
            raise ValueError("The database's address cannot be read: postgresql://user:password@host/name") from None
        self._idle: list[_Connection] = []
        self._room = threading.BoundedSemaphore(CONNECTIONS)
        self._lock = threading.Lock()
        self._trouble: str | None = None
        self._next_try = 0.0
        self._closed = False

    def close(self) -> None:
        """Closes all; those that are lent, as soon as they come back."""
        self._closed = True
        self._drop_idle()

    @contextmanager
    def transaction(self, writes: bool, safely: bool = False) -> Iterator[Tx]:  # noqa: ARG002 - each commit is safe
        """All that is done is kept, or nothing."""
        if not self._room.acquire(timeout=LONGEST):
            raise StoreError("every connection is in use")
        try:
            self._knock()
            connection, now = self._begun(WRITE if writes else READ)
            self._trouble = None
            try:
                began = steady()  # the database's clock goes on steadily from what it said
                yield Tx(connection.run, connection.many, lambda: now / 1000 + steady() - began)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._take_back(connection)
        except psycopg.Error as error:
            raise self._told(error) from None
        finally:
            self._room.release()

    def _knock(self) -> None:
        """StoreError while the database is away and it is not yet time to try again, or somebody does."""
        with self._lock:
            if self._closed:
                raise StoreError("it is closed")
            if self._trouble:
                if time.monotonic() < self._next_try:
                    raise StoreError(self._trouble)
                self._next_try = time.monotonic() + LONGEST

    def _begun(self, how: str) -> tuple[_Connection, int]:
        """An idle one if the database still knows it, else a new one; and the database's clock (ms)."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection:
            try:
                return connection, connection.begin(how)
            except psycopg.OperationalError as error:
                if not _is_lost(error):
                    raise
                self._drop_idle()
        connection = _Connection.connect(**self._parts, autocommit=True)
        return connection, connection.begin(how)

    def _take_back(self, connection: _Connection) -> None:
        with self._lock:
            self._idle.append(connection)
        if self._closed:
            self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _told(self, error: psycopg.Error) -> StoreError:
        """What is wrong, in one line without the password; a database that cannot be reached is left alone a while."""
        text = " ".join((error.diag.message_primary or str(error)).split())
        if password := self._parts.get("password"):
            text = text.replace(password, "…")
        with self._lock:
            self._trouble = text if _is_lost(error) else None
            self._next_try = time.monotonic() + NEXT_TRY
        if self._trouble:
            self._drop_idle()
        return Busy(text) if isinstance(error, psycopg.errors.LockNotAvailable) else StoreError(text)


class _Connection(psycopg.Connection[Row]):
    """One that gives up on a database that is there but says nothing."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        return super().wait(gen, interval, timeout or LONGEST)

    def run(self, sql: str, values: Sequence[object]) -> psycopg.Cursor[Row]:
        """Runs SQL that both engines read."""
        return self.execute(_translated(sql), _storable(values))

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """New rows go in one statement: one by one, ten thousand take a second."""
        listed = [_storable(row) for row in rows]
        if not _VALUES.search(sql):
            self.cursor().executemany(_translated(sql), listed)
        elif listed:
            columns = zip(*listed, strict=True)
            types = ["text" if any(isinstance(each, str) for each in column) else "bigint" for column in columns]
            values = ", ".join(f"(one->>{place})::{name}" for place, name in enumerate(types))
            select = f"SELECT {values} FROM jsonb_array_elements(?::jsonb) AS one"
            self.run(_VALUES.sub(select, sql), [json.dumps(listed, ensure_ascii=False)])

    def begin(self, how: str) -> int:
        """Begins a transaction on tables of today; the database's clock (ms). After an error it is closed."""
        try:
            try:
                version, now = self._last_row(how)
            except psycopg.errors.UndefinedTable:
                version = now = 0
            refuse_newer(version)
            if version < len(MIGRATIONS):
                self.execute("ROLLBACK")
                self._migrate()
                version, now = self._last_row(how)
        except BaseException:
            self.close()
            raise
        return int(now)

    def _last_row(self, script: str) -> Row:
        cursor = self.execute(script.encode(), prepare=False)
        while cursor.nextset():
            pass
        return cursor.fetchone() or ()

    def _migrate(self) -> None:
        """Whoever comes first does it; the next ones find it done."""
        self.execute(MIGRATE.encode(), prepare=False)
        [version] = self.execute("SELECT coalesce(max(version), 0) FROM store_version").fetchone() or (0,)
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            # Texts are in the order of their letters' numbers, as in SQLite.
            here = script.replace(" WITHOUT ROWID", "").replace(" TEXT", ' TEXT COLLATE "C"')
            for statement in statements(here):
                if statement != KEPT:
                    self.execute(statement.encode())
            self.execute("INSERT INTO store_version (version) VALUES (%s)", [number])
        self.execute("COMMIT")


def _is_lost(error: psycopg.Error) -> bool:
    """True when the connection is gone or could not be made: the library says so itself, or the database as it ends."""
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08").startswith(("08", "57P", "25P"))


@lru_cache(maxsize=256)
def _translated(sql: str) -> bytes:
    return sql.replace("%", "%%").replace("?", "%s").encode()


def _storable(values: Sequence[object]) -> list[object]:
    """Nothing that is refused is printable, and almost everything is."""
    return [whole(each) if isinstance(each, str) and not each.isprintable() else each for each in values]
