"""Times for people: in the viewer's own zone, durations in plain units. Stored and measured in UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

RENAMED = {  # browsers go on reporting the old names
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def zone_named(name: str | None) -> tzinfo:
    """The browser's zone; UTC when it is missing or one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC


def duration(seconds: float) -> str:
    """At most two units, rounded down, so that nothing sounds newer or longer than it is: '3 h 12 min'."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} second{'' if whole == 1 else 's'}"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        hours, minutes = divmod(whole // MINUTE, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(whole // HOUR, 24)
    text = f"{days} day{'' if days == 1 else 's'}"
    return f"{text} {hours} h" if hours else text


def ago(seconds: float) -> str:
    """'just now' below ten seconds, else the duration with 'ago'."""
    return "just now" if seconds < 10 else f"{duration(seconds)} ago"


@dataclass(frozen=True, slots=True)
class Times:
    """Writes moments (UTC epoch seconds) as the viewer's clock shows them.

    `correction` is what a clock that was set right is off from the account's own, which goes on steadily.
    """

    zone: tzinfo
    now: float
    correction: float = 0.0

    def moment(self, at: float) -> datetime:
        """The moment in the viewer's zone."""
        return datetime.fromtimestamp(at + self.correction, self.zone)

    def at(self, at: float) -> str:
        """'09:12' today, '21 Nov, 09:12' on another day."""
        moment = self.moment(at)
        same_day = moment.date() == self.moment(self.now).date()
        return f"{moment:%H:%M}" if same_day else f"{moment.day} {moment:%b, %H:%M}"

    def when(self, at: float) -> str:
        """'09:12' today, 'yesterday 17:05', 'Friday 17:05' within a week, else '21 Nov, 09:12'."""
        moment = self.moment(at)
        days = (self.moment(self.now).date() - moment.date()).days
        if not 0 < days < 7:
            return self.at(at)
        return f"{'yesterday' if days == 1 else f'{moment:%A}'} {moment:%H:%M}"

    @property
    def zone_name(self) -> str:
        """'Asia/Kolkata time', for people: the last words of the zone's name."""
        name = getattr(self.zone, "key", "UTC")
        return f"{RENAMED.get(name, name)} time".replace("_", " ")

    def span(self, start: float, end: float) -> str:
        """'from 09:12 to 09:20'."""
        return f"from {self.at(start)} to {self.at(end)}"
