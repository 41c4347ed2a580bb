"""What those who do not look are told: a sentence or two for each kind of event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.times import duration
from dashboard.words.incidents import VERBS
from dashboard.words.text import counted, often, one_line
from monitor import notes
from monitor.events import Event, Kind
from monitor.store.outbox import Tally

SENTENCES: Mapping[Kind, str] = {
    Kind.FAILED: "{name} failed. Hevo reports a problem. New data may not be arriving.{often}",
    Kind.RECOVERED: "{name} {back}.{often}",
    Kind.LATE: "{name} is late. Hevo reports no problem, but it last ran much longer ago than usual.",
    Kind.PAUSED: "{name} was turned off in Hevo. No new data until someone turns it on.",
    Kind.GONE: "{name} no longer exists in Hevo.",
    Kind.REQUESTED: "Somebody asked Hevo to run {name}.",
    Kind.FINISHED: "{outcome}",
    Kind.UNCONFIRMED: "{why} We cannot confirm how the pipelines are right now.",
    Kind.CONFIRMED: "Hevo answers again. How the pipelines are is confirmed.",
    Kind.INCIDENT_OPENED: "{several} failed{together}.",
    Kind.INCIDENT_CLOSED: "It is over: {several} failed{together}. It lasted {lasted}.",
    Kind.NOTE_ADDED: "{note}",
    Kind.TEST: "This is a test.",
}
RESTLESS = "{name} fails again and again.{often} You hear of it again when it has not changed for an hour."
_OUTCOMES = {
    "healthy": "{name} was run and is healthy.",
    "failing": "{name} was run and is still failing.",
    "no change": "{name} was asked to run. No change was seen in 30 minutes.",
    "refused": "The request to run {name} was not carried out.",
    "unclear": "We do not know whether Hevo received the request to run {name}.",
}
_CAUSES = {
    "key": "Hevo did not accept our key.",
    "permission": "Our key may not look at the pipelines.",
    "limit": "Hevo's limit of requests is used up.",
    "unreadable": "Hevo sent answers we could not read.",
}
_BACK = {"paused": "is turned on again, and healthy", None: "is in Hevo again, and healthy"}


def sentence(event: Event) -> str:
    """The event for people, as plain text."""
    facts = event.facts
    name = one_line(event.pipeline[1]) if event.pipeline else ""
    text = RESTLESS if facts.get("restless") else SENTENCES[event.kind]
    several, together = name, ""
    if facts.get("pipelines", 1) > 1:
        shared = f" ({one_line(facts['shared'], 60)})" if facts.get("shared") else ""  # as a fact, no cause
        several, together = counted(facts["pipelines"]), f" together{shared}"
    return text.format(
        name=name,
        often=often(facts.get("failures", 0)),
        back=_BACK.get(facts.get("before"), "is healthy again"),
        outcome=_OUTCOMES.get(facts.get("outcome", ""), "").format(name=name),
        several=several,
        together=together,
        lasted=duration(facts.get("seconds", 0)),
        note=_note(name, facts) if event.kind is Kind.NOTE_ADDED else "",
        why=_CAUSES.get(facts.get("cause", ""), "Hevo is not answering."),
    )


def not_taken(shown: str, tally: Tally) -> str | None:
    """What the owner should know of an address that does not take what it is sent."""
    if tally.said is None:
        return None
    waiting = f" {counted(tally.waiting, 'event')} wait." if tally.waiting else ""
    given_up = f" {counted(tally.given_up, 'event')} could not be told within a day." if tally.given_up else ""
    return f"Webhooks: {shown} {tally.said}.{waiting}{given_up}"


def _note(name: str, facts: Mapping[str, Any]) -> str:
    verb = VERBS[notes.Kind(facts.get("kind", notes.Kind.NOTE))]
    typed = " (name typed, not checked)" if facts.get("typed") else ""
    about = f" about {name}" if name else ""
    said = f": {one_line(facts['text'], 280)}" if facts.get("text") else "."
    return f"{one_line(facts.get('by', 'Somebody'), 80)}{typed} {verb}{about}{said}"
