"""What was seen: written after each look as what changed, and read again by whoever has not seen it yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from monitor import history as frames
from monitor.health import Word
from monitor.history import WORDS, History
from monitor.known import Difference, Known, Seen, Trouble, pipeline_from, word_of
from monitor.store import notes, readings, requests
from monitor.store.accounts import bump
from monitor.store.engines import Tx
from monitor.store.rows import insert, upsert

AN_HOUR = 3_600_000
KEPT_IN_MEMORY = 48 * AN_HOUR  # ms of history that every server holds; what is older is read when somebody asks
CHANGES = "SELECT pipeline, coalesce(after, -1), at, status, health, mark FROM change"
NEW = insert("change", "account, pipeline, at, after, status, health, mark")
SNAPSHOT = upsert("pipeline", "account, id", "shown, status, health, mark, since_after, since_at, version")
EVERY = " IN (SELECT id FROM pipeline WHERE account = ?)"  # leads to each one's rows, which lie in the order of time
SPANS = {"watch": ("until", frames.WATCH), "trouble": ("last", frames.TROUBLE)}  # how far one reaches, its columns
LAST_STRETCH = "first = (SELECT max(first) FROM watch WHERE account = ?)"
CODES = {word: code for code, word in enumerate(Word)} | {None: -1}  # of a word in a frame; None: gone
PORTION = 2_000  # rows that are forgotten at once


def write_look(tx: Tx, account: int, at: int, until: int, differences: Sequence[Difference]) -> None:
    """One look at `at`, which holds `until`; the last stretch of watching goes on if it still held."""
    version = bump(tx, account, seen=True)
    tx.do("UPDATE account SET answered_at = ?, trouble = NULL, reference = NULL WHERE number = ?", at, account)
    after = tx.value("SELECT last FROM watch WHERE account = ? ORDER BY first DESC LIMIT 1", account)
    held = f"account = ? AND {LAST_STRETCH} AND until >= ?"
    grown = f"UPDATE watch SET last = ?, looks = looks + 1, until = ? WHERE {held}"
    if not tx.do(grown, at, until, account, account, at):
        tx.do(insert("watch", "account, first, last, until, looks"), account, at, at, until, 1)
    tx.many(NEW, ((account, one.key, at, after, *one.seen.state) for one in differences if one.changed))
    tx.many(
        SNAPSHOT,
        (
            (account, one.key, one.seen.shown, *one.seen.state, one.seen.since_after, one.seen.since_at, version)
            for one in differences
        ),
    )


def hold_on(tx: Tx, account: int, length: int) -> None:
    """The last look holds for at least so long (ms), if it holds still: the next one is planned for later now."""
    held = f"account = ? AND {LAST_STRETCH} AND until > ? AND until < last + ?"
    if tx.do(f"UPDATE watch SET until = last + ? WHERE {held}", length, account, account, tx.now(), length):
        bump(tx, account, seen=True)


def write_trouble(tx: Tx, account: int, at: int, cause: str, reference: str, next_look_at: int) -> None:
    """One failed look more: part of the last trouble unless a look or another cause came between."""
    bump(tx, account, seen=True)
    tx.do(
        "UPDATE account SET trouble = ?, reference = ?, next_look_at = ? WHERE number = ?",
        *(cause, reference, next_look_at, account),
    )
    last = tx.one("SELECT first, last, cause FROM trouble WHERE account = ? ORDER BY first DESC LIMIT 1", account)
    looked = tx.value("SELECT last FROM watch WHERE account = ? ORDER BY first DESC LIMIT 1", account)
    if last and last[2] == cause and (looked is None or looked <= last[1]):
        tx.do(
            "UPDATE trouble SET last = ?, tries = tries + 1 WHERE account = ? AND first = ?",
            *(max(at, last[1]), account, last[0]),
        )
    else:
        tx.do(
            "INSERT INTO trouble (account, first, last, tries, cause) VALUES (?, ?, ?, 1, ?)"
            " ON CONFLICT (account, first) DO UPDATE SET tries = trouble.tries + 1",
            *(account, at, at, cause),
        )


def read_news(tx: Tx, account: int, known: Known) -> Known:
    """What is known with everything that is newer in the store; the same value where nothing is."""
    row = tx.one(
        "SELECT version, seen_version, answered_at, watched_at, wanted_at, trouble, reference, next_look_at"
        " FROM account WHERE number = ?",
        account,
    )
    version, seen_version, answered_at, watched_at, wanted_at, *trouble = row or (0, 0, None, 0, 0, None, None, None)
    wishes = {"watched_at": watched_at / 1000, "wanted_at": wanted_at / 1000}
    if version == known.version:
        return replace(known, **wishes)
    if (answered_at or 0) < round((known.answered_at or 0) * 1000):
        known = Known()  # a clock was set back, and every time with it
    if seen_version > known.version or not known.version:
        history = _newer_history(tx, account, known)
        known = replace(
            known,
            answered_at=None if answered_at is None else answered_at / 1000,
            trouble=_trouble(history, *trouble),
            seen=_newer_pipelines(tx, account, known),
            history=history,
            readings={**known.readings, **readings.ROWS.found(tx, account, "version > ?", known.version)},
        )
    return replace(
        known,
        version=version,
        requests=requests.newer(tx, account, known.requests, known.version),
        notes=notes.newer(tx, account, known.notes, known.version),
        **wishes,
    )


def _trouble(history: History, cause: str | None, reference: str, next_look_at: int) -> Trouble | None:
    if cause is None:
        return None
    at = int(history.trouble["last"].iloc[-1]) if len(history.trouble) else next_look_at
    return Trouble(cause, reference, at / 1000, next_look_at / 1000)


def _newer_pipelines(tx: Tx, account: int, known: Known) -> Mapping[str, Seen]:
    rows = tx.all(
        "SELECT id, shown, status, health, mark, since_after, since_at FROM pipeline WHERE account = ? AND version > ?",
        *(account, known.version),
    )
    newer = {
        key: Seen(pipeline_from(key, shown, status, health), shown, mark, since_after, since_at)
        for key, shown, status, health, mark, since_after, since_at in rows
    }
    return {**known.seen, **newer} if newer else known.seen


def _newer_history(tx: Tx, account: int, known: Known) -> History:
    """At first the last two days, with what held when they began; later what came since."""
    history, latest = known.history, known.history.latest
    if latest is None:
        return read_history(tx, account, tx.now() - KEPT_IN_MEMORY)
    of_newer = f"pipeline{EVERY[:-1]} AND version > ?)"
    changes = tx.all(f"{CHANGES} WHERE account = ? AND at > ? AND {of_newer}", account, latest, account, known.version)
    last_trouble = int(history.trouble["last"].max()) if len(history.trouble) else latest
    troubles = _spans(tx, account, "trouble", last_trouble + 1)
    watch = _spans(tx, account, "watch", latest)
    if not changes and not len(troubles):  # as most looks are
        older = history.watch[frames.ints(history.watch, "first") < frames.ints(watch, "first").min(initial=2**62)]
        grown = replace(history, watch=pd.concat([older, watch], ignore_index=True)) if len(watch) else history
    else:
        grown = frames.extended(history, _changes(changes), watch, troubles)
    begins = grown.begins or latest
    is_long = begins < latest - KEPT_IN_MEMORY - AN_HOUR  # forgetting costs more than holding on a little
    return frames.forgetting(grown, latest - KEPT_IN_MEMORY) if is_long else grown


def read_history(
    tx: Tx,
    account: int,
    start: int,
    pipelines: Sequence[str] | None = None,
    end: int = 2**62,
    watched_from: int | None = None,
) -> History:
    """The history from `start` (ms) on, changes until `end`, with what held then: of these pipelines, or of all.

    `watched_from`: since when the watching is told, if not since `start`.
    """
    among = "" if pipelines is None else f" IN ({', '.join('?' * len(pipelines)) or 'NULL'})"
    held = tx.all(
        "WITH held AS MATERIALIZED (SELECT p.id, (SELECT max(e.at) FROM change e WHERE e.account = p.account"
        " AND e.pipeline = p.id AND e.at <= ?) AS at FROM pipeline p WHERE p.account = ?"
        + (among and f" AND p.id{among}")
        + ")"
        " SELECT c.pipeline, coalesce(c.after, -1), c.at, c.status, c.health, c.mark FROM held h"
        " JOIN change c ON c.account = ? AND c.pipeline = h.id AND c.at = h.at",
        *(start, account, *(pipelines or ()), account),
    )
    since = tx.all(
        f"{CHANGES} WHERE account = ? AND at > ? AND at < ? AND pipeline{among or EVERY}",
        *(account, start, end, *([account] if pipelines is None else pipelines)),
    )
    watched_from = start if watched_from is None else watched_from
    watch, trouble = (_spans(tx, account, table, watched_from) for table in ("watch", "trouble"))
    return frames.history(_changes(held + since), watch, trouble)


def read_recent(tx: Tx, account: int, start: int, most: int) -> tuple[int, History]:
    """The history of all from `start` (ms) on, with no more changes than so many: since when, and what there is.

    Of the time before only the watching is told. They are sought in the last day, then twice as far back: in SQLite no
    order leads from the newest change to older ones.
    """
    at, begin, reach = None, tx.now(), 24 * AN_HOUR
    while at is None and begin > start:
        begin, reach = max(start, tx.now() - reach), 2 * reach
        at = tx.value(
            f"SELECT at FROM change WHERE account = ? AND at > ? AND pipeline{EVERY} ORDER BY at DESC LIMIT 1 OFFSET ?",
            *(account, begin, account, most),
        )
    since = start if at is None else int(at)
    return since, read_history(tx, account, since, watched_from=start)


def _changes(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    pipeline, after, at, *state = zip(*rows, strict=True) if rows else ((),) * 6
    words = [CODES[word_of(*each)] for each in zip(*state, strict=True)]
    return _frame((pipeline, after, at, pd.Categorical.from_codes(words, dtype=WORDS, validate=False)), frames.CHANGES)


def _frame(columns: Iterable[Any], kinds: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of these columns, of these names and kinds; each look makes some, and from rows it takes ten times as
    long."""
    named = zip(kinds.items(), columns, strict=True)
    return pd.DataFrame({name: pd.array(values, dtype=kind) for (name, kind), values in named})


def _spans(tx: Tx, account: int, table: str, start: int) -> pd.DataFrame:
    """The stretches of watching, or of trouble, that reach to `start` (ms) or beyond it."""
    ends, kinds = SPANS[table]
    rows = tx.all(
        f"SELECT {', '.join(kinds)} FROM {table} WHERE account = ? AND {ends} >= ? ORDER BY first", account, start
    )
    return _frame(zip(*rows, strict=True) if rows else ((),) * len(kinds), kinds)


def forget(tx: Tx, account: int, before: int) -> int:
    """Drops a portion of what was seen before that time (ms), but for what still held then; how many rows went."""
    gone = tx.do(
        "DELETE FROM change WHERE account = ? AND (pipeline, at) IN (SELECT c.pipeline, c.at FROM change c"
        f" WHERE c.account = ? AND c.at < ? AND c.pipeline{EVERY} AND (c.mark = 2 OR EXISTS (SELECT 1 FROM change e"
        f" WHERE e.account = c.account AND e.pipeline = c.pipeline AND e.at > c.at AND e.at <= ?)) LIMIT {PORTION})",
        *(account, account, before, account, before),
    )
    moments = {"watch": "until", "trouble": "last", "tally": "hour", "request": "asked_at", "note": "written_at"}
    for table, moment in moments.items():
        gone += tx.do(f"DELETE FROM {table} WHERE account = ? AND {moment} < ?", account, before)
    tx.do(
        "DELETE FROM reading WHERE account = ? AND pipeline IN (SELECT id FROM pipeline p WHERE p.account = ?"
        " AND p.mark = 2)",
        *(account, account),
    )
    tx.do(
        "DELETE FROM pipeline WHERE account = ? AND mark = 2 AND NOT EXISTS"
        " (SELECT 1 FROM change c WHERE c.account = pipeline.account AND c.pipeline = pipeline.id)",
        account,
    )
    return gone
