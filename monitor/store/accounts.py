"""An account's own row: its number, the version that tells others what to read again, and what viewers wish."""

from __future__ import annotations

from monitor.store.engines import Tx


def account_number(tx: Tx, name: str) -> int:
    """The small number that stands for the account in every table."""
    tx.do(
        "INSERT INTO account (number, name) SELECT coalesce(max(number), 0) + 1, ? FROM account WHERE true"
        " ON CONFLICT (name) DO NOTHING",
        name,
    )
    return int(tx.value("SELECT number FROM account WHERE name = ?", name))


def bump(tx: Tx, account: int, seen: bool = False) -> int:
    """The next version: whoever has an older one reads what is new; `seen`: not only requests, but what was seen."""
    column = ", seen_version = version + 1" if seen else ""
    version = tx.value(f"UPDATE account SET version = version + 1{column} WHERE number = ? RETURNING version", account)
    return int(version or 0)


def wish(tx: Tx, account: int, watched_at: float, wanted_at: float) -> None:
    """Lets the server that looks know that somebody watches, or asked for a fresh look, on this one (UTC seconds).

    Milliseconds are rounded down: a wish that lay later than it was made would ask for one look more.
    """
    tx.do(
        "UPDATE account SET watched_at = CASE WHEN watched_at < ? THEN ? ELSE watched_at END,"
        " wanted_at = CASE WHEN wanted_at < ? THEN ? ELSE wanted_at END WHERE number = ?",
        *(*[int(watched_at * 1000)] * 2, *[int(wanted_at * 1000)] * 2, account),
    )


def bring_back(tx: Tx, account: int) -> None:
    """What stands in the future, as somebody has set the clock back since, is of now: nobody waits for that time."""
    now = tx.now()
    later = "EXISTS (SELECT 1 FROM change e WHERE e.account = change.account AND e.pipeline = change.pipeline"
    every = "account = ? AND pipeline IN (SELECT id FROM pipeline WHERE account = ?)"  # no order leads to a time
    tx.do(f"DELETE FROM change WHERE {every} AND at >= ? AND {later} AND e.at > change.at)", account, account, now)
    tx.do(f"UPDATE change SET at = ? WHERE {every} AND at > ?", now, account, account, now)
    tx.do(f"UPDATE change SET after = at - 1 WHERE {every} AND at = ? AND after >= at", account, account, now)
    tx.do("UPDATE pipeline SET since_after = ? WHERE account = ? AND since_after >= ?", now - 1, account, now)
    later = "EXISTS (SELECT 1 FROM watch e WHERE e.account = watch.account AND e.first > watch.first)"
    tx.do(f"DELETE FROM watch WHERE account = ? AND first >= ? AND {later}", account, now)
    _no_later(tx, "watch", "account", account, now, "first")
    tx.do("UPDATE watch SET until = ? + until - last, last = ? WHERE account = ? AND last > ?", now, now, account, now)
    tx.do("DELETE FROM trouble WHERE account = ? AND first > ?", account, now)
    _no_later(tx, "account", "number", account, now, "answered_at", "watched_at", "wanted_at", "next_look_at")
    _no_later(tx, "account", "number", account, now + 300_000, "paused_until")
    _no_later(tx, "pipeline", "account", account, now, "since_at")
    _no_later(tx, "trouble", "account", account, now, "last")
    _no_later(tx, "spent", "account", account, now, "at")
    _no_later(tx, "request", "account", account, now, "asked_at", "sent_at", "answered_at", "outcome_at")
    _no_later(tx, "request", "account", account, now + 60_000, "retry_at")
    _no_later(tx, "outbox", "account", account, now, "at", "due_at")
    _no_later(tx, "told", "account", account, now, "changed_at")
    _no_later(tx, "note", "account", account, now, "written_at", "taken_at")


def _no_later(tx: Tx, table: str, key: str, account: int, moment: int, *columns: str) -> None:
    for column in columns:
        tx.do(f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {column} > ?", moment, account, moment)
