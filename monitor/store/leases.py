"""Whose turn it is to work for an account: of all the servers that share a store, one looks at Hevo and sends."""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING, NamedTuple

from monitor.store.accounts import account_number
from monitor.store.engines import Busy, Tx

if TYPE_CHECKING:
    from monitor.store import Store

LENGTH, LENGTH_REMOTE = 3.0, 6.0  # seconds that a turn lasts: on one machine, and between servers


class NotOurs(Exception):
    """Another server works for this account now, so nothing of ours may be written or sent."""


class Lease(NamedTuple):
    """A turn as it is kept. A new holder has a larger fence, so that an old one that wakes up is told apart."""

    holder: str
    fence: int
    until: int


NOBODY = Lease("", 0, 0)  # has a turn, or it is not known who


class Turn:
    """This server's part in it, for the account that the store knows by this name."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._clock, self._name = store, store.clock, name
        self._joined: tuple[int, int] | None = None  # the account's number, in which generation of the store
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._length = LENGTH_REMOTE if store.is_remote else LENGTH
        self._lease = NOBODY
        self._moved_at = 0.0

    @property
    def number(self) -> int | None:
        """What stands for the account in the store; None until it was reached."""
        return self._joined[0] if self._joined and self._joined[1] == self._store.generation else None

    @property
    def account(self) -> int:
        """The same; Busy until the store was reached."""
        if self.number is None:
            raise Busy("the account is not known to the store yet")
        return self.number

    def join(self, tx: Tx) -> None:
        """Makes the account known to the store."""
        self._joined, self._lease = (account_number(tx, self._name), self._store.generation), NOBODY

    @property
    def fence(self) -> int:
        """What tells our turn from that of any other server before or after; 0 where nobody else can have one."""
        return self._lease.fence

    @property
    def is_ours(self) -> bool:
        """True while this server works for the account."""
        if not self._store.is_shared:
            return self.number is not None
        return self._is_held_by_us and self._lease.until / 1000 > self._clock()

    @property
    def is_due(self) -> bool:
        """True when there is a turn to take or to prolong."""
        if self.number is None:
            return True
        now = self._clock()
        left = self._lease.until / 1000 - now
        if self._is_held_by_us:
            return left < self._length / 2 or self._lies_in_future(now)
        return left <= 0 or self._is_abandoned

    @property
    def _is_held_by_us(self) -> bool:
        return self._lease.holder == self._holder

    @property
    def _is_abandoned(self) -> bool:
        """True when nobody has prolonged it for its whole length, whatever clock its end was taken from."""
        return not self._is_held_by_us and self._clock.steady() - self._moved_at > self._length

    def _lies_in_future(self, now: float) -> bool:
        """True when it lasts longer than any turn does: the clock (UTC seconds) was set back since it was taken."""
        return self._lease.until / 1000 - now > self._length + 1

    def take(self, tx: Tx) -> bool:
        """Takes or prolongs it if it was ours, nobody's or is abandoned; True when it has just become ours, and when
        the clock was set back since it did."""
        now = tx.now()
        before = self.fence if self._is_held_by_us and not self._lies_in_future(now / 1000) else None
        free = self._lease.until if self._is_abandoned else now
        tx.do(
            "INSERT INTO lease (account, holder, fence, until) VALUES (?, ?, 1, ?)"
            " ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
            " fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END"
            " WHERE lease.holder = excluded.holder OR lease.until <= ? OR lease.until = ?",
            *(self.account, self._holder, now + round(self._length * 1000), now, free),
        )
        self.follow(tx)
        return self._is_held_by_us and self.fence != before

    def follow(self, tx: Tx) -> None:
        """Reads whose turn it is, by the clock of a store of its own."""
        if self._store.is_remote:
            self._clock.follow(tx.now() / 1000)
        row = tx.one("SELECT holder, fence, until FROM lease WHERE account = ?", self.account)
        lease = Lease(*row) if row else NOBODY
        if lease != self._lease:
            self._lease, self._moved_at = lease, self._clock.steady()

    def check(self, tx: Tx) -> None:
        """NotOurs where another server has taken over, whose work must not be spoilt.

        Writing is one at a time, so it stays so to the end, however late we are.
        """
        ours = "SELECT 1 FROM lease WHERE account = ? AND holder = ? AND fence = ?"
        if self._store.is_shared and not tx.one(ours, self.account, self._holder, self.fence):
            raise NotOurs

    def leave(self, tx: Tx) -> None:
        """Lets the next server take over at once."""
        tx.do("UPDATE lease SET until = 0 WHERE account = ? AND holder = ?", self.account, self._holder)
        self._lease = NOBODY

    def lose(self) -> None:
        """Ours no more until the store can be reached again."""
        self._lease = NOBODY
