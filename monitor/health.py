"""The verdict: which word a pipeline's raw values earn. Pure: no clock, no network, no screen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_ON, _OFF = frozenset({"ACTIVE"}), frozenset({"INACTIVE", "PAUSED"})
_WORKS, _FAILS = "OK", "FAILED"


class Word(StrEnum):
    """How a pipeline is, in one word; declared from the most urgent to the least."""

    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    UNKNOWN = "unknown"
    UNSTABLE = "unstable"
    HEALTHY = "healthy"
    PAUSED = "paused"

    @property
    def severity(self) -> int:
        """0 for the most urgent word, larger for calmer ones: the order of every list and roll-up."""
        return _SEVERITY[self]


_SEVERITY = {word: rank for rank, word in enumerate(Word)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A pipeline's word with what its sentence needs: what was known, the failures, the odd value."""

    word: Word
    last_known: Word
    failures: int
    was_failing: bool
    unrecognised: str | None


def judge(status: str | None, health: str | None) -> Word:
    """Only values that Hevo documents, letter for letter, earn a word of their own; all else is Unknown."""
    if (status not in _ON and status not in _OFF) or health not in (_WORKS, _FAILS):
        return Word.UNKNOWN
    if status in _OFF:
        return Word.PAUSED
    return Word.FAILED if health == _FAILS else Word.HEALTHY


@lru_cache(maxsize=1024)  # ten thousand pipelines share a few verdicts
def verdict(status: str | None, health: str | None, *, confirmed: bool, failures: int = 0) -> Verdict:
    """Unknown beats everything; then doubt covers what was known; a recent failure makes Healthy unstable."""
    known = judge(status, health)
    if known is Word.HEALTHY and failures > 0:
        known = Word.UNSTABLE
    covered = known is not Word.UNKNOWN and not confirmed
    return Verdict(
        word=Word.NOT_CHECKED if covered else known,
        last_known=known,
        failures=failures,
        was_failing=known is Word.PAUSED and health == _FAILS,
        unrecognised=_unrecognised(status, health),
    )


def counts(words: Iterable[Word]) -> dict[Word, int]:
    """How often each word occurs, zeros included, the most urgent first."""
    seen = Counter(words)
    return {word: seen[word] for word in Word}


def _unrecognised(status: str | None, health: str | None) -> str | None:
    """The visible values that Hevo does not document, as it sent them; None when there are none."""
    odd_status = [] if status in _ON or status in _OFF else [status]
    odd_health = [] if health in (_WORKS, _FAILS) else [health]
    visible = [value.strip() for value in odd_status + odd_health if value and value.strip()]
    return ", ".join(visible) or None
