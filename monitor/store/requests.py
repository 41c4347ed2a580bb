"""Requests to run pipelines, as they are kept: the row stands before anything is shown or sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.requests import MOST_WAITING, PATIENCE_OF_OTHERS, REMEMBERED, UNDER_WAY, Request, Standing
from monitor.store.accounts import bump
from monitor.store.engines import Tx
from monitor.store.rows import Rows, insert

ROWS = Rows(Request, "request", pipeline_id="pipeline", by="by_whom")
OPEN = "standing IN ('waiting', 'asking')"


def ask(tx: Tx, account: int, wishes: Sequence[Request]) -> list[Request]:
    """Notes a request for each, all with one time; what waits may have to be refused or ignored, with a code why."""
    version = bump(tx, account)
    waiting, asked = len(having(tx, account, Standing.WAITING)), []
    for wish in numbered(wishes, tx.now()):
        request = _judged(tx, account, wish, waiting >= MOST_WAITING) if wish.standing is Standing.WAITING else wish
        waiting += request.standing is Standing.WAITING
        keep(tx, account, version, request)
        asked.append(request)
    return asked


def numbered(wishes: Sequence[Request], at: int) -> list[Request]:
    """The wishes, numbered in their order, all of one time (ms)."""
    batch = uuid.uuid4().hex[:8]
    return [replace(wish, id=f"{at:013d}-{batch}-{place:04d}", asked_at=at / 1000) for place, wish in enumerate(wishes)]


def _judged(tx: Tx, account: int, request: Request, full: bool) -> Request:
    """Ignored if Hevo has got one for this pipeline a moment ago, or may still get it; refused, or as it is."""
    reached = f"pipeline = ? AND (sent_at IS NOT NULL OR {OPEN}) ORDER BY asked_at DESC, id DESC LIMIT 1"
    for last in ROWS.found(tx, account, reached, request.pipeline_id).values():
        if not last.is_over or last.free_at > request.asked_at:
            return request.ignored(last.by, last.asked_at)
    if request.earlier_at is not None:
        return request.ignored(None, request.earlier_at)
    return replace(request, standing=Standing.REFUSED, why="full") if full else request


def keep(tx: Tx, account: int, version: int, request: Request) -> None:
    """Writes down a new request; one that is there already stays as it is."""
    tx.do(
        f"{insert('request', f'account, version, {ROWS.names}')} ON CONFLICT (account, id) DO NOTHING",
        *(account, version, *ROWS.values(request)),
    )


def put(tx: Tx, account: int, request: Request, fence: int) -> None:
    """Writes down how far a request has come, and in whose turn."""
    tx.do(
        f"UPDATE request SET version = ?, fence = ?, {' = ?, '.join(ROWS.columns)} = ? WHERE account = ? AND id = ?",
        *(bump(tx, account), fence, *ROWS.values(request), account, request.id),
    )


def next_waiting(tx: Tx, account: int) -> Request | None:
    """The one that waited longest."""
    return next(iter(ROWS.found(tx, account, "standing = 'waiting' ORDER BY id LIMIT 1").values()), None)


def having(tx: Tx, account: int, standing: Standing) -> list[Request]:
    """Every request that has come so far, the oldest first."""
    return [*ROWS.found(tx, account, "standing = ? ORDER BY id", standing.value).values()]


def take_over(tx: Tx, account: int, fence: int) -> None:
    """What another turn left: under way is unclear, waiting too long is refused; nothing is sent again."""
    now = tx.now() / 1000
    left = ROWS.found(tx, account, "standing = 'asking' AND (fence IS NULL OR fence <> ?)", fence)
    for request in left.values():
        put(tx, account, request.unclear("stopped", max(now, (request.sent_at or now) + UNDER_WAY)), fence)
    for request in having(tx, account, Standing.WAITING):
        if now - request.asked_at > PATIENCE_OF_OTHERS:
            put(tx, account, request.refused("left behind", now), fence)


def newer(tx: Tx, account: int, known: Mapping[str, Request], version: int) -> Mapping[str, Request]:
    """Those that are not over and the latest others, oldest first: those known, and what is newer in the store."""
    latest = f"SELECT id FROM request WHERE account = ? ORDER BY id DESC LIMIT {REMEMBERED}"
    found = ROWS.found(tx, account, f"version > ? AND ({OPEN} OR id IN ({latest}))", version, account)
    if not found:
        return known
    every = sorted({**known, **found}.items())
    old = [(number, request) for number, request in every[:-REMEMBERED] if not request.is_over]
    return dict(old + every[-REMEMBERED:])


def history(tx: Tx, account: int) -> list[Request]:
    """Every request that is kept, the newest first."""
    return [*ROWS.found(tx, account, "id > '' ORDER BY id DESC").values()]
