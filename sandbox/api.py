"""The routes of Hevo's public API v2.0, answered from a fleet."""

import base64
import math
import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Receive, Scope, Send

from .faults import LIMIT_WORDS
from .fleet import Fleet
from .scenarios import Json, Pipeline
from .variants import Variants

PREFIX = "/api/public/v2.0"
DEFAULT_LIMIT = "20"  # Hevo's own is not documented
# These open nothing but a sandbox.
API_KEY, API_SECRET = "sandbox-key", "sandbox-secret"
MEMBER_KEY, MEMBER_SECRET = "member-key", "member-secret"
SECRETS = {API_KEY: API_SECRET, MEMBER_KEY: MEMBER_SECRET}
MEMBERS_WORDS = "account members are not permitted to perform this action"


def credentials(scope: Scope) -> tuple[str | None, str]:
    """The key and secret that a request brings; None and "" when it brings none that can be read."""
    header = dict(scope["headers"]).get(b"authorization", b"")
    scheme, _, token = header.partition(b" ")
    try:
        key, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return None, ""
    return (key, secret) if scheme.lower() == b"basic" else (None, "")


class Api:
    """One method for each route, for whoever's key is known, is within its limit, and may do what it asks."""

    def __init__(self, fleet: Fleet, variants: Variants, requests_per_minute: int) -> None:
        self.fleet, self.variants, self.requests_per_minute = fleet, variants, requests_per_minute
        self._windows: defaultdict[str, deque[float]] = defaultdict(deque)
        pipeline, destination, post = "/pipelines/{id}", "/destinations/{id}", ["POST"]
        routes = [
            Route("/pipelines", self.list_pipelines),
            Route(pipeline, self.get_pipeline),
            Route(f"{pipeline}/run-now", self.run_pipeline, methods=post),
            Route(f"{pipeline}/schedule", self.get_schedule),
            Route(f"{pipeline}/position", self.get_position),
            Route(f"{pipeline}/objects", self.list_objects),
            Route(f"{pipeline}/objects/{{name:path}}", self.get_object),
            Route("/destinations", self.list_destinations),
            Route(destination, self.get_destination),
            Route(f"{destination}/load-now", self.load_destination, methods=post),
        ]
        mount = Mount(PREFIX, Router(routes, redirect_slashes=False))
        self._routes = Starlette(routes=[mount], exception_handlers={HTTPException: self.on_error})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or answer."""
        refusal = self._refusal(scope) if scope["path"].startswith(PREFIX) else None
        await (refusal or self._routes)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why this request may not pass; None when it may."""
        key, secret = credentials(scope)
        if key is None or SECRETS.get(key) != secret:
            return self.variants.error(401, "Invalid API key or secret", {"WWW-Authenticate": "Basic"})
        if (wait := self._seconds_to_wait(key)) > 0:
            told = {"Retry-After": str(math.ceil(wait))} if self.variants.retry_after == "present" else None
            return self.variants.error(int(self.variants.limit_status), LIMIT_WORDS, told)
        if key == MEMBER_KEY and scope["method"] not in ("GET", "HEAD"):
            return self.variants.error(403, MEMBERS_WORDS)
        return None

    def _seconds_to_wait(self, key: str) -> float:
        """0 when the last 60 seconds leave room for this request, which then counts."""
        now, window = self.fleet.clock(), self._windows[key]
        while window and not now - 60 < window[0] <= now:  # what lies ahead was noted before the clock was set back
            window.popleft()
        if len(window) >= self.requests_per_minute:
            return window[0] + 60 - now
        window.append(now)
        return 0.0

    async def on_error(self, _: Request, error: Exception) -> Response:
        """Every refusal has the same shape of body."""
        assert isinstance(error, HTTPException)
        return self.variants.error(error.status_code, error.detail, error.headers)

    async def list_pipelines(self, request: Request) -> Response:
        """A page of pipelines."""
        return self._page(request, self.fleet.pipelines, self.fleet.body)

    async def get_pipeline(self, request: Request) -> Response:
        """One pipeline."""
        return self._single(self.fleet.body(self._pipeline(request)))

    async def run_pipeline(self, request: Request) -> Response:
        """Ingest now. A no-op while it ingests; that a paused one is refused is our guess."""
        pipeline = self._pipeline(request)
        if self.fleet.body(pipeline).get("status") in ("INACTIVE", "PAUSED"):
            raise HTTPException(400, "Pipeline is not active")
        began = self.fleet.run(pipeline)
        return self._accepted("Pipeline run has been triggered" if began else "Pipeline is already ingesting")

    async def get_schedule(self, request: Request) -> Response:
        """How often it ingests; that a webhook answers 400 is our guess."""
        schedule = self._pipeline(request).body.get("schedule")
        if not schedule:
            raise HTTPException(400, "This pipeline has no schedule")
        if schedule["type"] == "FREQUENCY":
            schedule = {"type": "FREQUENCY", "frequency": schedule["schedule"]}
        return self._single(schedule)

    async def get_position(self, request: Request) -> Response:
        """How far a log was read."""
        position = self.fleet.position(self._pipeline(request))
        if position is None:
            raise HTTPException(400, "Position is available for log-based pipelines only")
        return self._single({"display_position": position})

    async def list_objects(self, request: Request) -> Response:
        """A page of objects, by name and state; what `category` means is not known, so it filters nothing."""
        query = request.query_params
        search, states = query.get("search_text", "").lower(), ",".join(query.getlist("statuses")).upper()
        chosen = [one for one in self.fleet.objects(self._pipeline(request)) if search in one["name"].lower()]
        if states:
            chosen = [one for one in chosen if one["status"] in states.split(",")]
        return self._page(request, chosen)

    async def get_object(self, request: Request) -> Response:
        """One object."""
        for one in self.fleet.objects(self._pipeline(request)):
            if one["name"] == request.path_params["name"]:
                return self._single(one)
        raise HTTPException(404, "Object not found")

    async def list_destinations(self, request: Request) -> Response:
        """A page of destinations."""
        return self._page(request, self.fleet.destinations)

    async def get_destination(self, request: Request) -> Response:
        """One destination."""
        for one in self.fleet.destinations:
            if str(one["id"]) == request.path_params["id"]:
                return self._single(one)
        raise HTTPException(404, "Destination not found")

    async def load_destination(self, request: Request) -> Response:
        """Load now."""
        await self.get_destination(request)
        return self._accepted("Load has been triggered")

    def _pipeline(self, request: Request) -> Pipeline:
        pipeline = self.fleet.find(request.path_params["id"])
        if pipeline is None:
            raise HTTPException(404, "Pipeline not found")
        return pipeline

    def _page(self, request: Request, items: Sequence[Any], body: Callable[[Any], Json] = dict) -> Response:
        """Up to 100 items, and an opaque cursor to the next ones."""
        query = request.query_params
        begin = items_before(query["starting_after"]) if "starting_after" in query else 0
        limit = query.get("limit", DEFAULT_LIMIT)
        if not re.fullmatch("[1-9][0-9]?|100", limit):
            raise HTTPException(400, "limit must be a number from 1 to 100")
        end = begin + int(limit)
        told: Json = {"data": [self._told(body(item)) for item in items[begin:end]]}
        following = cursor_after(end) if end < len(items) else None
        if following or self.variants.last_page == "null":
            told["pagination"] = {"starting_after": following, "count": len(told["data"])}
        return JSONResponse(told)

    def _single(self, body: Json) -> Response:
        told = self._told(body)
        return JSONResponse({"data": told} if self.variants.envelope == "data" else told)

    def _told(self, body: Json) -> Json:
        """The same as the variants tell it."""
        told = dict(body)
        if told.get("status") == "INACTIVE":
            told["status"] = self.variants.paused
        if self.variants.last_run == "absent":
            told.pop("last_run_ts", None)
        if self.variants.ids == "text" and "id" in told:
            told["id"] = str(told["id"])
        if told.get("destination"):
            told["destination"] = self._told(told["destination"])
        return told

    def _accepted(self, words: str) -> Response:
        status = int(self.variants.run_status)
        return Response(status_code=204) if status == 204 else JSONResponse({"message": words}, status)


def cursor_after(count: int) -> str:
    """The cursor that follows the first `count` items."""
    return base64.urlsafe_b64encode(f"after:{count}".encode()).decode()


def items_before(cursor: str) -> int:
    """How many items a cursor passes over; 400 when it is none of ours."""
    try:
        count = int(base64.urlsafe_b64decode(cursor).removeprefix(b"after:"))
    except ValueError:
        count = -1
    if count < 0 or cursor_after(count) != cursor:
        raise HTTPException(400, "Invalid starting_after")
    return count
