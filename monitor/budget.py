"""How often we may ask: kept in the store, so that neither a restart nor a second server forgets it."""

from __future__ import annotations

from contextlib import suppress

from hevo_api.rate import FOR_PEOPLE, SHARE, USUAL_PAUSE, WINDOW, Priority, Window
from monitor.store import Store, StoreError, Tx, spending

WINDOW_MS = int(WINDOW * 1000)
AWAY = 5.0  # seconds to wait for a store that does not answer


class StoredBudget:
    """At most nine tenths of what Hevo allows in any 63 seconds, whoever asks; a part is kept for people."""

    def __init__(self, store: Store, account: int, requests_per_minute: int) -> None:
        self._store, self._account = store, account
        self._size = max(1, int(requests_per_minute * SHARE))
        self._kept = min(FOR_PEOPLE, self._size * 2 // 9)
        self._retries = Window(store.clock)

    def take(self, priority: Priority) -> float:
        """0.0 when a request may be sent, and then it counts; else the seconds until one may be."""
        try:
            return self._store.write(lambda tx: self._take(tx, priority)) / 1000
        except StoreError:
            return AWAY

    def _take(self, tx: Tx, priority: Priority) -> int:
        pause = spending.paused_until(tx, self._account) - tx.now()
        if pause > 0:
            return pause
        most = {"person": self._size, "look": self._size - self._kept, "rest": self._size - 2 * self._kept}
        wait = spending.wait(tx, self._account, most[priority], WINDOW_MS)
        if not wait and priority == "rest":
            wait = spending.wait(tx, self._account, max(1, self._kept), WINDOW_MS, "rest")
        if not wait:
            spending.spend(tx, self._account, priority, WINDOW_MS)
        return wait

    def take_retry(self) -> bool:
        """True when one more may be retried: all callers share a few, so that an outage is not multiplied."""
        return self._retries.take(max(1, self._kept)) == 0.0

    def pause(self, seconds: float | None) -> float:
        """Nobody asks for so long, as Hevo has had enough. Returns the seconds; a minute where it gave none."""
        seconds = USUAL_PAUSE if seconds is None else seconds
        with suppress(StoreError):
            self._store.write(lambda tx: spending.pause(tx, self._account, int(seconds * 1000)))
        return seconds
