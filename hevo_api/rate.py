"""How often we may ask: one budget for each account, shared by everything in this process.

Hevo refuses the 101st request of a user within any 60 seconds [doc]. A sliding window of 90 in 63 s never
gets there, even when requests travel at different speeds; a token bucket does, as it may send twice its size.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Literal

WINDOW = 63.0
SHARE = 0.9
FOR_PEOPLE = 20
USUAL_PAUSE = 60.0

Clock = Callable[[], float]
Priority = Literal["person", "look", "rest"]
"""Who asks: somebody who clicked, a look at the whole list, or what takes only what those leave over."""


class Window:
    """At most so many in any 63 seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, most: int) -> float:
        """0.0 when one more fits, and then it counts; else the seconds until one does."""
        with self._lock:
            now = self._clock()
            while self._ends and self._ends[0] <= now:
                self._ends.popleft()
            if len(self._ends) < most:
                self._ends.append(now + WINDOW)
                return 0.0
            return self._ends[-most] - now


class Budget:
    """What one account may ask for in this process, some of it kept for what a person clicks.

    A client has one of its own, or is given one that more than it share.
    """

    def __init__(self, requests_per_minute: int, clock: Clock) -> None:
        self.resize(requests_per_minute)
        self._clock = clock
        self._requests, self._retries = Window(clock), Window(clock)
        self._pausing = threading.Lock()
        self._paused_until = float("-inf")

    def resize(self, requests_per_minute: int) -> None:
        """Nine tenths of what Hevo allows; 20 of 90 are for people, and as many may be retries."""
        self._size = max(1, int(requests_per_minute * SHARE))
        self._kept = min(FOR_PEOPLE, self._size * 2 // 9)

    def most(self, priority: Priority) -> int:
        """How many may have gone out in the window for one more to go."""
        left_over = {"person": 0, "look": 1, "rest": 2}[priority] * self._kept
        return max(1, self._size - left_over)

    def take(self, priority: Priority) -> float:
        """0.0 when a request may be sent, and then it counts; else the seconds until one may be."""
        pause = self._paused_until - self._clock()
        return pause if pause > 0 else self._requests.take(self.most(priority))

    def take_retry(self) -> bool:
        """True when one more may be retried: all callers share a few, so that an outage is not multiplied."""
        return self._retries.take(max(1, self._kept)) == 0.0

    def pause(self, seconds: float | None) -> float:
        """Nobody asks for so long, as Hevo has had enough. Returns the seconds; a minute where it gave none."""
        seconds = USUAL_PAUSE if seconds is None else seconds
        with self._pausing:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
        return seconds


_budgets: dict[tuple[str, Clock], Budget] = {}
_budgets_lock = threading.Lock()


def budget_for(account: str, requests_per_minute: int, clock: Clock) -> Budget:
    """The one budget of an account; the newest client's limit holds for all."""
    with _budgets_lock:
        budget = _budgets.setdefault((account, clock), Budget(requests_per_minute, clock))
        budget.resize(requests_per_minute)
        return budget
