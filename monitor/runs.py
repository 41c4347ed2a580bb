"""Requests to run pipelines: at most one a minute for each, one after another, followed up by later looks."""

import logging
import math
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from hevo_api import HevoError
from monitor.health import Word
from monitor.run import COOL_DOWN, REQUEST_TIME, STOPPED, Run, Standing, from_record, to_record
from monitor.run_log import RunLog

logger = logging.getLogger(__name__)
LONGEST_WAIT = 3_600.0
REMEMBERED_FOR = 86_400.0
REMEMBERED = 500
# The fifth that the client keeps for what people cause, in its own window: the rest is for the looks.
_SHARE, _WINDOW = 0.2, 63.0
_LIMIT_PAUSE = 60.0
_LOST_IN_A_ROW = 3

_LATELY = "It was asked a moment ago, so nothing more was sent."
_FULL = "Too many runs are waiting already. Try again when they are done."
_NO_LOG = "The log of runs cannot be written, so nothing is sent."
_TOO_LATE = "Hevo's limit left no room for an hour, so this was not sent."
_NO_ANSWER = "Hevo did not answer the runs before this one, so it was not sent."
_OUR_FAULT = "Something went wrong here. We do not know whether Hevo received the request."


class Runs:
    """All requests of one account, whoever made them; pages see them, one worker sends them."""

    def __init__(
        self,
        send: Callable[[str], int],
        log: RunLog | None,
        changed: threading.Condition,
        clock: Callable[[], float],
        utc: Callable[[], float],
        requests_per_minute: int = 100,
    ) -> None:
        self._send, self._log = send, log
        self._changed, self._clock, self._utc = changed, clock, utc
        self._most = max(1, int(_SHARE * requests_per_minute))
        self._all: dict[str, Run] = {}
        self._waiting: deque[str] = deque()
        self._lately: dict[str, tuple[Run, float]] = {}
        self._sent: deque[float] = deque(maxlen=self._most)
        self._resume = -math.inf
        self._lost = 0
        self.version = 0
        self._restore()

    def all(self) -> tuple[Run, ...]:
        """Every remembered request, the newest first."""
        return tuple(reversed(self._all.values()))

    def ask(
        self,
        pipeline_id: str,
        name: str,
        by: str | None,
        at: float,
        before: Word | None,
        refusal: str | None,
    ) -> Run:
        """Queue one request, unless it is refused or this pipeline was asked less than a minute ago."""
        with self._changed:
            run = Run(uuid.uuid4().hex, pipeline_id, name, by, at, Standing.WAITING, before)
            earlier = self._asked_lately(pipeline_id)
            if refusal or len(self._waiting) >= REMEMBERED:
                run = replace(run, standing=Standing.REFUSED, why=refusal or _FULL)
            elif earlier:
                run = replace(run, standing=Standing.IGNORED, why=_LATELY, earlier=(earlier.by, earlier.asked_at))
            else:
                self._waiting.append(run.id)
                self._lately[pipeline_id] = (run, math.inf)
            return self._note(run)

    def _asked_lately(self, pipeline_id: str) -> Run | None:
        """The request that keeps this pipeline from being asked again for now."""
        earlier, free_at = self._lately.get(pipeline_id, (None, -math.inf))
        return earlier if self._clock() < free_at else None

    def due_in(self) -> float | None:
        """Seconds until the next request may be sent; None when none is waiting."""
        if not self._waiting:
            return None
        full = len(self._sent) == self._most
        free_at = self._sent[0] + _WINDOW if full else -math.inf
        return max(0.0, free_at - self._clock(), self._resume - self._clock())

    def send_next(self) -> None:
        """Send the one that waited longest: it leaves the queue and is logged before its request goes out."""
        run = self._take()
        if run is None:
            return
        if not self._write(run):
            self._refuse(run, _NO_LOG, arrived=False)
            return
        self._write(self._ask_hevo(run))

    def _take(self) -> Run | None:
        with self._changed:
            if not self._waiting:
                return None
            run = self._all[self._waiting.popleft()]
            if self._utc() - run.asked_at > LONGEST_WAIT:
                self._refuse(run, _TOO_LATE, arrived=run.sent_at is not None)
                return None
            self._sent.append(self._clock())
            return self._note(replace(run, standing=Standing.ASKING, why=None, sent_at=self._utc()))

    def _ask_hevo(self, run: Run) -> Run:
        """The run as Hevo's answer leaves it; whatever may have arrived is never sent again by itself."""
        try:
            status = self._send(run.pipeline_id)
        except HevoError as error:
            return self._failed(run, error)
        except Exception:
            logger.exception("A run ended in an error of our own.")
            return self._settle(replace(run, standing=Standing.UNCLEAR, why=_OUR_FAULT), arrived=True)
        self._lost = 0
        return self._settle(replace(run, standing=Standing.ASKED, status=status), arrived=True)

    def _failed(self, run: Run, error: HevoError) -> Run:
        if error.cause == "limit":
            return self._wait_for_limit(run, error)
        unclear = error.cause in ("unclear", "unreadable")
        standing = Standing.UNCLEAR if unclear else Standing.REFUSED
        told = replace(run, standing=standing, why=error.sentence, status=error.status, reference=error.reference)
        settled = self._settle(told, arrived=unclear or error.status is not None)
        self._spare_the_others(error)
        return settled

    def _wait_for_limit(self, run: Run, error: HevoError) -> Run:
        """Hevo did not take it: it goes first when the limit allows, a minute later if Hevo saw it."""
        pause = error.retry_after or _LIMIT_PAUSE
        with self._changed:
            self._resume = self._clock() + (max(pause, COOL_DOWN) if error.status is not None else pause)
            self._waiting.appendleft(run.id)
            return self._note(replace(run, standing=Standing.WAITING, why=error.sentence))

    def _spare_the_others(self, error: HevoError) -> None:
        """A key that may not, or three lost answers in a row, will not get better with the next request."""
        self._lost = self._lost + 1 if error.cause in ("unclear", "unreadable", "down") else 0
        if error.cause in ("key", "permission"):
            self._refuse_waiting(error.sentence)
        elif self._lost >= _LOST_IN_A_ROW:
            self._lost = 0
            self._refuse_waiting(_NO_ANSWER)

    def _refuse_waiting(self, why: str) -> None:
        with self._changed:
            while self._waiting:
                run = self._all[self._waiting.popleft()]
                self._refuse(run, why, arrived=run.sent_at is not None)

    def stop(self) -> None:
        """Send nothing more; what is waiting is refused."""
        self._refuse_waiting(STOPPED)

    def _refuse(self, run: Run, why: str, arrived: bool) -> None:
        self._settle(replace(run, standing=Standing.REFUSED, why=why), arrived)

    def _settle(self, run: Run, arrived: bool) -> Run:
        """Note how it ended; what may have arrived keeps its pipeline from being asked again for a minute."""
        with self._changed:
            wait = COOL_DOWN if arrived else 0.0
            self._lately[run.pipeline_id] = (run, self._clock() + wait)
            now = self._utc()
            retry_at = now + wait if run.standing is Standing.REFUSED else None
            return self._note(replace(run, answered_at=now, retry_at=retry_at))

    def observe(self, started: float, at: float, words: Mapping[str, Word]) -> list[Run]:
        """Let a look that began after the answer to a run tell what came of it; returns those with news."""
        new = []
        for run in list(self._all.values()):
            if run.is_followed and run.answered_at is not None and run.answered_at <= started:
                seen = run.seen(words.get(run.pipeline_id), at)
                if seen is not run:
                    self._note(seen)
                    new.extend([seen] if seen.outcome is not run.outcome else [])
        return new

    def log(self, runs: Iterable[Run]) -> None:
        """Write what became of these runs; a log that cannot be written is told in the other log."""
        for run in runs:
            self._write(run)

    def _note(self, run: Run) -> Run:
        """Show this state of the run to everybody, and forget the oldest ones that are over."""
        self._all[run.id] = run
        self.version += 1
        self._forget()
        self._changed.notify_all()
        return run

    def _forget(self) -> None:
        """Keep a day's requests, at most 500; what is still waiting is always kept."""
        oldest_kept = self._utc() - REMEMBERED_FOR
        while (old := next((run for run in self._all.values() if run.is_over), None)) is not None:
            if len(self._all) <= REMEMBERED and old.asked_at >= oldest_kept:
                break
            del self._all[old.id]

    def _write(self, run: Run) -> bool:
        """False when the log cannot be written."""
        try:
            if self._log is None:
                raise OSError("no place for a log was given")
            self._log.write(to_record(run, self._utc()))
        except OSError as error:
            logger.error("The log of runs cannot be written: %s", error.strerror or error)
            return False
        return True

    def _restore(self) -> None:
        """Take up what the log tells of the last day; nothing in it is sent again."""
        now, utc = self._clock(), self._utc()
        told = {run.id: run for record in (self._log.read() if self._log else []) if (run := from_record(record))}
        for run in told.values():
            stopped = run.after_a_stop()
            longest = COOL_DOWN + REQUEST_TIME
            self._lately[run.pipeline_id] = (stopped, now + min(longest, stopped.free_at - utc))
            with self._changed:
                self._note(stopped)
