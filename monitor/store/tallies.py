"""How many pipelines stood under each word in each hour: what a long range shows without reading all their changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor import history as frames
from monitor.history import WORDS, History
from monitor.store.engines import Tx
from monitor.store.rows import insert

AN_HOUR = 3_600_000
SETTLED = AN_HOUR // 2  # ms after which no look changes any more what was seen in an hour


def latest(tx: Tx, account: int) -> int | None:
    """The last hour (its beginning in ms) that is written down."""
    hour: int | None = tx.value("SELECT max(hour) FROM tally WHERE account = ?", account)
    return hour


def counted(history: History, after: int | None, now: int) -> pd.DataFrame:
    """The hours that are over, behind the hour `after`: start, end, word, pipelines, each under its worst word."""
    begins = now if history.begins is None else history.begins
    first = begins // AN_HOUR * AN_HOUR if after is None else max(after + AN_HOUR, begins // AN_HOUR * AN_HOUR)
    edges = np.arange(first, (now - SETTLED) // AN_HOUR * AN_HOUR + 1, AN_HOUR)
    if len(edges) < 2:
        return pd.DataFrame(columns=["start", "end", "word", "pipelines"])
    found = frames.counts(frames.spells(history, int(edges[0]), int(edges[-1])), edges.tolist())
    return found[found["pipelines"] > 0]


def write(tx: Tx, account: int, hours: pd.DataFrame) -> None:
    """Keeps what `counted` gave; an hour that is written down already stays as it is."""
    rows = hours[["start", "word", "pipelines"]].values.tolist()
    put = f"{insert('tally', 'account, hour, word, pipelines')} ON CONFLICT DO NOTHING"
    tx.many(put, ((account, *row) for row in rows))


def read(tx: Tx, account: int, start: int) -> pd.DataFrame:
    """The hours from `start` (ms) on: start, word, pipelines."""
    rows = tx.all(
        "SELECT hour, word, pipelines FROM tally WHERE account = ? AND hour >= ? ORDER BY hour", account, start
    )
    frame = pd.DataFrame(rows, columns=["start", "word", "pipelines"])
    return frame.astype({"start": "int64", "word": WORDS, "pipelines": "int64"})
