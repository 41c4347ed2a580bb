"""The sandbox: a Hevo account on this machine."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from .api import API_KEY, API_SECRET, MEMBER_KEY, MEMBER_SECRET, PREFIX, Api, credentials
from .faults import Faults
from .fleet import Fleet
from .scenarios import Json
from .server import Server
from .variants import Variants

KEPT_ARRIVALS = 20_000
CONTROL = "/sandbox"  # below it are routes that steer the sandbox while it runs; Hevo has nothing like them
HOSTS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the API, whatever became of it."""

    at: float
    method: str
    path: str
    key: str | None
    query: str = ""


class Sandbox(Server):
    """A Hevo account on this machine: a context manager, or `start()` and `stop()`.

    The same seed and clock tell the same story. Each request reads `clock` anew, for the story and for the rate
    limit, so its owner may move it while the sandbox runs, forwards and back.
    """

    api_key, api_secret = API_KEY, API_SECRET
    member_key, member_secret = MEMBER_KEY, MEMBER_SECRET

    def __init__(
        self,
        scenario: str = "everyday",
        *,
        seed: int = 7,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        requests_per_minute: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if requests_per_minute < 1:
            raise ValueError("The limit is at least one request a minute.")
        super().__init__(host, port)
        self.scenario, self.clock = scenario, clock
        self.fleet = Fleet(scenario, seed, speed, clock)
        self.variants = Variants()
        self.faults = Faults(Api(self.fleet, self.variants, requests_per_minute), self.variants)
        self.arrivals: list[Arrival] = []

    @property
    def base_url(self) -> str:
        """What a client is given; the port is known once the sandbox has started."""
        return f"{self.address}{PREFIX}"

    @property
    def control_url(self) -> str:
        """Where the control routes begin."""
        return f"{self.address}{CONTROL}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application: the control routes, and the API behind its faults."""
        if scope["path"].startswith(CONTROL):
            answer = await self._steer(Request(scope, receive))
            await answer(scope, receive, send)
            return
        key, _ = credentials(scope)
        query = scope["query_string"].decode("latin-1")
        self.arrivals.append(Arrival(self.clock(), scope["method"], scope["path"], key, query))
        del self.arrivals[:-KEPT_ARRIVALS]
        await self.faults(scope, receive, send)

    async def _steer(self, request: Request) -> Response:
        """What is in force after this request, or what it asks to see; or in a plain sentence why nothing was done."""
        is_named = request.headers.get("host", "").partition(":")[0] in HOSTS
        is_near = request.scope["client"][0].startswith("127.")
        if not is_named or not is_near or "origin" in request.headers:  # the last comes from web pages
            return PlainTextResponse("Only this machine may steer the sandbox.", 403)
        try:
            return JSONResponse(await self._steered(request))
        except (LookupError, TypeError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 404 if isinstance(error, LookupError) else 400)

    async def _steered(self, request: Request) -> Any:
        match request.method, request.url.path.split("/")[2:]:
            case "GET", []:
                pass
            case "GET", ["arrivals"]:
                return [asdict(arrival) for arrival in list(self.arrivals)]
            case "POST", ["faults"]:
                self.faults.order(**await wish(request))
            case "DELETE", ["faults"]:
                self.faults.clear()
            case "POST", ["variants"]:
                self.variants.switch(**await wish(request))
            case "PUT", ["pipelines", number]:
                if words := await wish(request):
                    self.fleet.pin(number, **words)
                else:
                    self.fleet.unpin(number)
            case "DELETE", ["pipelines", number]:
                self.fleet.remove(number)
            case _:
                raise LookupError("There is nothing to steer here.")
        told = {"scenario": self.scenario, "seed": self.fleet.seed, "speed": self.fleet.speed}
        told |= {"pipelines": len(self.fleet.pipelines), "variants": asdict(self.variants)}
        return told | {"faults": [asdict(each) for each in self.faults.orders], "arrivals": len(self.arrivals)}


async def wish(request: Request) -> Json:
    """The JSON object that a request brings; ValueError for anything else."""
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")
    return body
