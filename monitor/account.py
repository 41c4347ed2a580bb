"""One Hevo account as all its viewers share it: looks at it, has runs sent, and tells what is known of it now."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import partial
from operator import attrgetter

from hevo_api import HevoClient, HevoError, Pipeline, UnreadableAnswer
from monitor.catalog import CatalogFile
from monitor.diary import Diary
from monitor.freshness import late
from monitor.health import judge
from monitor.history import History
from monitor.knowledge import Knowledge
from monitor.known import Known, differences
from monitor.now import Now, under_plans
from monitor.reader import Reader
from monitor.requests import Request
from monitor.schedule import CONFIRMED_FOR, Schedule
from monitor.sending import Sender
from monitor.store import NotOurs, Store, StoreError, Tx, accounts, looks, requests
from monitor.store.spending import StoredBudget
from monitor.webhooks import Webhooks
from monitor.worker import Worker

log = logging.getLogger(__name__)
GLANCE = 1.0  # seconds between two glances at what other servers wrote
COLD_START = 4.0  # seconds that whoever comes first may wait for an answer


class Account:
    """Outlives the pages, which only read it and ask it. `now()` is all they need to know; `reader` tells of tables,
    `diary` of notes, hours and months.

    `name` is what the store knows the account by, if that is not the client's fingerprint: the embedded sandbox has
    another address at each start. `unwatched`: seconds between two looks while nobody watches; 0 for none.
    `catalog`: what the owner wrote about it; `freshness`: whether to read when data last came in; `webhooks`: who is
    told of changes; `zone`: whose months are told of. With `threads=False` nothing happens by itself: `step()` does
    what is due, in the caller's thread.
    """

    def __init__(
        self,
        client: HevoClient,
        store: Store,
        *,
        name: str | None = None,
        interval: float = 60.0,
        unwatched: float = 0.0,
        keep_days: int = 90,
        catalog: CatalogFile | None = None,
        freshness: bool = False,
        webhooks: Webhooks | None = None,
        zone: tzinfo = UTC,
        threads: bool = True,
    ) -> None:
        self.client, self.name = client, name or client.fingerprint
        self._store, self._clock = store, store.clock
        self._knowledge = Knowledge(store, self.name, catalog)
        self._changed, self._turn = self._knowledge.changed, self._knowledge.turn
        self._schedule = Schedule(interval, unwatched, client.requests_per_minute)
        self._sending = Sender(client, self._knowledge, threads)
        self._pages = 0  # how far the look that is under way has come
        self._progress: int | None = None
        self._came_at = self._glance_at = 0.0
        self._holds = 0.0  # how long the last look holds, as far as we know
        self._glancer = Worker("reads what others wrote", self._changed, self._glance_due_in, self._glance, threads)
        self._looker = Worker("looks at Hevo", self._changed, self._look_due_in, self._look, threads)
        self.reader = Reader(client, self._knowledge, self._schedule, freshness, threads)
        self.webhooks = webhooks or Webhooks()
        self.webhooks.serve(self._knowledge, self._schedule, threads)
        self.diary = Diary(self._knowledge, zone, keep_days, self.webhooks.tell_note)
        self._workers = self._glancer, self._looker, self._sending.worker, self.reader.worker, *self.webhooks.workers
        self._glance()

    def __repr__(self) -> str:
        return f"Account({self.name})"

    def start(self) -> None:
        """Watch from now on, also while nobody has it open."""
        for worker in self._workers:
            worker.wake()

    def now(self, wait: float = 0.0, watching: bool = True) -> Now:
        """What is known now, at once. Whoever comes first after a pause may wait up to `wait` seconds for an answer."""
        with self._changed:
            if watching and not self._knowledge.closed:
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
        return self._sending.ask(pipeline_ids, by)

    def history(self, start: float, pipeline_ids: Sequence[str] | None = None) -> History:
        """The history from `start` on, of these pipelines or of all; the last two days where none can be read."""
        begin, lately = round(start * 1000), self._knowledge.known.history
        return self._knowledge.read(lambda tx, own: looks.read_history(tx, own, begin, pipeline_ids), lately)

    def recent_history(self, start: float, most: int) -> tuple[float, History]:
        """The history of all pipelines from `start` on, with no more changes than so many: of the others, none.

        With the time (UTC seconds) from which on no change is missing. StoreError where it cannot be read.
        """
        begin, account = round(start * 1000), self._turn.account
        since, history = self._store.read(lambda tx: looks.read_recent(tx, account, begin, most))
        return since / 1000, history

    def log(self) -> list[Request]:
        """Every request that is kept, the newest first; only those remembered where none can be read."""
        return self._knowledge.read(requests.history, [*self._knowledge.known.requests.values()][::-1])

    def step(self) -> None:
        """Do what is due now, in the caller's thread."""
        for worker in self._workers:
            worker.step()

    def close(self, wait: float = 0.0) -> None:
        """Send nothing more; what is under way is waited for at most `wait` seconds, and then it is unclear."""
        until = time.monotonic() + wait
        with self._changed:
            self._knowledge.closed = True
            self.client.close()
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
        try:
            self._knowledge.write(self._sending.leave)
        except NotOurs:
            return
        except StoreError as error:
            log.warning("The store could not be told that this server stops: %s", error)

    # What others wrote, and whose turn it is.

    def _glance_due_in(self) -> float | None:
        """A store that nobody shares is read once; another is glanced at as long as there is anybody or anything."""
        if self._knowledge.closed or not (self._store.is_shared or self._store.problem or self._turn.number is None):
            return None
        now = self._clock()
        idle = self._schedule.due_in(now) is None and not self._sending.is_waiting
        return None if idle else max(0.0, self._glance_at - self._clock.steady())

    def _glance(self) -> None:
        """Read what others wrote, let them know that somebody watches here, and take or prolong our turn."""
        self._glance_at = self._clock.steady() + GLANCE  # a glance may set our clock by the store's
        try:
            self._sending.catch_up()
            if self._must_write():
                self._store.write(self._exchange)
            self._knowledge.catch_up()
            self._heed_others()
            self.diary.recall()
            if self._turn.is_ours:
                self.diary.tidy()
        except StoreError as error:
            log.debug("No glance: %s", error)
            with self._changed:
                if self._store.is_remote:
                    self._turn.lose()
                self._changed.notify_all()
        self.start()

    def _must_write(self) -> bool:
        """True when there is a turn to take or to prolong, or something to tell the server that looks."""
        known, schedule = self._knowledge.known, self._schedule
        return (
            self._turn.is_due
            or schedule.watched > known.watched_at + 5
            or schedule.wished > known.wanted_at + 0.001
            or (self._turn.is_ours and schedule.hold(self._clock()) > self._holds)
        )

    def _exchange(self, tx: Tx) -> None:
        """Take or prolong our turn, and tell what others have to know; reading, which may take long, comes after."""
        if self._turn.number is None:
            self._turn.join(tx)
            if self._store.is_shared:
                self.client.budget = StoredBudget(self._store, self._turn.account, self.client.requests_per_minute)
        account = self._turn.account
        if self._turn.take(tx):
            accounts.bring_back(tx, account)
            requests.take_over(tx, account, self._turn.fence)
            self._holds = 0.0
        if self._turn.is_ours:
            hold = self._schedule.hold(self._clock())
            if hold > self._holds:  # the last viewer has left, so that the next look is planned for later
                looks.hold_on(tx, account, round(hold * 1000))
            self._holds = hold
        self._schedule.set_back(self._clock())  # the turn goes by the store's clock, which ours was perhaps ahead of
        accounts.wish(tx, account, max(0.0, self._schedule.watched), max(0.0, self._schedule.wished))

    def _heed_others(self) -> None:
        """Somebody on another server may watch, or have asked for a fresh look; and the last look may be another's."""
        known, schedule, now = self._knowledge.known, self._schedule, self._clock()
        with self._changed:
            schedule.set_back(now)
            self._came_at = min(self._came_at, now)
            schedule.watch(min(known.watched_at, now))
            schedule.wish(min(known.wanted_at, now))
            if known.answered_at and not (self._turn.is_ours and schedule.began > 0):
                schedule.began = max(schedule.began, min(known.answered_at, now))

    # Looking.

    def _look_due_in(self) -> float | None:
        """None while there is nothing to do or another server does it."""
        return self._schedule.due_in(self._clock()) if self._knowledge.is_ours else None

    def _look(self) -> None:
        """Read the whole list once, and let everybody know what came of it."""
        with self._changed:
            if self._schedule.looking:
                return
            began, self._pages = self._clock(), 0
            self._schedule.began, self._schedule.looking = began, True
        try:
            listed = self.client.list_pipelines(on_page=self._page_read)
            self._schedule.succeed(self._pages)
            self._knowledge.learn(partial(self._keep_look, listed, began))
        except HevoError as error:
            self._failed(error.with_traceback(None))  # its traceback would keep the whole answer alive
        except (NotOurs, StoreError) as error:
            log.warning("A look is dropped: %s", str(error) or "another server looks now")
        except Exception:
            log.exception("A look ended in an error of our own.")
            self._failed(UnreadableAnswer("the look ended in an error of our own"))
        finally:
            with self._changed:
                self._schedule.looking = False
                self._progress = None
                self._changed.notify_all()

    def _page_read(self, count: int) -> None:
        """Count what a look costs; the first one also shows how far it has come."""
        with self._changed:
            self._pages += 1
            self._progress = count if self._knowledge.known.answered_at is None else None
            self._changed.notify_all()

    def _keep_look(self, listed: Sequence[Pipeline], began: float, tx: Tx) -> Known:
        """Write down what is new in it and what came of requests, for those who are told too; what is known then."""
        self._knowledge.check(tx)
        account, known = self._turn.account, self._knowledge.news(tx)
        at = max(tx.now(), (known.history.latest or 0) + 1)
        expected = {one: row.owned.expect for one, row in self._knowledge.judged.by_id.items()}
        too_old = late(known.readings, expected, at / 1000)
        found = differences(known.seen, known.history.latest, listed, too_old, at)
        self._holds = self._schedule.hold(self._clock())
        looks.write_look(tx, account, at, at + round(self._holds * 1000), found)
        words = {one.id: judge(one.status, one.health_status) for one in listed} if known.requests else {}
        for request in known.requests.values():
            seen = request.seen(words.get(request.pipeline_id), began, at / 1000)
            if seen is not request:
                requests.put(tx, account, seen, self._turn.fence)
        news = looks.read_news(tx, account, known)
        self.webhooks.tell_look(tx, account, known, news, found)
        return news

    def _failed(self, error: HevoError) -> None:
        """Share the failure with all viewers, on every server."""
        with self._changed:
            due = self._clock() + self._schedule.fail(self._clock(), error)

        def work(tx: Tx) -> None:
            self._knowledge.check(tx)
            looks.write_trouble(tx, self._turn.account, tx.now(), error.cause, error.reference, round(due * 1000))

        try:
            self._knowledge.write(work)
        except (StoreError, NotOurs) as other:
            log.warning("A failed look is not written down: %s", str(other) or "another server looks now")

    # What a screen sees.

    def _is_worth_waiting(self, wait: float) -> bool:
        """True while the first look after a pause, or ever, may still bring its answer in time."""
        now, known = self._clock(), self._knowledge.known
        heard_at = max(known.answered_at or 0.0, known.trouble.at if known.trouble else 0.0)
        if self._knowledge.closed or now - self._came_at >= wait or now - heard_at <= 2 * self._schedule.interval:
            return False
        return self._schedule.looking or (self._look_due_in() or 0.0) <= self._came_at + wait - now

    def _picture(self) -> Now:
        now, known, schedule = self._clock(), self._knowledge.known, self._schedule
        confirmed_for = max(2 * schedule.interval, CONFIRMED_FOR)
        confirmed = known.answered_at is not None and now - known.answered_at <= confirmed_for
        next_look_in = None if self._knowledge.closed else schedule.due_in(now)
        if known.trouble and not (self._turn.is_ours or self._knowledge.closed):  # the look is another server's
            next_look_in = max(0.0, known.trouble.next_look_at - now)
        not_kept = self._sending.not_kept
        asked = {**known.requests, **not_kept}
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
            judged=under_plans(self._knowledge.judged, known.notes.values(), now),
            history=known.history,
            requests=tuple(sorted(asked.values(), key=attrgetter("id"), reverse=True)),
            notes=tuple(known.notes.values()),
            version=(
                *(self._knowledge.edition, confirmed, self._progress, schedule.interval, self._store.problem),
                *(tuple(not_kept)[-1:], len(not_kept), self.reader.told),
            ),
        )
