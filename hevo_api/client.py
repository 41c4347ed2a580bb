"""The client: what can be asked of Hevo, and the rules by which asking again is safe."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from hevo_api import answers, checks, errors
from hevo_api.answers import Answer
from hevo_api.errors import HevoError, RateLimited
from hevo_api.models import Destination, Pipeline, PipelineObject, Schedule, id_in
from hevo_api.rate import Priority, budget_for
from hevo_api.transport import Transport

T = TypeVar("T")
Reader = Callable[[Answer], T]
log = logging.getLogger("hevo_api")

PAGE_SIZE = 100  # the most that Hevo allows [doc]
PAGE_DEADLINE = 20.0
LIST_DEADLINE = 120.0
ATTEMPTS = 3
IDLE_PAGES = 5
LONGEST_DETAIL = 300


class HevoClient:
    """Asks Hevo's public API v2.0 on behalf of one account. Safe to share between threads.

    Whatever happens, a call ends with a right and complete answer or with one `HevoError`, and within its
    deadline: `deadline` seconds of wall-clock time for a call, but 20 s a page and 120 s in all for a list of
    the account's. A GET that fails is tried up to three times; a POST is never sent twice.

    All clients of an account in this process share one budget, a little below `requests_per_minute` (Hevo allows
    100 [doc]; its support raises that for some accounts). When it is used up, the account's lists wait for it,
    and everything else raises `RateLimited` with `retry_after` at once. `budget` may be replaced by one that more
    share, such as several servers.

    `region` is one of `REGIONS`. `base_url` is an address to use instead: https on a region's host, or plain
    http on the loopback address. `proxy` ("http://host:port") and `ca_bundle` (a path) are the only ways to set
    those: the environment is not read. `clock` and `sleep` serve the budget and the delays between attempts.
    Raises `ValueError`, which does not repeat it, for what cannot be right.
    """

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        region: str = "us",
        base_url: str | None = None,
        *,
        deadline: float = 10.0,
        requests_per_minute: int = 100,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        proxy: str | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        checks.check_settings(api_key, api_secret, deadline, requests_per_minute, proxy, ca_bundle)
        self.base_url = checks.checked_base_url(region, base_url)
        self.fingerprint = hashlib.sha256(f"{self.base_url}\n{api_key}".encode()).hexdigest()[:16]
        self._deadline, self.requests_per_minute = deadline, requests_per_minute
        self._clock, self._sleep = clock, sleep
        self.budget = budget_for(self.fingerprint, requests_per_minute, clock)
        token = base64.b64encode(f"{api_key}:{api_secret}".encode()).decode()
        self._mask = _mask_for(token, api_key, api_secret)
        self._transport = Transport({"Authorization": f"Basic {token}"}, proxy, ca_bundle)

    def __repr__(self) -> str:
        return f"HevoClient(base_url={self.base_url!r}, fingerprint={self.fingerprint!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a HevoClient holds a secret and can be neither pickled nor copied")

    def close(self) -> None:
        """Sends nothing more, not even the rest of what is under way: whoever still asks gets `Unavailable`."""
        self._transport.close()

    def list_pipelines(self, on_page: Callable[[int], None] = lambda _: None) -> list[Pipeline]:
        """All pipelines of the account, or an error: never a shorter list. `GET /pipelines` [doc].

        `on_page` is told how many there are so far. A pipeline that came twice is in the list once.
        """
        return self._list("/pipelines", Pipeline.from_json, on_page)

    def iter_pipelines(self) -> Iterator[Pipeline]:
        """The same one by one, each page asked for when it is needed; an error may come after some."""
        for page in self._pages("/pipelines", "look"):
            yield from map(Pipeline.from_json, page)

    def get_pipeline(self, pipeline_id: str | int) -> Pipeline:
        """One pipeline; a deleted one is `NotFound`. `GET /pipelines/{id}` [doc]."""
        return self._get(checks.pipeline_path(pipeline_id), _pipeline_in)

    def run_pipeline(self, pipeline_id: str | int) -> int:
        """Asks Hevo to ingest now; returns the 2xx status that accepted it. `POST /pipelines/{id}/run-now` [doc].

        Accepted does not mean that it worked yet. A pipeline that is already ingesting ignores this, and no
        schedule changes [doc]. It is sent once: when the answer is lost, or a 5xx, this takes one look at the
        pipeline and raises `OutcomeUnknown` with what it saw. A member's key is `NotPermitted` [doc].
        """
        path = checks.pipeline_path(pipeline_id)
        self._take(path)
        until = time.monotonic() + self._deadline
        try:
            return self._attempt("POST", f"{path}/run-now", answers.accepted_in, self._deadline * 4 / 5)
        except HevoError as error:
            if not answers.is_unclear(error):
                raise
            lost = errors.OutcomeUnknown(error.detail, status=error.status, retry_after=error.retry_after)
        with suppress(HevoError):
            self._take(path)
            lost.pipeline = self._attempt("GET", path, _pipeline_in, until - time.monotonic())
        raise self._told(lost, path)

    def list_objects(
        self, pipeline_id: str | int, *, most_pages: int | None = None, priority: Priority = "person"
    ) -> list[PipelineObject]:
        """All objects (tables) of a pipeline, or those of so many pages. `GET /pipelines/{id}/objects` [code].

        `priority="rest"` takes only requests that looks and people leave over.
        """
        path = f"{checks.pipeline_path(pipeline_id)}/objects"
        return self._list(path, PipelineObject.from_json, priority=priority, most_pages=most_pages)

    def get_schedule(self, pipeline_id: str | int) -> Schedule:
        """How often a pipeline ingests. `GET /pipelines/{id}/schedule` [code]."""
        return self._get(f"{checks.pipeline_path(pipeline_id)}/schedule", _schedule_in)

    def get_position(self, pipeline_id: str | int, *, priority: Priority = "person") -> str | None:
        """How far a log-based source was read, such as "Feb 28, 2023 09:36:03 IST, …": text for people [doc].

        None where the source has no log. `GET /pipelines/{id}/position` [doc].
        """
        return self._get(f"{checks.pipeline_path(pipeline_id)}/position", answers.position_in, priority)

    def list_destinations(self) -> list[Destination]:
        """All destinations of the account, or an error. `GET /destinations` [code]."""
        return self._list("/destinations", Destination.from_json)

    def pipeline_page(self, pipeline_id: str | int) -> str | None:
        """The pipeline's page in Hevo's own app [code]; None where there is none, as in a sandbox."""
        if not self.base_url.startswith("https:") or not checks.is_valid_id(str(pipeline_id)):
            return None
        return f"https://{urlsplit(self.base_url).hostname}/pipeline/{pipeline_id}/overview"

    def _list(
        self,
        path: str,
        model: Callable[[dict[str, Any]], T],
        on_page: Callable[[int], None] = lambda _: None,
        priority: Priority = "look",
        most_pages: int | None = None,
    ) -> list[T]:
        """Every page or an error; a cursor that dies midway starts the list once more."""
        until = self._clock() + (LIST_DEADLINE if priority == "look" else self._deadline)
        for is_last_try in (False, True):
            found: list[T] = []
            try:
                for page in islice(self._pages(path, priority, until), most_pages):
                    found += map(model, page)
                    on_page(len(found))
                return found
            except (errors.InvalidRequest, errors.NotFound):
                if is_last_try or not found:
                    raise
        raise AssertionError("the last try returns or raises")

    def _pages(self, path: str, priority: Priority, until: float | None = None) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, each without what came before; a list that goes in circles is an error."""
        query, cursors, ids, idle = {"limit": str(PAGE_SIZE)}, set[str](), set[str](), 0
        while True:
            left = LIST_DEADLINE if until is None else until - self._clock()
            items, cursor = self._get(f"{path}?{urlencode(query)}", answers.page_in, priority, left)
            new = []
            for item in items:
                name = id_in(item)
                if not name or name not in ids:  # what has no id cannot be told apart
                    ids.add(name)
                    new.append(item)
            yield new
            if cursor is None:
                return
            idle = 0 if new else idle + 1
            if cursor in cursors or idle == IDLE_PAGES:
                raise self._told(errors.UnreadableAnswer("a list without an end"), path)
            cursors.add(cursor)
            query["starting_after"] = cursor

    def _get(self, path: str, read: Reader[T], priority: Priority = "person", left: float | None = None) -> T:
        """Tries up to three times what may be better in a moment, but only once for what takes what is left over.

        Each page of a list has 20 s of its own, and only a look waits for the budget.
        """
        left = self._deadline if left is None else left
        left -= self._take(path, priority, left)
        until = time.monotonic() + (min(left, PAGE_DEADLINE) if priority == "look" else left)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt("GET", path, read, until - time.monotonic(), attempt)
            except HevoError as failed:
                error = failed.with_traceback(None)  # which would hold on to the whole answer
            if priority == "rest":
                raise error
            self._wait_to_retry(error, attempt, until - time.monotonic())
            self._take(path, priority, until - time.monotonic())
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, method: str, path: str, read: Reader[T], seconds: float, attempt: int = 1) -> T:
        """One request and what its answer means; a refusal for the rate stops all who use the account."""
        began, status = time.monotonic(), None
        try:
            answer = self._transport.exchange(method, self.base_url + path, seconds)
            status = answer.status
            return read(answer)
        except HevoError as error:
            if isinstance(error, RateLimited):
                error.retry_after = self.budget.pause(error.retry_after)
            self._told(error, path)
            raise
        finally:
            took, place = time.monotonic() - began, path.partition("?")[0]
            log.debug("%s %s: %s in %.3f s, attempt %d", method, place, status, took, attempt)

    def _take(self, path: str, priority: Priority = "person", left: float = 0.0) -> float:
        """Takes a request from the budget; returns the seconds waited for it. Only a look waits, if that fits."""
        waited = 0.0
        while not self._transport.closed and (wait := self.budget.take(priority)):
            if priority != "look" or waited + wait >= left:
                level = logging.DEBUG if priority == "rest" else logging.WARNING  # who is last in line expects it
                raise self._told(RateLimited("our own budget is used up", retry_after=wait), path, level)
            self._sleep(wait)
            waited += wait
        return waited

    def _wait_to_retry(self, error: HevoError, attempt: int, left: float) -> None:
        """Waits before another attempt, longer each time; raises the error where that would not help or fit."""
        delay = random.uniform(0.25, 1) * min(8, 0.5 * 2 ** (attempt - 1))  # noqa: S311 - no secret
        delay = max(delay, error.retry_after or 0)
        may_help = attempt < ATTEMPTS and not self._transport.closed and answers.is_worth_another_try(error)
        if not may_help or delay >= left or not self.budget.take_retry():
            raise error
        self._sleep(delay)

    def _told(self, error: HevoError, path: str, level: int = logging.WARNING) -> HevoError:
        """The error, logged, and rid of any secret of ours that Hevo may have echoed."""
        detail = "".join(letter if letter.isprintable() else " " for letter in self._mask(error.detail))
        error.detail = " ".join(detail.split())[:LONGEST_DETAIL]
        error.args = (error.detail,)
        if isinstance(error, RateLimited):
            error.sentence = f"Hevo allows {self.requests_per_minute} requests a minute and they are used up."
        elif isinstance(error, errors.NotFound) and not path.startswith("/pipelines/"):
            error.sentence = "Hevo does not know this address."
        elif isinstance(error, errors.NotPermitted) and not path.endswith("/run-now"):
            error.sentence = "Our key may not see this. It must be made by a Hevo account owner."
        log.log(level, "%s: %s: %s", path.partition("?")[0], type(error).__name__, error)
        return error


def _pipeline_in(answer: Answer) -> Pipeline:
    return Pipeline.from_json(answers.object_in(answer, {"id", "status", "health_status", "source"}))


def _schedule_in(answer: Answer) -> Schedule:
    return Schedule.from_json(answers.object_in(answer, {"type", "frequency", "schedule"}))


def _mask_for(*secrets: str) -> Callable[[str], str]:
    """Takes each secret out of a text, as it is and as JSON or a URL would write it; only this function knows them."""
    forms = {form for text in secrets for form in (text, json.dumps(text)[1:-1], quote(text, safe=""))}
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
    return lambda text: pattern.sub("•••", text)
