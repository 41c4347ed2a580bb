"""One request to run one pipeline: how far it has come, and what later looks made of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.health import Word

COOL_DOWN = 60.0  # seconds after an answer in which its pipeline is not asked again
FOLLOWED_FOR = 1_800.0
SETTLING = 30.0  # an outcome is told only by a look that began so long after the answer
MOST_WAITING = 500
UNDER_WAY = 10.0  # seconds after which a request has reached Hevo or never will
PATIENCE = 3_600.0  # how long a request may wait for room in Hevo's limit
PATIENCE_OF_OTHERS = 600.0  # and one that another process left behind
REMEMBERED = 500


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


@dataclass(frozen=True, slots=True)
class Request:
    """One request to run one pipeline; times are UTC epoch seconds. `why` is a code, the screen has its sentence.

    Its fields are the store's columns, in their order; the store gives it its `id` and its time.

    Codes: "unlisted", "paused", "full", "lately", "unrecorded", "no room", "left behind", "no answer", "stopped",
    "ours", or the cause of a HevoError.
    """

    id: str
    pipeline_id: str
    name: str
    by: str | None
    asked_at: float
    standing: Standing
    before: Word | None = None
    why: str | None = None
    earlier_by: str | None = None
    earlier_at: float | None = None
    sent_at: float | None = None
    answered_at: float | None = None
    status: int | None = None
    reference: str | None = None
    retry_at: float | None = None  # of what was refused but need not be again: before it a new try is ignored
    outcome: Outcome | None = None
    outcome_at: float | None = None
    seen_after: Word | None = None  # what a look right after a lost answer saw

    @property
    def earlier(self) -> tuple[str | None, float] | None:
        """Who asked for the same before, and when."""
        return None if self.earlier_at is None else (self.earlier_by, self.earlier_at)

    @property
    def is_over(self) -> bool:
        """True when nothing more will be sent for it."""
        return self.standing not in (Standing.WAITING, Standing.ASKING)

    @property
    def free_at(self) -> float:
        """From when on its pipeline may be asked again, once this is over."""
        if self.standing is Standing.REFUSED:
            return self.retry_at or self.asked_at
        return (self.answered_at or self.asked_at) + COOL_DOWN

    @property
    def is_followed(self) -> bool:
        """True while the next look may still tell what came of it."""
        if self.answered_at is None or self.standing not in (Standing.ASKED, Standing.UNCLEAR):
            return False
        told_late = self.outcome_at is not None and self.outcome_at >= self.answered_at + FOLLOWED_FOR
        return self.outcome not in (Outcome.HEALTHY, Outcome.NO_CHANGE) and not told_late

    def seen(self, word: Word | None, began: float, at: float) -> Request:
        """What a look makes of it: healthy, failing, or after 30 minutes that nothing changed."""
        if not self.is_followed or self.answered_at is None or began < self.answered_at + SETTLING:
            return self
        was_bad = self.before is not Word.HEALTHY or self.outcome is Outcome.FAILING
        if word is Word.FAILED:
            return replace(self, outcome=Outcome.FAILING, outcome_at=at)
        if word is Word.HEALTHY and was_bad:
            return replace(self, outcome=Outcome.HEALTHY, outcome_at=at)
        if at >= self.answered_at + FOLLOWED_FOR:
            return replace(self, outcome=Outcome.NO_CHANGE, outcome_at=at)
        return self

    def refused(self, why: str, at: float, arrived: bool = False) -> Request:
        """Not carried out: it may be tried again, a minute later where Hevo may have seen it."""
        retry_at = at + (COOL_DOWN if arrived else 0.0)
        return replace(self, standing=Standing.REFUSED, why=why, answered_at=at, retry_at=retry_at)

    def ignored(self, by: str | None, at: float) -> Request:
        """Nothing is sent, as this was asked for a moment ago."""
        return replace(self, standing=Standing.IGNORED, why="lately", earlier_by=by, earlier_at=at)

    def unclear(self, why: str, at: float) -> Request:
        """Hevo may have received it or not; it is never sent again by itself."""
        return replace(self, standing=Standing.UNCLEAR, why=why, answered_at=at)


def newest(requests: Sequence[Request]) -> dict[str, Request]:
    """Of each pipeline the latest one that was not ignored; they come newest first."""
    return {one.pipeline_id: one for one in reversed(requests) if one.standing is not Standing.IGNORED}
