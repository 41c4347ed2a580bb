"""The table: rows as a pandas frame for the screen, and as a CSV that is safe in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import dropwhile
from typing import Any

import pandas as pd

from dashboard.marks import Theme, mark_address
from dashboard.strips import strip_address
from dashboard.times import Times
from dashboard.words import pipelines as words
from dashboard.words.states import NAMES, destination, how_long, source
from dashboard.words.text import one_line
from monitor.days import UNWATCHED
from monitor.freshness import Table
from monitor.health import LETTERS, Word
from monitor.now import Now, Row

DANGEROUS_STARTS = tuple("=+-@\t\r\0＝＋－＠")
REPEATED = ("mark", "word", "day", "told", "source", "destination", "schedule", "team")  # each text travels once
WORD_OF = {letter: word for word, letter in LETTERS.items()}


def table_frame(now: Now, days: Mapping[str, str], clock: Times, theme: Theme) -> pd.DataFrame:
    """One row a pipeline, worst first, as the screen shows it; `days`: of each a letter for each block."""
    rows, on_it = now.rows, now.on_it
    day = [days.get(row.pipeline.id, "") for row in rows]
    frame = pd.DataFrame(
        {
            "mark": [mark_address(row.word, theme, now.confirmed) for row in rows],
            "name": [one_line(row.label, 200) for row in rows],
            "word": [words.state(row, on_it.get(row.pipeline.id)) for row in rows],
            "since": [words.short(row.since, clock.now) for row in rows],
            "day": [strip_address(letters, theme) for letters in day],
            "told": [told(letters, row.failures) for letters, row in zip(day, rows, strict=True)],
            "last_ran": _moments([row.fresh.last_ran if row.fresh else None for row in rows], clock),
            "source": [one_line(source(row), 80) for row in rows],
            "destination": [one_line(destination(row), 80) for row in rows],
            "schedule": [words.planned(row) or None for row in rows],
            "team": [row.owned.team and one_line(row.owned.team.name, 80) for row in rows],
            "first_seen": _moments([row.since.first_seen for row in rows], clock),
            "number": [row.pipeline.id for row in rows],
        }
    )
    return frame.astype(dict.fromkeys(REPEATED, "category"))


@lru_cache(maxsize=50_000)  # most pipelines' days are like others'
def told(letters: str, failures: int) -> str | None:
    """The same as a strip in words."""
    if not letters:
        return None
    shares: dict[Word | None, float] = {WORD_OF[one]: letters.count(one) for one in set(letters) - {UNWATCHED}}
    shares[None] = letters.count(UNWATCHED) / len(letters)
    return words.day(shares, failures)


def _moments(times: Sequence[float | None], clock: Times) -> pd.Series[Any]:
    """Moments on the viewer's clock."""
    seconds = [float("nan") if at is None else float(round(at + clock.correction)) for at in times]
    return pd.Series(pd.to_datetime(seconds, unit="s", utc=True).as_unit("s").tz_convert(clock.zone))


def csv_of(rows: Sequence[Row], now: Now) -> bytes:
    """The same rows in UTF-8, plain words beside Hevo's, times in UTC, each with its certainty."""
    fresh = [row.fresh for row in rows]
    frame = pd.DataFrame(
        {
            "number": [row.pipeline.id for row in rows],
            "name": [row.label for row in rows],
            "name_in_hevo": [row.pipeline.label for row in rows],
            "team": [row.owned.team.name if row.owned.team else None for row in rows],
            "state": [NAMES[row.word] for row in rows],
            "confirmed": ["yes" if now.confirmed else "no"] * len(rows),
            "for": [how_long(row.since, now.at) for row in rows],
            "first_seen_utc": [utc(row.since.first_seen) for row in rows],
            "not_before_utc": [utc(row.since.not_before) for row in rows],
            "failures_24h": [row.failures for row in rows],
            "last_ran_utc": [utc(each.last_ran if each else None) for each in fresh],
            "usually_seconds": [round(each.usually) if each and each.usually else None for each in fresh],
            "status": [row.pipeline.status for row in rows],
            "health_status": [row.pipeline.health_status for row in rows],
            "source": [row.pipeline.source_type for row in rows],
            "destination": [row.pipeline.destination_name for row in rows],
            "destination_type": [row.pipeline.destination_type for row in rows],
            "checked_utc": [utc(now.answered_at)] * len(rows),
        },
        dtype="object",
    )
    return safe_csv(frame)


def safe_csv(frame: pd.DataFrame) -> bytes:
    """CSV bytes (UTF-8 with a mark that spreadsheets need) in which no text can start a formula."""
    return frame.map(_harmless).to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig", errors="replace")


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet would run as a formula gets a leading '."""
    if not isinstance(cell, str) or cell[:1].isalnum():
        return cell
    seen = "".join(dropwhile(_is_trimmed, cell))
    return f"'{cell}" if seen.startswith(DANGEROUS_STARTS) else cell


def _is_trimmed(sign: str) -> bool:
    """True for what a spreadsheet may trim before it looks at a cell."""
    return sign not in DANGEROUS_STARTS and (sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"))


def utc(at: float | None) -> str | None:
    """'2027-01-15T08:00:00Z'; None for a moment that nobody knows."""
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def tables_frame(tables: Sequence[Table], times: Times) -> pd.DataFrame:
    """One row a table of the source, longest silent first: name, what its state means, when it last ran.

    Those that are not meant to run any more come last: their silence means nothing.
    """
    ordered = sorted(tables, key=lambda table: (table.status in words.AT_REST, table.last_run or 0.0, table.name or ""))
    return pd.DataFrame(
        {
            "table": [one_line(table.name or "without a name", 120) for table in ordered],
            "last_ran": _moments([table.last_run for table in ordered], times),
            "state": [words.object_state(table.status) for table in ordered],
        }
    )
