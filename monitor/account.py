"""One Hevo account as all its viewers share it: what was seen last, when to look again, what was run."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hevo_api import HevoClient, HevoError, Pipeline, UnreadableAnswer, is_valid_id
from monitor.health import judge
from monitor.history import History, State, hold_for
from monitor.looks import Looks
from monitor.run import Run
from monitor.run_log import RunLog
from monitor.runs import Runs
from monitor.snapshot import Snapshot, SnapshotFile, without_secrets
from monitor.watcher import Worker

logger = logging.getLogger(__name__)
_TURNED_OFF = ("INACTIVE", "PAUSED")
_REMEMBERED_FOR = 86_400.0

_UNKNOWN = "This pipeline was not in Hevo's last answer, so nothing was sent."
_PAUSED = "This pipeline is paused. Turn it on in Hevo first."


def steady_clock() -> float:
    """Seconds that no change of the wall clock moves, counted on while the machine sleeps if it can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass(frozen=True)
class View:
    """What is known at one moment. `at` and all times are UTC epoch seconds by the account's own clock."""

    at: float
    snapshot: Snapshot | None
    age: float | None
    confirmed: bool
    trouble: HevoError | None
    next_look_in: float | None
    looking: bool
    progress: int | None
    interval: float
    slowed: bool
    history: History
    runs: tuple[Run, ...]
    version: Hashable


class Account:
    """Looks at Hevo for everybody and sends the runs; outlives the pages, which only read it and ask it.

    Without a `data_dir` nothing about the account is kept on disk. Runs are refused without a place for their
    log: `data_dir`, or a `run_log` of one's own. A `fingerprint` names an account whose address changes, such as the
    embedded sandbox's, by what stays.
    """

    def __init__(
        self,
        client: HevoClient,
        *,
        interval: float = 60.0,
        data_dir: Path | None = None,
        run_log: RunLog | None = None,
        fingerprint: str | None = None,
        requests_per_minute: int = 100,
        clock: Callable[[], float] = steady_clock,
        wall: Callable[[], float] = time.time,
        threads: bool = True,
    ) -> None:
        self.client, self.fingerprint = client, fingerprint or client.fingerprint
        self._clock, self._epoch = clock, wall() - clock()
        self._changed = threading.Condition()
        self._looks = Looks(interval, requests_per_minute)
        self._history = History(hold_for(interval))
        self._remembered = self._history.snapshot()
        self._snapshot: Snapshot | None = None
        self._progress: int | None = None
        self._closed = False
        if run_log is None and data_dir is not None:
            run_log = RunLog(data_dir / "runs.jsonl", self.fingerprint)
        self._runs = Runs(client.run_pipeline, run_log, self._changed, clock, self._utc, requests_per_minute)
        self._watcher = Worker("looks at Hevo", self._changed, self._look_due_in, self._look, threads)
        self._sender = Worker("sends runs", self._changed, self._runs.due_in, self._runs.send_next, threads)
        self._disk = SnapshotFile(data_dir, self.fingerprint) if data_dir else None
        self._restore()

    def __repr__(self) -> str:
        return f"Account({self.fingerprint})"

    def view(self, wait: float = 0.0, watching: bool = True) -> View:
        """What is known now, at once; only before the first answer may it take up to `wait` seconds."""
        with self._changed:
            if watching and not self._closed:
                self._looks.watch(self._clock())
                self._watcher.wake()
                self._changed.wait_for(lambda: not self._is_cold(), wait)
            return self._picture(self._clock())

    def refresh_now(self) -> float:
        """0 when a look starts or is under way, else the seconds until somebody may ask again."""
        with self._changed:
            wait = self._looks.refresh(self._clock())
            self._watcher.wake()
            return wait

    def run(self, pipeline_ids: Sequence[str], by: str | None = None) -> list[Run]:
        """Queue a request for each pipeline, all with one `asked_at`; they go out one by one, watched or not."""
        with self._changed:
            at = self._utc()
            asked = [self._ask(pipeline_id, by, at) for pipeline_id in dict.fromkeys(pipeline_ids)]
            self._sender.wake()
            return asked

    def step(self) -> None:
        """Do what is due now in the caller's thread, for an account made with `threads=False`."""
        self._watcher.step()
        self._sender.step()

    def close(self, wait: float = 0.0) -> None:
        """Send nothing more; a request that is under way is waited for at most `wait` seconds."""
        with self._changed:
            self._closed = True
            self._runs.stop()
            self._changed.notify_all()
        self._watcher.join(wait)
        self._sender.join(wait)

    def _utc(self) -> float:
        """The time by the wall clock of the start: a later jump of it changes no age and no history."""
        return self._epoch + self._clock()

    def _restore(self) -> None:
        snapshot = self._disk.load() if self._disk else None
        if snapshot is not None:
            self._snapshot = snapshot
            self._looks.restore(min(snapshot.answered_at, self._utc()) - self._epoch)

    def _is_cold(self) -> bool:
        return self._snapshot is None and self._looks.trouble is None and not self._closed

    def _picture(self, now: float) -> View:
        looks, confirmed = self._looks, self._looks.confirmed(now)
        answered_at = self._snapshot.answered_at if self._snapshot else None
        reference = looks.trouble.reference if looks.trouble else None
        return View(
            at=self._epoch + now,
            snapshot=self._snapshot,
            age=looks.age(now),
            confirmed=confirmed,
            trouble=looks.trouble,
            next_look_in=self._look_due_in(),
            looking=looks.looking,
            progress=self._progress,
            interval=looks.interval,
            slowed=looks.slowed,
            history=self._remembered,
            runs=self._runs.all(),
            version=(answered_at, reference, confirmed, self._progress, looks.interval, self._runs.version),
        )

    def _look_due_in(self) -> float | None:
        return None if self._closed else self._looks.due_in(self._clock())

    def _look(self) -> None:
        """Read the whole list once, and let everybody know what came of it."""
        with self._changed:
            if self._looks.looking:
                return
            generation = self._looks.begin(self._clock())
            started = self._utc()
        pages: list[int] = []
        try:
            pipelines = self.client.list_pipelines(on_page=lambda count: self._page_read(pages, count))
            shown = tuple(map(without_secrets, pipelines))
            self._succeeded(generation, started, len(pages), shown)
        except HevoError as error:
            self._failed(generation, error)
        except Exception:
            logger.exception("A look ended in an error of our own.")
            self._failed(generation, UnreadableAnswer("the look ended in an error of our own"))

    def _page_read(self, pages: list[int], count: int) -> None:
        """Count what a look costs; the first one also shows how far it has come."""
        with self._changed:
            pages.append(count)
            self._progress = count if self._snapshot is None else None

    def _succeeded(self, generation: int, started: float, pages: int, pipelines: tuple[Pipeline, ...]) -> None:
        words = {known.id: judge(known.status, known.health_status) for known in pipelines}
        with self._changed:
            if self._closed or not self._looks.succeed(generation, self._clock(), pages):
                return
            snapshot = Snapshot(pipelines, self._utc(), generation)
            self._snapshot, self._progress = snapshot, None
            self._remember(snapshot)
            told = self._runs.observe(started, snapshot.answered_at, words)
            self._changed.notify_all()
        self._runs.log(told)
        if self._disk:
            self._disk.save(snapshot)

    def _remember(self, snapshot: Snapshot) -> None:
        states = {known.id: State(known.status, known.health_status) for known in snapshot.pipelines if known.id}
        self._history.hold = hold_for(self._looks.interval)
        self._history.observe(snapshot.answered_at, states)
        self._history.forget(snapshot.answered_at - _REMEMBERED_FOR)
        self._remembered = self._history.snapshot()

    def _failed(self, generation: int, error: HevoError) -> None:
        """Share the failure with all viewers; its traceback would keep the whole call alive."""
        with self._changed:
            self._looks.fail(generation, self._clock(), error.with_traceback(None))
            self._progress = None
            self._history.fail(self._utc(), error.cause)
            self._remembered = self._history.snapshot()
            self._changed.notify_all()

    def _ask(self, pipeline_id: str, by: str | None, at: float) -> Run:
        known = self._snapshot.get(pipeline_id) if self._snapshot else None
        if known is None or not is_valid_id(pipeline_id):
            return self._runs.ask(pipeline_id, pipeline_id, by, at, None, _UNKNOWN)
        refusal = _PAUSED if known.status in _TURNED_OFF else None
        before = judge(known.status, known.health_status)
        return self._runs.ask(pipeline_id, known.label, by, at, before, refusal)
