"""When data last came in: one row a pipeline with what was learned, and its tables as they were read last."""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitor.freshness import Reading, Table
from monitor.store.engines import Tx
from monitor.store.rows import Rows, upsert

ROWS, TABLES = Rows(Reading, "reading", "pipeline", last_ran="newest"), Rows(Table)
PUT = upsert("reading", "account, pipeline", f"{ROWS.names}, listed, version")


def write(tx: Tx, account: int, pipeline: str, reading: Reading, tables: Sequence[Table]) -> None:
    """Keeps a reading. Others read it with the next look: it makes no page draw itself anew."""
    listed = json.dumps([TABLES.values(table) for table in tables], separators=(",", ":"))
    next_version = tx.value("SELECT version + 1 FROM account WHERE number = ?", account)
    tx.do(PUT, account, pipeline, *ROWS.values(reading), listed, next_version)


def tables(tx: Tx, account: int, pipeline: str) -> list[Table] | None:
    """The pipeline's tables as they were read last; None when they never were."""
    listed = tx.value("SELECT listed FROM reading WHERE account = ? AND pipeline = ?", account, pipeline)
    return None if listed is None else [TABLES.read(table) for table in json.loads(listed)]
