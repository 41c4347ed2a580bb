"""How often we may ask: one sliding window an account, which neither a restart nor a second server forgets."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hevo_api.rate import USUAL_PAUSE, WINDOW, Budget, Priority
from monitor.store.engines import StoreError, Tx

if TYPE_CHECKING:
    from monitor.store import Store

WINDOW_MS = int(WINDOW * 1000)
SENT = {  # the column that says when, and of which rows
    "any": ("at", "spent WHERE account = ?"),
    "rest": ("at", "spent WHERE account = ? AND kind = 'rest'"),
    "run": ("sent_at", "request WHERE account = ?"),
}
AWAY = 5.0  # seconds to wait for a store that does not answer


class StoredBudget(Budget):
    """At most nine tenths of what Hevo allows in any 63 seconds, whoever asks; a part is kept for people."""

    def __init__(self, store: Store, account: int, requests_per_minute: int) -> None:
        super().__init__(requests_per_minute, store.clock)
        self._store, self._account = store, account

    def take(self, priority: Priority) -> float:
        """0.0 when a request may be sent, and then it counts; else the seconds until one may be."""
        try:
            return self._store.write(lambda tx: self._take(tx, priority)) / 1000
        except StoreError:
            return AWAY

    def _take(self, tx: Tx, priority: Priority) -> int:
        """How long to wait (ms). What may go out now is noted, and what no longer counts is forgotten."""
        account = self._account
        pause = int(tx.value("SELECT paused_until FROM account WHERE number = ?", account) or 0) - tx.now()
        if pause > 0:
            return pause
        wait = wait_in_window(tx, account, "any", self.most(priority))
        if not wait and priority == "rest":
            wait = wait_in_window(tx, account, "rest", max(1, self._kept))
        if not wait:
            now = tx.now()
            tx.do("DELETE FROM spent WHERE account = ? AND at <= ?", account, now - WINDOW_MS)
            tx.do("UPDATE spent SET at = ? WHERE account = ? AND at > ?", now, account, now)  # a clock was set back
            tx.do("INSERT INTO spent (account, at, kind) VALUES (?, ?, ?)", account, now, priority)
        return wait

    def pause(self, seconds: float | None) -> float:
        """Nobody asks for so long, as Hevo has had enough. Returns the seconds; a minute where it gave none."""
        seconds = USUAL_PAUSE if seconds is None else seconds
        longer = "UPDATE account SET paused_until = ? WHERE number = ? AND paused_until < ?"

        def work(tx: Tx) -> None:
            until = tx.now() + int(seconds * 1000)
            tx.do(longer, until, self._account, until)

        with suppress(StoreError):
            self._store.write(work)
        return seconds


def wait_in_window(tx: Tx, account: int, kind: str, most: int) -> int:
    """0 while fewer than `most` of a kind ("any", "rest" or "run") went out in the last WINDOW, else the ms until it is
    so."""
    now, (moment, of) = tx.now(), SENT[kind]
    at = tx.value(
        f"SELECT {moment} FROM {of} AND {moment} > ? ORDER BY {moment} DESC LIMIT 1 OFFSET ?",
        *(account, now - WINDOW_MS, most - 1),
    )
    return 0 if at is None else max(1, min(at, now) + WINDOW_MS - now)
