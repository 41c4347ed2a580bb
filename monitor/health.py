"""The verdict: which word a pipeline's raw values earn. Pure: no clock, no network, no screen."""

from __future__ import annotations

from enum import StrEnum

ON, OFF = frozenset({"ACTIVE"}), frozenset({"INACTIVE", "PAUSED"})
WORKS, FAILS = "OK", "FAILED"


class Word(StrEnum):
    """How a pipeline is, in one word; declared from the most urgent to the calmest."""

    FAILED = "failed"
    LATE = "late"
    UNKNOWN = "unknown"
    PLANNED = "planned"  # trouble under planned work: notes say so, Hevo never does
    UNSTABLE = "unstable"
    HEALTHY = "healthy"
    PAUSED = "paused"

    @property
    def severity(self) -> int:
        """0 for the most urgent word, larger for calmer ones: the order of every list and roll-up."""
        return _SEVERITY[self]


LETTERS = dict(zip(Word, "fluwshp", strict=True))  # a day in a line: a letter for each of its blocks
_SEVERITY = {word: rank for rank, word in enumerate(Word)}
NEEDS_ATTENTION = frozenset({Word.FAILED, Word.LATE, Word.UNKNOWN})


def judge(status: str | None, health: str | None, late: bool = False) -> Word:
    """Only values that Hevo documents, letter for letter, earn a word of their own; all else is Unknown."""
    if (status not in ON and status not in OFF) or health not in (WORKS, FAILS):
        return Word.UNKNOWN
    if status in OFF:
        return Word.PAUSED
    if health == FAILS:
        return Word.FAILED
    return Word.LATE if late else Word.HEALTHY


def unrecognised(status: str | None, health: str | None) -> str | None:
    """The visible values that Hevo does not document, as it sent them; None when there are none."""
    odd_status = [] if status in ON or status in OFF else [status]
    odd_health = [] if health in (WORKS, FAILS) else [health]
    visible = [value.strip() for value in odd_status + odd_health if value and value.strip()]
    return ", ".join(visible) or None
