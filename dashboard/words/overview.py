"""The overview's sentences: one line of a problem, what problems share, what happened since, a summary for a mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dashboard.times import MINUTE, Times, ago, duration
from dashboard.words.reports import ask
from dashboard.words.runs import in_short
from dashboard.words.states import UNSAID, destination, headline, how_long, is_certain, is_now, route, source
from dashboard.words.text import listed, one_line, times
from monitor.health import NEEDS_ATTENTION, Word
from monitor.now import Now, Row
from monitor.requests import Request, Standing

FILLS_BY_ITSELF = "As soon as somebody makes a pipeline in Hevo, it shows up here by itself."
COPY = "Copy summary"
NEW = "New"
LAST_CONFIRMED = "last confirmed at"
LEGEND = (
    "High: failed. High and hollow: planned work. Low: healthy. Outlined: unknown or paused. Dots: not checked. "
    "Hatched: Hevo did not answer."
)
FOLDED = {
    Word.PLANNED: "in trouble under planned work",
    Word.UNSTABLE: "working now, but failed in the last 24 hours",
    Word.HEALTHY: "healthy",
}
FEW = 3  # from so many on it is worth saying what they share
MOST_NAMED = 5


def for_so_long(row: Row, at: float, clock: Times) -> str:
    """'failed 25 min', 'failed at least 25 min'; within its first minute 'failed just now', 'failed, began 20:40 to
    21:08' where nobody watched between, or 'failed at least since 21:08'."""
    state = "planned work" if row.word is Word.PLANNED else row.word.value
    if at - row.since.first_seen >= MINUTE:
        return f"{state} {how_long(row.since, at)}"
    if is_certain(row.since, at):
        return f"{state} just now"
    if row.since.not_before is not None:
        return f"{state}, began {clock.at(row.since.not_before)} to {clock.at(row.since.first_seen)}"
    return f"{state} at least since {clock.at(row.since.first_seen)}"


def about(row: Row) -> str:
    """The quieter half: how often it failed, what Hevo says that nobody knows, or when it last ran; or nothing."""
    if row.word is Word.LATE and row.fresh and row.fresh.usually:
        return f"usually runs every {duration(row.fresh.usually)}"
    if row.word is Word.UNKNOWN:
        return f'Hevo says "{one_line(row.unrecognised, 40)}"' if row.unrecognised else "Hevo says nothing about it"
    return f"failed {times(row.failures)} in 24 hours" if row.failures > 1 else ""


def asked(request: Request, clock: Times) -> str:
    """What became of a run that was asked, in a few words: it stands beside the state."""
    match request.standing:
        case Standing.WAITING | Standing.ASKING:
            return "run is being asked"
        case Standing.REFUSED:
            return "run was not taken" if request.status is not None else "run was not sent"
        case Standing.UNCLEAR:
            return "run unclear, please do not press again"
    return f"run {in_short(request, clock)}"


def route_line(row: Row, now: float) -> str:
    """'Salesforce → Snowflake · last ran 2 h ago · Feeds: Monday sales report · Ask: Sales, data-desk@example.com'."""
    parts = [route(row)]
    if row.fresh and row.fresh.last_ran is not None:
        parts.append(f"last ran {ago(now - row.fresh.last_ran)}")
    if row.owned.reports:
        parts.append(f"Feeds: {', '.join(one_line(report.name, 60) for report in row.owned.reports)}")
    if team := row.owned.team:
        parts.append(f"Ask: {ask(team)}")
    return " · ".join(parts)


def in_common(problems: Sequence[Row], everyone: Sequence[Row]) -> tuple[str, str, str] | None:
    """'9 of 12 load into Snowflake EU', with the filter and its value: a fact, told when most of them share what the
    others mostly do not."""
    for name, verb, kind in (("destination", "load into", destination), ("source", "read from", source)):
        tally = Counter(map(kind, problems))
        for value, number in tally.most_common(1):
            usual, share = sum(kind(row) == value for row in everyone) / len(everyone), number / len(problems)
            if value != UNSAID[name] and number >= FEW and share > 0.5 and share >= usual + 0.2:
                some = f"All {number:,}" if number == len(problems) else f"{number:,} of {len(problems):,}"
                return f"{some} {verb} {one_line(value, 60)}", name, value
    return None


def is_new(row: Row, last_visit: float | None) -> bool:
    """True when we saw it begin after this browser looked last."""
    return bool(last_visit and row.since.not_before is not None and row.since.first_seen > last_visit)


def see_all(number: int) -> str:
    """The link to the rest of the problems."""
    return f"See all {number:,}"


def period(begin: float, end: float, clock: Times) -> str:
    """'in the last 24 hours', or since when it was watched, where that is less."""
    whole = round((end - begin) / 3600)
    if end - begin > 86_400 - MINUTE:
        return f"in the last {whole} hours"
    return f"since {clock.when(begin)}, when watching began"


def failing_heading(begin: float, end: float, clock: Times) -> str:
    """The heading of the chart; it claims no more time than was watched."""
    return f"How many were failing {period(begin, end, clock)}"


def failing_peak(peak: int, at: float, total: int, failing: int, unwatched: float, clock: Times) -> str:
    """The chart in words: 'At most 14 of 205 at once (03:20), 12 at the last check. Not checked 31% of the time.'"""
    if peak == 0:
        said = "None was seen failing."
    else:
        said = f"At most {peak:,} of {total:,} at once ({clock.when(at)}), {failing:,} at the last check."
    percent = round(100 * unwatched)
    return f"{said} Not checked {percent}% of the time." if percent else said


def too_young(begin: float | None, clock: Times) -> str:
    """Instead of a chart of nothing."""
    began = f" at {clock.at(begin)}" if begin else ""
    return f"We began to watch this account{began}. In a few minutes there will be something to draw here."


def since_heading(last_visit: float | None, begin: float, end: float, clock: Times) -> str:
    """'Since you last looked, yesterday 17:05', or what was watched, where that is all we know."""
    if last_visit is not None and last_visit > begin - 1:
        return f"Since you last looked, {clock.when(last_visit)}"
    return f"What changed {period(begin, end, clock)}"


NOTHING_CHANGED = "We saw no failure begin or end."
TALLY = ("started failing", "recovered", "failed and recovered")


def summary(now: Now, clock: Times, address: str) -> str:
    """The state in a line for a mail: '21:08: 12 of 205 failing: A, B and C. (link)'."""
    at = clock.at(now.answered_at or now.at)
    known = at if now.confirmed else f"{at} (not confirmed since)"
    problems = [(word, now.having(word)) for word in sorted(NEEDS_ATTENTION, key=lambda word: word.severity)]
    told = [
        f"{len(rows):,} of {len(now.rows):,} {is_now(word)}: {listed([row.label for row in rows], 20)}"
        for word, rows in problems
        if rows
    ]
    said = "; ".join(told) or (headline(now) if now.confirmed else "no problem was known")
    return f"{known}: {said}. ({address})"
