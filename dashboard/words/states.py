"""What the words mean, the overview's sentence, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.times import MINUTE, Times, ago, duration
from dashboard.words.text import counted, listed, often, one_line, plain, small, times
from monitor import notes
from monitor.catalog import Team
from monitor.health import FAILS, Word
from monitor.now import Now, Row, Since

NAMES: Mapping[Word, str] = {
    Word.FAILED: "Failed",
    Word.LATE: "Late",
    Word.UNKNOWN: "Unknown",
    Word.PLANNED: "Planned work",
    Word.UNSTABLE: "Healthy, unstable",
    Word.HEALTHY: "Healthy",
    Word.PAUSED: "Paused",
}
EXPLAINED: Mapping[Word, str] = {  # on the guide
    Word.FAILED: "Hevo reports a problem. New data may not be arriving.",
    Word.LATE: "Hevo reports no problem, but no new data came for much longer than usual.",
    Word.UNKNOWN: "Hevo says nothing about it, or something we do not recognise. We never guess that it is fine.",
    Word.PLANNED: "Something is the matter, but somebody announced work there: it alarms nobody and is not counted.",
    Word.UNSTABLE: "It works now, but it failed at least once in the last 24 hours.",
    Word.HEALTHY: "It is turned on, and Hevo reports no problem.",
    Word.PAUSED: "Someone turned it off in Hevo. No new data until someone turns it on.",
}
NEXT_STEPS: Mapping[Word, str] = {  # what a person can do about it, where there is anything to do
    Word.FAILED: "Running it again may help. Hevo shows the reason.",
    Word.LATE: "Running it may help. Hevo may show the reason.",
    Word.UNKNOWN: "Look in Hevo to see what it says.",
    Word.PAUSED: "Turn it on in Hevo first.",
}
UNSAID = {"source": "unknown source", "destination": "unknown destination"}
SAMPLE = "Sample data. Connect your Hevo account"
WHAT_A_PIPELINE_IS = (
    "A pipeline brings data from one place, such as Salesforce, to another, such as a data warehouse. "
    "Here you see how each one is doing."
)
NO_PIPELINES = "Hevo answered: this account has no pipelines."
GONE = "This pipeline no longer exists in Hevo."
CERTAIN_WITHIN = 120.0  # seconds between two looks: a beginning that is known so closely needs no "at least"


def headline(now: Now) -> str:
    """The one sentence of the overview. Never good news that nobody confirmed."""
    counts, total = now.counts, len(now.rows)
    if total == 0:
        return NO_PIPELINES
    if not now.confirmed:
        verb = "We are asking Hevo about" if now.looking and not now.trouble else "We cannot confirm"
        return f"{verb} the {'pipeline' if total == 1 else counted(total)} right now"
    if problems := len(now.problems):
        on = [row.pipeline.id for row in now.problems if row.pipeline.id in now.on_it]
        who = f"; {who_is_on_it(on, now, f'{len(on):,} of them', 3)}" if on else ""
        return f"{problems:,} of {counted(total)} need{'s' if problems == 1 else ''} attention{who}"
    if counts[Word.PLANNED]:
        return f"Nothing but planned work among {counted(total)}"
    return _good_news(total, counts[Word.PAUSED], counts[Word.UNSTABLE])


def of_team(sentence: str, team: Team | None) -> str:
    """The same of what a team owns, as Markdown: 'Sales: all 3 pipelines are healthy'."""
    return f"{plain(team.name, 60)}: {small(sentence)}" if team else sentence


def in_short(word: Word, pipelines: Iterable[str], now: Now, clock: Times, zone: str = "") -> str:
    """'Failing since 05:40; Ana is on it': a report or all pipelines, for a tile or badge. `zone`: named behind the
    time, where it is not the reader's own."""
    rows = [row for row in now.present(pipelines) if row.word is word]
    state = "Failing" if word is Word.FAILED else NAMES[word]
    if rows and word not in (Word.UNSTABLE, Word.HEALTHY, Word.PAUSED):
        state = f"{state} since {clock.at(min(row.since.first_seen for row in rows))}{zone}"
    return "; ".join(filter(None, [state, who_is_on_it([row.pipeline.id for row in rows], now)]))


def who_is_on_it(pipelines: Iterable[str], now: Now, of_them: str = "it", most: int = 2) -> str:
    """'Ana is on it', 'Ana and Ben are on 9 of them'; nothing where nobody is."""
    on_it = now.on_it
    names = {one_line(on_it[one].by, 40): None for one in pipelines if one in on_it}
    return f"{listed([*names], most)} {'is' if len(names) == 1 else 'are'} on {of_them}" if names else ""


def last_known(now: Now, answered: str) -> str:
    """'At 21:17 12 were failing and 186 healthy.': what stood there when it was last confirmed."""
    healthy = now.counts[Word.HEALTHY] + now.counts[Word.UNSTABLE]
    failing = now.counts[Word.FAILED]
    were = f"{failing:,} {'was' if failing == 1 else 'were'} failing" if failing else "none was failing"
    return f"At {answered} {were} and {healthy:,} healthy."


def _good_news(total: int, paused: int, unstable: int) -> str:
    running = total - paused
    if running == 0:
        return "The only pipeline is paused" if total == 1 else f"All {total:,} pipelines are paused"
    which, verb = ("The one pipeline", "is") if running == 1 else (f"All {running:,} pipelines", "are")
    that = f" that {verb} on" if paused else ""
    return f"{which}{that} {verb} {'working now' if unstable else 'healthy'}"


def meaning(row: Row, now: float) -> str:
    """What a pipeline's word means for somebody who does not know Hevo."""
    match row.word:
        case Word.LATE:
            return _late(row, now)
        case Word.UNKNOWN if row.unrecognised:
            return f"Hevo reports something we do not recognise: {one_line(row.unrecognised, 60)}."
        case Word.UNKNOWN:
            return "Hevo does not say how this pipeline is doing."
        case Word.PLANNED:
            return "In trouble while planned work goes on: that was announced, alarms nobody and is not counted."
        case Word.PAUSED:
            off = "Turned off in Hevo. No new data until someone turns it on."
            return f"{off} Paused, and was failing before." if row.pipeline.health_status == FAILS else off
        case Word.FAILED:
            return f"{EXPLAINED[Word.FAILED]}{often(row.failures)}"
        case Word.UNSTABLE:
            return f"Working now. Failed {times(row.failures)} in the last 24 hours."
        case _:
            return "Hevo reports no problem."


def _late(row: Row, now: float) -> str:
    """'Hevo reports no problem, but it last ran 9 h ago. It usually runs every 60 min.'"""
    fresh = row.fresh
    if fresh is None or fresh.last_ran is None:
        return "Hevo reports no problem, but no new data came for longer than usual."
    last = f"Hevo reports no problem, but it last ran {duration(now - fresh.last_ran)} ago."
    if row.owned.expect is not None:
        return f"{last} New data is expected at least every {duration(row.owned.expect)}."
    return f"{last} It usually runs every {duration(fresh.usually)}." if fresh.usually else last


def is_certain(since: Since, now: float) -> bool:
    """True when the beginning is known to the minute, or closely for what lasts so long."""
    if since.not_before is None:
        return False
    return since.first_seen - since.not_before <= max(CERTAIN_WITHIN, 0.1 * (now - since.first_seen))


def is_now(word: Word) -> str:
    """'failing', 'late': as a pipeline is while it has this word."""
    return "failing" if word is Word.FAILED else word.value


def how_long(since: Since, now: float) -> str:
    """'25 min', or 'at least 25 min' where it may have begun long before we saw it."""
    length = duration(now - since.first_seen)
    return length if is_certain(since, now) else f"at least {length}"


def since_when(word: Word, since: Since, clock: Times, gaps: Sequence[tuple[float, float]] = ()) -> str:
    """'failing since 08:53, not watched from 09:00 to 16:51'; 'began between 05:40 and 06:10'; 'at least since 06:10'.

    `gaps`: when nobody watched since it was first seen; the longest one is told.
    """
    states = {Word.FAILED: "failing", Word.LATE: "late", Word.PAUSED: "paused", Word.PLANNED: "in trouble"}
    state = states.get(word, "so")
    first = clock.at(since.first_seen)
    if since.not_before is None:
        began = f"{state} at least since {first}"
    elif is_certain(since, clock.now):
        began = f"{state} since {first}"
    else:
        began = f"{state}, began between {clock.at(since.not_before)} and {first}"
    gap = max(gaps, key=lambda each: each[1] - each[0], default=None)
    return f"{began}, not watched {clock.span(*gap)}" if gap else began


def for_how_long(row: Row, clock: Times) -> str:
    """'Failed for 3 h 12 min', for the confirmation of a run."""
    name, is_young = NAMES[row.word], clock.now - row.since.first_seen < MINUTE
    return name if is_young else f"{name} for {how_long(row.since, clock.now)}"


def checked(answered_at: float | None, clock: Times) -> str:
    """How old the picture is, and whose clock the times follow."""
    if answered_at is None:
        return "Not checked yet"
    return f"Checked {ago(max(0.0, clock.now - answered_at))}, at {clock.at(answered_at)} ({clock.zone_name})"


def paused_by_you(paused_at: float, newer: bool, clock: Times) -> str:
    """Why the picture does not change."""
    return f"Paused by you at {clock.at(paused_at)}.{' Newer data is waiting.' if newer else ''}"


def slowed(pipelines: int, interval: float) -> str:
    """Why a very large account is looked at less often."""
    return f"With {counted(pipelines)} Hevo's limit allows a full look every {duration(interval)}."


def route(row: Row) -> str:
    """'Salesforce → Snowflake': where the data comes from and where it goes."""
    return f"{one_line(source(row), 40)} → {one_line(destination(row), 60)}"


def source(row: Row) -> str:
    """The source's type as people choose it; a word of its own when Hevo does not say."""
    return row.pipeline.source_type or UNSAID["source"]


def destination(row: Row) -> str:
    """The destination's name as people choose it, else its type."""
    return notes.destination(row.pipeline) or UNSAID["destination"]


def paused_line(names: list[str]) -> str:
    """The quiet line about what is turned off."""
    return f"{counted(len(names))} paused: {listed(names)}."
