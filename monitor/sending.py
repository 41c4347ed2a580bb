"""Runs on their way to Hevo: written down before they are shown, sent one by one, never twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from hevo_api import HevoClient, HevoError, OutcomeUnknown, Unavailable
from monitor.health import judge
from monitor.requests import COOL_DOWN, PATIENCE, Request, Standing
from monitor.store import NotOurs, Store, StoreError, Tx, requests
from monitor.store.leases import Turn
from monitor.store.spending import wait_in_window

log = logging.getLogger(__name__)
SENT_AT_ONCE = 20  # runs in a window of 100 requests: the rest is for the looks
LOST_IN_A_ROW = 3
LIMIT_PAUSE = 60.0
NEXT_TRY = 1.0
MOST_REFUSED = 100


class Sender:
    """Sends for one account while it is this server's turn. `tell` is called when there is something new to read."""

    def __init__(
        self, client: HevoClient, store: Store, turn: Turn, requests_per_minute: int, tell: Callable[[], None]
    ) -> None:
        self._client, self._store, self._turn, self._tell = client, store, turn, tell
        self._clock = store.clock
        self._at_once = max(1, SENT_AT_ONCE * requests_per_minute // 100)
        self._send_at = 0.0
        self._lost = 0
        self._closed = False
        self._refused: dict[str, Request] = {}  # as they could not be written down
        self._answers: dict[str, tuple[Request, int | None]] = {}  # with the version at which the store took it

    def not_read(self, version: int) -> dict[str, Request]:
        """What the store does not know as it is now, or did not when it was read last, at this version."""
        for number, (_, taken_at) in list(self._answers.items()):
            if taken_at is not None and taken_at <= version:
                self._answers.pop(number, None)
        return {**self._refused, **{number: request for number, (request, _) in list(self._answers.items())}}

    def ask(self, wishes: Sequence[Request]) -> list[Request]:
        """Writes down a request for each; what cannot be written down is refused."""
        wishes = [replace(wish, earlier_at=self._sent_from_another_tab(wish.pipeline_id)) for wish in wishes]
        try:
            if self._closed:
                raise StoreError("this server stops")
            return self._store.write(lambda tx: requests.ask(tx, self._turn.account, wishes), safely=True)
        except StoreError:
            at, why = self._clock(), "stopped" if self._closed else "unrecorded"
            refused = [wish.refused(why, at) for wish in requests.numbered(wishes, round(at * 1000))]
            self._refused = dict([*self._refused.items(), *((one.id, one) for one in refused)][-MOST_REFUSED:])
            return refused

    def due_in(self) -> float | None:
        """Seconds until the next one may be sent, if one waits; None while another server sends."""
        if self._closed or not self._turn.is_ours:
            return None
        return max(0.0, self._send_at - self._clock())

    def send(self) -> None:
        """Send the one that waited longest: that it is under way is written down before it goes out."""
        try:
            request = self._store.write(self._claim, safely=True)
        except NotOurs:
            return
        except StoreError:
            self._send_at = self._clock() + NEXT_TRY
            if not (self._store.keeps or self._store.is_remote):
                self._refuse_waiting("unrecorded")
            return
        self._tell()
        if request is not None:
            self._settle(self._ask_hevo(request) if self._turn.is_ours else request.refused("stopped", self._clock()))

    def _claim(self, tx: Tx) -> Request | None:
        """The next one, now under way; None when there is none, or no room for it yet."""
        self._turn.check(tx)
        account, now = self._turn.account, tx.now() / 1000
        request = requests.next_waiting(tx, account)
        if request is None or self._closed:
            return None
        if now - request.asked_at > PATIENCE:
            self._put(tx, request.refused("no room", now))
            return None
        again_in = 0.0 if request.sent_at is None else request.sent_at + COOL_DOWN - now
        room_in = wait_in_window(tx, account, self._at_once, "sent_at", "request WHERE account = ?") / 1000
        if (wait := max(again_in, room_in)) > 0:
            self._send_at = self._clock() + wait
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
        if self._closed and never_sent:
            return replace(request, standing=Standing.WAITING, sent_at=None)
        if error.cause == "limit":
            self._send_at = now + (error.retry_after or LIMIT_PAUSE)
            return replace(request, standing=Standing.WAITING, why="limit", sent_at=now if arrived else None)
        self._lost = self._lost + 1 if error.cause in ("unclear", "unreadable", "down") else 0
        told = replace(request, status=error.status, reference=error.reference)
        if isinstance(error, OutcomeUnknown) and error.pipeline:
            told = replace(told, seen_after=judge(error.pipeline.status, error.pipeline.health_status))
        if error.cause in ("unclear", "unreadable"):
            return told.unclear(error.cause, now)
        if not arrived:
            self._forget_tab(request)
        return told.refused(error.cause, now, arrived)

    def _settle(self, request: Request) -> None:
        """Write down how it ended; a store that takes nothing now is told later."""
        self._answers[request.id] = (request, None)
        self.catch_up()
        if request.why in ("key", "permission"):
            self._refuse_waiting(request.why)
        elif self._lost >= LOST_IN_A_ROW:
            self._lost = 0
            self._refuse_waiting("no answer")
        self._tell()

    def catch_up(self) -> None:
        """Write down every answer that the store has not got yet."""
        for request in [request for request, taken_at in list(self._answers.values()) if taken_at is None]:
            try:
                taken_at = self._store.write(lambda tx, one=request: self._put_answer(tx, one))  # type: ignore[misc]
            except StoreError as error:
                log.error("The answer to a run could not be written down: %s: %s", request.standing.value, error)
                return
            self._answers[request.id] = (request, taken_at)

    def _put_answer(self, tx: Tx, request: Request) -> int:
        """Another server may have called it unclear meanwhile: its answer is better, but it never waits again."""
        under_way = [one.id for one in requests.having(tx, self._turn.account, Standing.ASKING)]
        if request.is_over or request.id in under_way:
            return self._put(tx, request)
        return 0

    def _put(self, tx: Tx, request: Request) -> int:
        return requests.put(tx, self._turn.account, request, self._turn.fence)

    def _refuse_waiting(self, why: str) -> None:
        """What will not get better with the next request spares the others."""

        def work(tx: Tx) -> None:
            for request in requests.having(tx, self._turn.account, Standing.WAITING):
                self._put(tx, request.refused(why, tx.now() / 1000, arrived=request.sent_at is not None))

        try:
            self._store.write(work)
        except StoreError as error:
            log.warning("What waits could not be refused: %s", error)

    def stop(self) -> None:
        """Send nothing more."""
        self._closed = True

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
            earlier = _sent_with_own_keys.get(key)
            if earlier and earlier[0] != (request_id or ""):
                return self._clock() - now + earlier[1]
            if request_id:
                _sent_with_own_keys[key] = request_id, now
            return None

    def _forget_tab(self, request: Request) -> None:
        with _own_keys_lock:
            _sent_with_own_keys.pop((self._client.fingerprint, request.pipeline_id), None)


_own_keys_lock = threading.Lock()
_sent_with_own_keys: dict[tuple[str, str], tuple[str, float]] = {}  # by key and pipeline: which request, and when
