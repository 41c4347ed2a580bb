"""The row that a pipeline's month leaves when its history is forgotten: written once, whoever writes and dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

import pandas as pd

from monitor import months
from monitor.store.engines import Tx
from monitor.store.rows import insert

ALL_WRITTEN = "\n"  # stands for the pipeline in the last row of a month: no pipeline has such a number
PORTION = 100  # pipelines in a transaction
NAMES = ", ".join(months.COLUMNS)


def due(tx: Tx, account: int, zone: tzinfo) -> str | None:
    """The first month that is over, was watched, and is not written down whole."""
    done, now = kept(tx, account), tx.now()
    start, _ = months.bounds(_oldest(now, zone), zone)
    first_watched = "SELECT min(first) FROM watch WHERE account = ? AND until > ?"
    while (first := tx.value(first_watched, account, start)) is not None:
        month = months.month_of(max(first, start) / 1000, zone)
        _, start = months.bounds(month, zone)
        if start > now or month not in done:
            return month if start <= now else None
    return None


def write(tx: Tx, account: int, month: str, figures: Callable[[list[str]], pd.DataFrame]) -> bool:
    """Writes down the next pipelines' rows of this month; True when it is whole. A row that is there stays."""
    rows = tx.all(
        "SELECT id FROM pipeline WHERE account = ? AND id NOT IN (SELECT pipeline FROM month WHERE account = ?"
        f" AND month = ?) ORDER BY id LIMIT {PORTION}",
        *(account, account, month),
    )
    names, is_last = [name for (name,) in rows], len(rows) < PORTION
    found = figures(names) if names else pd.DataFrame(columns=[*months.COLUMNS])
    found = found.reindex([*names, *[ALL_WRITTEN] * is_last], columns=[*months.COLUMNS], fill_value=0)
    tx.many(
        f"{insert('month', f'account, month, pipeline, {NAMES}')} ON CONFLICT (account, month, pipeline) DO NOTHING",
        ((account, month, *row) for row in found.astype(int).reset_index().values.tolist()),
    )
    return is_last


def read(tx: Tx, account: int, month: str) -> pd.DataFrame | None:
    """The figures of a month (index: pipeline; months.COLUMNS, in ms); None while it is not written down whole."""
    rows = tx.all(f"SELECT pipeline, {NAMES} FROM month WHERE account = ? AND month = ?", account, month)
    if not any(row[0] == ALL_WRITTEN for row in rows):
        return None
    kept = [row for row in rows if row[0] != ALL_WRITTEN and any(row[1:])]
    return pd.DataFrame(kept, columns=["pipeline", *months.COLUMNS]).set_index("pipeline")


def kept(tx: Tx, account: int) -> list[str]:
    """The months that are written down, the newest first."""
    rows = tx.all(
        "SELECT month FROM month WHERE account = ? AND pipeline = ? ORDER BY month DESC", account, ALL_WRITTEN
    )
    return [month for (month,) in rows]


def forget(tx: Tx, account: int, zone: tzinfo) -> None:
    """Drops what is older than three years."""
    tx.do("DELETE FROM month WHERE account = ? AND month < ?", account, _oldest(tx.now(), zone))


def _oldest(now: int, zone: tzinfo) -> str:
    return months.other(months.month_of(now / 1000, zone), -months.KEPT)
