"""The time everything goes by: UTC seconds that no jump of the wall clock moves."""

from __future__ import annotations

import time
from collections.abc import Callable


def steady() -> float:
    """Seconds that no change of the wall clock moves, counted on while the machine sleeps if it can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Clock:
    """Calling it gives UTC epoch seconds: the wall clock's at the start, or a shared store's, counted on steadily."""

    def __init__(self, steady: Callable[[], float] = steady, wall: Callable[[], float] = time.time) -> None:
        self.steady, self._wall = steady, wall
        self._epoch = wall() - steady()
        self._follows = False

    def __call__(self) -> float:
        return self._epoch + self.steady()

    def follow(self, now: float) -> None:
        """Goes by the clock of a store that several servers share."""
        self._epoch, self._follows = now - self.steady(), True

    @property
    def correction(self) -> float:
        """What to add to a moment when it is shown, after somebody has set the wall clock right; else 0."""
        moved = self._wall() - self()
        return 0.0 if self._follows or abs(moved) < 2 else moved
