"""When to look at Hevo, and how far the last look can be trusted. Pure: it does nothing itself."""

import math

from hevo_api import HevoError

REFRESH_GAP = 15.0
COOL_DOWN = 10.0
_LIMIT_PAUSE = 60.0
_OUR_SIDE = ("key", "permission")


class Looks:
    """Looks come at exact intervals while somebody watches; less often when they fail or are large."""

    def __init__(self, interval: float, requests_per_minute: int = 100) -> None:
        self.trouble: HevoError | None = None
        self.looking = False
        self._wanted = interval
        self._per_minute = requests_per_minute
        self._pages = 1
        self._generation = 0
        self._accepted = 0
        self._started = self._due = self._not_before = self._pressed = -math.inf
        self._watched: float | None = None
        self._answered: float | None = None
        self._failures = 0

    @property
    def interval(self) -> float:
        """The seconds between two looks, which take at most half of what Hevo allows in a minute.

        One of more than half of the looks' own share (70 in 100) gets whole minutes for itself, at least two.
        """
        half = self._per_minute / 2
        fair = 60 * self._pages / half
        if self._pages > 0.7 * half:
            fair = 60 * max(2, math.ceil(self._pages / half))
        return max(self._wanted, fair)

    @property
    def slowed(self) -> bool:
        """True when the account is so large that it is looked at less often than was wished."""
        return self.interval > self._wanted

    def watch(self, now: float) -> None:
        """Somebody is watching: looks go on for two more intervals, at least for a minute."""
        self._watched = now

    def due_in(self, now: float) -> float | None:
        """Seconds until the next look should start; None while nobody watches."""
        if self._watched is None or now - self._watched > max(2 * self._wanted, 60.0):
            return None
        return 0.0 if self.looking else max(0.0, self._due - now)

    def refresh(self, now: float) -> float:
        """Make the next look due at once, or say how many seconds to wait before that is allowed."""
        if self.looking:
            return 0.0
        rested = self._started + self.interval if self.slowed else -math.inf
        wait = max(self._pressed + REFRESH_GAP, self._not_before, rested) - now
        if wait > 0:
            return wait
        self._pressed = self._due = self._watched = now
        return 0.0

    def begin(self, now: float) -> int:
        """Note that a look starts; its number orders the answers."""
        self._generation += 1
        self._started, self.looking = now, True
        return self._generation

    def succeed(self, generation: int, now: float, pages: int) -> bool:
        """Note a whole answer; False when a newer one is already there, so that this one must be dropped."""
        if generation <= self._accepted:
            return False
        self._accepted, self._answered, self._pages = generation, now, max(1, pages)
        self._failures, self.trouble = 0, None
        self._end(generation, now, self.interval - (now - self._started))
        return True

    def fail(self, generation: int, now: float, error: HevoError) -> None:
        """Note that a look failed; all wait for the same next try."""
        if generation <= self._accepted:
            return
        self._failures += 1
        self.trouble = error
        wait = self._pause_after(error)
        self._not_before = now + (wait if error.cause == "limit" else COOL_DOWN)
        self._end(generation, now, wait)

    def _end(self, generation: int, now: float, wait: float) -> None:
        if generation == self._generation:
            self.looking = False
            self._due = now + max(1.0, wait)

    def _pause_after(self, error: HevoError) -> float:
        """10, 20, 40 s, at most the interval; longer where Hevo asks for it or only a person can help."""
        longest = max(self.interval, COOL_DOWN)
        if error.cause in _OUR_SIDE:
            return longest
        if error.cause == "limit":
            return max(error.retry_after or _LIMIT_PAUSE, COOL_DOWN)
        growing = COOL_DOWN * 2.0 ** min(self._failures - 1, 10)
        return max(min(growing, longest), error.retry_after or 0.0)

    def restore(self, answered: float) -> None:
        """An answer of an earlier process is shown with its age, but confirms nothing."""
        self._answered = answered

    def age(self, now: float) -> float | None:
        """Seconds since Hevo gave the answer that is shown."""
        return None if self._answered is None else max(0.0, now - self._answered)

    def confirmed(self, now: float) -> bool:
        """True while the last look succeeded and is younger than two intervals, or five minutes."""
        age = self.age(now)
        return self._accepted > 0 and self.trouble is None and age is not None and age <= max(2 * self.interval, 300.0)
