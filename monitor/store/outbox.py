"""What is to be told to whom: written with the change it tells of, and kept until it was told or given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from monitor.events import Told
from monitor.requests import Request
from monitor.store import requests
from monitor.store.engines import Tx
from monitor.store.rows import Rows, insert, upsert

KEPT = 3 * 86_400_000  # ms that a row stays after it came about: longer than anything waits
ACCOUNT = ""  # stands where a pipeline would, for what was told of the account as a whole
TOLD = Rows(Told, "told", "pipeline")


class Letter(NamedTuple):
    """One event for one address; times in ms. Its id is the same in every attempt, and no other one's."""

    id: str
    at: int
    body: str
    tries: int = 0


class Tally(NamedTuple):
    """How it goes with one address: letters that wait, that were given up, when one last arrived (ms), and what it
    said to the last one that did not."""

    waiting: int
    given_up: int
    arrived_at: int | None
    said: str | None


def put(tx: Tx, account: int, hook: str, letters: Iterable[Letter]) -> None:
    """Letters to send; one that is there already stays as it is."""
    tx.many(
        f"{insert('outbox', 'account, hook, id, at, body, due_at')} ON CONFLICT (account, id) DO NOTHING",
        ((account, hook, letter.id, letter.at, letter.body, letter.at) for letter in letters),
    )


def due(tx: Tx, account: int, hook: str, most: int) -> list[Letter]:
    """The letters whose time has come, the oldest first."""
    rows = tx.all(
        "SELECT id, at, body, tries FROM outbox WHERE account = ? AND hook = ? AND due_at <= ?"
        f" ORDER BY at, id LIMIT {most}",
        *(account, hook, tx.now()),
    )
    return [Letter(*row) for row in rows]


def next_due(tx: Tx, account: int, hook: str) -> int | None:
    """When the next letter is due (ms); None when none waits."""
    due_at: int | None = tx.value("SELECT min(due_at) FROM outbox WHERE account = ? AND hook = ?", account, hook)
    return due_at


def tried(tx: Tx, account: int, outcomes: Iterable[tuple[Letter, str | None, int | None]]) -> None:
    """Each was taken, or what was said instead and when it is tried again (ms)."""
    now = tx.now()
    tx.many(
        "UPDATE outbox SET tries = tries + 1, said = ?, due_at = ?, ended_at = ? WHERE account = ? AND id = ?",
        [(said, due_at, None if said else now, account, letter.id) for letter, said, due_at in outcomes],
    )


def wait_for(tx: Tx, account: int, hook: str, until: int) -> None:
    """All that would be due before then waits until then, for the address takes nothing."""
    tx.do("UPDATE outbox SET due_at = ? WHERE account = ? AND hook = ? AND due_at < ?", until, account, hook, until)


def give_up(tx: Tx, account: int, hook: str, before: int, said: str) -> None:
    """All that came about before then is tried no more."""
    tx.do(
        "UPDATE outbox SET due_at = NULL, ended_at = ?, said = ?"
        " WHERE account = ? AND hook = ? AND at <= ? AND due_at IS NOT NULL",
        *(tx.now(), said, account, hook, before),
    )


def hurry(tx: Tx, account: int, hook: str) -> None:
    """All that waits is due now, for the address takes something again."""
    now = tx.now()
    tx.do("UPDATE outbox SET due_at = ? WHERE account = ? AND hook = ? AND due_at > ?", now, account, hook, now)


def forget(tx: Tx, account: int) -> None:
    """Drops what came about too long ago, whatever became of it."""
    tx.do("DELETE FROM outbox WHERE account = ? AND at < ?", account, tx.now() - KEPT)


def tally(tx: Tx, account: int, hook: str) -> Tally:
    """How it goes with this address."""
    row = tx.one(
        "SELECT count(due_at), count(CASE WHEN due_at IS NULL AND said IS NOT NULL THEN 1 END),"
        " max(CASE WHEN due_at IS NULL AND said IS NULL THEN ended_at END),"
        " (SELECT said FROM outbox WHERE account = ? AND hook = ? AND said IS NOT NULL ORDER BY at DESC LIMIT 1)"
        " FROM outbox WHERE account = ? AND hook = ?",
        *(account, hook, account, hook),
    )
    return Tally(*(row or (0, 0, None, None)))


def unheard(tx: Tx, account: int, hook: str) -> list[Request]:
    """The requests that changed since this address was asked about last; one that is new hears of no old ones."""
    version = tx.value("SELECT version FROM hook WHERE account = ? AND hook = ?", account, hook)
    changed = {} if version is None else requests.newer(tx, account, {}, version)
    if changed or version is None:
        tx.do(
            "INSERT INTO hook (account, hook, version) SELECT number, ?, version FROM account WHERE number = ?"
            " ON CONFLICT (account, hook) DO UPDATE SET version = excluded.version",
            *(hook, account),
        )
    return [*changed.values()]


def told(tx: Tx, account: int, hook: str) -> dict[str, Told]:
    """The pipelines of which this address may have to hear more."""
    return TOLD.found(tx, account, "hook = ? AND pipeline <> ?", hook, ACCOUNT)


def keep_told(tx: Tx, account: int, hook: str, changed: Mapping[str, Told | None]) -> None:
    """What this address knows now; None: all there is to know."""
    tx.many(
        "DELETE FROM told WHERE account = ? AND hook = ? AND pipeline = ?",
        [(account, hook, key) for key, one in changed.items() if one is None],
    )
    tx.many(
        upsert("told", "account, hook, pipeline", TOLD.names),
        [(account, hook, key, *TOLD.values(one)) for key, one in changed.items() if one],
    )


def doubt(tx: Tx, account: int, hook: str, answered_at: int) -> bool:
    """True when this address has to hear that nothing was confirmed since then; it is told once."""
    return answered_at == tx.value("SELECT answered_at FROM account WHERE number = ?", account) and bool(
        tx.do(
            "INSERT INTO told (account, hook, pipeline, changed_at, restless) VALUES (?, ?, ?, ?, 0)"
            " ON CONFLICT (account, hook, pipeline) DO NOTHING",
            *(account, hook, ACCOUNT, answered_at),
        )
    )


def confirm(tx: Tx, account: int, hook: str) -> bool:
    """True when this address has to hear that what it was told to doubt is confirmed again."""
    return bool(tx.do("DELETE FROM told WHERE account = ? AND hook = ? AND pipeline = ?", account, hook, ACCOUNT))
