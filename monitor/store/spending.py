"""When a request was sent to Hevo: one sliding window an account, for all servers, over restarts."""

from __future__ import annotations

from monitor.store.engines import Tx


def wait(tx: Tx, account: int, most: int, window: int, kind: str | None = None) -> int:
    """0 while fewer than `most` went out in the last `window` ms (of this kind, or at all); else ms until it is so."""
    now = tx.now()
    of_kind = "" if kind is None else " AND kind = ?"
    row = tx.one(
        f"SELECT at FROM spent WHERE account = ? AND at > ?{of_kind} ORDER BY at DESC LIMIT 1 OFFSET {most - 1}",
        *(account, now - window, *([] if kind is None else [kind])),
    )
    return 0 if row is None else max(1, min(row[0], now) + window - now)


def spend(tx: Tx, account: int, kind: str, window: int) -> None:
    """Notes that one goes out now, and forgets what no longer counts."""
    now = tx.now()
    tx.do("DELETE FROM spent WHERE account = ? AND at <= ?", account, now - window)
    tx.do("UPDATE spent SET at = ? WHERE account = ? AND at > ?", now, account, now)  # a clock was set back
    tx.do("INSERT INTO spent (account, at, kind) VALUES (?, ?, ?)", account, now, kind)


def paused_until(tx: Tx, account: int) -> int:
    """Until when (ms) Hevo wants to hear nothing of us."""
    [until] = tx.one("SELECT paused_until FROM account WHERE number = ?", account) or (0,)
    return int(until)


def pause(tx: Tx, account: int, length: int) -> None:
    """Nobody asks for so long (ms), on any server."""
    until = tx.now() + length
    tx.do("UPDATE account SET paused_until = ? WHERE number = ? AND paused_until < ?", until, account, until)
