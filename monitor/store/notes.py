"""What people wrote, as it is kept: durable before anybody sees it; nothing is ever changed but by taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from monitor.notes import MOST_A_MINUTE, MOST_KEPT, Note
from monitor.store.accounts import bump
from monitor.store.engines import Tx
from monitor.store.rows import Rows, insert

ROWS = Rows(Note, "note", of="of_what", by="by_whom")


def write(tx: Tx, account: int, note: Note, person: str, at: int | None = None) -> Note | None:
    """The note as it stands from now on, or from `at` (ms); None when this person wrote too many in the last minute."""
    now = tx.now() if at is None else at
    lately = "SELECT count(*) FROM note WHERE account = ? AND person = ? AND written_at > ?"
    if tx.value(lately, account, person, now - 60_000) >= MOST_A_MINUTE:
        return None
    begins = max(note.begins, now / 1000)
    written = replace(note, id=f"{now:013d}-{uuid.uuid4().hex[:8]}", written_at=now / 1000, begins=begins)
    tx.do(
        insert("note", f"account, version, person, {ROWS.names}"),
        *(account, bump(tx, account), person, *ROWS.values(written)),
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
    found = ROWS.found(tx, account, "version > ?", version)
    return dict(sorted({**known, **found}.items(), reverse=True)[:MOST_KEPT]) if found else known
