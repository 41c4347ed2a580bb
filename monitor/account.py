"""One Hevo account as all its viewers share it: looks at it, sends the runs, and tells what is known of it now."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from hevo_api import HevoClient, HevoError, OutcomeUnknown, Pipeline, UnreadableAnswer, is_valid_id
from hevo_api.rate import WINDOW
from monitor.budget import StoredBudget
from monitor.health import Word, judge
from monitor.history import History
from monitor.known import Known, differences
from monitor.now import Judged, Now, judge_all
from monitor.requests import COOL_DOWN, PATIENCE, Request, Standing
from monitor.schedule import CONFIRMED_FOR, Schedule, hold_for
from monitor.store import NotOurs, Store, StoreError, Tx, leases, looks, requests
from monitor.store.requests import Wish
from monitor.worker import Worker

log = logging.getLogger(__name__)
GLANCE = 1.0  # seconds between two glances at what other servers wrote
LEASE, LEASE_REMOTE = 3.0, 6.0  # seconds that a turn lasts: on one machine, and between servers
COLD_START = 4.0  # seconds that a first viewer waits for an answer before we say that there is none yet
SENT_AT_ONCE = 20  # runs in a window: the rest is for the looks
LOST_IN_A_ROW = 3
LIMIT_PAUSE = 60.0
AN_HOUR = 3_600.0
MOST_NOT_KEPT = 100

_asked_with_own_keys: dict[tuple[str, str], float] = {}  # several tabs may hold one key, each with a store of its own


class Account:
    """Outlives the pages, which only read it and ask it. `now()` is all they need to know.

    `name` is what the store knows the account by, if that is not the client's fingerprint: the embedded sandbox has
    another address at each start. `unwatched`: seconds between two looks while nobody watches; 0 for none. With
    `threads=False` nothing happens by itself: `step()` does what is due, in the caller's thread.
    """

    def __init__(
        self,
        client: HevoClient,
        store: Store,
        *,
        name: str | None = None,
        interval: float = 60.0,
        unwatched: float = 0.0,
        requests_per_minute: int = 100,
        keep_days: int = 90,
        threads: bool = True,
    ) -> None:
        self.client, self.name = client, name or client.fingerprint
        self._store, self._clock = store, store.clock
        self._requests_per_minute, self._keep = requests_per_minute, keep_days * 86_400
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._changed = threading.Condition()
        self._writing = threading.RLock()  # one at a time brings what is known up to date
        self._schedule = Schedule(interval, unwatched, requests_per_minute)
        self._number: int | None = None  # until the store was reached
        self._lease: leases.Lease | None = None
        self._known, self._judged = Known(), Judged()
        self._progress: int | None = None
        self._closed = False
        self._came_at = self._send_at = self._glance_at = self._forget_at = 0.0
        self._lost = 0
        self._not_kept: dict[str, Request] = {}  # refused, as they could not be written down; or answered meanwhile
        self._glancer = Worker("reads what others wrote", self._changed, self._glance_due_in, self._glance, threads)
        self._looker = Worker("looks at Hevo", self._changed, self._look_due_in, self._look, threads)
        self._sender = Worker("sends runs", self._changed, self._send_due_in, self._send, threads)
        self._glance()

    def __repr__(self) -> str:
        return f"Account({self.name})"

    def start(self) -> None:
        """Watch from now on, also while nobody has it open."""
        for worker in (self._glancer, self._looker, self._sender):
            worker.wake()

    def now(self, wait: float = 0.0, watching: bool = True) -> Now:
        """What is known now, at once. Whoever comes first after a pause may wait up to `wait` seconds for an answer."""
        with self._changed:
            if watching and not self._closed:
                if not self._schedule.is_watched(self._clock()):
                    self._came_at = self._clock()
                self._schedule.watch(self._clock())
                self.start()
                self._changed.wait_for(lambda: not self._is_worth_waiting(wait), wait)
            return self._picture()

    def refresh(self) -> float:
        """0 when a look starts or is under way, else the seconds until somebody may ask again."""
        with self._changed:
            wait = self._schedule.refresh(self._clock())
            self._glance_at = 0.0
            self.start()
            return wait

    def run(self, pipeline_ids: Sequence[str], by: str | None = None) -> list[Request]:
        """Write down a request for each pipeline; they go out one by one, watched or not, also after a restart."""
        wishes = [self._wish(one) for one in dict.fromkeys(pipeline_ids)]
        try:
            if self._number is None or not self._store.keeps or self._closed:
                raise StoreError("nothing can be written down")
            asked = self._store.write(lambda tx: self._ask(tx, wishes, by), safely=True)
        except StoreError:
            return self._refused(wishes, by)
        self._read_news()
        self._sender.wake()
        return asked

    def history(self, start: float, pipeline_ids: Sequence[str] | None = None) -> History:
        """The history from `start` on, read from the store: of these pipelines, or of all."""
        number = self._number
        if number is None:
            return self._known.history
        return self._store.read(lambda tx: looks.read_history(tx, number, round(start * 1000), pipeline_ids))

    def log(self) -> list[Request]:
        """Every request that is kept, the newest first."""
        number = self._number
        return [] if number is None else self._store.read(lambda tx: requests.history(tx, number))

    def step(self) -> None:
        """Do what is due now, in the caller's thread."""
        for worker in (self._glancer, self._looker, self._sender):
            worker.step()

    def close(self, wait: float = 0.0) -> None:
        """Send nothing more; what is under way is waited for at most `wait` seconds, and then it is unclear."""
        until = time.monotonic() + wait
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in (self._sender, self._looker, self._glancer):
            worker.join(max(0.0, until - time.monotonic()))
        try:
            if self._number is not None:
                self._store.write(self._leave)
                self._read_news()
        except StoreError:
            log.warning("The store could not be told that this server stops.")

    # What is known, and who may add to it.

    def _read_news(self) -> None:
        number = self._number
        if number is not None:
            with self._writing:
                self._adopt(self._store.read(lambda tx: looks.read_news(tx, number, self._known)))

    def _adopt(self, known: Known) -> None:
        """Lets everybody know what is new; what it means is worked out before anybody has to wait for it."""
        before, judged = self._known, self._judged
        if known.seen is not before.seen or known.history is not before.history:
            judged = judge_all(known, self._clock())
        with self._changed:
            self._known, self._judged = known, judged
            if known.version != before.version:
                self._changed.notify_all()

    def _glance_due_in(self) -> float | None:
        """A store that nobody shares is read once; another is glanced at as long as there is anybody or anything."""
        if self._closed or not (self._store.is_shared or self._store.problem or self._number is None):
            return None
        now = self._clock()
        idle = self._schedule.due_in(now) is None and not self._is_waiting()
        return None if idle else max(0.0, self._glance_at - now)

    def _glance(self) -> None:
        """Read what others wrote, let them know that somebody watches here, and keep or take the lease."""
        self._glance_at = self._clock() + GLANCE
        try:
            with self._writing:
                self._adopt(self._store.write(self._exchange) if self._must_write() else self._store.read(self._news))
            self._forget()
            self.start()
        except StoreError:
            with self._changed:
                self._lease = None if self._store.is_remote else self._lease
                self._changed.notify_all()

    def _must_write(self) -> bool:
        """True when there is a lease to take or to prolong, or something to tell the server that looks."""
        known, schedule, lease = self._known, self._schedule, self._lease
        if lease is None or self._number is None or self._not_written():
            return True
        is_ending = lease.until / 1000 - self._clock() < (
            self._lease_length() / 2 if lease.holder == self._holder else 0
        )
        return is_ending or schedule.watched > known.watched_at + 5 or schedule.wished > known.wanted_at + 0.001

    def _not_written(self) -> list[Request]:
        """Answers of Hevo that the store did not take yet."""
        return [request for request in self._not_kept.values() if request.sent_at is not None]

    def _news(self, tx: Tx) -> Known:
        self._follow(tx)
        number = self._number or 0
        self._lease = leases.current(tx, number)
        known = looks.read_news(tx, number, self._known)
        self._hear(known)
        return known

    def _exchange(self, tx: Tx) -> Known:
        self._follow(tx)
        if self._number is None:
            self._number = looks.account_number(tx, self.name)
            if self._store.is_shared:
                self.client.budget = StoredBudget(self._store, self._number, self._requests_per_minute)
        number, before = self._number, self._lease
        lease = leases.take(tx, number, self._holder, round(self._lease_length() * 1000))
        if lease and (before is None or (before.holder, before.fence) != (self._holder, lease.fence)):
            requests.take_over(tx, number, looks.bump(tx, number), lease.fence)
        for request in self._not_written():
            self._put(tx, self._not_kept.pop(request.id))
        looks.wish(tx, number, max(0.0, self._schedule.watched), max(0.0, self._schedule.wished))
        return self._news(tx)

    def _follow(self, tx: Tx) -> None:
        if self._store.is_remote:
            self._clock.follow(tx.now() / 1000)

    def _hear(self, known: Known) -> None:
        """Somebody on another server watches, or asked for a fresh look."""
        with self._changed:
            self._schedule.watch(known.watched_at)
            self._schedule.wish(known.wanted_at)
            if known.answered_at and (not self._is_ours() or self._schedule.began < 0):
                self._schedule.began = max(self._schedule.began, known.answered_at)

    def _lease_length(self) -> float:
        return LEASE_REMOTE if self._store.is_remote else LEASE

    def _is_ours(self) -> bool:
        """True while this server works for the account."""
        if not self._store.is_shared:
            return not self._store.is_remote
        lease = self._lease
        return lease is not None and lease.holder == self._holder and lease.until / 1000 > self._clock()

    def _check(self, tx: Tx) -> None:
        if self._store.is_shared:
            leases.check(tx, self._number or 0, self._holder, self._lease.fence if self._lease else -1)

    def _leave(self, tx: Tx) -> None:
        number = self._number or 0
        for request in requests.having(tx, number, Standing.ASKING):
            if self._is_ours():
                self._put(tx, request.unclear("stopped", tx.now() / 1000))
        if not self._store.is_shared:
            for request in requests.having(tx, number, Standing.WAITING):
                self._put(tx, request.refused("stopped", tx.now() / 1000))
        leases.leave(tx, number, self._holder)

    def _forget(self) -> None:
        """Drops what is too old, in portions, a portion a glance as long as there is any."""
        now, number = self._clock(), self._number
        if number is None or now < self._forget_at or not self._is_ours():
            return
        before = round((now - self._keep) * 1000)
        gone = self._store.write(lambda tx: looks.forget(tx, number, before))
        self._forget_at = now + (GLANCE if gone else AN_HOUR)

    # Looking.

    def _look_due_in(self) -> float | None:
        """None while there is nothing to do or another server does it."""
        if self._closed or self._number is None or not self._is_ours():
            return None
        return self._schedule.due_in(self._clock())

    def _look(self) -> None:
        """Read the whole list once, and let everybody know what came of it."""
        with self._changed:
            if self._schedule.looking:
                return
            began = self._clock()
            joins = self._schedule.planned(began)
            self._schedule.begin(began)
        pages: list[int] = []
        try:
            listed = self.client.list_pipelines(on_page=lambda count: self._page_read(pages, count))
            self._keep_look(listed, began, joins, len(pages))
        except HevoError as error:
            self._failed(error.with_traceback(None))  # its traceback would keep the whole answer alive
        except (NotOurs, StoreError) as error:
            log.warning("A look is dropped: %s", error or "another server looks now")
        except Exception:
            log.exception("A look ended in an error of our own.")
            self._failed(UnreadableAnswer("the look ended in an error of our own"))
        finally:
            with self._changed:
                self._schedule.looking, self._progress = False, None
                self._changed.notify_all()

    def _page_read(self, pages: list[int], count: int) -> None:
        """Count what a look costs; the first one also shows how far it has come."""
        with self._changed:
            pages.append(count)
            self._progress = count if self._known.answered_at is None else None

    def _keep_look(self, listed: Sequence[Pipeline], began: float, joins: float, pages: int) -> None:
        def work(tx: Tx) -> Known:
            if self._closed:
                raise NotOurs
            self._check(tx)
            number = self._number or 0
            known = looks.read_news(tx, number, self._known)
            at = max(tx.now(), (known.history.latest or 0) + 1)
            found = differences(known.seen, known.history.latest, listed, frozenset(), at)
            hold = hold_for(self._schedule.pace(self._clock()) or self._schedule.interval)
            looks.write_look(tx, number, at, at + round(hold * 1000), round(joins * 1000), found)
            words = {one.id: judge(one.status, one.health_status) for one in listed}
            for request in known.requests.values():
                seen = request.seen(words.get(request.pipeline_id), began, at / 1000)
                if seen is not request:
                    requests.put(tx, number, looks.bump(tx, number), seen)
            return looks.read_news(tx, number, known)

        with self._writing:
            known = self._store.write(work)
            with self._changed:
                self._schedule.succeed(pages)
            self._adopt(known)

    def _failed(self, error: HevoError) -> None:
        """Share the failure with all viewers, on every server."""
        if self._closed:
            return
        with self._changed:
            self._schedule.fail(self._clock(), error)
            due = self._clock() + (self._schedule.due_in(self._clock()) or 0.0)

        def work(tx: Tx) -> Known:
            self._check(tx)
            number = self._number or 0
            looks.write_trouble(tx, number, tx.now(), error.cause, error.reference, round(due * 1000))
            return looks.read_news(tx, number, self._known)

        try:
            with self._writing:
                self._adopt(self._store.write(work))
        except (StoreError, NotOurs) as other:
            log.warning("A failed look is not written down: %s", other or "another server looks now")

    # Running.

    def _wish(self, pipeline_id: str) -> Wish:
        row = self._judged.by_id.get(pipeline_id)
        if row is None or not is_valid_id(pipeline_id):
            return Wish(pipeline_id, pipeline_id, None, refusal="unlisted")
        if row.is_paused:
            return Wish(pipeline_id, row.pipeline.label, row.word, refusal="paused")
        before = Word.HEALTHY if row.word is Word.UNSTABLE else row.word
        return Wish(pipeline_id, row.pipeline.label, before, lately=self._asked_with_the_same_key(pipeline_id))

    def _asked_with_the_same_key(self, pipeline_id: str) -> float | None:
        """When another tab asked for it less than a minute ago; from now on, this one has."""
        if self._store.is_shared:
            return None
        with self._changed:
            key, now = (self.client.fingerprint, pipeline_id), self._clock()
            at = _asked_with_own_keys.get(key, 0.0)
            if now - at >= COOL_DOWN:
                _asked_with_own_keys[key] = now
                return None
            return at

    def _ask(self, tx: Tx, wishes: Sequence[Wish], by: str | None) -> list[Request]:
        number = self._number or 0
        return requests.ask(tx, number, looks.bump(tx, number), wishes, by)

    def _refused(self, wishes: Sequence[Wish], by: str | None) -> list[Request]:
        """Nothing is sent that cannot be written down."""
        at = self._clock()
        asked = [
            Request(
                f"{round(at * 1000):013d}-not-kept-{place:04d}", wish.pipeline_id, wish.name, by, at, Standing.REFUSED
            )
            for place, wish in enumerate(wishes)
        ]
        with self._changed:
            told = {one.id: replace(one, why="stopped" if self._closed else "unrecorded", retry_at=at) for one in asked}
            self._not_kept = dict([*self._not_kept.items(), *told.items()][-MOST_NOT_KEPT:])
            self._changed.notify_all()
        return list(told.values())

    def _is_waiting(self) -> bool:
        return any(request.standing is Standing.WAITING for request in self._known.requests.values())

    def _send_due_in(self) -> float | None:
        """None while nothing waits, or another server sends."""
        if self._closed or self._number is None or not self._is_ours() or not self._is_waiting():
            return None
        return max(0.0, self._send_at - self._clock())

    def _send(self) -> None:
        """Send the one that waited longest: that it is under way is written down before its request goes out."""
        try:
            request = self._store.write(self._claim, safely=True)
        except NotOurs:
            return
        except StoreError:
            if not self._store.is_remote:
                self._refuse_waiting("unrecorded")
            self._send_at = self._clock() + GLANCE
            return
        self._read_news()
        if request is None or not self._is_ours():
            return
        self._settle(self._ask_hevo(request))

    def _claim(self, tx: Tx) -> Request | None:
        """The next one, now under way; None when there is no room for it yet."""
        self._check(tx)
        number, now = self._number or 0, tx.now() / 1000
        request = requests.next_waiting(tx, number)
        if request is None or self._closed:
            return None
        if now - request.asked_at > PATIENCE:
            requests.put(tx, number, looks.bump(tx, number), request.refused("no room", now))
            return None
        if wait := requests.wait(tx, number, self._sent_at_once, WINDOW):
            self._send_at = self._clock() + wait
            return None
        under_way = replace(request, standing=Standing.ASKING, why=None, sent_at=now)
        fence = self._lease.fence if self._lease else None
        requests.put(tx, number, looks.bump(tx, number), under_way, fence)
        return under_way

    @property
    def _sent_at_once(self) -> int:
        return max(1, SENT_AT_ONCE * self._requests_per_minute // 100)

    def _ask_hevo(self, request: Request) -> Request:
        """The request as Hevo's answer leaves it; whatever may have arrived is never sent again by itself."""
        try:
            status = self.client.run_pipeline(request.pipeline_id)
        except HevoError as error:
            return self._answered_with(error, request)
        except Exception:
            log.exception("A run ended in an error of our own.")
            return request.unclear("ours", self._clock())
        self._lost = 0
        return replace(request, standing=Standing.ASKED, status=status, answered_at=self._clock())

    def _answered_with(self, error: HevoError, request: Request) -> Request:
        now = self._clock()
        told = replace(request, status=error.status, reference=error.reference)
        if error.cause == "limit":
            pause = error.retry_after or LIMIT_PAUSE
            self._send_at = now + (max(pause, COOL_DOWN) if error.status is not None else pause)
            return replace(request, standing=Standing.WAITING, why="limit")
        self._lost = self._lost + 1 if error.cause in ("unclear", "unreadable", "down") else 0
        if isinstance(error, OutcomeUnknown) and error.pipeline:
            told = replace(told, seen_after=judge(error.pipeline.status, error.pipeline.health_status))
        if error.cause in ("unclear", "unreadable"):
            return told.unclear(error.cause, now)
        return told.refused(error.cause, now, arrived=error.status is not None)

    def _settle(self, request: Request) -> None:
        """Write down how it ended; a store that takes nothing now is told at the next glance."""
        try:
            self._store.write(lambda tx: self._put(tx, request), safely=True)
        except StoreError:
            log.error("The answer to a run could not be written down: %s", request.standing.value)
            with self._changed:
                self._not_kept[request.id] = request
        if request.why in ("key", "permission"):
            self._refuse_waiting(request.why)
        elif self._lost >= LOST_IN_A_ROW:
            self._lost = 0
            self._refuse_waiting("no answer")
        self._try_news()

    def _put(self, tx: Tx, request: Request) -> None:
        number = self._number or 0
        requests.put(tx, number, looks.bump(tx, number), request, self._lease.fence if self._lease else None)

    def _refuse_waiting(self, why: str) -> None:
        """What will not get better with the next request spares the others."""

        def work(tx: Tx) -> None:
            for request in requests.having(tx, self._number or 0, Standing.WAITING):
                arrived = request.sent_at is not None
                self._put(tx, request.refused(why, tx.now() / 1000, arrived))

        try:
            self._store.write(work)
        except StoreError:
            return
        self._try_news()

    def _try_news(self) -> None:
        try:
            self._read_news()
        except StoreError:
            log.warning("What is new could not be read.")

    # What a screen sees.

    def _is_worth_waiting(self, wait: float) -> bool:
        """True while the first look after a pause, or ever, may still bring its answer in time."""
        now, answered_at = self._clock(), self._known.answered_at
        if self._closed or self._schedule.trouble or now - self._came_at >= wait:
            return False
        return answered_at is None or now - answered_at > 2 * self._schedule.interval

    def _picture(self) -> Now:
        now, known, schedule = self._clock(), self._known, self._schedule
        confirmed = known.answered_at is not None and now - known.answered_at <= max(
            2 * schedule.interval, CONFIRMED_FOR
        )
        next_look_in = self._look_due_in()
        if next_look_in is None and known.trouble:
            next_look_in = max(0.0, known.trouble.next_look_at - now)
        asked = {**known.requests, **self._not_kept}
        return Now(
            at=now,
            correction=self._clock.correction,
            answered_at=known.answered_at,
            confirmed=confirmed,
            trouble=known.trouble,
            next_look_in=next_look_in,
            looking=schedule.looking,
            progress=self._progress,
            interval=schedule.interval,
            slowed=schedule.slowed,
            problem=self._store.problem,
            note=self._store.note,
            judged=self._judged,
            history=known.history,
            requests=tuple(sorted(asked.values(), key=lambda one: one.id, reverse=True)),
            version=(
                known.version,
                confirmed,
                self._progress,
                schedule.interval,
                self._store.problem,
                len(self._not_kept),
            ),
        )
