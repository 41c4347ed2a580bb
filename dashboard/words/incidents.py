"""Incidents, notes, planned work and months in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from dashboard.times import Times, duration
from dashboard.words.states import CERTAIN_WITHIN, NAMES
from dashboard.words.text import counted, one_line, times
from monitor import incidents as inc
from monitor.health import Word
from monitor.incidents import Incident
from monitor.notes import LONGEST_TEXT, MOST_A_MINUTE, About, Kind, Note

NONE = "No incident was seen in this time."
UNKNOWN_KEY = "No incident has this link. It may be older than what is kept here."
NOT_A_MONTH = "The month in this link is none that is kept here. Below is the present one."
OWN_TROUBLE = "Hevo did not answer us, {when}. That is no incident of yours."
ALL = "All pipelines"
YOUR_NAME = "Your name"
TYPED = "(name typed, not checked)"
FORMS: Mapping[Kind, tuple[str, str, str, str]] = {  # what opens it, what it means, an example, what writes it
    Kind.ON_IT: (
        "I'm on it",
        "Everybody sees that you take care of it. It still counts until it works again.",
        "What is known? For example: vendor outage, back by noon",
        "Tell everybody",
    ),
    Kind.NOTE: (
        "Add a note",
        "It stands in the incident and cannot be changed, only taken back.",
        "For example: the vendor confirms, the key expired",
        "Write it",
    ),
    Kind.PLANNED: (
        "Plan work",
        "While it lasts, trouble there alarms nobody and stays out of the figures. At most 7 days.",
        "For example: Snowflake is being moved",
        "Announce it",
    ),
}
VERBS: Mapping[Kind, str] = {Kind.ON_IT: "is on it", Kind.NOTE: "wrote", Kind.PLANNED: "planned work"}
REFUSALS: Mapping[str, str] = {
    "nobody": "Please type your name, so that others know whom to ask. Nothing was written.",
    "long": f"That is too long: a text may have {LONGEST_TEXT} letters. Nothing was written.",
    "empty": "There is no text. Nothing was written.",
    "nothing there": "What it is about is not there any more. Nothing was written.",
    "backwards": "It must end after it begins. Nothing was written.",
    "past": "This time is over already. Nothing was written.",
    "too long": "Planned work may last 7 days at most. Nothing was written.",
    "far": "It may begin within the next 90 days. Nothing was written.",
    "all well": "Nothing there needs anybody now. Nothing was written.",
    "often": f"You wrote {MOST_A_MINUTE} notes within a minute. Please wait a moment. Nothing was written.",
    "not kept": "Our own records take nothing now. Nothing was written. Please try again later.",
    "gone": "It was taken back already.",
}


def what(one: Incident, name: Callable[[str], str]) -> str:
    """'3 pipelines failed together' or 'Orders DB failed 12 times'; 'found failing' where no beginning was seen."""
    if len(one.pipelines) > 1:
        return f"{counted(len(one.pipelines))} {'were found failing' if one.not_before is None else 'failed together'}"
    often = f" {times(one.count)}" if one.count > 1 else ""
    return f"{one_line(name(one.pipelines[0]), 80)} failed{often}"


def lasted(one: Incident, now: float) -> str:
    """'3 h 30 min', or 'between 2 h 50 min and 3 h 30 min' where its ends are not known closely."""
    until, surely_until = (now, now) if one.ended is None else (one.ended, one.end_after)
    shortest = surely_until - one.began
    if one.not_before is None:
        return f"at least {duration(shortest)}"
    longest = until - one.not_before
    if longest - shortest <= max(2 * CERTAIN_WITHIN, 0.1 * longest):
        return duration(until - one.began)
    return f"between {duration(shortest)} and {duration(longest)}"


def more(number: int) -> str:
    """What a list leaves out."""
    return f"And {number:,} more; the CSV has them all."


def span(start: float, end: float, clock: Times) -> str:
    """'Saturday 02:10 to 05:40', 'Saturday 23:40 to yesterday 00:20'"""
    same_day = clock.moment(start).date() == clock.moment(end).date()
    return f"{clock.when(start)} to {f'{clock.moment(end):%H:%M}' if same_day else clock.when(end)}"


def in_plan(note: Note) -> str:
    """Of an incident that lies in planned work."""
    return f"In planned work: {one_line(note.text, LONGEST_TEXT)}"


def line(one: Incident, clock: Times) -> str:
    """'since Saturday 02:10 (3 h)' while it goes on; 'Saturday 02:10 to 05:40 (3 h 30 min), all into Snowflake EU' when
    it is over; what they share is a resemblance, no cause."""
    since = "at least since" if one.not_before is None else "since"
    when = f"{since} {clock.when(one.began)}" if one.ended is None else span(one.began, one.ended, clock)
    shared = f"all {'into' if one.shared == 'destination' else 'from'} {one_line(one.name, 60)}" if one.shared else ""
    ends = {inc.PAUSED: "turned off while failing", inc.GONE: "left the account while failing"}
    return ", ".join(filter(None, [f"{when} ({lasted(one, clock.now)})", shared, ends.get(one.how, "")]))


def whole(one: Incident, name: Callable[[str], str], clock: Times) -> str:
    """'3 pipelines failed together, Saturday 02:10 to 05:40 (3 h 30 min), all into Snowflake EU.'"""
    return f"{what(one, name)}, {line(one, clock)}."


def on_it(note: Note, clock: Times) -> str:
    """'Ana is on it, since 21:10: vendor outage, back by noon'; at its end that nobody checked the name."""
    said = f": {one_line(note.text, LONGEST_TEXT)}" if note.text else ""
    typed = f" {TYPED}" if note.typed else ""
    return f"{one_line(note.by, 80)} is on it, since {clock.when(note.written_at)}{said}{typed}"


def by(note: Note) -> str:
    """Who wrote it; a name that nobody checked says so."""
    return f"{one_line(note.by, 80)} {TYPED}" if note.typed else one_line(note.by, 80)


def planned(note: Note, clock: Times, about: str = "") -> str:
    """'Planned until 23:00, all into Snowflake EU: it is being moved, says Ben'; from when, where it is to begin."""
    begins = f"from {clock.at(note.begins)} to" if note.begins > clock.now else "until"
    whom = f", {about}" if about else ""
    return f"Planned {begins} {clock.at(note.until)}{whom}: {one_line(note.text, LONGEST_TEXT)}, says {by(note)}"


def about(note: Note, name: Callable[[str], str]) -> str:
    """What a note covers, for a sentence."""
    of = one_line(name(note.of[0]) if note.about is About.PIPELINES and note.of else "".join(note.of[:1]), 60)
    some = of if len(note.of) == 1 else counted(len(note.of))
    return {
        About.PIPELINES: some,
        About.DESTINATION: f"all into {of}",
        About.REPORT: f"all that the report {of} needs",
        About.TEAM: f"all of the team {of}",
        About.ALL: "all pipelines",
    }[note.about]


def note_line(note: Note) -> str:
    """A note in the course of an incident."""
    said = f": {one_line(note.text, LONGEST_TEXT)}" if note.text else "."
    return f"{by(note)} {VERBS[note.kind]}{said}"


def taken_back(note: Note) -> str:
    """The line that a note leaves."""
    verb = "ended what was planned" if note.kind is Kind.PLANNED else "took a note back"
    return f"{one_line(note.taken_by or '', 80)} {verb}: {one_line(note.text, LONGEST_TEXT) or 'on it'}"


def began(name: str, not_before: float | None, clock: Times, at: float) -> str:
    """A pipeline's beginning in the course; how closely it is known is said where that is not close."""
    if not_before is None:
        return f"{one_line(name, 80)} was failing when we first looked"
    if at - not_before > 2 * CERTAIN_WITHIN:
        return f"{one_line(name, 80)} was seen failing (it began after {clock.when(not_before)})"
    return f"{one_line(name, 80)} failed"


def ended(name: str, how: int, count: int) -> str:
    """A pipeline's end in the course."""
    ends = {inc.WELL: "works again", inc.PAUSED: "was turned off while failing", inc.GONE: "left the account"}
    often = f" (it failed {times(count)})" if count > 1 else ""
    return f"{one_line(name, 80)} {ends[how]}{often}"


def since(number: int, pipelines: int, longest: float) -> str:
    """'2 incidents, 5 pipelines, the longest 3 h 30 min'"""
    return f"{counted(number, 'incident')}, {counted(pipelines)}, the longest {duration(longest)}"


def month_name(month: str) -> str:
    """'November 2026' for "2026-11"."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def until(of: str, end: float, month_ends: float, clock: Times) -> str:
    """Of what a month's figures are, whose days it has, and how far it has come."""
    so_far = f" So far, until {clock.at(end)}." if end < month_ends else ""
    return f"{of}. Days of {clock.zone_name}.{so_far}"


def hours(ms: float) -> str:
    """'3 h 12 min'; 'none' for nothing."""
    return duration(ms / 1000) if ms else "none"


def day(moment: datetime, word: Word | None) -> str:
    """A calendar's day in words: 'Monday 2: Failed'."""
    return f"{moment:%A} {moment.day}: {'not checked' if word is None else NAMES[word]}"
