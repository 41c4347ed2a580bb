"""What the store tells of one account, as one immutable value, and what a new answer of Hevo changes in it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from hevo_api import Pipeline
from monitor import history as frames
from monitor.freshness import Reading
from monitor.health import Word, judge
from monitor.history import History
from monitor.notes import Note, destination
from monitor.requests import Request

LATE, GONE = 1, 2
SHOWN = (
    *("name", "source_name", "source_type", "destination_name", "destination_type"),
    *("schedule_type", "schedule_value"),
)
_USER_IN_ADDRESS = re.compile(r"://\S*@")


@dataclass(frozen=True, slots=True)
class Seen:
    """One pipeline as Hevo last told of it, and since when its present word holds (ms)."""

    pipeline: Pipeline
    shown: str
    mark: int
    since_after: int | None
    since_at: int

    @property
    def state(self) -> tuple[str | None, str | None, int]:
        """What a change is a change of."""
        return self.pipeline.status, self.pipeline.health_status, self.mark

    @property
    def word(self) -> Word:
        """What Hevo's two values say; of one that is gone, what they said last."""
        return judge(self.pipeline.status, self.pipeline.health_status, self.mark == LATE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last look failed, as a code (a HevoError's cause), what stands in the log with it, and when (UTC s)."""

    cause: str
    reference: str
    at: float
    next_look_at: float


@dataclass(frozen=True)
class Known:
    """Everything that was read from the store up to `version`."""

    version: int = 0
    answered_at: float | None = None
    watched_at: float = 0.0
    wanted_at: float = 0.0
    trouble: Trouble | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)
    history: History = frames.EMPTY
    requests: Mapping[str, Request] = field(default_factory=dict)  # oldest first
    readings: Mapping[str, Reading] = field(default_factory=dict)  # when data last came in
    notes: Mapping[str, Note] = field(default_factory=dict)  # newest first

    def shares(self, key: str) -> tuple[str | None, str | None]:
        """What a pipeline's incidents may share with others: its destination, the type of its source."""
        pipeline = self.seen[key].pipeline
        return destination(pipeline), pipeline.source_type


class Difference(NamedTuple):
    """A pipeline of which something is new; `changed` when it is its state."""

    key: str
    seen: Seen
    changed: bool


@lru_cache(maxsize=4096)
def word_of(status: str | None, health: str | None, mark: int) -> Word | None:
    """The word of a state as it is kept; None for a pipeline that is gone."""
    return None if mark == GONE else judge(status, health, mark == LATE)


def keyed(listed: Sequence[Pipeline]) -> Iterator[tuple[str, Pipeline]]:
    """Each by its number; those without one of their own by their place among such, so that none hides another.

    Nul and half a letter, which JSON can tell of and not every store takes, become question marks.
    """
    keys, nameless = set[str](), 0
    for pipeline in listed:
        told = pipeline.id, pipeline.status, pipeline.health_status
        if not all(text is None or text.isprintable() for text in told):
            key, status, health = (text and whole(text) for text in told)
            pipeline = replace(pipeline, id=key or "", status=status, health_status=health)
        key = pipeline.id
        if not key or key in keys:
            nameless += 1
            key = f"?{nameless}"
        keys.add(key)
        yield key, pipeline


def differences(
    known: Mapping[str, Seen], after: int | None, listed: Sequence[Pipeline], late: frozenset[str], at: int
) -> list[Difference]:
    """What a whole answer, given at `at` (ms), changes in what was known after the last one; what it lacks is gone."""
    found, left = list[Difference](), dict(known)
    for key, pipeline in keyed(listed):
        before, mark = left.pop(key, None), LATE if key in late else 0
        if before is not None and before.pipeline == pipeline and before.mark == mark:
            continue
        seen = Seen(pipeline, shown_text(pipeline), mark, after, at)
        if before is not None and before.word is seen.word:  # goes on, whatever the raw values did, gone or not
            seen = replace(seen, since_after=before.since_after, since_at=before.since_at)
        changed = before is None or before.state != seen.state
        if before is None or changed or before.shown != seen.shown:
            found.append(Difference(key, seen, changed))
    gone = ((key, before) for key, before in left.items() if before.mark != GONE)
    return found + [Difference(key, replace(before, mark=GONE), True) for key, before in gone]


def whole(text: str) -> str:
    """The text without nul and halves of letters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def shown_text(pipeline: Pipeline) -> str:
    """What the pages show of a pipeline, as JSON: no webhook's address, no user and password in an address."""
    told = (getattr(pipeline, name) for name in SHOWN)
    return json.dumps([text and _USER_IN_ADDRESS.sub("://…@", text) for text in told], separators=(",", ":"))


def pipeline_from(pipeline_id: str, shown: str, status: str | None, health: str | None) -> Pipeline:
    """The pipeline again, without anything that is not shown."""
    told = dict(zip(SHOWN, json.loads(shown), strict=True))
    number = "" if pipeline_id.startswith("?") else pipeline_id
    return Pipeline(id=number, status=status, health_status=health, **told)
