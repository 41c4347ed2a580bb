"""One request to run one pipeline: how far it has come, what later looks saw, and its line in the log."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from monitor.health import Word

COOL_DOWN = 60.0
FOLLOWED_FOR = 1_800.0
REQUEST_TIME = 10.0
_STOPPED_MIDWAY = "The dashboard stopped before Hevo's answer came. We do not know whether Hevo received the request."
STOPPED = "The dashboard stopped before this was sent."


class Standing(StrEnum):
    """How far a request has come."""

    WAITING = "waiting"
    ASKING = "asking"
    ASKED = "asked"
    IGNORED = "ignored"
    REFUSED = "refused"
    UNCLEAR = "unclear"


class Outcome(StrEnum):
    """What later looks saw of a pipeline that was asked to run."""

    HEALTHY = "healthy"
    FAILING = "failing"
    NO_CHANGE = "no change"


@dataclass(frozen=True)
class Run:
    """One request to run one pipeline, as far as it has come; all times are UTC epoch seconds."""

    id: str
    pipeline_id: str
    name: str
    by: str | None
    asked_at: float
    standing: Standing
    before: Word | None = None
    why: str | None = None
    earlier: tuple[str | None, float] | None = None
    sent_at: float | None = None
    answered_at: float | None = None
    status: int | None = None
    reference: str | None = None
    retry_at: float | None = None
    outcome: Outcome | None = None
    outcome_at: float | None = None

    @property
    def is_over(self) -> bool:
        """True when nothing more will be sent for it."""
        return self.standing not in (Standing.WAITING, Standing.ASKING)

    @property
    def may_retry(self) -> bool:
        """True for what was refused but need not be again; before `retry_at` a new try is ignored."""
        return self.retry_at is not None

    @property
    def free_at(self) -> float:
        """From when on its pipeline may be asked again, once it is over."""
        if self.retry_at is not None:
            return self.retry_at
        return (self.answered_at or self.asked_at) + COOL_DOWN

    @property
    def is_followed(self) -> bool:
        """True while the next look may still tell what came of it."""
        if self.answered_at is None or self.standing not in (Standing.ASKED, Standing.UNCLEAR):
            return False
        told_late = self.outcome_at is not None and self.outcome_at >= self.answered_at + FOLLOWED_FOR
        return self.outcome not in (Outcome.HEALTHY, Outcome.NO_CHANGE) and not told_late

    def seen(self, word: Word | None, at: float) -> "Run":
        """What a look at `at` makes of it: healthy, failing, or after 30 minutes that nothing changed."""
        was_bad = self.before is not Word.HEALTHY or self.outcome is Outcome.FAILING
        if word is Word.FAILED:
            return replace(self, outcome=Outcome.FAILING, outcome_at=at)
        if word is Word.HEALTHY and was_bad:
            return replace(self, outcome=Outcome.HEALTHY, outcome_at=at)
        if self.answered_at is not None and at >= self.answered_at + FOLLOWED_FOR:
            return replace(self, outcome=Outcome.NO_CHANGE, outcome_at=at)
        return self

    def after_a_stop(self) -> "Run":
        """What a restart makes of it: under way is unclear, waiting was not sent; nothing is sent again."""
        if self.is_over or self.sent_at is None:
            return self
        ended = self.sent_at + REQUEST_TIME
        if self.standing is Standing.ASKING:
            return replace(self, standing=Standing.UNCLEAR, why=_STOPPED_MIDWAY, answered_at=ended)
        return replace(self, standing=Standing.REFUSED, why=STOPPED, answered_at=ended, retry_at=ended + COOL_DOWN)


def to_record(run: Run, at: float) -> dict[str, Any]:
    """The run as a line of the log written at `at`."""
    written_at = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    told = {name: value for name, value in asdict(run).items() if value is not None or name == "by"}
    return {"at": written_at, "what": "run now", **told}


def from_record(record: Mapping[str, Any]) -> Run | None:
    """The run that a line of the log tells of; None unless each field is of its kind."""
    try:
        return Run(**{name: read(record.get(name)) for name, read in _READERS.items()})
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no number")
    return value


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "pipeline_id", "name"), _text),
    **dict.fromkeys(("by", "why", "reference"), _or_none(_text)),
    **dict.fromkeys(("asked_at", "sent_at"), _number),
    **dict.fromkeys(("answered_at", "status", "retry_at", "outcome_at"), _or_none(_number)),
    "standing": Standing,
    "before": _or_none(Word),
    "outcome": _or_none(Outcome),
}
