"""Requests to run pipelines, as they are kept: the row stands before anything is shown or sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.health import Word
from monitor.known import Known, whole
from monitor.requests import (
    MOST_WAITING,
    PATIENCE_OF_OTHERS,
    REMEMBERED,
    UNDER_WAY,
    Outcome,
    Request,
    Standing,
)
from monitor.store.accounts import bump
from monitor.store.engines import Tx

COLUMNS = (
    "id, pipeline, name, by_whom, asked_at, standing, before, why, earlier_by, earlier_at, sent_at, answered_at,"
    " status, reference, retry_at, outcome, outcome_at, seen_after"
)


class Wish(NamedTuple):
    """A pipeline that somebody wants to run, and its word. `refusal`: a code, where it cannot be run; `lately`: when
    (UTC seconds) another tab with the same key asked for it."""

    pipeline_id: str
    name: str
    before: Word | None
    refusal: str | None = None
    lately: float | None = None


def ask(tx: Tx, account: int, wishes: Sequence[Wish], by: str | None) -> list[Request]:
    """Notes a request for each, all with one time; it waits, or is refused or ignored with a code why."""
    at, version = tx.now(), bump(tx, account)
    [waiting] = tx.one("SELECT count(*) FROM request WHERE account = ? AND standing = 'waiting'", account) or (0,)
    asked = []
    for wish, request in zip(wishes, made(wishes, by, at), strict=True):
        asked.append(_judged(tx, account, request, wish, full=waiting >= MOST_WAITING))
        waiting += asked[-1].standing is Standing.WAITING
        insert(tx, account, version, asked[-1])
    return asked


def made(wishes: Sequence[Wish], by: str | None, at: int) -> list[Request]:
    """A request for each wish, numbered in their order, all of one time (ms)."""
    batch = uuid.uuid4().hex[:8]
    return [
        Request(
            f"{at:013d}-{batch}-{place:04d}",
            *(wish.pipeline_id, wish.name, by, at / 1000, Standing.WAITING, wish.before),
        )
        for place, wish in enumerate(wishes)
    ]


def _judged(tx: Tx, account: int, request: Request, wish: Wish, full: bool) -> Request:
    """Refused, ignored as one was asked for a moment ago, or as it is."""
    if wish.refusal:
        return replace(request, standing=Standing.REFUSED, why=wish.refusal)
    earlier = _last(tx, account, request.pipeline_id)
    if earlier and (not earlier.is_over or earlier.free_at > request.asked_at):
        return replace(request, standing=Standing.IGNORED, why="lately", earlier=(earlier.by, earlier.asked_at))
    if wish.lately is not None:
        return replace(request, standing=Standing.IGNORED, why="lately", earlier=(None, wish.lately))
    return replace(request, standing=Standing.REFUSED, why="full") if full else request


def _last(tx: Tx, account: int, pipeline_id: str) -> Request | None:
    """The last request for this pipeline that Hevo has got, or may still get."""
    row = tx.one(
        f"SELECT {COLUMNS} FROM request WHERE account = ? AND pipeline = ?"
        " AND (sent_at IS NOT NULL OR standing IN ('waiting', 'asking')) ORDER BY asked_at DESC, id DESC LIMIT 1",
        *(account, pipeline_id),
    )
    return _request(row) if row else None


def insert(tx: Tx, account: int, version: int, request: Request) -> None:
    """Writes down a new request; one that is there already stays as it is."""
    tx.do(
        f"INSERT INTO request (account, version, {COLUMNS}) VALUES ({', '.join('?' * 20)})"
        " ON CONFLICT (account, id) DO NOTHING",
        *(account, version, *_values(request)),
    )


def put(tx: Tx, account: int, request: Request, fence: int) -> int:
    """Writes down how far a request has come, and in whose turn; the version from which on it is read so."""
    version = bump(tx, account)
    sets = ", ".join(f"{name.strip()} = ?" for name in COLUMNS.split(",")[1:])
    tx.do(
        f"UPDATE request SET version = ?, fence = ?, {sets} WHERE account = ? AND id = ?",
        *(version, fence, *_values(request)[1:], account, request.id),
    )
    return version


def next_waiting(tx: Tx, account: int) -> Request | None:
    """The one that waited longest."""
    row = tx.one(
        f"SELECT {COLUMNS} FROM request WHERE account = ? AND standing = 'waiting' ORDER BY id LIMIT 1", account
    )
    return _request(row) if row else None


def is_under_way(tx: Tx, account: int, request_id: str) -> bool:
    """True while nobody has said how it ended."""
    sql = "SELECT 1 FROM request WHERE account = ? AND id = ? AND standing = 'asking'"
    return tx.one(sql, account, request_id) is not None


def having(tx: Tx, account: int, standing: Standing) -> list[Request]:
    """Every request that has come so far, the oldest first."""
    rows = tx.all(
        f"SELECT {COLUMNS} FROM request WHERE account = ? AND standing = ? ORDER BY id", account, standing.value
    )
    return [_request(row) for row in rows]


def wait(tx: Tx, account: int, most: int, window: float) -> float:
    """0.0 while fewer than `most` were sent in the last `window` seconds, else the seconds until it is so."""
    now = tx.now() / 1000
    row = tx.one(
        "SELECT sent_at FROM request WHERE account = ? AND sent_at > ?"
        f" ORDER BY sent_at DESC LIMIT 1 OFFSET {most - 1}",
        *(account, round((now - window) * 1000)),
    )
    return 0.0 if row is None else max(0.001, min(row[0] / 1000, now) + window - now)


def take_over(tx: Tx, account: int, fence: int) -> None:
    """What another turn left: under way is unclear, waiting too long is refused; nothing is sent again."""
    now = tx.now() / 1000
    rows = tx.all(
        f"SELECT {COLUMNS} FROM request WHERE account = ? AND standing = 'asking' AND (fence IS NULL OR fence <> ?)",
        *(account, fence),
    )
    for request in map(_request, rows):
        put(tx, account, request.unclear("stopped", max(now, (request.sent_at or now) + UNDER_WAY)), fence)
    for request in having(tx, account, Standing.WAITING):
        if now - request.asked_at > PATIENCE_OF_OTHERS:
            put(tx, account, request.refused("left behind", now), fence)


def newer(tx: Tx, account: int, known: Known) -> Mapping[str, Request]:
    """Those that are not over and the latest others, oldest first: those known, and what is newer in the store."""
    rows = tx.all(
        f"SELECT {COLUMNS} FROM request WHERE account = ? AND version > ? AND (standing IN ('waiting', 'asking') OR"
        f" id IN (SELECT id FROM request WHERE account = ? ORDER BY id DESC LIMIT {REMEMBERED})) ORDER BY id",
        *(account, known.version, account),
    )
    if not rows:
        return known.requests
    found = sorted({**known.requests, **{request.id: request for request in map(_request, rows)}}.items())
    old = [(number, request) for number, request in found[:-REMEMBERED] if not request.is_over]
    return dict(old + found[-REMEMBERED:])


def history(tx: Tx, account: int) -> list[Request]:
    """Every request that is kept, the newest first."""
    return [
        _request(row) for row in tx.all(f"SELECT {COLUMNS} FROM request WHERE account = ? ORDER BY id DESC", account)
    ]


def _values(request: Request) -> tuple[Any, ...]:
    earlier_by, earlier_at = request.earlier or (None, None)
    return (
        *(request.id, whole(request.pipeline_id), whole(request.name), request.by and whole(request.by)),
        *(_ms(request.asked_at), request.standing.value),
        *(_text(request.before), request.why, earlier_by, _ms(earlier_at), _ms(request.sent_at)),
        *(_ms(request.answered_at), request.status, request.reference, _ms(request.retry_at)),
        *(_text(request.outcome), _ms(request.outcome_at), _text(request.seen_after)),
    )


def _text(word: StrEnum | None) -> str | None:
    return None if word is None else word.value


def _request(row: Sequence[Any]) -> Request:
    number, pipeline_id, name, by, asked_at, standing, before, why, earlier_by, earlier_at, *rest = row
    sent_at, answered_at, status, reference, retry_at, outcome, outcome_at, seen_after = rest
    return Request(
        *(number, pipeline_id, name, by, asked_at / 1000, Standing(standing), Word(before) if before else None, why),
        earlier=None if earlier_at is None else (earlier_by, earlier_at / 1000),
        sent_at=_seconds(sent_at),
        answered_at=_seconds(answered_at),
        status=status,
        reference=reference,
        retry_at=_seconds(retry_at),
        outcome=Outcome(outcome) if outcome else None,
        outcome_at=_seconds(outcome_at),
        seen_after=Word(seen_after) if seen_after else None,
    )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
