"""What people write: that somebody is on it, a note, planned work; and the rules of writing. What each covers, `Judged`
knows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass
from enum import StrEnum

from hevo_api import Pipeline
from monitor.incidents import CALM, Incidents

LONGEST_TEXT, LONGEST_NAME = 280, 80
LONGEST_PLAN = 7 * 86_400.0
FARTHEST_PLAN = 90 * 86_400.0
ANNOUNCED = 86_400.0  # seconds before planned work begins
SLACK = 600.0  # seconds that a form may have been open: what was to begin meanwhile begins now
MOST_A_MINUTE, MOST_KEPT = 10, 10_000


class Kind(StrEnum):
    ON_IT = "on it"
    NOTE = "note"
    PLANNED = "planned"


class About(StrEnum):
    """What a note covers. Pipelines are fixed when it is written; who belongs to the others is asked anew each time."""

    PIPELINES = "pipelines"
    DESTINATION = "destination"
    REPORT = "report"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Note:
    """Times are UTC epoch seconds. `of`: numbers of pipelines, or the one name of what it is about; `typed`: nobody
    checked who it is by; `id` is empty until it is written; `taken_at`: when somebody took it back, or ended it."""

    kind: Kind
    about: About
    of: tuple[str, ...]
    text: str
    by: str
    typed: bool = True
    begins: float = 0.0
    ends: float | None = None
    written_at: float = 0.0
    id: str = ""
    taken_at: float | None = None
    taken_by: str | None = None

    @property
    def until(self) -> float:
        """When planned work is over, or was called off."""
        return min(self.ends or self.begins, self.begins + LONGEST_PLAN, self.taken_at or float("inf"))

    def is_planned_at(self, at: float) -> bool:
        return self.kind is Kind.PLANNED and self.begins <= at < self.until

    def is_announced_at(self, at: float) -> bool:
        """True from a day before planned work until it ends."""
        return self.kind is Kind.PLANNED and self.begins - ANNOUNCED <= at < self.until


def cleaned(text: str) -> str:
    """On one line, without what cannot be seen."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:10_000])
    return " ".join(shown.split())


def refusal(
    note: Note, pipelines: frozenset[str], known: Collection[str], incidents: Incidents, at: float
) -> str | None:
    """Why this may not be written, as a code; None where it may. Asked in the action itself.

    `pipelines`: those that it covers; `known`: all that there are, or were.
    """
    if not note.by:
        return "nobody"
    if len(note.text) > LONGEST_TEXT or len(note.by) > LONGEST_NAME:
        return "long"
    if not note.text and note.kind is not Kind.ON_IT:
        return "empty"
    if not pipelines or (note.about is About.PIPELINES and not pipelines <= set(known)):
        return "nothing there"
    if note.kind is Kind.PLANNED:
        return _plan_refusal(note, at)
    if note.kind is Kind.ON_IT and not is_on(note, pipelines, incidents, at):
        return "all well"
    return None


def _plan_refusal(note: Note, at: float) -> str | None:
    if note.ends is None or not note.begins < note.ends:
        return "backwards"
    if note.begins < at - SLACK or note.ends <= at:
        return "past"
    if note.ends - note.begins > LONGEST_PLAN:
        return "too long"
    return "far" if note.begins > at + FARTHEST_PLAN else None


def destination(pipeline: Pipeline) -> str | None:
    """What a pipeline's destination is called, here and in incidents."""
    return pipeline.destination_name or pipeline.destination_type


def is_on(note: Note, pipelines: Set[str], incidents: Incidents, at: float) -> bool:
    """True until all that it covers were well for half an hour; never again after that."""
    moment, last = round(at * 1000), incidents.last
    end_at = incidents.own["end_at"].to_numpy()
    if not any(end_at[last[one]] + CALM > moment for one in pipelines if one in last):
        return False
    reach = round((note.written_at or at) * 1000)
    own = incidents.own[incidents.own["pipeline"].isin(pipelines) & (end_at + CALM > reach)]
    for begin, end in zip(own["at"], own["end_at"] + CALM, strict=True):
        if begin > reach:
            break
        reach = max(reach, end)
    return reach > moment
