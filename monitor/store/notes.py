"""What people wrote, as it is kept: durable before anybody sees it; nothing is ever changed but by taking it back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.notes import MOST_A_MINUTE, MOST_KEPT, About, Kind, Note
from monitor.store.accounts import bump
from monitor.store.engines import Tx

COLUMNS = "id, kind, about, of_what, text, by_whom, typed, begins, ends, written_at, taken_at, taken_by"


def write(tx: Tx, account: int, note: Note, person: str) -> Note | None:
    """The note as it stands from now on; None when this person wrote too many in the last minute."""
    now = tx.now()
    [lately] = tx.one(
        "SELECT count(*) FROM note WHERE account = ? AND person = ? AND written_at > ?", account, person, now - 60_000
    ) or (0,)
    if lately >= MOST_A_MINUTE:
        return None
    begins = max(note.begins, now / 1000)
    written = replace(note, id=f"{now:013d}-{uuid.uuid4().hex[:8]}", written_at=now / 1000, begins=begins)
    tx.do(
        f"INSERT INTO note (account, version, person, {COLUMNS}) VALUES ({', '.join('?' * 15)})",
        *(account, bump(tx, account), person, *_values(written)),
    )
    tx.do(
        "DELETE FROM note WHERE account = ? AND id <= (SELECT id FROM note WHERE account = ? ORDER BY id DESC"
        f" LIMIT 1 OFFSET {MOST_KEPT})",
        *(account, account),
    )
    return written


def take_back(tx: Tx, account: int, note_id: str, by: str) -> bool:
    """Takes it back, or ends what was planned; False when that is done already, or there is no such note."""
    return bool(
        tx.do(
            "UPDATE note SET taken_at = ?, taken_by = ?, version = ? WHERE account = ? AND id = ? AND taken_at IS NULL",
            *(tx.now(), by, bump(tx, account), account, note_id),
        )
    )


def newer(tx: Tx, account: int, known: Mapping[str, Note], version: int) -> Mapping[str, Note]:
    """All notes, newest first: those that are known, and what is newer in the store."""
    rows = tx.all(
        f"SELECT {COLUMNS} FROM note WHERE account = ? AND version > ? ORDER BY id DESC LIMIT {MOST_KEPT}",
        *(account, version),
    )
    if not rows:
        return known
    found = {**known, **{row[0]: _note(row) for row in rows}}
    return dict(sorted(found.items(), reverse=True)[:MOST_KEPT])


def _values(note: Note) -> tuple[Any, ...]:
    return (
        *(note.id, note.kind.value, note.about.value, json.dumps(note.of), note.text, note.by, int(note.typed)),
        *map(_ms, (note.begins, note.ends, note.written_at, note.taken_at)),
        note.taken_by,
    )


def _note(row: Sequence[Any]) -> Note:
    number, kind, about, of, text, by, typed, begins, ends, written_at, taken_at, taken_by = row
    return Note(
        *(Kind(kind), About(about), tuple(json.loads(of)), text, by, bool(typed), begins / 1000, _seconds(ends)),
        *(written_at / 1000, number, _seconds(taken_at), taken_by),
    )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
