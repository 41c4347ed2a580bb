"""When to look at Hevo next. Pure: it does nothing itself; times are seconds of the account's clock."""

import math

from hevo_api import HevoError

CONFIRMED_FOR = 300.0
REFRESH_GAP = 15.0
COOL_DOWN = 10.0
LONGEST_PAUSE = 300.0  # seconds that Hevo may ask for
_LIMIT_PAUSE = 60.0
_OUR_SIDE = ("key", "permission")


class Schedule:
    """Looks come at exact intervals: short ones while somebody watches, long ones while nobody does (0: none at all);
    less often when they fail or are large.

    `began`: when the last look did, here or elsewhere; `looking`: not all know yet what came of it.
    """

    def __init__(self, interval: float, unwatched: float = 0.0, requests_per_minute: int = 100) -> None:
        self._wanted, self._unwatched, self._per_minute = interval, unwatched, requests_per_minute
        self.looking = False
        self.began = self.watched = self.wished = self._not_before = -math.inf
        self._rest = 0.0  # after the last look that failed; the interval decides after others
        self.succeed(pages=1)

    @property
    def slowed(self) -> bool:
        """True when the account is so large that it is looked at less often than was wished."""
        return self.interval > self._wanted

    def watch(self, now: float) -> None:
        """Somebody is watching: looks go on for two more intervals, at least for a minute."""
        self.watched = max(self.watched, now)

    def is_watched(self, now: float) -> bool:
        """True while somebody may still be there."""
        return now - self.watched <= max(2 * self._wanted, 60.0)

    def pace(self, now: float) -> float | None:
        """The seconds between two looks as things are; None while nobody watches and none are wanted then."""
        if self.is_watched(now):
            return self.interval
        return max(self._unwatched, self.interval) if self._unwatched else None

    def due_in(self, now: float) -> float | None:
        """Seconds until the next look should start; None when none is planned."""
        if self.looking:
            return 0.0 if self.pace(now) is not None else None
        if self.wished > max(self.began, 0.0):  # 0: nobody ever wished for one
            return max(0.0, self._not_before - now)
        pace = self.pace(now)
        if pace is None:
            return None
        if not self._failures:
            return max(0.0, self.began + pace - now)
        return max(0.0, self.began + min(self._rest, max(pace, COOL_DOWN)) - now, self._not_before - now)

    def hold(self, now: float) -> float:
        """How long a look holds by the plan of now."""
        return hold_for(self.pace(now) or self.interval)

    def refresh(self, now: float) -> float:
        """Make the next look due at once, or say how many seconds to wait before that is allowed."""
        if self.looking:
            return 0.0
        rested = self.began + self.interval if self.slowed else -math.inf
        wait = max(self.wished + REFRESH_GAP, self._not_before, rested) - now
        if wait > 0:
            return wait
        self.wish(now)
        return 0.0

    def wish(self, now: float) -> None:
        """Somebody, perhaps on another server, asked for a fresh look at that time."""
        self.wished = max(self.wished, now)

    def set_back(self, now: float) -> None:
        """Nothing lies in the future, though a shared store's clock was set back: nobody waits for that time."""
        self.began, self.watched, self.wished = (min(each, now) for each in (self.began, self.watched, self.wished))
        self._not_before = min(self._not_before, now + LONGEST_PAUSE)

    def succeed(self, pages: int) -> None:
        """Note a whole answer. Looks take at most half of what Hevo allows in a minute.

        One of more than half of the looks' own share (70 in 100) gets whole minutes for itself, at least two.
        """
        self._failures, half = 0, self._per_minute / 2
        minutes = pages / half if pages <= 0.7 * half else max(2, math.ceil(pages / half))
        self.interval = max(self._wanted, 60.0 * minutes)  # seconds between two looks while somebody watches

    def fail(self, now: float, error: HevoError) -> float:
        """Note that a look failed; all wait for the same next try, in so many seconds.

        10, 20, 40 s, at most the interval; longer where Hevo asks for it or only a person can help.
        """
        self._failures += 1
        longest = max(self.pace(now) or self.interval, COOL_DOWN)
        if error.cause in _OUR_SIDE:
            wait = longest
        elif error.cause == "limit":
            wait = max(error.retry_after or _LIMIT_PAUSE, COOL_DOWN)
        else:
            growing = COOL_DOWN * 2.0 ** min(self._failures - 1, 10)
            wait = max(min(growing, longest), error.retry_after or 0.0)
        self._not_before = now + max(COOL_DOWN, wait if error.cause == "limit" else error.retry_after or 0.0)
        self._rest = now + wait - self.began
        return max(wait, self._not_before - now)


def hold_for(pace: float) -> float:
    """How long a look holds: twice the time to the next one that is planned, at least a minute."""
    return max(2 * pace, 60.0)
