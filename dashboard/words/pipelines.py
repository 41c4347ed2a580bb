"""The table of pipelines, and one pipeline in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.times import DAY, HOUR, MINUTE, Times, ago, duration
from dashboard.words.states import NAMES, how_long, is_certain, since_when
from dashboard.words.text import counted, large, one_line, times
from monitor.freshness import Table
from monitor.health import Word
from monitor.notes import Note
from monitor.now import Row, Since

HOW_TO_OPEN = "Choose a name to open it."
JUST_BEGUN = "Watching has just begun: what happens from now on is drawn here."
NOT_HERE = "This pipeline is not here"
AGREES = 0.2  # how far what was learned may be from what Hevo planned, if that is in minutes
AT_REST = ("FINISHED", "SKIPPED", "PAUSED")
OBJECT_STATES = {
    "ACTIVE": "Active: loads at the planned times",
    "SCHEDULED": "Scheduled: loads in the next cycle",
    "QUEUED": "Queued: waits for free resources",
    "STREAMING": "Streaming: is loading now",
    "BOOTSTRAPPING": "Bootstrapping: loads its history for the first time",
    "AWAITING_MAPPING": "Awaiting mapping: not yet tied to a table in the destination",
    "DEFERRED": "Deferred: the source's limits are used up for now",
    "FINISHED": "Finished: will not run again",
    "SKIPPED": "Skipped: left out on purpose",
    "PAUSED": "Paused: turned off in Hevo",
    "PERMISSION_DENIED": "Permission denied: Hevo may not read it",
    "FAILED": "Failed: Hevo reports a problem",
}


def object_state(status: str | None) -> str:
    """What the state of a table means (after Hevo's documentation); an unknown one is shown as it came."""
    if not status:
        return "Hevo does not say"
    return OBJECT_STATES.get(status, f"Unknown: {one_line(status, 60)}")


def none_match(hidden: int) -> str:
    """Why a filtered table is empty."""
    return f"No pipeline matches. {hidden:,} {'is' if hidden == 1 else 'are'} hidden. Clear the filter."


def table(order: int) -> str:
    """What the table is called for who hears it; the number is another one when the rows have moved."""
    return f"Pipelines, worst first, each with its state and since when; a name opens its pipeline. Order {order}"


def shown(number: int, hidden: int, doubted_since: str | None = None) -> str:
    """How many rows stand in the table, how many the filter hides, and whether they are only how they were."""
    rest = f" shown, {hidden:,} hidden by the filter." if hidden else ", worst first."
    doubt = f" We cannot confirm this right now: so it was at {doubted_since}."
    return f"{counted(number)}{rest}{doubt if doubted_since else ''}"


def narrowed_by(chosen: int) -> str:
    """The button behind which the filters stand on a phone."""
    return f"Filter ({chosen})" if chosen else "Filter"


def left_out(odd: Sequence[str]) -> str:
    """What a link asked for that means nothing here."""
    return f"This link asked for something that is not here, and it was left out: {', '.join(odd)}."


def last_hours(length: float) -> str:
    """'Last 24 hours', or less where watching began later: the heading of the strips."""
    whole = counted(int(length // HOUR), "hour") if length >= HOUR else duration(max(length, MINUTE))
    return f"Last {whole}"


def day(shares: Mapping[Word | None, float], failures: int) -> str:
    """The twin of a strip in a table: 'failed twice, else healthy', with what was not checked (None)."""
    present = [word for word in Word if shares.get(word)]
    if present == [Word.FAILED] and failures > 1:  # so often that every part of the strip has one
        present.append(Word.HEALTHY)
    told = [
        f"failed {times(max(1, failures))}" if word is Word.FAILED else f"{NAMES[word].lower()} at times"
        for word in present[:-1]
    ]
    told += [f"{'else ' if told else ''}{NAMES[word].lower()}" for word in present[-1:]]
    if unseen := min(round(100 * shares.get(None, 0.0)), 99 if present else 100):
        told.append(f"{unseen}% not checked" if present else "not checked")
    return ", ".join(told)


def every(seconds: float) -> str:
    """'every hour', 'every 30 min', 'every day'."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if round(seconds) == unit:
            return f"every {name}"
    return f"every {duration(seconds)}"


def planned(row: Row) -> str:
    """'every hour', only where Hevo's number read as minutes agrees with the learned rhythm: its unit is not known."""
    value, usually = row.pipeline.schedule_value or "", row.fresh.usually if row.fresh else None
    if row.pipeline.schedule_type != "FREQUENCY" or usually is None or not value.isdecimal() or len(value) > 6:
        return ""
    seconds = int(value) * 60.0
    return every(seconds) if seconds and abs(usually - seconds) <= AGREES * seconds else ""


def rhythm(row: Row) -> str:
    """How often new data comes: as planned, else as learned, else that it is not known."""
    if plan := planned(row):
        return large(plan)
    usually = row.fresh.usually if row.fresh else None
    if usually is None:
        return "Not known yet"
    step = 5 * MINUTE if usually >= HOUR - 5 * MINUTE else MINUTE  # 'every 58 min 12 s' helps nobody
    return f"About {every(max(MINUTE, round(usually / step) * step))}"


def facts(row: Row, clock: Times, away: Sequence[tuple[float, float]] = ()) -> list[tuple[str, str, str]]:
    """The four facts of a pipeline: what it is, how it is, and what stands below that; "" for nothing.

    `away`: when nobody watched since its word was first seen.
    """
    fresh, expect = row.fresh, row.owned.expect
    ran = fresh.last_ran if fresh else None
    failed = f"{fresh.failed:,} of {counted(fresh.tables, 'table')} failed" if fresh and fresh.failed else ""
    return [
        ("Since", large(how_long(row.since, clock.now)), since_when(row.word, row.since, clock, away)),
        (
            "Last ran",
            "Not known" if ran is None else ago(max(0.0, clock.now - ran)),
            f"at {clock.at(ran)}" if ran else "",
        ),
        ("Usually runs", rhythm(row), "" if expect is None else f"expected {every(expect)}"),
        ("Failures in 24 hours", large(times(row.failures)) if row.failures else "None seen", failed),
    ]


def state(row: Row, on: Note | None) -> str:
    """'Failed; Ana is on it'"""
    return f"{NAMES[row.word]}; {one_line(on.by, 40)} is on it" if on else NAMES[row.word]


def short(since: Since, now: float) -> str:
    """The same in a table; what has just begun needs no seconds."""
    if now - since.first_seen < MINUTE:
        return "under 1 min" if is_certain(since, now) else "seen just now"
    return how_long(since, now)


def tables(found: Sequence[Table]) -> str:
    """'3 of 40 tables failed.'"""
    if not found:
        return "Hevo lists no tables for this pipeline."
    failed = sum(table.status == "FAILED" for table in found)
    return f"{failed:,} of {counted(len(found), 'table')} failed." if failed else f"{counted(len(found), 'table')}."


def no_tables(cause: str | None) -> str:
    """Why no tables are shown; nothing of it says anything about the pipeline itself."""
    if cause is None:
        return "Asking Hevo for its tables."
    if cause == "away":
        return "We cannot reach our own records now, so no tables are shown."
    if cause in ("gone", "permission", "request"):
        return "Hevo does not tell us about the tables of this pipeline."
    return "Hevo did not tell us about the tables just now. We go on asking."


def not_confirmed(answered: str | None) -> str:
    """Why the word stands in grey."""
    return f"We cannot confirm this right now. This is how it was at {answered}."


def more_changes(number: int) -> str:
    """What the short list leaves out."""
    return f"{number:,} older {'change' if number == 1 else 'changes'} in that time: the History page has them all."


def details(row: Row) -> list[tuple[str, str | None]]:
    """What Hevo says of a pipeline, as it writes it: what it is, and the value."""
    pipeline = row.pipeline
    schedule = " ".join(filter(None, [pipeline.schedule_type, pipeline.schedule_value]))
    told = [
        ("Number", pipeline.id),
        ("Name", pipeline.name),
        ("Status", pipeline.status),
        ("Health status", pipeline.health_status),
        ("Source type", pipeline.source_type),
        ("Destination", pipeline.destination_name),
        ("Destination type", pipeline.destination_type),
        ("Schedule", schedule),
        ("Position", row.fresh.position if row.fresh else None),
    ]
    return [(name, one_line(value, 200) if value else None) for name, value in told]
