"""A throw-away PostgreSQL for the tests: on a socket in a folder of its own, stopped and removed afterwards.

`python -m tests.postgres` makes sure that there is one and prints where; it fails with a sentence when there is none.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from tests.debian import install

NONE = (
    "No PostgreSQL for the tests: `initdb` and `postgres` were not found, and Debian's postgresql package could not be "
    "installed. Install PostgreSQL 13 or newer, then run the tests again."
)
FAST = ("fsync=off", "full_page_writes=off", "max_connections=60", "listen_addresses=", "autovacuum_naptime=10min")


class Cluster:
    """A PostgreSQL server of our own, to be stopped, frozen and started again; every test has a corner of its own."""

    def __init__(self) -> None:
        self._binaries, self._numbers = ensure_postgres(), itertools.count(1)
        self._user = _plain_user()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
        if self._user:
            shutil.chown(self.folder, self._user)
        initdb = ["initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._start(*initdb).wait()
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("local all guarded scram-sha-256\n" + rules.read_text())
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        settings = [part for each in (*FAST, f"unix_socket_directories={self.folder}") for part in ("-c", each)]
        self._server = self._start("postgres", "-D", "data", *settings)
        until = time.monotonic() + 30
        while time.monotonic() < until and self._server.poll() is None:
            try:
                return self.sql("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends it at once, and every connection with it; SIGQUIT as a crash does."""
        if self._server:
            self._server.send_signal(how)
            self._server.wait(30)
            self._server = None

    def freeze(self, how: signal.Signals = signal.SIGSTOP) -> None:
        """From now on it says nothing, but is still there; SIGCONT lets it go on."""
        if self._server:
            parent = self._server.pid
            children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, check=True)
            for pid in (parent, *map(int, children.stdout.split())):
                os.kill(pid, how)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new and empty one. (A schema: it looks the same, and is made and removed at once.)"""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}&options=-csearch_path%3D{name}"

    def url(self, database: str, user: str = "postgres") -> str:
        """Everybody is let in, whatever the password; only the user `guarded` has to know it."""
        return f"postgresql://{user}:pass-word@/{database}?host={self.folder}"

    def sql(self, *statements: str, url: str | None = None) -> None:
        """Runs these as the server's owner."""
        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _start(self, name: str, *rest: str) -> subprocess.Popen[bytes]:
        """As a plain user, as the server refuses to run as root."""
        command = [str(self._binaries / name), *rest]
        groups: list[str] | None = [] if self._user else None
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                extra_groups=groups,
                preexec_fn=_end_with_the_tests,
            )


def _end_with_the_tests() -> None:
    """So that none is left behind by tests that were killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


def ensure_postgres() -> Path:
    """The folder of its programs, installing Debian's package when there are none; SystemExit when that fails."""
    found = _binaries() or (_binaries() if install("postgresql") else None)
    if not found:
        raise SystemExit(NONE)
    return found


def _binaries() -> Path | None:
    """Those of the newest version: in the path, or where Debian and Homebrew put them."""
    places = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for pattern in ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"):
        places += sorted(Path("/").glob(pattern), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _plain_user() -> str | None:
    """Whom to run it as when we are root: Debian's user for it, or nobody."""
    if os.geteuid() != 0:
        return None
    return next((user.pw_name for user in pwd.getpwall() if user.pw_name == "postgres"), "nobody")


if __name__ == "__main__":
    print(f"PostgreSQL for the tests: {ensure_postgres()}")  # noqa: T201
