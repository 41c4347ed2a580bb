"""Every sentence that people read, in one place, in plain words. Pure: nothing here draws or asks anything."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

from dashboard.times import MINUTE, Times, ago, duration
from hevo_api import Pipeline
from monitor.board import Row, Tally
from monitor.health import Verdict, Word
from monitor.history import Change, Health, Summary
from monitor.run import Outcome, Run, Standing

NAMES: Mapping[Word, str] = {
    Word.FAILED: "Failed",
    Word.NOT_CHECKED: "Not checked recently",
    Word.UNKNOWN: "Unknown",
    Word.UNSTABLE: "Healthy, unstable",
    Word.HEALTHY: "Healthy",
    Word.PAUSED: "Paused",
}
NEEDS_ATTENTION = frozenset({Word.FAILED, Word.UNKNOWN, Word.NOT_CHECKED})

SAMPLE = "Sample data. Connect your Hevo account"
WHAT_A_PIPELINE_IS = (
    "A pipeline brings data from one place, such as Salesforce, to another, such as a data warehouse. "
    "Here you see how each one is doing."
)
ASKED = "That does not mean it worked yet."
RUN_MEANS = (
    "Hevo will fetch new and changed data now instead of waiting for the next planned time. "
    "The schedule stays as it is. If it is already running, Hevo ignores this request. It cannot be stopped from here."
)
NO_PIPELINES = "Hevo answered: this account has no pipelines."
GONE = "This pipeline no longer exists in Hevo."

OPENS = "Choose one by its name"
LONGEST_READ = 20_000
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit reads these even where each mark is escaped: addresses, and its own sign.
_LINKS = re.compile(r"\\:\\/\\/|www(?=\\\.)|\\@|\\:(?=streamlit\\:)", re.IGNORECASE)


def one_line(text: str, limit: int = 120) -> str:
    """Text from outside on one line of bounded length: no control or direction characters, no endless names."""
    shown = text[:LONGEST_READ]
    if not shown.isprintable():
        shown = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") else " " for c in shown)
    words = " ".join(shown.split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = 120) -> str:
    """The same text where Streamlit would read Markdown: every mark escaped, bare addresses not linked."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, limit))
    return _LINKS.sub(lambda found: found.group() + "\u200b", escaped)


def counted(number: int, noun: str = "pipeline") -> str:
    """'1 pipeline', '3 pipelines', '1,000 pipelines'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def headline(counts: Mapping[Word, int]) -> str:
    """The one sentence of the overview. Never good news that nobody confirmed."""
    total, paused = sum(counts.values()), counts.get(Word.PAUSED, 0)
    if total == 0:
        return NO_PIPELINES
    if counts.get(Word.NOT_CHECKED):
        return f"We cannot confirm {_all_of(total)} right now"
    if problems := sum(counts.get(word, 0) for word in NEEDS_ATTENTION):
        return f"{problems:,} of {counted(total)} need{'s' if problems == 1 else ''} attention"
    return _good_news(total, paused, counts.get(Word.UNSTABLE, 0))


def _all_of(total: int) -> str:
    return "the pipeline" if total == 1 else f"the {total:,} pipelines"


def _good_news(total: int, paused: int, unstable: int) -> str:
    running = total - paused
    if running == 0:
        return "The only pipeline is paused" if total == 1 else f"All {total:,} pipelines are paused"
    word = "working now" if unstable else "healthy"
    if paused:
        which = "The one pipeline" if running == 1 else f"All {running:,} pipelines"
        return f"{which} that {'is' if running == 1 else 'are'} on {'is' if running == 1 else 'are'} {word}"
    return f"The one pipeline is {word}" if total == 1 else f"All {total:,} pipelines are {word}"


def meaning(verdict: Verdict, last_seen: str | None = None) -> str:
    """What a word means for somebody who does not know Hevo."""
    match verdict.word:
        case Word.UNKNOWN if verdict.unrecognised:
            return f"Hevo reports something we do not recognise: {one_line(verdict.unrecognised, 60)}."
        case Word.UNKNOWN:
            return "Hevo does not say how this pipeline is doing."
        case Word.NOT_CHECKED:
            when = f" at {last_seen}" if last_seen else ""
            return f"Last known: {NAMES[verdict.last_known].lower()}{when}. We cannot confirm it now."
        case Word.PAUSED:
            off = "Turned off in Hevo. No new data until someone turns it on."
            return f"{off} Paused, and was failing before." if verdict.was_failing else off
        case Word.FAILED:
            return "Hevo reports a problem. New data may not be arriving."
        case Word.UNSTABLE:
            return f"Working now. Failed {times(verdict.failures)} in the last 24 hours."
        case _:
            return "Hevo reports no problem."


def next_step(word: Word) -> str:
    """What a person can do about it, or nothing when there is nothing to do."""
    return {
        Word.FAILED: "Running it again may help. Hevo shows the reason.",
        Word.UNKNOWN: "Look in Hevo to see what it says.",
        Word.NOT_CHECKED: "Wait for the next check.",
        Word.PAUSED: "Turn it on in Hevo first.",
    }.get(word, "")


def times(number: int) -> str:
    """'once', 'twice', '3 times'."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def since(word: Word, earliest: float | None, at: float, clock: Times) -> str:
    """'failing since between 05:40 and 06:10 (3 h 12 min)': the length counts from the later, certain moment."""
    verb = "failing " if word is Word.FAILED else ""
    length = clock.now - at
    return f"{verb}{clock.between(earliest, at)}{f' ({duration(length)})' if length >= MINUTE else ''}"


def checked(age: float, answered_at: float, clock: Times) -> str:
    """How old the picture is, and whose clock the times follow."""
    return f"Checked {ago(age)}, at {clock.at(answered_at)} ({clock.zone_name})"


def trouble(cause: str, answered: str | None, next_try: float | None, reference: str, limit: int = 100) -> str:
    """What is wrong on our side, said once, at the top; never a number or a class name."""
    next_try = math.ceil(next_try or 0)
    data = f" Data from {answered}." if answered else " Nothing has been read yet."
    last = f" Last answer {answered}." if answered else ""
    again = f" Trying again in {duration(next_try)}." if next_try else " Trying again now."
    match cause:
        case "key":
            return "Hevo did not accept our key. Nothing below is being updated. Ask the dashboard owner to renew it."
        case "permission":
            return f"Our key may not look at the pipelines. It must be made by a Hevo account owner.{data}"
        case "limit":
            check = f"Next check in {duration(next_try)}." if next_try else "Next check soon."
            return f"Hevo allows {limit} requests a minute and they are used up. {check}{data}"
        case "unreadable":
            return f"Hevo sent an answer we could not read.{data}{again} Reference {reference}."
        case "request" | "gone":
            return f"Hevo did not understand our request.{data}{again} Reference {reference}."
        case _:
            return f"Hevo is not answering.{last}{again}"


def slowed(pipelines: int, interval: float) -> str:
    """Why a very large account is looked at less often."""
    return f"With {counted(pipelines)} Hevo's limit allows a full look every {duration(interval)}."


def route(pipeline: Pipeline) -> str:
    """'Salesforce → Snowflake': where the data comes from and where it goes."""
    source = one_line(pipeline.source_type or "unknown source", 40)
    destination = one_line(pipeline.destination_name or pipeline.destination_type or "unknown destination", 60)
    return f"{source} → {destination}"


def route_and_number(pipeline: Pipeline) -> str:
    """The same with the number, which tells two pipelines of one name apart."""
    return f"{route(pipeline)} · Number {pipeline.id}" if pipeline.id else route(pipeline)


def ask_to_run(names: list[str]) -> str:
    """The question over the confirmation."""
    return f'Run "{one_line(names[0], 60)}" now?' if len(names) == 1 else f"Run {counted(len(names))} now?"


def skipped(paused: int, chosen: int) -> str:
    """'2 of your 9 are skipped: paused'."""
    verb, what = ("is", "it") if paused == 1 else ("are", "them")
    return f"{paused} of your {chosen} {verb} skipped: paused. Turn {what} on in Hevo first."


def standing(run: Run, clock: Times) -> str:
    """What became of a request so far, from waiting in line to what the next checks saw."""
    match run.standing:
        case Standing.WAITING:
            return run.why or "Waiting for its turn."
        case Standing.ASKING:
            return "Asking Hevo now."
        case Standing.ASKED:
            return _asked(run, clock)
        case Standing.IGNORED:
            return f"Not sent again: {_who_asked(run, clock)}."
        case Standing.REFUSED:
            return f"{'Not sent.' if run.status is None else 'Hevo refused.'} {run.why or ''}".strip()
        case Standing.UNCLEAR:
            unclear = "We do not know whether Hevo received the request. We are checking; please do not press again."
            return f"{unclear} {_outcome(run, clock)}".strip()


def _asked(run: Run, clock: Times) -> str:
    asked = f"Asked Hevo at {clock.at(run.answered_at or run.asked_at)}."
    return f"{asked} {_outcome(run, clock) or ASKED}"


def _outcome(run: Run, clock: Times) -> str:
    when = clock.at(run.outcome_at) if run.outcome_at else ""
    match run.outcome:
        case Outcome.HEALTHY:
            return f"Healthy at {when}."
        case Outcome.FAILING:
            return f"{'Still failing' if run.before is Word.FAILED else 'Failing'} at {when}."
        case Outcome.NO_CHANGE:
            return "No change seen after 30 minutes."
        case _:
            return ""


def _who_asked(run: Run, clock: Times) -> str:
    who, when = run.earlier or (None, run.asked_at)
    return f"{who or 'somebody'} asked for this run at {clock.at(when)}, and one a minute is enough"


def now(row: Row, clock: Times) -> str:
    """'Failed for 3 h 12 min', for the confirmation."""
    name = NAMES[row.word]
    if row.since is None or clock.now - row.since.at < MINUTE:
        return name
    at_least = "at least " if row.since.earliest is None else ""
    return f"{name} for {at_least}{duration(clock.now - row.since.at)}"


def none_match(hidden: int) -> str:
    """Why a filtered table is empty."""
    return f"No pipeline matches. {hidden:,} {'is' if hidden == 1 else 'are'} hidden. Clear the filter."


def shown(number: int, hidden: int) -> str:
    """How many rows stand in the table, and how many the filter hides."""
    return (
        f"{counted(number)} shown, {hidden:,} hidden by the filter." if hidden else f"{counted(number)}, worst first."
    )


def opens_first(offered: int) -> str:
    """What a long table's choice holds."""
    return f"One of the first {offered:,}, or search"


def since_you_looked(last_visit: float | None, clock: Times) -> str:
    """The heading of what changed: since this tab's last visit, or in the last 24 hours."""
    return f"Since you last looked, at {clock.at(last_visit)}" if last_visit else "In the last 24 hours"


def tally(changes: Tally) -> str:
    """'2 started failing, 1 recovered.'"""
    parts = [
        f"{number:,} {text}"
        for number, text in (
            (changes.started, "started failing"),
            (changes.recovered, "recovered"),
            (changes.passed, "failed and recovered"),
        )
        if number
    ]
    return f"{', '.join(parts)}." if parts else "We saw no failure begin or end."


def paused_line(names: list[str]) -> str:
    """The quiet line about what is turned off."""
    shown_names = ", ".join(one_line(name, 60) for name in names[:5])
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"{counted(len(names))} paused: {shown_names}{more}."


def strip_sentence(summary: Summary, length: float) -> str:
    """The twin of a strip: 'Last 2 h: healthy, failed once (10 min), not checked 31% of the time.'"""
    parts = [_part(word, seconds, summary.failures) for word, seconds in summary.seconds.items()]
    unchecked = min(round(100 * summary.not_checked), 99 if summary.seconds else 100)
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


def history_begins(begins: float | None, clock: Times) -> str:
    """Why history begins when it begins."""
    why = "Hevo itself remembers nothing, so there is history only for the time when somebody had this dashboard open."
    return f"{why} It begins at {clock.at(begins)}." if begins else why


def change(name: str, item: Change) -> str:
    """'Orders DB: Healthy → Failed'."""
    return f"{one_line(name, 80)}: {NAMES[item.before]} → {NAMES[item.after]}"


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


def percentage(figure: Health) -> str:
    """'98% of the watched time', or why no figure can be given."""
    return "watched too little to say" if figure.percent is None else f"{figure.percent}%"
