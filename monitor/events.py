"""What is told to those who do not look: the kinds of events, and what a look makes of what an address knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from monitor import incidents as inc
from monitor.health import Word
from monitor.incidents import CALM, OPEN, Incident, Incidents
from monitor.known import Difference, Known, word_of
from monitor.notes import About, Note
from monitor.requests import Request, Standing

Planned = Callable[[float], frozenset[str]]
HOUR, DAY = 3_600_000, 86_400_000
RESTLESS = 3  # failures within an hour, above which a pipeline is told of once and not at each turn


class Kind(StrEnum):
    """What an event is called. To add one: its name here, its sentence in dashboard/words/events.py, and docs/."""

    FAILED = "pipeline.failed"
    RECOVERED = "pipeline.recovered"
    LATE = "pipeline.late"
    PAUSED = "pipeline.paused"
    GONE = "pipeline.gone"
    REQUESTED = "run.requested"
    FINISHED = "run.finished"
    UNCONFIRMED = "account.unconfirmed"
    CONFIRMED = "account.confirmed"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_CLOSED = "incident.closed"
    NOTE_ADDED = "note.added"
    TEST = "test"


# What an address hears that names no kinds: incidents would say the same a second time.
INCIDENTS = frozenset({Kind.INCIDENT_OPENED, Kind.INCIDENT_CLOSED})
USUAL = frozenset(Kind) - INCIDENTS - {Kind.NOTE_ADDED}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that came about at `at` (ms). With its kind and time, `about` tells it from every other event.

    `pipeline`: key in the store and name, where it is about one. `facts`: what else its kind has to tell, as JSON.
    """

    kind: Kind
    at: int
    about: str = ""
    pipeline: tuple[str, str] | None = None
    word: Word | None = None
    since: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> str | None:
        """Its pipeline's number in Hevo, if it has one."""
        return self.pipeline[0] if self.pipeline and not self.pipeline[0].startswith("?") else None

    def body(self, sentence: str, link: str | None) -> dict[str, Any]:
        """The event as it is sent."""
        data: dict[str, Any] = {
            "pipeline": self.pipeline and {"id": self.number, "name": self.pipeline[1]},
            "word": self.word and self.word.value,
            "since": None if self.since is None else written(self.since),
            "sentence": sentence,
            "link": link,
        }
        return {"type": self.kind.value, "timestamp": written(self.at), "data": {**data, **self.facts}}


@dataclass(frozen=True, slots=True)
class Told:
    """What an address was told last of a pipeline that it may have to hear of; there is none where it knows all.

    `word`: None for one that was gone. `changed_at`: its last change (ms). `restless`: it is told to be so.
    """

    word: Word | None
    changed_at: int
    restless: bool = False


def hear(told: Told, word: Word | None, at: int, patience: int, failures: int) -> tuple[Told | None, Kind | None]:
    """What an address then knows of a pipeline that stands at `word` (None: gone), and the kind of event it hears.

    Nothing is told that did not last `patience` ms. After more than 3 `failures` within an hour it hears that once,
    and the next thing when the pipeline has not changed for an hour, or is turned off or gone.
    """
    lasted, by_hand = at - told.changed_at, word in (None, Word.PAUSED)
    if told.restless and not by_hand:
        if lasted < HOUR:
            return told, None
    elif word is Word.FAILED and failures > RESTLESS:
        return replace(told, word=word, restless=True), Kind.FAILED
    elif lasted < patience:
        return told, None
    if word is Word.UNKNOWN:  # what Hevo says may mean anything: it is told when we know
        return replace(told, restless=False), None
    is_known = told.word is word or (told.word is Word.UNKNOWN and word is Word.HEALTHY)
    return None, None if is_known else _KINDS[word]


_KINDS = {  # whatever was told of a pipeline ends with its recovery
    Word.FAILED: Kind.FAILED,
    Word.LATE: Kind.LATE,
    Word.PAUSED: Kind.PAUSED,
    Word.HEALTHY: Kind.RECOVERED,
    None: Kind.GONE,
}


def turned(before: Known, found: Sequence[Difference], at: int) -> dict[str, Told]:
    """The pipelines whose word a look has changed, each with the one before; a new one was well, if it is on now."""
    told = {}
    for key, seen, _ in found:
        old, word = before.seen.get(key), word_of(*seen.state)
        was = word_of(*old.state) if old else Word.PAUSED if word is Word.PAUSED else Word.HEALTHY
        if was is not word:
            told[key] = Told(was, at)
    return told


def of_incidents(before: Incidents, now: Incidents, names: Mapping[str, str], planned: Planned) -> list[Event]:
    """Those that a look saw begin, once for all that began together, and those that have been over for half an hour.

    `planned`: the pipelines under planned work at a moment (UTC seconds). What begins under it is told when the work is
    over, if it still goes on then.
    """
    if not (now.own["end_at"] > before.seen - CALM).any():  # as at most looks
        return []
    events = []
    for one in inc.told(now, inc.listed(now, before.seen - CALM, OPEN)):
        pipeline = one.pipelines[0], names.get(one.pipelines[0], one.pipelines[0])
        shared = one.name or None
        facts = {"incident": one.key, "pipelines": len(one.pipelines), "shared": shared, "failures": one.count}
        began = round(one.began * 1000)
        if _opens(one, before.seen, now.seen, planned):
            events.append(Event(Kind.INCIDENT_OPENED, began, one.key, pipeline, since=began, facts=facts))
        if one.ended is not None and _closes(one, one.ended, before.seen, now.seen, planned):
            ended = round(one.ended * 1000)
            lasted = {"seconds": (ended - began) // 1000}
            events.append(Event(Kind.INCIDENT_CLOSED, ended, one.key, pipeline, since=began, facts=facts | lasted))
    return events


def _opens(one: Incident, before: int, now: int, planned: Planned) -> bool:
    """True when it goes on, and has just begun or was hidden by planned work until now."""
    if one.ended is not None or planned(now / 1000).issuperset(one.pipelines):
        return False
    was_hidden = all(planned(at).issuperset(one.pipelines) for at in (one.began, before / 1000))
    return round(one.began * 1000) > before or was_hidden


def _closes(one: Incident, ended: float, before: int, now: int, planned: Planned) -> bool:
    """True when half an hour of health is just over; not of one that nobody heard of, as it lay in planned work."""
    if not before - ended * 1000 < CALM <= now - ended * 1000:
        return False
    return not all(planned(at).issuperset(one.pipelines) for at in (one.began, ended))


def of_note(note: Note) -> Event:
    """That somebody wrote something, or is on it, or planned work."""
    pipeline = (note.of[0], note.of[0]) if note.about is About.PIPELINES and note.of else None
    facts = {"kind": note.kind.value, "text": note.text, "by": note.by, "typed": note.typed}
    return Event(Kind.NOTE_ADDED, round(note.written_at * 1000), note.id, pipeline, facts=facts)


def of_request(request: Request) -> list[Event]:
    """That somebody asked for a run, and what became of it once that is known; none of what was refused at once."""
    if request.standing is Standing.IGNORED or request.why in ("unlisted", "paused", "full", "unrecorded"):
        return []
    pipeline = request.pipeline_id, request.name
    asked_at = round(request.asked_at * 1000)
    events = [Event(Kind.REQUESTED, asked_at, request.id, pipeline, request.before)]
    if request.is_over and not request.is_followed:
        ended = request.outcome_at or request.answered_at or request.asked_at
        outcome = {"outcome": request.outcome.value if request.outcome else request.standing.value}
        events.append(Event(Kind.FINISHED, round(ended * 1000), request.id, pipeline, facts=outcome))
    return events


def written(ms: int) -> str:
    """'2026-11-21T05:40:02.113Z'"""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
