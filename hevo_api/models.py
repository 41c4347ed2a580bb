"""What Hevo tells, as plain values. Hevo leaves out optional fields [doc], so any of them may be None here.

Words such as a status are kept exactly as they came; others judge what they mean. `raw` is all that came.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a pipeline ingests: `type` (such as "FREQUENCY") and `value`, as text, its unit unknown [code]."""

    type: str | None
    value: str | None
    raw: Json = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, raw: Json) -> Schedule:
        """The value stands in `frequency` or in `schedule`; both are in use [code]."""
        return cls(*_type_and_value(raw), raw)


@dataclass(slots=True)  # not frozen: that makes reading one half as long again, and they come by the thousand
class Pipeline:
    """A pipeline: Hevo's word on it, where its data comes from and where it goes.

    `id` is text, "" when Hevo sent none. `status` is ACTIVE or INACTIVE, `health_status` OK or FAILED, each
    whatever the other is [doc]; other words are in use [code]. A missing health is None, which never means OK.
    """

    id: str
    name: str | None
    status: str | None
    health_status: str | None
    source_name: str | None
    source_type: str | None
    destination_name: str | None
    destination_type: str | None
    schedule_type: str | None
    schedule_value: str | None
    raw: Json = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, raw: Json) -> Pipeline:
        """A pipeline has no name of its own: it is called after its source [code]."""
        name, kind = _name_and_type(raw.get("source"))
        status, health_status = _text(raw.get("status")), _text(raw.get("health_status"))
        destination, schedule = _name_and_type(raw.get("destination")), _type_and_value(raw.get("schedule"))
        return cls(id_in(raw), name, status, health_status, name, kind, *destination, *schedule, raw)

    @property
    def label(self) -> str:
        """What to call it: its name if that can be seen, else its number."""
        name = (self.name or "").strip()
        if any(letter.isprintable() and letter != " " for letter in name):
            return name
        return f"Pipeline {self.id}" if self.id else "Pipeline without a number"


@dataclass(frozen=True, slots=True)
class PipelineObject:
    """One table (or the like) of a pipeline; `last_run` is in UTC.

    `status` is ACTIVE, FINISHED, PAUSED, SKIPPED, PERMISSION_DENIED, FAILED or another word [code].
    """

    name: str | None
    status: str | None
    last_run: datetime | None
    raw: Json = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, raw: Json) -> PipelineObject:
        """`last_run_ts` counts milliseconds since 1970 [code]."""
        return cls(_text(raw.get("name")), _text(raw.get("status")), _moment(raw.get("last_run_ts")), raw)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where data goes: `status` is ACTIVE or PAUSED, `health_status` OK or FAILED [code]."""

    id: str
    name: str | None
    type: str | None
    status: str | None
    health_status: str | None
    raw: Json = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, raw: Json) -> Destination:
        """The type is called what people call it, else what Hevo calls it inside."""
        status, health_status = _text(raw.get("status")), _text(raw.get("health_status"))
        return cls(id_in(raw), *_name_and_type(raw), status, health_status, raw)


def id_in(raw: Json) -> str:
    """An id as text, whether it came as a number or as text; "" when there is none."""
    value = raw.get("id")
    return str(value) if type(value) in (int, str) else ""  # True is an int, but no id


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _name_and_type(raw: object) -> tuple[str | None, str | None]:
    """Of a source or a destination; a type comes as `{name, display_name}` or as plain text [code]."""
    if not isinstance(raw, dict):
        return None, None
    name, kind = raw.get("name"), raw.get("type")
    if isinstance(kind, dict):
        kind = _text(kind.get("display_name")) or kind.get("name")
    return name if isinstance(name, str) else None, kind if isinstance(kind, str) else None


def _type_and_value(raw: object) -> tuple[str | None, str | None]:
    """Of a schedule; a number becomes text, since its unit is not known."""
    if not isinstance(raw, dict):
        return None, None
    value = raw.get("schedule") if raw.get("frequency") is None else raw["frequency"]
    return _text(raw.get("type")), str(value) if type(value) in (int, float, str) else None


def _moment(milliseconds: Any) -> datetime | None:
    """A moment in UTC, or None for what is no moment; zero is what programs write for never [guess]."""
    if type(milliseconds) in (int, float) and milliseconds > 0:
        with suppress(OverflowError):  # of infinity too
            return EPOCH + timedelta(milliseconds=milliseconds)
    return None
