"""Who works for an account: one server at a time looks at Hevo and sends; the next takes over when its time is up."""

from __future__ import annotations

from typing import NamedTuple

from monitor.store.engines import Tx


class Lease(NamedTuple):
    """Whose turn it is. A new holder has a larger fence, so that an old one that wakes up is told apart."""

    holder: str
    fence: int
    until: int


class NotOurs(Exception):
    """Another server works for this account now, so nothing of ours may be written or sent."""


def current(tx: Tx, account: int) -> Lease | None:
    """The lease as it stands; its time may be over."""
    row = tx.one("SELECT holder, fence, until FROM lease WHERE account = ?", account)
    return Lease(*row) if row else None


def take(tx: Tx, account: int, holder: str, length: int, abandoned: Lease | None = None) -> Lease | None:
    """Ours for so long (ms) from now, if it was ours, nobody's or abandoned; else None."""
    now = tx.now()
    row = tx.one(
        "INSERT INTO lease (account, holder, fence, until) VALUES (?, ?, 1, ?)"
        " ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
        " fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END"
        " WHERE lease.holder = excluded.holder OR lease.until <= ? OR lease.until = ? RETURNING holder, fence, until",
        *(account, holder, now + length, now, abandoned.until if abandoned else now),
    )
    return Lease(*row) if row else None


def check(tx: Tx, account: int, holder: str, fence: int) -> None:
    """NotOurs if another has taken it. (Writing is one at a time, so it stays so to the end, however late we are.)"""
    lease = current(tx, account)
    if lease is None or (lease.holder, lease.fence) != (holder, fence):
        raise NotOurs


def leave(tx: Tx, account: int, holder: str) -> None:
    """Lets the next one take over at once."""
    tx.do("UPDATE lease SET until = 0 WHERE account = ? AND holder = ?", account, holder)
