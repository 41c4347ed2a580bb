"""Runs on their way to Hevo: written down before they are shown, sent one by one, never twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from hevo_api import HevoClient, HevoError, OutcomeUnknown, Unavailable
from monitor.health import Word, judge
from monitor.knowledge import Knowledge
from monitor.requests import COOL_DOWN, PATIENCE, Request, Standing
from monitor.store import NotOurs, StoreError, Tx, requests
from monitor.store.spending import wait_in_window
from monitor.worker import Worker

log = logging.getLogger(__name__)
SENT_AT_ONCE = 20  # runs in a window of 100 requests: the rest is for the looks
LOST_IN_A_ROW = 3
LIMIT_PAUSE = 60.0
NEXT_TRY = 1.0
MOST_REFUSED = 100


class Sender:
    """Sends for one account while it is this server's turn."""

    def __init__(self, client: HevoClient, knowledge: Knowledge, threads: bool) -> None:
        self._client, self._knowledge = client, knowledge
        self._store, self._turn, self._clock = knowledge.store, knowledge.turn, knowledge.clock
        self._at_once = max(1, SENT_AT_ONCE * client.requests_per_minute // 100)
        self._send_at = 0.0
        self._lost = 0
        self._refused: dict[str, Request] = {}  # as they could not be written down
        self._answers: dict[str, Request] = {}  # which the store has not got yet
        self.worker = Worker("sends runs", knowledge.changed, self._due_in, self.send, threads)

    @property
    def not_kept(self) -> dict[str, Request]:
        """What the store does not know, or not as it is now."""
        return {**self._refused, **self._answers}

    def ask(self, pipeline_ids: Iterable[str], by: str | None) -> list[Request]:
        """Writes down a request for each pipeline; what cannot be written down is refused."""
        wishes = [self._wish(one, by) for one in dict.fromkeys(pipeline_ids)]
        try:
            if self._knowledge.closed:
                raise StoreError("this server stops")
            asked = self._knowledge.write(lambda tx: requests.ask(tx, self._turn.account, wishes), safely=True)
        except StoreError:
            at, why = self._clock(), "stopped" if self._knowledge.closed else "unrecorded"
            refused = [wish.refused(why, at) for wish in requests.numbered(wishes, round(at * 1000))]
            self._refused = dict([*self._refused.items(), *((one.id, one) for one in refused)][-MOST_REFUSED:])
            return refused
        self.worker.wake()
        return asked

    def _wish(self, pipeline_id: str, by: str | None) -> Request:
        """A request that the store has not judged yet."""
        row = self._knowledge.judged.by_id.get(pipeline_id)
        if row is None:
            return Request("", pipeline_id, pipeline_id, by, 0.0, Standing.REFUSED, why="unlisted")
        if row.is_paused:
            return Request("", pipeline_id, row.label, by, 0.0, Standing.REFUSED, row.word, "paused")
        before = Word.HEALTHY if row.word is Word.UNSTABLE else row.word
        lately = self._sent_from_another_tab(pipeline_id)
        return Request("", pipeline_id, row.label, by, 0.0, Standing.WAITING, before, earlier_at=lately)

    @property
    def is_waiting(self) -> bool:
        """True while there is a request to send, here or on another server."""
        return any(request.standing is Standing.WAITING for request in self._knowledge.known.requests.values())

    def _due_in(self) -> float | None:
        """Seconds until the next one may be sent, if one waits; None while another server sends."""
        if self._knowledge.is_ours and self.is_waiting:
            return max(0.0, self._send_at - self._clock.steady())
        return None

    def send(self) -> None:
        """Send the one that waited longest: that it is under way is written down before it goes out, then how it ended.

        A store that takes nothing just then is told later.
        """
        try:
            request = self._knowledge.write(self._claim, safely=True)
        except NotOurs:
            return
        except StoreError:
            self._send_at = self._clock.steady() + NEXT_TRY
            if not (self._store.keeps or self._store.is_remote):
                self._refuse_waiting("unrecorded")
            return
        if request is None:
            return
        told = self._ask_hevo(request) if self._turn.is_ours else request.refused("stopped", self._clock())
        self._answers[told.id] = told
        self.catch_up()
        if told.why in ("key", "permission"):
            self._refuse_waiting(told.why)
        elif self._lost >= LOST_IN_A_ROW:
            self._lost = 0
            self._refuse_waiting("no answer")

    def _claim(self, tx: Tx) -> Request | None:
        """The next one, now under way; None when there is none, or no room for it yet."""
        self._knowledge.check(tx)
        account, now = self._turn.account, tx.now() / 1000
        request = requests.next_waiting(tx, account)
        if request is None:
            return None
        if now - request.asked_at > PATIENCE:
            self._put(tx, request.refused("no room", now))
            return None
        again_in = 0.0 if request.sent_at is None else request.sent_at + COOL_DOWN - now
        room_in = wait_in_window(tx, account, "run", self._at_once) / 1000
        if (wait := max(again_in, room_in)) > 0:
            self._send_at = self._clock.steady() + wait
            return None
        if (lately := self._sent_from_another_tab(request.pipeline_id, request.id)) is not None:
            self._put(tx, request.ignored(None, lately))
            return None
        under_way = replace(request, standing=Standing.ASKING, why=None, sent_at=now)
        self._put(tx, under_way)
        return under_way

    def _ask_hevo(self, request: Request) -> Request:
        """The request as Hevo's answer leaves it; whatever may have arrived is never sent again by itself."""
        try:
            status = self._client.run_pipeline(request.pipeline_id)
        except HevoError as error:
            return self._answered_with(error, request)
        except Exception:
            log.exception("A run ended in an error of our own.")
            return request.unclear("ours", self._clock())
        self._lost = 0
        return replace(request, standing=Standing.ASKED, status=status, answered_at=self._clock())

    def _answered_with(self, error: HevoError, request: Request) -> Request:
        now, arrived = self._clock(), error.status is not None
        never_sent = isinstance(error, Unavailable) and not error.sent
        if self._knowledge.closed and never_sent:
            return replace(request, standing=Standing.WAITING, sent_at=None)
        if error.cause == "limit":
            self._send_at = self._clock.steady() + (error.retry_after or LIMIT_PAUSE)
            return replace(request, standing=Standing.WAITING, why="limit", sent_at=now if arrived else None)
        self._lost = self._lost + 1 if error.cause in ("unclear", "unreadable", "down") else 0
        told = replace(request, status=error.status, reference=error.reference)
        if isinstance(error, OutcomeUnknown) and error.pipeline:
            told = replace(told, seen_after=judge(error.pipeline.status, error.pipeline.health_status))
        if error.cause in ("unclear", "unreadable"):
            return told.unclear(error.cause, now)
        if not arrived:
            with _own_keys_lock:
                _sent_with_own_keys.pop((self._client.fingerprint, request.pipeline_id), None)
        return told.refused(error.cause, now, arrived)

    def catch_up(self) -> None:
        """Write down every answer that the store has not got yet."""
        for request in list(self._answers.values()):
            try:
                self._knowledge.write(partial(self._put_answer, request))
            except StoreError as error:
                log.error("The answer to a run could not be written down: %s: %s", request.standing.value, error)
                return
            if self._answers.get(request.id) is request:
                self._answers.pop(request.id, None)

    def _put_answer(self, request: Request, tx: Tx) -> None:
        """Another server may have called it unclear meanwhile: its answer is better, but it never waits again.

        Another thread may have written it down long ago, so that the request is under way once more.
        """
        if self._answers.get(request.id) is not request:
            return
        under_way = [one.id for one in requests.having(tx, self._turn.account, Standing.ASKING)]
        if request.is_over or request.id in under_way:
            self._put(tx, request)

    def _put(self, tx: Tx, request: Request) -> None:
        requests.put(tx, self._turn.account, request, self._turn.fence)

    def _refuse_waiting(self, why: str) -> None:
        """What will not get better with the next request spares the others."""

        def work(tx: Tx) -> None:
            for request in requests.having(tx, self._turn.account, Standing.WAITING):
                self._put(tx, request.refused(why, tx.now() / 1000, arrived=request.sent_at is not None))

        try:
            self._knowledge.write(work)
        except StoreError as error:
            log.warning("What waits could not be refused: %s", error)

    def leave(self, tx: Tx) -> None:
        """Ends our turn: what is under way is unclear; what waits is left to the next server, if there can be one."""
        self._turn.check(tx)
        account, now = self._turn.account, tx.now() / 1000
        for request in requests.having(tx, account, Standing.ASKING):
            self._put(tx, request.unclear("stopped", now))
        if not self._store.is_shared:
            for request in requests.having(tx, account, Standing.WAITING):
                self._put(tx, request.refused("stopped", now, arrived=request.sent_at is not None))
        self._turn.leave(tx)

    def _sent_from_another_tab(self, pipeline_id: str, request_id: str | None = None) -> float | None:
        """When another tab with this key had it run, less than a minute ago; if none had, `request_id` does so now.

        Each such tab has a store of its own, in memory.
        """
        if self._store.is_shared or not self._store.keeps:
            return None
        key, now = (self._client.fingerprint, pipeline_id), self._clock.steady()
        with _own_keys_lock:
            for old in [each for each, (_, at) in _sent_with_own_keys.items() if now - at >= COOL_DOWN]:
                del _sent_with_own_keys[old]
            sender, sent_at = _sent_with_own_keys.get(key, (request_id, now))
            if sender != request_id:
                return self._clock() - now + sent_at
            if request_id:
                _sent_with_own_keys[key] = request_id, now
            return None


_own_keys_lock = threading.Lock()
_sent_with_own_keys: dict[tuple[str, str], tuple[str, float]] = {}  # by key and pipeline: which request, and when
