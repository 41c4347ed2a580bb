"""What was seen over time."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.times import Times, duration
from dashboard.words.states import CERTAIN_WITHIN, NAMES
from dashboard.words.text import counted, one_line, times
from monitor.health import Word

NOT_CHECKED = {"nobody": "Not checked: nobody looked", "no answer": "Not checked: Hevo did not answer"}
NOTHING_CHANGED = "Nothing changed in this time."
NEVER_CHECKED = "Nothing was checked in this time."
BEGINS_NOW = "The history begins now. It grows by itself while this dashboard watches."
ONLY_LATELY = "We cannot reach our own records, so only the last two days are shown."


def strip_sentence(seconds: Mapping[Word, float], not_checked: float, failures: int, length: float) -> str:
    """The twin of a strip: 'Last 2 hours: healthy, failed once (10 min), not checked 31% of the time.'"""
    failed = f"failed {times(failures)} ({duration(seconds.get(Word.FAILED, 0.0))})"
    said = {Word.FAILED: failed, Word.HEALTHY: "healthy"}
    parts = [said.get(word, f"{NAMES[word].lower()} {duration(seconds[word])}") for word in Word if seconds.get(word)]
    unchecked = min(round(100 * not_checked), 99 if seconds else 100)
    if unchecked or not parts:
        parts.append(f"not checked {unchecked}% of the time")
    hours, rest = divmod(int(length), 3600)
    whole = 0 < hours < 48 and not rest  # 'Last 2 hours', as people say it
    return f"Last {counted(hours, 'hour') if whole else duration(length)}: {', '.join(parts)}."


def begins(first_look: float | None, clock: Times) -> str:
    """Why history begins when it begins."""
    why = "Hevo itself remembers nothing, so there is history only for the time in which this dashboard watched."
    return f"{why} It begins at {clock.at(first_look)}." if first_look else why


def bad_range(asked: str) -> str:
    """What became of a link with a time that we do not offer."""
    return f"This link asked for a time that is not offered here, and it was left out: {one_line(asked, 40)}."


def strips_heading(shown: int, total: int, chosen: bool) -> str:
    """Which pipelines have a strip."""
    if shown == total:
        return "Each pipeline"
    return counted(shown) if chosen else f"The {shown} worst of {total:,}"


def stretch(name: str, word: Word, start: int, end: int, watched: float | None, clock: Times) -> str:
    """What a mark of a strip says, its times in ms; a block of time tells its worst word and how much was watched."""
    when = f"{clock.span(start / 1000, end / 1000)}"
    if watched is None:
        return f"{name}: {NAMES[word]} {when} ({duration((end - start) / 1000)})"
    return f"{name}: {NAMES[word]} at worst {when}{'' if watched > 0.99 else f', watched {watched:.0%} of it'}"


def gap(why: str, start: int, end: int, clock: Times) -> str:
    """The same for time that was not checked."""
    return f"{NOT_CHECKED[why]} {clock.span(start / 1000, end / 1000)} ({duration((end - start) / 1000)})"


def band(word: Word, start: int, end: int, number: int, total: int, clock: Times) -> str:
    """'12 of 205 failed from 09:12 to 09:20'."""
    return f"{number:,} of {total:,} {NAMES[word].lower()} {clock.span(start / 1000, end / 1000)}"


def peak(most: int, total: int, at: int, latest: int, clock: Times) -> str:
    """The chart of all pipelines in a sentence; `latest`: how many were failing when it ends."""
    if most == 0:
        return "No pipeline was failing while we watched."
    verb = "was" if most == 1 else "were"
    last = "none was" if latest == 0 else f"it was {latest:,}"
    return f"At most {most:,} of {total:,} {verb} failing at once, at {clock.at(at / 1000)}. At the last check {last}."


def change(before: Word, word: Word) -> str:
    """': Healthy → Failed', behind a name."""
    return f": {NAMES[before]} → {NAMES[word]}"


def seen_at(after: int, at: int, clock: Times) -> str:
    """'09:22', or 'between 05:40 and 09:22' where nobody looked for long."""
    last = f"{clock.moment(at / 1000):%H:%M}"
    return last if at - after <= 5 * 1000 * CERTAIN_WITHIN else f"between {clock.at(after / 1000)} and {last}"


def restless(failures: int, changes: int, first: int, word: Word, clock: Times) -> str:
    """' failed 12 times since 08:10, now Healthy', behind a name: one line for a pipeline that changes all the time."""
    what = f"failed {times(failures)}" if failures else f"changed {times(changes)}"
    return f" {what} since {clock.at(first / 1000)}, now {NAMES[word]}"


def day(at: int, clock: Times) -> str:
    """'Today', 'Yesterday' or 'Saturday, 21 November', on the viewer's calendar."""
    date, today = clock.moment(at / 1000).date(), clock.moment(clock.now).date()
    if date == today:
        return "Today"
    return "Yesterday" if (today - date).days == 1 else f"{date:%A}, {date.day} {date:%B}"


def older(number: int, pipelines: int, total: int) -> str:
    """What the list of changes leaves out, and where it is: the file has that of all pipelines, or of so many."""
    verb = "is" if number == 1 else "are"
    whose = "" if pipelines == total else f" of the {counted(pipelines)} drawn above"
    return f"{counted(number, 'older change')} {verb} not shown. The CSV below has all changes{whose}."


def changes_since(since: float, clock: Times) -> str:
    """Why the list of changes of a very large account is shorter than its charts."""
    return f"There are very many changes: listed are those since {clock.at(since)}."


def percentage(percent: float | None, counted: bool = True) -> str:
    """'98%', or why no figure can be given; `counted`: whether it was healthy or failing at all."""
    if percent is not None:
        return f"{percent:.0f}%"
    return "watched too little to say" if counted else "neither healthy nor failed"


def failed(failures: int, seconds: float) -> str:
    """'12 times (3 h 2 min)'."""
    return f"{times(failures)} ({duration(seconds)})" if failures else "never seen"


def download(pipelines: int, total: int) -> str:
    """The label of the download: of whom it is."""
    return "Download the history as CSV" if pipelines == total else f"Download these {pipelines:,} as CSV"
