"""The table: rows as a pandas frame for the screen, and as a CSV that is safe in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from itertools import dropwhile

import pandas as pd

from dashboard import words
from dashboard.filters import destination_of, source_of
from dashboard.marks import Theme, icon_address
from dashboard.times import Times
from hevo_api import PipelineObject
from monitor.board import Row
from monitor.health import Word
from monitor.history import History

REPEATED = ("mark", "word", "source", "destination", "schedule")  # each text of these travels to the browser once
DANGEROUS_STARTS = tuple("=+-@\t\r\0＝＋－＠")


def table_frame(rows: Sequence[Row], times: Times, theme: Theme) -> pd.DataFrame:
    """One row a pipeline in the order given: mark, name, word, source, destination, since, schedule, number."""
    icons = {word: icon_address(word, theme) for word in Word}
    frame = pd.DataFrame(
        {
            "mark": [icons[row.word] for row in rows],
            "name": [words.one_line(row.pipeline.label, 200) for row in rows],
            "word": [words.NAMES[row.word] for row in rows],
            "source": [words.one_line(source_of(row), 80) for row in rows],
            "destination": [words.one_line(destination_of(row), 80) for row in rows],
            "since": [_since(row, times) for row in rows],
            "schedule": [schedule(row) for row in rows],
            "number": [row.pipeline.id for row in rows],
        }
    )
    return frame.astype(dict.fromkeys(REPEATED, "category"))


def csv_of(rows: Sequence[Row], answered_at: float) -> bytes:
    """The same rows in UTF-8 with times in UTC; a cell that a spreadsheet would run as a formula gets a leading '."""
    frame = pd.DataFrame(
        {
            "number": [row.pipeline.id for row in rows],
            "name": [row.pipeline.label for row in rows],
            "state": [words.NAMES[row.word] for row in rows],
            "status": [row.pipeline.status for row in rows],
            "health_status": [row.pipeline.health_status for row in rows],
            "source": [row.pipeline.source_type for row in rows],
            "destination": [row.pipeline.destination_name for row in rows],
            "destination_type": [row.pipeline.destination_type for row in rows],
            "state_since_utc": [_utc(row.since.at) if row.since else None for row in rows],
            "checked_utc": _utc(answered_at),
        },
        dtype="object",
    )
    return safe_csv(frame)


def safe_csv(frame: pd.DataFrame) -> bytes:
    """CSV bytes (UTF-8 with a mark that spreadsheets need) in which no text can start a formula."""
    return frame.map(_harmless).to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig", errors="replace")


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    seen = "".join(dropwhile(_is_trimmed, cell))
    return f"'{cell}" if seen.startswith(DANGEROUS_STARTS) else cell


def _is_trimmed(sign: str) -> bool:
    """True for what a spreadsheet may trim before it looks at a cell."""
    return sign not in DANGEROUS_STARTS and (sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"))


def _since(row: Row, times: Times) -> pd.Timestamp | None:
    return pd.Timestamp(times.moment(row.since.at)) if row.since else None


def _utc(at: float) -> str:
    return pd.Timestamp(at, unit="s", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


def schedule(row: Row) -> str:
    """How often it runs, as Hevo writes it: the unit is not documented, so none is added."""
    planned = row.pipeline.schedule
    parts = (planned.type, planned.value) if planned else ()
    return words.one_line(" ".join(part for part in parts if part), 60)


def objects_frame_for_people(objects: Sequence[PipelineObject], times: Times) -> pd.DataFrame:
    """One row a table of the source: name, what its state means, when it last ran on the viewer's clock."""
    return pd.DataFrame(
        {
            "table": [words.one_line(item.name or "without a name", 120) for item in objects],
            "state": [words.object_state(item.status) for item in objects],
            "last_run": [item.last_run and pd.Timestamp(item.last_run.astimezone(times.zone)) for item in objects],
        }
    )


def health_frame(rows: Sequence[Row], history: History, begin: float, end: float) -> pd.DataFrame:
    """One row a pipeline: its percentage in words, how much was watched, and how often it failed."""
    figures = [history.health(row.pipeline.id, begin, end) for row in rows]
    return pd.DataFrame(
        {
            "pipeline": [words.one_line(row.pipeline.label, 120) for row in rows],
            "healthy": [words.percentage(figure) for figure in figures],
            "watched": [f"{int(100 * figure.coverage)}%" for figure in figures],
            "failed": [words.times(figure.failures) if figure.failures else "never seen" for figure in figures],
        }
    )


def history_csv(rows: Sequence[Row], history: History, begin: float, end: float) -> bytes:
    """One row a stretch of equal state, times in UTC; unwatched time has rows of its own."""
    stretches = [
        {
            "number": row.pipeline.id,
            "name": row.pipeline.label,
            "state": words.NAMES[part.word] if part.word else "not checked",
            "from_utc": _utc(part.start),
            "to_utc": _utc(part.end),
            "seconds": int(part.end - part.start),
        }
        for row in rows
        for part in history.segments(row.pipeline.id, begin, end)
    ]
    columns = ["number", "name", "state", "from_utc", "to_utc", "seconds"]
    return safe_csv(pd.DataFrame(stretches, columns=columns, dtype="object"))
