"""When data last came in: one row a pipeline with what was learned, and its tables as they were read last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.freshness import Reading, Table
from monitor.store.engines import Tx

COLUMNS = "read_at, newest, reached, gaps, longest, tables, failed, position"


def newer(tx: Tx, account: int, known: Mapping[str, Reading], version: int) -> Mapping[str, Reading]:
    """The readings that are known, and those that were written since that version."""
    rows = tx.all(f"SELECT pipeline, {COLUMNS} FROM reading WHERE account = ? AND version > ?", account, version)
    return {**known, **{pipeline: _reading(*row) for pipeline, *row in rows}} if rows else known


def write(tx: Tx, account: int, pipeline: str, reading: Reading, tables: Sequence[Table]) -> None:
    """Keeps a reading. Others read it with the next look: it makes no page draw itself anew."""
    listed = json.dumps([[table.name, table.status, _ms(table.last_run)] for table in tables], separators=(",", ":"))
    tx.do(
        f"INSERT INTO reading (account, pipeline, {COLUMNS}, listed, version) SELECT ?, ?, {', '.join('?' * 9)},"
        " version + 1 FROM account WHERE number = ? ON CONFLICT (account, pipeline) DO UPDATE SET"
        " read_at = excluded.read_at, newest = excluded.newest, reached = excluded.reached, gaps = excluded.gaps,"
        " longest = excluded.longest, tables = excluded.tables, failed = excluded.failed,"
        " position = excluded.position, listed = excluded.listed, version = excluded.version",
        *(account, pipeline, *_values(reading), listed, account),
    )


def tables(tx: Tx, account: int, pipeline: str) -> list[Table] | None:
    """The pipeline's tables as they were read last; None when they never were."""
    row = tx.one("SELECT listed FROM reading WHERE account = ? AND pipeline = ?", account, pipeline)
    if row is None:
        return None
    return [Table(name, status, _seconds(ran)) for name, status, ran in json.loads(row[0])]


def _values(reading: Reading) -> tuple[object, ...]:
    """Moments and lengths as whole milliseconds, the gaps as JSON."""
    gaps = json.dumps([_ms(gap) for gap in reading.gaps], separators=(",", ":"))
    moments = _ms(reading.read_at), _ms(reading.last_ran), _ms(reading.reached)
    return *moments, gaps, _ms(reading.longest), reading.tables, reading.failed, reading.position


def _reading(
    read_at: int, newest: int | None, reached: int | None, gaps: str, longest: int | None, *rest: Any
) -> Reading:
    learned = tuple(gap / 1000 for gap in json.loads(gaps))
    return Reading(read_at / 1000, _seconds(newest), _seconds(reached), learned, _seconds(longest), *rest)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
