"""Routes under /sandbox that steer the sandbox while it runs; Hevo has nothing like them."""

from collections.abc import Sequence
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from .api import Arrival
from .faults import Faults
from .fleet import Fleet
from .scenarios import Json
from .variants import Variants

PREFIX = "/sandbox"
HOSTS = ("localhost", "127.0.0.1")
REFUSAL = PlainTextResponse("Only this machine may steer the sandbox.", 403)


def may_steer(scope: Scope) -> bool:
    """True for what comes from this machine by its own name, and from no web page."""
    headers = Request(scope).headers
    is_named = headers.get("host", "").partition(":")[0] in HOSTS
    return is_named and scope["client"][0].startswith("127.") and "origin" not in headers


class Control:
    """One method for each route; each answers what is in force now, unless it says otherwise."""

    def __init__(self, fleet: Fleet, variants: Variants, faults: Faults, arrivals: Sequence[Arrival]) -> None:
        self.fleet, self.variants, self.faults, self._arrivals = fleet, variants, faults, arrivals

    def app(self) -> ASGIApp:
        """The routes as an application."""
        pipeline = f"{PREFIX}/pipelines/{{id}}"
        routes = [
            Route(PREFIX, self.state),
            Route(f"{PREFIX}/arrivals", self.arrivals),
            Route(f"{PREFIX}/faults", self.order_fault, methods=["POST"]),
            Route(f"{PREFIX}/faults", self.clear_faults, methods=["DELETE"]),
            Route(f"{PREFIX}/variants", self.switch_variants, methods=["POST"]),
            Route(pipeline, self.pin, methods=["PUT"]),
            Route(pipeline, self.remove, methods=["DELETE"]),
        ]
        causes = (HTTPException, LookupError, TypeError, ValueError)
        return Starlette(routes=routes, exception_handlers=dict.fromkeys(causes, say))

    async def state(self, _: Request) -> Response:
        """What the sandbox is and what is in force."""
        fleet = self.fleet
        told = {"scenario": fleet.scenario, "seed": fleet.seed, "speed": fleet.speed, "pipelines": len(fleet.pipelines)}
        told |= {"variants": asdict(self.variants), "faults": [asdict(fault) for fault in self.faults.orders]}
        return JSONResponse(told | {"arrivals": len(self._arrivals)})

    async def arrivals(self, _: Request) -> Response:
        """What has arrived at the API, oldest first."""
        return JSONResponse([asdict(arrival) for arrival in list(self._arrivals)])

    async def order_fault(self, request: Request) -> Response:
        """Order a fault: `{"kind": "status", "status": 503, "times": 2}`."""
        self.faults.order(**await wish(request))
        return await self.state(request)

    async def clear_faults(self, request: Request) -> Response:
        """Everything works again."""
        self.faults.clear()
        return await self.state(request)

    async def switch_variants(self, request: Request) -> Response:
        """Change some switches: `{"envelope": "bare"}`."""
        self.variants.switch(**await wish(request))
        return await self.state(request)

    async def pin(self, request: Request) -> Response:
        """Hold a pipeline's words: `{"health_status": "FAILED"}`; `{}` gives it back to the story."""
        number, words = request.path_params["id"], await wish(request)
        if words:
            self.fleet.pin(number, **words)
        else:
            self.fleet.unpin(number)
        return await self.state(request)

    async def remove(self, request: Request) -> Response:
        """Delete a pipeline."""
        self.fleet.remove(request.path_params["id"])
        return await self.state(request)


async def wish(request: Request) -> Json:
    """The JSON object that a request brings; ValueError for anything else."""
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")
    return body


async def say(_: Request, error: Exception) -> Response:
    """Why something was not done, in a plain sentence."""
    words, status = str(error), 404 if isinstance(error, LookupError) else 400
    if isinstance(error, HTTPException):
        words, status = error.detail, error.status_code
    return JSONResponse({"message": words}, status)
