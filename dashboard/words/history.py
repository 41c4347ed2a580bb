"""What was seen over time."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.times import Times, duration
from dashboard.words.states import NAMES
from dashboard.words.text import counted, one_line, times
from monitor.health import Word


def strip_sentence(seconds: Mapping[Word, float], not_checked: float, failures: int, length: float) -> str:
    """The twin of a strip: 'Last 2 h: healthy, failed once (10 min), not checked 31% of the time.'"""
    parts = [_part(word, seconds[word], failures) for word in Word if seconds.get(word)]
    unchecked = min(round(100 * not_checked), 99 if seconds else 100)
    if unchecked or not parts:
        parts.append(f"not checked {unchecked}% of the time")
    return f"Last {spelled(length)}: {', '.join(parts)}."


def spelled(length: float) -> str:
    """'2 hours' for whole hours, as people say it; else as every other duration."""
    hours, rest = divmod(int(length), 3600)
    return duration(length) if rest or not hours or hours >= 48 else counted(hours, "hour")


def _part(word: Word, seconds: float, failures: int) -> str:
    if word is Word.FAILED:
        return f"failed {times(failures)} ({duration(seconds)})"
    return "healthy" if word is Word.HEALTHY else f"{NAMES[word].lower()} {duration(seconds)}"


def begins(first_look: float | None, clock: Times) -> str:
    """Why history begins when it begins."""
    why = "Hevo itself remembers nothing, so there is history only for the time in which this dashboard watched."
    return f"{why} It begins at {clock.at(first_look)}." if first_look else why


def change(name: str, before: Word, word: Word) -> str:
    """'Orders DB: Healthy → Failed'."""
    return f"{one_line(name, 80)}: {NAMES[before]} → {NAMES[word]}"


def since_you_looked(last_visit: float | None, clock: Times) -> str:
    """The heading of what changed: since this browser's last visit, or in the last 24 hours."""
    return f"Since you last looked, {clock.at(last_visit)}" if last_visit else "In the last 24 hours"


def tally(started: int, recovered: int, passed: int) -> str:
    """'2 started failing, 1 recovered.'"""
    told = ((started, "started failing"), (recovered, "recovered"), (passed, "failed and recovered"))
    parts = [f"{number:,} {text}" for number, text in told if number]
    return f"{', '.join(parts)}." if parts else "We saw no failure begin or end."


def percentage(percent: float | None) -> str:
    """'98%', or why no figure can be given."""
    return "watched too little to say" if percent is None else f"{percent:.0f}%"
